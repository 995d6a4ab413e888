/*
 * block_scalar.c: a refusal as the one thing that makes Helm 4 stop and show the text: a YAML stream that holds nothing
 * but a literal block scalar.
 *
 * Helm 4 writes the scalar out again, and its YAML library keeps the literal form only for what it calls printable: the
 * Basic Multilingual Plane without control characters; a tab, or a blank before a line end, turns the whole text into
 * one quoted line full of escapes. Indentation is told by the first line that is not empty, so that one may not begin
 * with a blank, and blank lines before it would count as its text's.
 */
#include "report/helm.h"

#include "report/chars.h"

enum { TAB_STOP = 8 };

/* One line that holds more than blanks, without its line feed. */
static void line_out(struct slice line, bool first, struct buf *out)
{
	size_t column = 0;

	if (slice_ends(line, "\r"))
		line.n--;
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	while (first && line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = slice_from(line, 1);
	buf_adds(out, "  ");
	for (size_t i = 0; i < line.n;) {
		uint32_t c;
		size_t wide;

		i += utf8_next(slice_from(line, i), &c, NULL);
		if (c == '\t') {
			wide = TAB_STOP - column % TAB_STOP;
			buf_fill(out, ' ', wide);
		} else {
			wide = char_put(c, out);
		}
		column += wide;
	}
}

void report_block_scalar(const char *text, struct buf *out)
{
	struct slice rest = slice_str(text);
	bool first = true;
	size_t empty = 0;

	buf_adds(out, "|\n");
	while (rest.n) {
		struct slice line = slice_cut(rest, '\n', &rest);
		struct slice blank = slice_trim(line);

		if (blank.n == 0) {
			empty++;
			continue;
		}
		/* Only between lines: at the start they would belong to the indentation, at the end to nothing. */
		if (!first)
			buf_fill(out, '\n', empty);
		empty = 0;
		line_out(line, first, out);
		buf_addc(out, '\n');
		first = false;
	}
	if (first)
		buf_adds(out, "  (no message)\n");
}
