/*
 * reduce.h: JSON cut down to named fields, in canonical form (keys sorted by bytes, no blanks, numbers as they were).
 *
 * A field is a path of keys joined by '/'; '~1' in a key is a '/', '~0' a '~'; '*' is every item of a list and every
 * key of an object. What the path leads to is kept whole, unless the path ends in a way to keep less:
 *
 *   @env     a list of environment variables: names, references, and the values that name no secret (reduce.c)
 *   @size    of a text its bytes, of a collection its items, as a number: what was there is not kept
 *   @secret  the data of a Secret: per key what the rules about passwords need to know, never the value
 *   @cloud   texts: of each only which kind of cloud credential it is, if it is one
 *   @hold    of Istio's mesh configuration whether containers wait for the proxy
 *   @keys    an object without its values: each becomes true
 *
 * Memory: a reduction owns its arena; reduce_write() only reads it.
 */
#ifndef PXB_CLUSTER_REDUCE_H
#define PXB_CLUSTER_REDUCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "yaml/node.h"

struct keep;

struct reduction {
	struct arena arena;
	struct keep *root; /* NULL: everything is kept */
};

#define REDUCTION_INIT	  ((struct reduction){.arena = ARENA_INIT((size_t)1 << 20)})
#define cleanup_reduction PXB_CLEANUP(reduction_release)

void reduction_release(struct reduction *r);

/* False: a path is wrong, or memory is short. */
bool reduction_add(struct reduction *r, struct slice field);

/* Appends the reduced value; null when there is none. */
void reduce_write(const struct reduction *r, const struct node *value, struct buf *out);

/* Canonical JSON of the whole value. */
void canonical_json(const struct node *value, struct buf *out);

#endif
