/*
 * values_set_text.c: the text behind a --set option, as Go reads it, and how it is spoken of.
 */
#include "base/utf8.h"
#include "userfile/user_file.h"
#include "values/values_set.h"

/* --- bytes ------------------------------------------------------------------------------------------------------- */

struct slice set_text(struct arena *a, const char *text)
{
	struct slice in = slice_str(text);
	char *out = arena_bytes(a, 3 * in.n + 1);
	size_t at = 0;

	if (!out)
		return SLICE_EMPTY;
	while (in.n) {
		uint32_t c;

		in = slice_from(in, utf8_next(in, &c, NULL));
		at += utf8_write(c, out + at);
	}
	return slice_of(out, at);
}

size_t set_blanks(struct slice text)
{
	size_t at = 0;

	while (at < text.n) {
		unsigned char c = (unsigned char)text.p[at];
		size_t n = c == ' ' || (c >= '\t' && c <= '\r') ? 1 : wide_space(slice_from(text, at));

		if (!n)
			break;
		at += n;
	}
	return at;
}

struct slice set_trim(struct slice text)
{
	size_t end = 0;

	text = slice_from(text, set_blanks(text));
	for (size_t at = 0; at < text.n;) {
		size_t blanks = set_blanks(slice_from(text, at));

		at += blanks ? blanks : 1;
		if (!blanks)
			end = at;
	}
	return slice_to(text, end);
}

bool set_read_until(struct set *s, const char *stops, struct slice *out, char *stop)
{
	char *to = arena_bytes(&s->v->arena, s->text.n - s->at + 1);
	size_t n = 0;

	*out = SLICE_EMPTY;
	*stop = '\0';
	if (!to)
		return false;
	while (s->at < s->text.n) {
		char c = s->text.p[s->at++];

		if (strchr(stops, c)) {
			*stop = c;
			break;
		}
		if (c == '\\' && s->kind != SET_LITERAL) {
			if (s->at == s->text.n)
				break;
			c = s->text.p[s->at++];
		}
		to[n++] = c;
	}
	*out = slice_of(to, n);
	return *stop != '\0';
}

bool set_is_integer(struct slice text, int64_t *value)
{
	size_t at = text.n && (text.p[0] == '-' || text.p[0] == '+');
	bool minus = at && text.p[0] == '-';
	uint64_t u = 0, max = (uint64_t)INT64_MAX + minus;

	if (at == text.n || text.p[0] == '0')
		return false;
	for (; at < text.n; at++) {
		unsigned digit = (unsigned)(text.p[at] - '0');

		if (digit > 9 || u > (max - digit) / 10)
			return false;
		u = u * 10 + digit;
	}
	*value = minus ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}

/* --- words ------------------------------------------------------------------------------------------------------- */

void set_write_path(const struct set *s, struct buf *out)
{
	for (size_t i = 0; i < s->path_n; i++) {
		if (i)
			buf_addc(out, '.');
		set_write_key(s->path[i], s->kind, out);
	}
}

/* By its key and never by its value. What was meant as part of a value may stand behind a stray comma and look like a
   key: only the first assignment is named. */
enum set_outcome set_refuse(struct set *s, const char *fmt, ...)
{
	cleanup_buf struct buf path = BUF_TEXT;
	char why[384], which[32] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (s->assignment > 1)
		snprintf(which, sizeof(which), ", assignment %u", s->assignment);
	else
		set_write_path(s, &path);
	err_set(&s->err, STATUS_USAGE, "%s%s%s%s: %s", set_kind_name(s->kind), path.n ? " " : "",
		path.n ? show_text(buf_slice(&path)).text : "", which, why);
	return SET_REFUSED;
}

enum set_outcome set_no_memory(struct set *s)
{
	err_nomem(&s->err);
	return SET_REFUSED;
}
