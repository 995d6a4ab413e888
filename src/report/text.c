/*
 * text.c: the whole text form: findings grouped by rule, most important first, and a summary line last.
 *
 * Argo CD puts stderr into a status object, so the whole is capped unless the run is verbose. The room is shared out so
 * that every rule is seen before any is seen twice: first the short form of one finding of each, then the full form,
 * then a second finding. What does not fit is counted.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/outline.h"
#include "report/text.h"

enum { MORE_BYTES = 48, HIDDEN_BYTES = 80 }; /* room for "… and N more" lines */

struct group {
	const struct view_finding **all;
	size_t n;
	enum block_form first, second;
	size_t full, brief; /* bytes of the first finding in its two forms */
};

struct layout {
	const struct view_finding **shown;
	size_t shown_n;
	struct group *groups;
	size_t groups_n;
};

static bool is_shown(const struct report_view *v, const struct view_finding *f)
{
	return v->verbose || (!f->expires && !f->patched && f->severity >= SEVERITY_WARNING);
}

static bool same_group(const struct view_finding *a, const struct view_finding *b)
{
	return a->severity == b->severity && strcmp(a->rule, b->rule) == 0;
}

/* False when memory is short. */
static bool lay_out(struct report_view *v, struct layout *l)
{
	*l = (struct layout){.shown = view_by_importance(v)};
	l->groups = arena_alloc(&v->arena, v->findings_n * sizeof(*l->groups) + 1);
	if (!l->shown || !l->groups)
		return false;
	for (size_t i = 0; i < v->findings_n; i++)
		if (is_shown(v, l->shown[i]))
			l->shown[l->shown_n++] = l->shown[i];
	for (size_t i = 0; i < l->shown_n; i++) {
		if (i == 0 || !same_group(l->shown[i - 1], l->shown[i]))
			l->groups[l->groups_n++].all = &l->shown[i];
		l->groups[l->groups_n - 1].n++;
	}
	return true;
}

static size_t block_bytes(const struct report_view *v, const struct view_finding *f, enum block_form form,
			  struct buf *scratch)
{
	buf_clear(scratch);
	block_put(v, f, form, scratch);
	return scratch->n;
}

/* Decides what of each group is shown within `room` bytes. */
static void share_out(const struct report_view *v, struct layout *l, size_t room, struct buf *scratch)
{
	for (size_t i = 0; i < l->groups_n; i++) {
		struct group *g = &l->groups[i];
		size_t more = g->n > 1 ? MORE_BYTES : 0;

		g->full = block_bytes(v, g->all[0], BLOCK_FULL, scratch);
		g->brief = block_bytes(v, g->all[0], BLOCK_SHORT, scratch);
		if (g->brief + more > room)
			continue;
		g->first = BLOCK_SHORT;
		room -= g->brief + more;
	}
	for (size_t i = 0; i < l->groups_n; i++) {
		struct group *g = &l->groups[i];

		if (g->first == BLOCK_NONE || g->full - g->brief > room)
			continue;
		g->first = BLOCK_FULL;
		room -= g->full - g->brief;
	}
	for (size_t i = 0; i < l->groups_n; i++) {
		struct group *g = &l->groups[i];
		size_t bytes;

		if (g->first == BLOCK_NONE || g->n < 2)
			continue;
		bytes = block_bytes(v, g->all[1], BLOCK_FULL, scratch);
		if (bytes > room)
			continue;
		g->second = BLOCK_FULL;
		room -= bytes;
	}
}

static void groups_put(const struct report_view *v, const struct layout *l, struct buf *out)
{
	size_t hidden = 0, rules = 0;

	for (size_t i = 0; i < l->groups_n; i++) {
		const struct group *g = &l->groups[i];
		size_t shown = g->second ? 2 : 1;

		if (g->first == BLOCK_NONE) {
			hidden += g->n;
			rules++;
			continue;
		}
		block_put(v, g->all[0], g->first, out);
		if (g->second)
			block_put(v, g->all[1], g->second, out);
		if (g->n > shown)
			buf_addf(out, "  … and %zu more (explain --last)\n", g->n - shown);
	}
	if (hidden) {
		buf_addf(out, "… and %zu more of ", hidden);
		count_put(rules, "other rule", out);
		buf_adds(out, " (explain --last)\n");
	}
}

/* --- the last line --------------------------------------------------------------------------------------------- */

static void last_line_put(struct report_view *v, struct buf *out)
{
	static const enum paint paints[] = {PAINT_BOLD, PAINT_YELLOW, PAINT_RED, PAINT_RED};

	paint(v, PAINT_BOLD, out);
	buf_addf(out, "%s: ", v->program);
	paint(v, PAINT_NONE, out);
	paint(v, paints[v->verdict], out);
	buf_addf(out, "%s:", verdict_name(v->verdict));
	paint(v, PAINT_NONE, out);
	buf_addc(out, ' ');
	summary_put(v, out);
	if (v->milliseconds >= 0)
		buf_addf(out, " (%.0f ms)", v->milliseconds);
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
	if (v->whole) {
		for (size_t i = 0; i < l.shown_n; i++)
			block_put(v, l.shown[i], BLOCK_FULL, out);
		buf_add(out, buf_slice(&patched));
	} else {
		room -= summary.n;
		share_out(v, &l, room > patched.n ? room - patched.n : 0, &scratch);
		groups_put(v, &l, out);
		lines_put(&patched, room, out);
	}
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
