/*
 * canonical.h: parts of objects as texts that are equal when the API server takes them for equal. Internal to src/lock.
 */
#ifndef PXB_LOCK_CANONICAL_H
#define PXB_LOCK_CANONICAL_H

#include "base/arena.h"
#include "yaml/node.h"

/* The arena's copy of a text, NUL-terminated. */
struct slice canonical_keep(struct arena *a, struct slice s);

/* A label selector as kubectl's --selector has it: "app=px-backup,tier in (a,b)", sorted. Empty for none. */
struct slice canonical_selector(struct arena *a, const struct node *selector);

/* "ReadWriteMany, ReadWriteOnce": sorted. */
struct slice canonical_list(struct arena *a, const struct node *list);

/* "xxh3-128:" and the digest of the mapping with its keys sorted, without nulls, empty collections and the paths of
   `without` (keys joined by '/'; "a/b=x" only when it is the string x). The empty slice when nothing is left. */
struct slice canonical_digest(struct arena *a, const struct node *map, const char *const *without);

bool canonical_is_digest(struct slice text);

/* Sorts n texts in byte order. */
void canonical_sort(struct slice *v, size_t n);

#endif
