/*
 * locked.h: what the rules about locks have in common: the release as a lock, compared once with each lock that was
 * given. Internal to src/rules.
 */
#ifndef PXB_RULES_LOCKED_H
#define PXB_RULES_LOCKED_H

#include "rules/gate.h"

/* STATUS_USAGE when one of the locks is another installation's, or memory is short. */
int locked_check(struct gate *g, struct err *err) PXB_MUST_CHECK;

void locked_release(struct gate *g);

typedef void (*difference_fn)(struct gate *g, const struct lock *l, const struct lock_difference *d);

/* Every difference between each lock and the release, in the order of the locks. What several locks agree on comes
   once, with the first of them. */
void locked_each(struct gate *g, difference_fn fn);

/* A finding about a difference, with its two sides as found and expected ("none" for nothing). */
struct finding *locked_find(struct gate *g, const struct lock_difference *d, const struct object *o,
			    const struct node *node);

/* The release as a lock, where it was compared with one; NULL: there is none to compare with. */
const struct lock *locked_now(struct gate *g);

/* The mode of the release itself. */
enum lock_mode locked_mode(struct gate *g);

#endif
