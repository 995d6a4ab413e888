/*
 * quantity.h: sizes as Kubernetes writes them ("64Gi", "1.5e9", "500M"), compared by value.
 */
#ifndef PXB_KUBE_QUANTITY_H
#define PXB_KUBE_QUANTITY_H

#include "base/slice.h"

/* Whether the text is a quantity of 0 or more that an int64 of units can hold. */
bool quantity_valid(struct slice text);

/* -1, 0 or 1. A text that is not a quantity equals only itself and is smaller than every quantity. */
int quantity_cmp(struct slice a, struct slice b);

#endif
