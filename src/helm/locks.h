/*
 * locks.h: what the cluster has already, as locks: the one-time choices that the new render is compared with.
 *
 * The set owns its locks and borrows the baseline.
 */
#ifndef PXB_HELM_LOCKS_H
#define PXB_HELM_LOCKS_H

#include "helm/baseline.h"
#include "lock/lock.h"

struct lock_set {
	struct arena arena;
	VEC(struct lock *) owned;
	VEC(const struct lock *) all; /* for struct gate_options: the user's lock file first, if there is one */
};

#define cleanup_lock_set PXB_CLEANUP(lock_set_release)
void lock_set_release(struct lock_set *s);

/* `file` may be NULL. `manifests` are what Helm rendered: claims of StatefulSets' pods are known by them, whether the
   StatefulSets are still there or not. */
int lock_set_fill(struct lock_set *s, const struct lock *file, struct baseline *b, const char *release_name,
		  struct slice manifests, struct err *err) PXB_MUST_CHECK;

#endif
