#include "yaml/defects.h"

#include "base/utf8.h"
#include "yaml/second_opinion.h"
#include "yaml/stream.h"

/* --- the third look -------------------------------------------------------------------------------------------- */

/* Bytes of the line end at the start, 0 if there is none. */
static size_t line_end(struct slice s)
{
	return slice_starts(s, "\n") ? 1 : slice_starts(s, "\r\n") ? 2 : 0;
}

static struct slice skip_blanks(struct slice s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = slice_from(s, 1);
	return s;
}

/* Behind a line end: further ones are kept, indentation is not. */
static struct slice further_lines(struct slice s, size_t *ends)
{
	for (size_t n; s = skip_blanks(s), (n = line_end(s)) != 0; s = slice_from(s, n))
		(*ends)++;
	return s;
}

/* Blanks, and line ends folded: one is a blank, of several the first is dropped. */
static struct slice fold(struct slice s, struct buf *out)
{
	struct slice rest = skip_blanks(s);
	size_t n = line_end(rest), ends = 0;

	if (!n) {
		buf_add(out, slice_to(s, s.n - rest.n));
		return rest;
	}
	rest = further_lines(slice_from(rest, n), &ends);
	if (ends)
		buf_fill(out, '\n', ends);
	else
		buf_addc(out, ' ');
	return rest;
}

/* One escape, behind its backslash. What is left; no address: no escape that the cluster knows. */
static struct slice unescape(struct slice s, struct buf *out)
{
	static const char from[] = "0abt\tnvfre \"\\N_LP";
	static const uint32_t to[] = {0,    '\a', '\b', '\t', '\t', '\n', '\v',	  '\f',	 '\r',
				      0x1b, ' ',  '"',	'\\', 0x85, 0xa0, 0x2028, 0x2029};
	const char *simple = s.n && s.p[0] ? strchr(from, s.p[0]) : NULL;
	size_t digits = !s.n ? 0 : s.p[0] == 'x' ? 2 : s.p[0] == 'u' ? 4 : s.p[0] == 'U' ? 8 : 0;
	char utf8[UTF8_LONGEST];
	uint32_t c = 0;

	if (simple) {
		buf_add(out, slice_of(utf8, utf8_write(to[simple - from], utf8)));
		return slice_from(s, 1);
	}
	if (!digits || s.n <= digits)
		return slice_of(NULL, 0);
	for (size_t i = 1; i <= digits; i++) {
		if (hex_digit(s.p[i]) < 0)
			return slice_of(NULL, 0);
		c = c << 4 | (uint32_t)hex_digit(s.p[i]);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return slice_of(NULL, 0);
	buf_add(out, slice_of(utf8, utf8_write(c, utf8)));
	return slice_from(s, 1 + digits);
}

/* Behind a backslash. */
static struct slice escaped(struct slice s, struct buf *out)
{
	size_t n = line_end(s), ends = 0;

