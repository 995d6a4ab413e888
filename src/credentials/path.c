#include "credentials/detect.h"
#include "credentials/path.h"

/* What n adds to the path of its parent. */
static void add_step(const struct node *n, struct buf *out)
{
	struct buf full = BUF_INIT(1 << 20), above = BUF_INIT(1 << 20);
	struct detection d;
	struct slice step;

	node_path(n, &full);
	node_path(n->parent, &above);
	step = slice_from(buf_slice(&full), above.n);
	if (full.failed || above.failed || credential_in_value(step, &d))
		buf_adds(out, "[\"***\"]");
	else
		buf_add(out, slice_starts(step, ".") && !out->n ? slice_from(step, 1) : step);
	buf_release(&above);
	buf_release(&full);
}

static void safe_steps(const struct node *n, struct buf *out)
{
	if (!n->parent)
		return;
	safe_steps(n->parent, out);
	add_step(n, out);
}

void credential_path(const struct node *n, struct buf *out)
{
	struct detection d;
	size_t before = out->n;

	node_path(n, out);
	if (out->failed || !credential_in_value(slice_from(buf_slice(out), before), &d))
		return;
	out->n = before;
	safe_steps(n, out);
}
