/*
 * values_edit.h: assignments written into the text of a values file itself, as its author would: the smallest edit,
 * with comments, order, quotes, indentation and line ends kept.
 *
 * Takes and gives bytes; reads and writes no file. What comes out is read again and compared with what Helm would make
 * of the old text and the assignments: it says the same, or the edit is refused.
 */
#ifndef PXB_VALUES_VALUES_EDIT_H
#define PXB_VALUES_VALUES_EDIT_H

#include "values/values.h"

struct values_edit {
	const char *name;			    /* of the file, for messages */
	bool (*known)(void *arg, const char *path); /* whether the chart knows the key; NULL: every key is known */
	void *arg;
};

/*
 * Appends to *out the text with all assignments in it. A key that the chart does not know and that differs in a letter
 * or two from one that is wanted beside it is renamed: it is the same key, mistyped.
 *
 * STATUS_USAGE, with "FILE:LINE:COLUMN: " and the reason, where no edit of one place would do: aliases and anchors,
 * tags, block texts, collections in the way, several assignments in one option. *out is as it was then.
 */
int values_edit(const struct values_edit *how, struct slice text, const struct value_set *sets, size_t n,
		struct buf *out, struct err *err) PXB_MUST_CHECK;

#endif
