#include "report/chars.h"

enum { REPLACEMENT = 0xfffd };

size_t char_next(struct slice s, uint32_t *c, bool *bad)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	bool ok = p[0] < 0x80 || (p[0] >= 0xc2 && p[0] <= 0xf4 && s.n >= len);

	*c = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; ok && i < len; i++) {
		ok = (p[i] & 0xc0) == 0x80;
		*c = *c << 6 | (p[i] & 0x3fu);
	}
	if (ok && *c >= least[len] && *c <= 0x10ffff && !(*c >= 0xd800 && *c <= 0xdfff))
		return len;
	*c = REPLACEMENT;
	if (bad)
		*bad = true;
	return 1;
}

/* Invisible, or able to make the rest of the line look like something else. */
static bool is_treacherous(uint32_t c)
{
	return c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || c == 0xfffe || c == 0xffff;
}

static size_t put_utf8(uint32_t c, struct buf *out)
{
	char utf8[3];
	size_t n = 0;

	if (c < 0x80) {
		utf8[n++] = (char)c;
	} else if (c < 0x800) {
		utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		utf8[n++] = (char)(0xe0 | c >> 12);
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	}
	if (out)
		buf_add(out, slice_of(utf8, n));
	return 1;
}

size_t char_put(uint32_t c, struct buf *out)
{
	char escape[8];
	int n = 0;

	if (c > 0xffff)
		c = REPLACEMENT;
	if (c == '\n' || c == '\r' || c == '\t')
		n = snprintf(escape, sizeof(escape), "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else if (c < ' ' || c == 0x7f)
		n = snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)c);
	else if ((c >= 0x80 && c < 0xa0) || is_treacherous(c))
		n = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
	if (n <= 0)
		return put_utf8(c, out);
	if (out)
		buf_add(out, slice_of(escape, (size_t)n));
	return (size_t)n;
}

struct slice chars_to(struct slice text, size_t n)
{
	if (n >= text.n)
		return text;
	while (n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return slice_to(text, n);
}

void line_put(struct slice text, size_t max, struct buf *out)
{
	size_t start = out->n;
	uint32_t c;

	text = slice_trim(text);
	for (size_t i = 0; i < text.n && out->n - start <= max;) {
		i += char_next(slice_from(text, i), &c, NULL);
		char_put(c, out);
	}
	if (out->failed || out->n - start <= max)
		return;
	out->n = start + chars_to(slice_of(out->p + start, out->n - start), max).n;
	while (out->n > start && out->p[out->n - 1] == ' ')
		out->n--;
	out->p[out->n] = '\0';
	buf_adds(out, "…");
}

size_t columns_of(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

/* Bytes of `word` that fill at most `columns` columns, ending behind a mark that paths have where there is one. */
static size_t cut_at(struct slice word, size_t columns)
{
	size_t fit = 0, slash = 0, mark = 0;

	while (fit < word.n && columns) {
		char c = word.p[fit++];

		while (fit < word.n && ((unsigned char)word.p[fit] & 0xc0) == 0x80)
			fit++;
		if (c == '/')
			slash = fit;
		if (c == '.' || c == ',')
			mark = fit;
		columns--;
	}
	if (slash * 2 >= fit)
		return slash;
	return mark * 2 >= fit ? mark : fit;
}

static void break_line(struct buf *out, size_t indent)
{
	buf_addc(out, '\n');
	buf_fill(out, ' ', indent);
}

void wrap_put(struct slice text, size_t column, size_t indent, struct buf *out)
{
	bool fresh = true; /* nothing but the indentation, or what the caller put, stands in this line */
	size_t gap = 0;	   /* blanks not yet put: none end a line */

	while (text.n) {
		size_t n = slice_chr(text, ' '), wide;
		struct slice word = slice_to(text, n);

		if (word.n == 0) {
			gap++;
			text = slice_from(text, 1);
			continue;
		}
		text = slice_from(text, word.n);
		wide = columns_of(word);
		if (column + gap + wide > TEXT_WIDTH && !(fresh && column <= indent)) {
			break_line(out, indent);
			column = indent;
			gap = 0;
		}
		if (column + gap >= TEXT_WIDTH)
			gap = 0;
		while (column + gap + wide > TEXT_WIDTH) {
			size_t part = cut_at(word, TEXT_WIDTH - column - gap);

			buf_fill(out, ' ', gap);
			buf_add(out, slice_to(word, part));
			word = slice_from(word, part);
			wide = columns_of(word);
			break_line(out, indent);
			column = indent;
			gap = 0;
		}
		buf_fill(out, ' ', gap);
		buf_add(out, word);
		column += gap + wide;
		gap = 0;
		fresh = false;
	}
}
