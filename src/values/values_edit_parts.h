/*
 * values_edit_parts.h: one assignment on its way into a values file. Internal to src/values.
 */
#ifndef PXB_VALUES_VALUES_EDIT_PARTS_H
#define PXB_VALUES_VALUES_EDIT_PARTS_H

#include "values/values_edit.h"

/* One step of a path: a key, or the index of an item. */
struct step {
	struct slice key;
	size_t index;
	bool is_index;
};

enum { STEPS_MAX = 16 };

struct edit {
	const struct values_edit *how;
	struct values values;
	struct values_file *file;
	struct step steps[STEPS_MAX];
	size_t steps_n;
	struct slice key;	  /* the whole path, as the option has it */
	const struct node *value; /* what is assigned */
	const struct node *at;	  /* the deepest node of the path that is there, NULL: the file is empty */
	size_t depth;		  /* steps that lead to it */
};

/* values_edit_path.c: e->key into steps: "a.b[0]". False: it has a part that is not a plain key, or too many. */
bool edit_split_key(struct edit *e);

#endif
