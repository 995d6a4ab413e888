/*
 * path.h: the path of a node as it may be shown: a mapping key (or a list item's name) that holds a credential is
 * ["***"].
 */
#ifndef PXB_CREDENTIALS_PATH_H
#define PXB_CREDENTIALS_PATH_H

#include "yaml/node.h"

/* As node_path(); out must be empty. */
void credential_path(const struct node *n, struct buf *out);

#endif
