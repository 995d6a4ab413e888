#include "report/chars.h"

size_t char_put(uint32_t c, struct buf *out)
{
	char escape[8], utf8[UTF8_LONGEST];
	int n = 0;

	if (c > 0xffff)
		c = UTF8_REPLACEMENT;
	if (c == '\n' || c == '\r' || c == '\t')
		n = snprintf(escape, sizeof(escape), "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else if (c < ' ' || c == 0x7f)
		n = snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)c);
	else if (!utf8_shows(c))
		n = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
	if (out)
		buf_add(out, n > 0 ? slice_of(escape, (size_t)n) : slice_of(utf8, utf8_write(c, utf8)));
	return n > 0 ? (size_t)n : 1;
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
		i += utf8_next(slice_from(text, i), &c, NULL);
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

static size_t chosen_width = TEXT_WIDTH;

size_t text_width(void)
{
	return chosen_width;
}

void text_width_set(size_t columns)
{
	chosen_width = columns < TEXT_WIDTH_MIN ? TEXT_WIDTH_MIN : columns > TEXT_WIDTH_MAX ? TEXT_WIDTH_MAX : columns;
}

void wrap_put(struct slice text, size_t column, size_t indent, struct buf *out)
{
	const size_t width = text_width();
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
		if (column + gap + wide > width && !(fresh && column <= indent)) {
			break_line(out, indent);
			column = indent;
			gap = 0;
		}
		if (column + gap >= width)
			gap = 0;
		while (column + gap + wide > width) {
			size_t part = cut_at(word, width - column - gap);

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
