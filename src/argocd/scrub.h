/*
 * scrub.h: what another program said, made fit for a status that many may read.
 *
 * Helm repeats values in its errors. A line is shown without control characters, with every value that is under a
 * secret's name masked (as it is and as base64), and not at all when it holds what looks like a credential.
 */
#ifndef PXB_ARGOCD_SCRUB_H
#define PXB_ARGOCD_SCRUB_H

#include "base/buf.h"
#include "yaml/stream.h"

struct scrub {
	struct arena arena;
	VEC(struct slice) secrets; /* borrowed */
};

void scrub_init(struct scrub *s);
void scrub_release(struct scrub *s);

/* Every scalar below `tree` whose own key, or a key above it, is a secret's name. */
void scrub_learn(struct scrub *s, const struct node *tree);

/* The same for one pair: a dotted key ("oidc.clientSecret") and its value. */
void scrub_learn_pair(struct scrub *s, struct slice key, struct slice value);

/* Appends what may be shown of text, indented by two, from its first "Error:" on, at most max bytes. */
void scrub_put(struct scrub *s, struct slice text, size_t max, struct buf *out);

#endif
