/*
 * pass.h: one stream on its whole way, from bytes to verified repairs.
 *
 * Takes policy, values files and limits (the setup, which several passes may share, also in several threads) and the
 * bytes of one or more inputs; gives the judged release and, if the verdict is "patched", the plan of its output. The
 * program's commands and the public library go this way and no other.
 *
 * A pass borrows setup and inputs and owns the rest. The second reader is the caller's: one serves many passes in turn.
 */
#ifndef PXB_EDIT_PASS_H
#define PXB_EDIT_PASS_H

#include "edit/edit.h"

struct pass_setup {
	struct policy policy;
	struct values values;
	struct limits limits;
	struct gate_options options;
};

/* The built-in policy, no values files, the default limits. */
void pass_setup_init(struct pass_setup *s);
void pass_setup_release(struct pass_setup *s);

struct pass {
	struct stream stream;
	struct release release;
	struct gate gate;
	struct edit_plan plan;
};

#define cleanup_pass PXB_CLEANUP(pass_release)

void pass_init(struct pass *p, const struct pass_setup *s);
void pass_release(struct pass *p);

/* `so` may be NULL everywhere: no second opinion. `name` and `bytes` are borrowed. */
int pass_add(struct pass *p, struct second_opinion *so, const char *name, struct slice bytes,
	     struct err *err) PXB_MUST_CHECK;
int pass_judge(struct pass *p, const struct pass_setup *s, struct second_opinion *so, struct err *err) PXB_MUST_CHECK;

/* The repairs, verified. Does nothing unless the verdict is "patched". */
int pass_repair(struct pass *p, struct second_opinion *so, struct err *err) PXB_MUST_CHECK;

#endif
