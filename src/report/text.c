/*
 * text.c: the whole text form: a block for each cause, the one that explains most errors first, and a summary line
 * last.
 *
 * Argo CD puts stderr into a status object, so the whole is capped unless the run is verbose. The room is shared out so
 * that every cause is seen: first the short form of each, then the full form. What does not fit is counted.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/outline.h"
#include "report/text.h"

enum { HIDDEN_BYTES = 80 }; /* room for the "… and N more" line */

struct block {
	const struct view_cause *cause;
	enum block_form form;
	size_t full, brief; /* bytes of its two forms */
	bool first;	    /* of its rule */
};

struct layout {
	struct block *blocks;
	size_t n;
};

/* Notes are for those who ask, but what was left out of the run is said. */
static bool is_shown(const struct report_view *v, const struct view_cause *c)
{
	if (v->verbose)
		return true;
	if (c->head->expires || c->head->patched)
		return false;
	return c->severity >= SEVERITY_WARNING || (v->whole && strcmp(c->head->rule, "stream") == 0);
}

/* False when memory is short. */
static bool lay_out(struct report_view *v, struct layout *l)
{
	size_t n;
	const struct view_cause *causes = view_causes(v, &n);

	*l = (struct layout){.blocks = arena_alloc(&v->arena, n * sizeof(*l->blocks) + 1)};
	if (!causes || !l->blocks)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_shown(v, &causes[i]))
			l->blocks[l->n++] = (struct block){.cause = &causes[i], .form = BLOCK_FULL};
	return true;
}

static size_t block_bytes(const struct report_view *v, const struct view_cause *c, enum block_form form,
			  struct buf *scratch)
{
	buf_clear(scratch);
	block_put(v, c, form, scratch);
	return scratch->n;
}

static void measure(const struct report_view *v, struct layout *l, struct buf *scratch)
{
	bool seen[RANKS_MAX] = {false};

	for (size_t i = 0; i < l->n; i++) {
		struct block *b = &l->blocks[i];

		b->form = BLOCK_NONE;
		b->full = block_bytes(v, b->cause, BLOCK_FULL, scratch);
		b->brief = block_bytes(v, b->cause, BLOCK_SHORT, scratch);
		b->first = !seen[b->cause->head->rank];
		seen[b->cause->head->rank] = true;
	}
}

/* Decides what of each cause is shown within `room` bytes: every rule once before any is seen twice. */
static void share_out(const struct report_view *v, struct layout *l, size_t room, struct buf *scratch)
{
	measure(v, l, scratch);
	for (size_t i = 0; i < 2 * l->n; i++) {
		struct block *b = &l->blocks[i % l->n];

		if (b->form != BLOCK_NONE || b->first != (i < l->n) || b->brief > room)
			continue;
		b->form = BLOCK_SHORT;
		room -= b->brief;
	}
	for (size_t i = 0; i < l->n; i++) {
		struct block *b = &l->blocks[i];

		if (b->form == BLOCK_NONE || b->full - b->brief > room)
			continue;
		b->form = BLOCK_FULL;
		room -= b->full - b->brief;
	}
}

static void blocks_put(const struct report_view *v, const struct layout *l, struct buf *out)
{
	size_t hidden = 0;

	for (size_t i = 0; i < l->n; i++) {
		hidden += l->blocks[i].form == BLOCK_NONE;
		if (l->blocks[i].form != BLOCK_NONE)
			block_put(v, l->blocks[i].cause, l->blocks[i].form, out);
	}
	if (hidden) {
		buf_adds(out, "… and ");
		count_put(hidden, "more cause", out);
		buf_adds(out, " (explain --last)\n");
	}
}

/* --- the last line --------------------------------------------------------------------------------------------- */

/* Behind the verdict, which ends in `column`; the duration is never parted. In a file and a pipe the last line is one
   line, whatever its length: scripts read it. */
static void totals_put(struct report_view *v, size_t column, struct buf *out)
{
	enum { INDENT = 4, DURATION = 32 };
	cleanup_buf struct buf summary = BUF_TEXT;
	char duration[DURATION] = "";
	size_t start = out->n, line;

	summary_put(v, &summary);
	if (text_width() == TEXT_WIDTH)
		buf_add(out, buf_slice(&summary));
	else
		wrap_put(buf_slice(&summary), column, INDENT, out);
	out->failed |= summary.failed;
	if (v->milliseconds < 0 || out->failed)
		return;
	snprintf(duration, sizeof(duration), "(%.0f ms)", v->milliseconds);
	line = slice_rchr(slice_from(buf_slice(out), start), '\n');
	column = line == SIZE_MAX ? column + (out->n - start) : out->n - start - line - 1;
	if (text_width() != TEXT_WIDTH && column + 1 + strlen(duration) > text_width())
		buf_addf(out, "\n%*s", INDENT, "");
	else
		buf_addc(out, ' ');
	buf_adds(out, duration);
}

static void last_line_put(struct report_view *v, struct buf *out)
{
	static const enum paint paints[] = {PAINT_BOLD, PAINT_YELLOW, PAINT_RED, PAINT_RED};
	const char *verdict = verdict_name(v->verdict);

	paint(v, PAINT_BOLD, out);
	buf_addf(out, "%s: ", v->program);
	paint(v, PAINT_NONE, out);
	paint(v, paints[v->verdict], out);
	buf_addf(out, "%s:", verdict);
	paint(v, PAINT_NONE, out);
	buf_addc(out, ' ');
	totals_put(v, strlen(v->program) + strlen(": ") + strlen(verdict) + strlen(": "), out);
	buf_addc(out, '\n');
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

/* Whole lines of `text`, at most max bytes of them. */
static void lines_put(const struct buf *text, size_t max, struct buf *out)
{
	static const char mark[] = "… (explain --last)\n";
	struct slice fit = slice_to(buf_slice(text), max - strlen(mark));

	if (text->n <= max) {
		buf_add(out, buf_slice(text));
		return;
	}
	buf_add(out, slice_to(fit, slice_rchr(fit, '\n') + 1));
	buf_adds(out, mark);
}

int view_to_text(struct report_view *v, struct buf *out, struct err *err)
{
	cleanup_buf struct buf patched = BUF_TEXT, summary = BUF_TEXT, scratch = BUF_TEXT;
	size_t room = REPORT_TEXT_CAP - HIDDEN_BYTES;
	struct layout l;

	if (!lay_out(v, &l))
		return err_nomem(err);
	patched_put(v, &patched);
	last_line_put(v, &summary);
	if (!v->whole) {
		room -= summary.n;
		share_out(v, &l, room > patched.n ? room - patched.n : 0, &scratch);
	}
	blocks_put(v, &l, out);
	lines_put(&patched, v->whole ? SIZE_MAX : room, out);
	buf_add(out, buf_slice(&summary));
	out->failed |= patched.failed || summary.failed || scratch.failed || arena_failed(&v->arena);
	return out->failed ? err_nomem(err) : 0;
}

void report_text(const struct report *r, struct buf *out)
{
	cleanup_view struct report_view v;
	struct err err = ERR_INIT;

	if (view_from_report(&v, r, &err) < 0 || view_to_text(&v, out, &err) < 0)
		out->failed = true;
}
