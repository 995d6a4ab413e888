/*
 * secret_words.h: what of the rendered manifests no message may repeat: the values of its Secrets, as they are and as
 * they are stored, and what the credential scan finds elsewhere.
 */
#ifndef PXB_CHECKS_SECRET_WORDS_H
#define PXB_CHECKS_SECRET_WORDS_H

#include "base/arena.h"
#include "kube/release.h"

struct secret_words {
	VEC(struct slice) v;
};

/* Collects them into the arena. False when memory is short. */
bool secret_words_of(struct secret_words *w, const struct release *r, struct arena *a);

/* Replaces them by *** in a text, also where the end of the text cuts one off. */
void secret_words_hide(const struct secret_words *w, char *text);

#endif
