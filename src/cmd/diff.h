/*
 * diff.h: the repairs of a plan as a diff: changed lines where they may be shown, one line about everything else.
 */
#ifndef PXB_CMD_DIFF_H
#define PXB_CMD_DIFF_H

#include "edit/edit.h"

void diff_write(struct edit_plan *p, const struct gate *g, struct buf *out);

#endif
