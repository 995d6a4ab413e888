/*
 * path.h: the path of a node as it may be shown: a mapping key (or a list item's name) that holds a credential is
 * ["***"].
 */
#ifndef PXB_CREDENTIALS_PATH_H
#define PXB_CREDENTIALS_PATH_H

#include "yaml/node.h"

/* Whether a name, a key, a kind or a file's name may be a secret: it has the shape of a credential, or a part of it is
   a run of letters and digits that chance made. */
bool credential_name_is_secret(struct slice name);

/* As node_path(); out must be empty. */
void credential_path(const struct node *n, struct buf *out);

#endif
