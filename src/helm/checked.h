/*
 * checked.h: the objects of a checked render as a list of digests, and another render compared with it.
 *
 * Helm renders twice: once for the judgement, once to install. The list says which objects were checked; it holds names
 * and digests under a secret that is random for each list, so that no chart can be written to collide, and no value.
 * The order of documents, the order of keys and the spelling of scalars do not count; the value of an env
 * HELM_CHECKSUM, which the chart draws at random in every render, does not either.
 */
#ifndef PXB_HELM_CHECKED_H
#define PXB_HELM_CHECKED_H

#include "kube/release.h"

/* Appends the list of the release's objects that came from `in`, or of all with NULL. */
int checked_list(const struct release *r, const struct input *in, struct buf *list, struct err *err) PXB_MUST_CHECK;

/* The gate inside Helm, to the run that waits for Helm: the exit code with which it stopped Helm. In the file of the
   list, behind it; nothing happens if that is not a file of such a run. */
void checked_say(const char *path, int code);

/* That exit code, 0 when it stopped nothing; `length` is the file's with the list alone. */
int checked_heard(int fd, size_t length);

enum checked_change { CHECKED_CHANGED, CHECKED_NEW, CHECKED_MISSING };

/* Calls fn for every object that differs, with its "Kind ns/name" (not cleaned). Returns how many there are, or
   STATUS_USAGE when `list` is none. */
typedef void (*checked_fn)(void *arg, enum checked_change change, struct slice title);
long checked_compare(struct slice list, const struct release *r, checked_fn fn, void *arg,
		     struct err *err) PXB_MUST_CHECK;

#endif