	if (!n)
		return unescape(s, out);
	s = further_lines(slice_from(s, n), &ends);
	buf_fill(out, '\n', ends);
	return s;
}

/* False: not one quoted scalar and nothing else. */
static bool unquote(struct slice s, struct slice text, struct buf *out)
{
	char quote = s.n ? s.p[0] : '\0';

	(void)text;
	if (quote != '\'' && quote != '"')
		return false;
	for (s = slice_from(s, 1); s.n;) {
		char c = s.p[0];

		if (c == quote && !(c == '\'' && s.n > 1 && s.p[1] == '\''))
			return s.n == 1;
		if (c == '\\' && quote == '"') {
			s = escaped(slice_from(s, 1), out);
		} else if (c == ' ' || c == '\t' || line_end(s)) {
			s = fold(s, out);
		} else {
			buf_addc(out, c);
			s = slice_from(s, c == quote ? 2 : 1);
		}
	}
	return false;
}

struct block {
	struct slice body; /* behind the header */
	bool folds, strips, keeps, says_indent;
	size_t indent;
};

static struct slice next_line(struct slice *rest)
{
	struct slice line = slice_cut(*rest, '\n', rest);

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static size_t indentation(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

/* Without its number the indentation is the first line's that is not empty. With it, it counts from a place that is not
   known here, and the least of all lines is taken. */
static void find_indent(struct block *b)
{
	bool found = false;

	for (struct slice rest = b->body; rest.n;) {
		struct slice line = next_line(&rest);
		size_t n = indentation(line);

		if (n == line.n || (found && (!b->says_indent || n >= b->indent)))
			continue;
		b->indent = n;
		found = true;
	}
}

static bool block_of(struct slice raw, struct block *b)
{
	struct slice header = next_line(&raw);

	header = slice_to(header, slice_find(header, " #"));
	if (!header.n || (header.p[0] != '|' && header.p[0] != '>'))
		return false;
	*b = (struct block){.body = raw,
			    .folds = header.p[0] == '>',
			    .strips = slice_chr(header, '-') != SIZE_MAX,
			    .keeps = slice_chr(header, '+') != SIZE_MAX};
	for (int c = '1'; c <= '9'; c++)
		b->says_indent |= slice_chr(header, (char)c) != SIZE_MAX;
	find_indent(b);
	return true;
}

/* Lines that are no deeper than the indentation and empty are line ends only; deeper ones are not folded. */
static bool unblock(struct slice raw, struct slice text, struct buf *out)
{
	bool any = false, deep_before = false;
	size_t ends = 0; /* empty lines since the last one with text */
	struct block b;

	if (!block_of(raw, &b))
		return false;
	/* Blanks alone, from an indentation that is not known here: there is nothing that they could hide. */
	if (b.says_indent && !slice_trim(b.body).n && !slice_trim(text).n) {
		buf_add(out, text);
		return true;
	}
	for (struct slice rest = b.body; rest.n;) {
		struct slice line = next_line(&rest);
		size_t n = indentation(line);
		bool deep;

		if (n == line.n && n <= b.indent) {
			ends++;
			continue;
		}
		if (n < b.indent)
			return false;
		line = slice_from(line, b.indent);
		deep = line.p[0] == ' ' || line.p[0] == '\t';
		if (any && !(b.folds && !deep && !deep_before))
			buf_addc(out, '\n');
		else if (any && !ends)
			buf_addc(out, ' ');
		buf_fill(out, '\n', ends);
		buf_add(out, line);
		any = true;
		deep_before = deep;
		ends = 0;
	}
	if (any && !b.strips)
		buf_addc(out, '\n');
	if (b.keeps)
		buf_fill(out, '\n', ends);
	return true;
}

/* --- the table ------------------------------------------------------------------------------------------------- */

/* 'x '''' y': of two pairs of quotes with text behind them one is lost. */
static bool has_two_pairs(struct slice raw)
{
	return slice_find(raw, "''''") != SIZE_MAX;
}

/* "x\\\
    y": the backslash that is text is lost before the one that escapes the line end. */
static bool has_backslash_before_escaped_end(struct slice raw)
{
	for (size_t i = 0; i + 3 < raw.n; i++) {
		if (raw.p[i] != '\\')
			continue;
		if (raw.p[i + 1] == '\\' && raw.p[i + 2] == '\\' && line_end(slice_from(raw, i + 3)))
			return true;
		i++;
	}
	return false;
}

/* A block scalar without content, above keys of its own indentation: they become its text. */
static bool is_blank_block(struct slice raw)
{
	struct slice body;
	size_t ends = 0;

	slice_cut(raw, '\n', &body);
	return further_lines(body, &ends).n == 0;
}

/* Lines of a folded scalar that are indented deeper than the others: line ends around them are lost. */
static bool has_deep_line(struct slice raw)
{
	struct block b;

	if (!block_of(raw, &b))
		return false;
	for (struct slice rest = b.body; rest.n;) {
		struct slice line = slice_from(next_line(&rest), b.indent);

		if (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
			return true;
	}
	return false;
}

/* The time for empty lines in a row grows with their square. */
static bool has_many_empty_lines(struct slice raw)
{
	enum { MANY = 500 };
	size_t ends = 0;

	for (struct slice rest = raw; rest.n && ends < MANY;) {
		struct slice line = next_line(&rest);

		ends = indentation(line) == line.n ? ends + 1 : 0;
	}
	return ends >= MANY;
}

static const struct defect {
	const char *gone; /* the first version without it; NULL: none that was tried */
	unsigned styles;
	bool (*shows)(struct slice raw);
	bool (*read)(struct slice raw, struct slice text, struct buf *out);
} defects[] = {
	{NULL, 1u << STYLE_SINGLE, has_two_pairs, unquote},
	{NULL, 1u << STYLE_DOUBLE, has_backslash_before_escaped_end, unquote},
	{NULL, 1u << STYLE_FOLDED, has_deep_line, unblock},
	{"0.9.5", 1u << STYLE_LITERAL | 1u << STYLE_FOLDED, is_blank_block, unblock},
	{"0.9.5", 1u << STYLE_LITERAL | 1u << STYLE_FOLDED, has_many_empty_lines, unblock},
};

bool defect_is_in(const char *version, const char *gone)
{
	char *end = NULL, *gone_end = NULL;

	while (gone) {
		unsigned long v = strtoul(version, &end, 10), g = strtoul(gone, &gone_end, 10);

		if (v != g)
			return v < g;
		if (*gone_end != '.')
			return false;
		gone = gone_end + 1;
		version = *end == '.' ? end + 1 : "";
	}
	return true;
}

bool defect_empty_item(void)
{
	return defect_is_in(libfyaml_version(), "0.9.5");
}

/* A scalar in another spelling keeps its line end: the next key stands on a line of its own. */
static void respell(struct slice raw, struct slice text, struct buf *out)
{
	json_quote(text, out);
	if (slice_ends(raw, "\n"))
		buf_addc(out, '\n');
}

bool defect_respell(enum node_style style, struct slice raw, struct slice text, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(defects); i++) {
		const struct defect *d = &defects[i];
		cleanup_buf struct buf third = BUF_INIT(raw.n + 1);

		if (!(d->styles & 1u << style) || !d->shows(raw) || !defect_is_in(libfyaml_version(), d->gone))
			continue;
		if (!d->read(raw, text, &third) || third.failed || !slice_eq(buf_slice(&third), text))
			return false;
		respell(raw, text, out);
		return !out->failed;
	}
	return false;
}
