/*
 * credential_scan.h: the one look through the release that the credential rules share, and their common words.
 * Internal to src/rules.
 */
#ifndef PXB_RULES_CREDENTIAL_SCAN_H
#define PXB_RULES_CREDENTIAL_SCAN_H

#include "credentials/scan.h"
#include "rules/gate.h"

/* Made by the first rule that asks, kept in the gate's arena. NULL when memory is short: the gate fails then. */
const struct credential_scan *gate_credentials(struct gate *g);

/* The Secret of this name that `near` can read, NULL when the stream has none. */
const struct object *gate_secret(struct gate *g, const struct object *near, struct slice name);

/* The stream has the Secret, with something in it, and no credential nor the place of one was found there. */
bool gate_secret_is_clean(struct gate *g, const struct object *near, struct slice name);

/* The scan came upon more than a placeholder at this node. */
bool credential_was_hit(const struct credential_scan *s, const struct node *n);

/* A new finding of the running rule for a hit: place, length, way and confidence are said; the caller adds the fixes.
 */
struct finding *credential_find(struct gate *g, const struct credential_hit *h, const char *verdict);

#endif
