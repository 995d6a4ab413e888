/*
 * plan.h: what an installation would bring into the cluster, in lines for people.
 */
#ifndef PXB_HELM_PLAN_H
#define PXB_HELM_PLAN_H

#include "rules/gate.h"

/* Objects by kind with their number, claims with class and size, hooks with their events. `g` is judged. */
void plan_put(struct gate *g, struct buf *out);

#endif
