/*
 * identity.h: parts of the rule stream about what an object is. Internal to src/rules.
 */
#ifndef PXB_RULES_IDENTITY_H
#define PXB_RULES_IDENTITY_H

#include "rules/gate.h"

/* A document or an item of a List that the cluster, or Helm, would read as another object. Adds the finding. */
bool document_is_misread(struct gate *g, const struct document *d, const struct node *root);

/* Kinds in another case, and objects that Helm leaves out for their hook. */
void check_identities(struct gate *g);

#endif
