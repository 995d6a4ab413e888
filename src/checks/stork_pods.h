/*
 * stork_pods.h: the pods of Stork, as the checks of its identity read them.
 */
#ifndef PXB_CHECKS_STORK_PODS_H
#define PXB_CHECKS_STORK_PODS_H

#include "checks/checks.h"

/* The container that does the backups, or NULL. */
const struct node *stork_container(const struct node *pod);

/* False for a pod that is ending, has ended, or only waits for one more node. */
bool stork_pod_counts(const struct node *pod);

enum token { TOKEN_MISSING, TOKEN_THERE, TOKEN_OTHER_AUDIENCE };

/* Whether the container has AZURE_FEDERATED_TOKEN_FILE under a mount of a projected token for Entra. Names of volumes
   and paths are the webhook's own business and change with its versions: the audience tells. */
enum token stork_token(const struct node *pod);

#endif
