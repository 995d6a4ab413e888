/*
 * target.h: the cluster that Helm would ask, as Helm's variables name it (HELM_KUBECONTEXT and its kin; a plugin finds
 * Helm's flags in them). The kubeconfig is not among them: Helm sets KUBECONFIG, and pxb-fed-kube reads that itself.
 */
#ifndef PXB_CLUSTER_TARGET_H
#define PXB_CLUSTER_TARGET_H

#include "cluster/session.h"

/* Texts live in the environment and in `a`, whose failure says that memory was short. */
void kube_target_of_helm(struct kube_target *t, struct arena *a);

/* Groups to impersonate: "a,b". */
void kube_target_groups(struct kube_target *t, struct arena *a, const char *groups);

#endif
