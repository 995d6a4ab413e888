/*
 * children.h: many programs that are asked something, several at a time.
 *
 * Workers of our own, one for each core, take the questions in their order and run each with child_run(): so each child
 * has its deadline and its process group, and ends with us. Answers come in any order, one at a time, in this process.
 */
#ifndef PXB_CHILDREN_H
#define PXB_CHILDREN_H

#include "base/child.h"

struct children {
	const struct child *v; /* `out` and `errors` are not used; the rest as for child_run() */
	size_t n;
	size_t workers; /* 0: one for each core */
	size_t bytes;	/* of the standard output of one */
	size_t words;	/* of its standard error; the rest is dropped */
};

struct child_answer {
	size_t index; /* of the question */
	int status;   /* of child_run(); not 0: `errors` is its message, and there is no exit code */
	int exit_code;
	struct slice out, errors; /* until the function returns */
};

/* Stops at the first negative result, which it returns; no child is left behind. */
typedef int (*child_answer_fn)(void *context, const struct child_answer *a, struct err *err);
int children_run(const struct children *c, child_answer_fn fn, void *context, struct err *err) PXB_MUST_CHECK;

#endif
