/*
 * edit.h: the repairs of a gate as splices over the input.
 *
 * Takes a gate whose verdict is "patched"; gives the output as a list of byte ranges of the input with a few bytes in
 * between, to be written with writev. The tree is changed in step with the splices; verification parses the changed
 * documents from the new bytes, compares them with the changed tree, asks the second reader, and runs the rules again
 * on the result. A difference is a bug of ours and stops the run.
 *
 * The plan owns its arena and the streams of the re-read documents; it borrows gate and stream.
 */
#ifndef PXB_EDIT_EDIT_H
#define PXB_EDIT_EDIT_H

#include "rules/gate.h"
#include "yaml/second_opinion.h"

/* One edit, for reports. */
struct edit {
	enum rule_id rule;
	const struct object *object;
	const char *path;
	const char *operation; /* "set", "insert", "delete" */
	size_t line;	       /* of the input */
};

struct splice {
	struct input *input;
	uint32_t from, to; /* bytes of the input that go */
	struct slice text; /* what comes in their place */
};

struct edit_plan {
	struct arena arena;
	struct stream *stream;
	VEC(struct splice) splices; /* by input and offset, never overlapping */
	VEC(struct edit) edits;
	bool *changed, *deleted; /* per document of the stream */
	VEC(const struct node *) deleted_items;
	struct stream fresh, after;
};

#define cleanup_edit_plan PXB_CLEANUP(edit_plan_release)

void edit_plan_init(struct edit_plan *p);
void edit_plan_release(struct edit_plan *p);

/* Splices and tree changes for every patched finding. STATUS_FAILED when two of them meet (a bug) or memory is short.
 */
int edit_plan_build(struct edit_plan *p, struct gate *g, struct err *err) PXB_MUST_CHECK;

/* Re-reads what was changed. `so` may be NULL. */
int edit_plan_verify(struct edit_plan *p, const struct gate *g, struct second_opinion *so,
		     struct err *err) PXB_MUST_CHECK;

/* Writes the whole output to fd: the input as it is when nothing was built. */
int edit_plan_write(const struct edit_plan *p, const struct stream *s, int fd, struct err *err) PXB_MUST_CHECK;

/* splice.c: the bytes of one change. */
int change_splice(struct edit_plan *p, const struct change *c, struct err *err) PXB_MUST_CHECK;

/* The output's bytes between two offsets of an input, in the plan's arena. */
struct slice edit_plan_text(struct edit_plan *p, const struct input *in, uint32_t from, uint32_t to);

#endif
