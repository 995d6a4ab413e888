/*
 * walk.h: every scalar of an object with its path and the name it stands under, Secret.data decoded.
 *
 * The raw tree is walked, so the losers of duplicate keys are seen too.
 */
#ifndef PXB_CREDENTIALS_WALK_H
#define PXB_CREDENTIALS_WALK_H

#include "kube/release.h"

struct scalar {
	const struct object *object;
	const struct node *node;
	struct slice name;  /* the key, the env's name, or the flag that the value belongs to; may be empty */
	struct slice value; /* decoded */
	bool decoded;	    /* from a Secret's data */
	bool is_key;	    /* the scalar is a mapping key */
};

typedef void (*scalar_fn)(void *arg, const struct scalar *s);

/* STATUS_FAILED when memory is short; else 0. Text that should be base64 and is not goes to `fn` as it stands. */
int credential_walk(const struct object *o, scalar_fn fn, void *arg);

#endif
