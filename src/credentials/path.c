#include "credentials/detect.h"
#include "credentials/path.h"

/* 1 to 4: lower and upper case, digits, the signs of base64; 0: what parts words. */
static unsigned char_kind(char c)
{
	return c >= 'a' && c <= 'z'   ? 1
	       : c >= 'A' && c <= 'Z' ? 2
	       : c >= '0' && c <= '9' ? 3
	       : c == '+' || c == '/' ? 4
				      : 0;
}

/* Between letters of two cases and digits: a random run changes at two of three bytes, a word in camelCase at one of
   four at the most. */
static bool is_random_run(struct slice s)
{
	size_t changes = 0;

	if (s.n < 20 || !is_mixed(s) || entropy_of(s) <= 380)
		return false;
	for (size_t i = 1; i < s.n; i++)
		changes += char_kind(s.p[i]) != char_kind(s.p[i - 1]);
	return changes * 5 >= s.n * 2;
}

bool credential_name_is_secret(struct slice name)
{
	struct detection d;
	size_t from = 0;

	if (credential_in_value(name, &d))
		return true;
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && char_kind(name.p[i]))
			continue;
		if (is_random_run(slice_of(name.p + from, i - from)))
			return true;
		from = i + 1;
	}
	return false;
}

/* What n adds to the path of its parent. */
static void add_step(const struct node *n, struct buf *out)
{
	struct buf full = BUF_INIT(1 << 20), above = BUF_INIT(1 << 20);
	struct slice step;

	node_path(n, &full);
	node_path(n->parent, &above);
	step = slice_from(buf_slice(&full), above.n);
	if (full.failed || above.failed || credential_name_is_secret(step))
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
	size_t before = out->n;

	node_path(n, out);
	if (out->failed || !credential_name_is_secret(slice_from(buf_slice(out), before)))
		return;
	out->n = before;
	safe_steps(n, out);
}
