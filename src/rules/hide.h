/*
 * hide.h: which bytes no report may show, whichever rule speaks of them: those that the scan called a secret. Internal
 * to src/rules.
 *
 * A secret is known by its runs of eight bytes, so a part of it that a rule has cut off is known too.
 */
#ifndef PXB_RULES_HIDE_H
#define PXB_RULES_HIDE_H

#include "rules/gate.h"

/* The secrets that the scan has found; scans the release if nobody has. Empty in a second evaluation, whose
   findings nobody sees, and when there is nothing to look through. */
const struct hidden *gate_hidden(struct gate *g);

/* True when bytes of text belong to a secret; [*from, *to) are the first of them, at least `run` long. */
bool hidden_find(const struct hidden *h, struct slice text, size_t run, size_t *from, size_t *to);

/* A text of the program's own words and of values, with every secret in it replaced by ***. */
const char *gate_mask(struct gate *g, const char *text);

#endif
