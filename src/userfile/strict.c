#include "userfile/strict.h"

int strict_fail(struct strict *s, const struct node *at, const char *fmt, ...)
{
	char text[sizeof(s->err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return user_file_fault(&s->stream, at ? at->start : 0, s->err, "%s", text);
}

struct position strict_position(struct strict *s, const struct node *at)
{
	return input_position(s->stream.inputs.v[0], at->start);
}

struct slice strict_written(const struct strict *s, const struct node *n)
{
	return slice_of(s->stream.inputs.v[0]->bytes.p + n->start, n->end - n->start);
}

int strict_unknown(struct strict *s, const struct node *key, const char *in, const char *near)
{
	struct shown name = show_text(key->type == TYPE_STRING ? node_text(key) : strict_written(s, key));

	if (s->newer)
		return strict_fail(s, key, "unknown key %s%s%s%s%s", name.text, in ? " in '" : "", in ? in : "",
				   in ? "'" : "", s->newer);
	return strict_fail(s, key, "unknown key %s%s%s%s%s%s%s%s", name.text, in ? " in '" : "", in ? in : "",
			   in ? "'" : "", near ? "; did you mean '" : "", near ? near : "", near ? "'" : "",
			   near ? "?" : "");
}

int strict_text(struct strict *s, const struct node *n, const char *what, const char *must_be, struct slice *out)
{
	*out = node_string(n);
	if (out->n)
		return 0;
	if (node_is_null(n) || node_is_string(n))
		return strict_fail(s, n, "'%s' has no value; it must be %s", what, must_be);
	if (n->kind == NODE_SCALAR)
		return strict_fail(s, n, "'%s' must be %s; %s is %s in YAML unless it is quoted", what, must_be,
				   show_text(strict_written(s, n)).text, node_noun(n));
	return strict_fail(s, n, "'%s' must be %s, not %s", what, must_be, node_noun(n));
}

int strict_mapping(struct strict *s, const struct node *n, const char *what)
{
	if (node_is_mapping(n))
		return 0;
	if (node_is_null(n))
		return strict_fail(s, n, "'%s' has no value; leave the key out or give it keys of its own", what);
	return strict_fail(s, n, "'%s' must be a mapping, not %s", what, node_noun(n));
}

int strict_sequence(struct strict *s, const struct node *n, const char *what)
{
	return node_is_sequence(n) ? 0 : strict_fail(s, n, "'%s' must be a list, not %s", what, node_noun(n));
}

/* --- the head -------------------------------------------------------------------------------------------------- */

/* Such a file says everything once and where it is. */
static int check_plain(struct strict *s, const struct node *n)
{
	if (n->kind == NODE_ALIAS || (n->flags & NODE_PROPS))
		return strict_fail(s, n, "an anchor, alias or tag; a %s has plain values only", s->noun);
	if (n->flags & NODE_MERGE)
		return strict_fail(s, n, "a merge key ('<<'); a %s spells each key out", s->noun);
	if (n->flags & NODE_SHADOWED) {
		const struct node *again = n->next->next;

		while (!slice_eq(node_text(again), node_text(n)))
			again = again->next->next;
		return strict_fail(s, again, "key %s is defined twice; the first is on line %zu",
				   show_text(node_text(n)).text, strict_position(s, n).line);
	}
	for (const struct node *c = n->kind == NODE_SCALAR ? NULL : n->child; c; c = c->next)
		if (check_plain(s, c) < 0)
			return s->err->status;
	return 0;
}

/* A later version of the format: "pxb-fed/v2". */
static bool is_newer(struct slice version)
{
	struct slice digits = slice_from(version, strlen("pxb-fed/v"));

	if (!slice_starts(version, "pxb-fed/v") || !digits.n || digits.n > 6 || digits.p[0] == '0' ||
	    slice_is(digits, "1"))
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
	return true;
}

static int check_header(struct strict *s, const struct node *root, const char *key, const char *want)
{
	const struct node *n = node_lookup(root, key);
	bool newer;

	if (!n)
		return strict_fail(s, root,
				   "'%s' is missing; a %s begins with 'apiVersion: " OWN_API_VERSION "' and 'kind: %s'",
				   key, s->noun, s->kind);
	if (node_string_is(n, want))
		return 0;
	newer = strcmp(key, "apiVersion") == 0 && is_newer(node_string(n));
	return strict_fail(s, n, "'%s' must be '%s', not %s%s", key, want,
			   n->kind == NODE_SCALAR ? show_text(strict_written(s, n)).text : node_noun(n),
			   newer ? ": a newer pxb-fed is needed to read this" : "");
}

int strict_open(struct strict *s, struct slice text, const struct node **root)
{
	if (user_file_parse(&s->stream, s->file, text, root, s->err) < 0)
		return s->err->status;
	if (!*root)
		return strict_fail(s, NULL,
				   "the %s is empty; it begins with 'apiVersion: " OWN_API_VERSION "' and 'kind: %s'",
				   s->noun, s->kind);
	if ((*root)->kind != NODE_MAPPING)
		return strict_fail(s, *root, "a %s must be a mapping, not %s", s->noun, node_noun(*root));
	if (check_plain(s, *root) < 0 || check_header(s, *root, "apiVersion", OWN_API_VERSION) < 0)
		return s->err->status;
	return check_header(s, *root, "kind", s->kind);
}
