#include "userfile/user_file.h"

#include "base/file.h"

int user_file_read(const char *path, struct buf *text, struct err *err)
{
	int rc;

	*text = BUF_INIT(USER_FILE_LIMIT);
	rc = file_read(path, text, STATUS_USAGE, err);
	/* A failed buffer below its cap is memory that ran short, which is nobody's usage. */
	if (rc < 0 && text->failed && rc != STATUS_INPUT)
		return err_nomem(err);
	if (rc < 0)
		rc = err->status = STATUS_USAGE;
	return rc;
}

int user_file_fault(struct stream *s, size_t at, struct err *err, const char *fmt, ...)
{
	const struct input *in = s->inputs.v[0];
	struct position pos = input_position(in, at);
	char what[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, STATUS_USAGE, "%s:%zu:%zu: %s", in->name, pos.line, pos.column, what);
}

int user_file_parse(struct stream *s, const char *name, struct slice text, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	*root = NULL;
	limits.bytes = USER_FILE_LIMIT;
	stream_init(s, &limits);
	if (stream_add(s, name, text, err) < 0)
		return err->status;
	if (s->problems.n)
		return user_file_fault(s, s->problems.v[0].at, err, "%s", s->problems.v[0].message);
	for (size_t i = 0; i < s->documents.n; i++) {
		const struct document *d = &s->documents.v[i];

		if (!d->root)
			continue;
		if (*root)
			return user_file_fault(s, d->root->start, err,
					       "a second document; a file of this kind has one");
		*root = d->root;
	}
	return 0;
}

/* --- words ----------------------------------------------------------------------------------------------------- */

struct shown show_text(struct slice text)
{
	enum { LONGEST = 80 };
	struct shown out;
	size_t at = slice_rchr(text, '@'), n = 0;
	bool cut;

	out.text[n++] = '\'';
	if (at != SIZE_MAX && at > 0) {
		memcpy(out.text + n, "***", 3);
		n += 3;
		text = slice_from(text, at);
	}
	cut = text.n > LONGEST;
	text = slice_to(text, LONGEST);
	while (cut && text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80) /* never within a character */
		text.n--;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		out.text[n++] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
	snprintf(out.text + n, sizeof(out.text) - n, "%s'", cut ? "..." : "");
	return out;
}

const char *node_noun(const struct node *n)
{
	n = node_real(n);
	if (node_is_null(n))
		return "nothing";
	if (n->kind == NODE_MAPPING)
		return "a mapping";
	if (n->kind == NODE_SEQUENCE)
		return "a list";
	if (n->type == TYPE_BOOL)
		return "a boolean";
	return n->type == TYPE_STRING ? "a string" : "a number";
}

static bool is_joint(char c)
{
	return c == '-' || c == '_';
}

bool key_alike(struct slice a, struct slice b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.n && is_joint(a.p[i]))
			i++;
		while (j < b.n && is_joint(b.p[j]))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (!slice_eq_nocase(slice_of(a.p + i++, 1), slice_of(b.p + j++, 1)))
			return false;
	}
}

const char *key_nearest(struct slice key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (key_alike(key, slice_str(names[i])))
			return names[i];
	return slice_nearest(key, names, n);
}
