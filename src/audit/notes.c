/*
 * notes.c: lines of NOTES.txt that ask the user for something. Helm shows them after an installation only, so the
 * template itself is read.
 */
#include "audit/chart.h"
#include "helm/chart_files.h"

static const char *const words[] = {"must",    "require", "ensure", "make sure", "please",	 "need to",
				    "warning", "caution", "before", "mandatory", "not supported"};

enum { LINE_MAX_SHOWN = 160 };

static struct slice lower(struct arena *a, struct slice s)
{
	char *to = arena_bytes(a, s.n + 1);

	for (size_t i = 0; to && i < s.n; i++)
		to[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
	return to ? slice_of(to, s.n) : SLICE_EMPTY;
}

static bool asks(struct arena *a, struct slice line)
{
	struct slice text = lower(a, line);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(text, words[i]) != SIZE_MAX)
			return true;
	return false;
}

/* Bytes of "\\033[31m" or "\\n", as a template writes what is for a terminal; 0: neither begins here. */
static size_t escape_length(struct slice text)
{
	size_t end = slice_starts(text, "\\033[") ? slice_chr(text, 'm') : SIZE_MAX;

	return end != SIZE_MAX ? end + 1 : slice_starts(text, "\\n") ? 2 : 0;
}

/* Printable, and of a length that fits into a message. */
static const char *shown(struct arena *a, struct slice line)
{
	cleanup_buf struct buf out = BUF_TEXT;

	for (size_t i = 0, n; i < line.n && out.n < LINE_MAX_SHOWN; i += n ? n : 1) {
		unsigned char c = (unsigned char)line.p[i];

		n = escape_length(slice_from(line, i));
		if (!n)
			buf_addc(&out, c < ' ' || c == 0x7f ? ' ' : line.p[i]);
	}
	if (out.n == LINE_MAX_SHOWN)
		buf_adds(&out, "...");
	if (out.failed)
		arena_fail(a);
	return arena_str(a, slice_trim(buf_slice(&out)));
}

/* What a line shows: "{{ printf "..." }}" its text, any other line that is all template nothing by itself. */
static struct slice text_of(struct slice line)
{
	bool is_template =
		slice_starts(line, "{{") && slice_ends(line, "}}") && slice_find(slice_from(line, 2), "{{") == SIZE_MAX;
	size_t from = slice_find(line, "printf \"");
	struct slice text;

	if (!is_template)
		return line;
	if (from == SIZE_MAX)
		return SLICE_EMPTY;
	text = slice_from(line, from + strlen("printf \""));
	return slice_to(text, slice_rchr(text, '"'));
}

int facts_of_notes(struct fact_set *facts, const char *chart, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)16 << 20);
	struct slice rest;
	size_t number = 0;

	if (chart_notes(chart, &text, err) < 0)
		return err->status;
	for (rest = buf_slice(&text); rest.p && rest.n;) {
		struct slice line = text_of(slice_trim(slice_cut(rest, '\n', &rest)));

		number++;
		if (asks(&facts->arena, line))
			fact_add(facts, &(struct fact){.kind = FACT_DEMAND,
						       .v = {shown(&facts->arena, line)},
						       .source = "templates/NOTES.txt",
						       .line = number});
	}
	return arena_status(&facts->arena, err);
}
