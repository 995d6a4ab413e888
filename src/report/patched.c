/*
 * patched.c: what a patched run did. Helm stores the values that were given, not the ones that were needed: the next
 * upgrade without the gate undoes the repair unless they are set, so they are always named.
 */
#include "report/chars.h"
#include "report/helm.h"
#include "report/outline.h"
#include "report/text.h"

enum { VALUES_SHOWN = 8 };

static int by_object(const void *pa, const void *pb)
{
	const struct view_edit *a = *(const struct view_edit *const *)pa, *b = *(const struct view_edit *const *)pb;

	return view_object_compare(a->object, b->object);
}

static int by_rule(const void *pa, const void *pb)
{
	const struct view_edit *a = *(const struct view_edit *const *)pa, *b = *(const struct view_edit *const *)pb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->rank == RULE_COUNT && strcmp(a->rule, b->rule) != 0)
		return strcmp(a->rule, b->rule);
	return view_object_compare(a->object, b->object);
}

/* The edits in that order; NULL when there are none or memory is short. */
static const struct view_edit **sorted(struct report_view *v, int (*compare)(const void *, const void *))
{
	const struct view_edit **all = v->edits_n ? arena_alloc(&v->arena, v->edits_n * sizeof(*all)) : NULL;

	if (!all)
		return NULL;
	for (size_t i = 0; i < v->edits_n; i++)
		all[i] = &v->edits[i];
	qsort(all, v->edits_n, sizeof(*all), compare);
	return all;
}

size_t patched_objects(struct report_view *v)
{
	const struct view_edit **all = sorted(v, by_object);
	size_t n = 0;

	for (size_t i = 0; all && i < v->edits_n; i++)
		n += i == 0 || view_object_compare(all[i - 1]->object, all[i]->object) != 0;
	return n;
}

/* Why a repair is not the whole of it: hooks that were not seen. The same for every place of a rule. */
static const char *reservation(const struct report_view *v, const char *rule)
{
	for (size_t i = 0; i < v->findings_n; i++)
		if (v->findings[i].patched && v->findings[i].not_patched && strcmp(v->findings[i].rule, rule) == 0)
			return v->findings[i].not_patched;
	return NULL;
}

static void group_put(const struct report_view *v, const struct view_edit *const *edits, size_t n, struct buf *out)
{
	static const char *const done[OPERATIONS] = {"set", "inserted", "deleted"};
	size_t counts[OPERATIONS] = {0}, objects = 0;
	const char *sep = " ", *but = reservation(v, edits[0]->rule);

	for (size_t i = 0; i < n; i++) {
		counts[edits[i]->operation]++;
		objects += i == 0 || view_object_compare(edits[i - 1]->object, edits[i]->object) != 0;
	}
	paint(v, PAINT_YELLOW, out);
	buf_adds(out, "patched[");
	limited_put(v, edits[0]->rule, LIMIT_TEXT, out);
	buf_adds(out, "]:");
	paint(v, PAINT_NONE, out);
	for (size_t i = 0; i < OPERATIONS; i++) {
		if (counts[i]) {
			buf_addf(out, "%s%zu %s", sep, counts[i], done[i]);
			sep = ", ";
		}
	}
	buf_adds(out, " in ");
	count_put(objects, "object", out);
	buf_addc(out, '\n');
	if (but)
		label_put(v, "not patched", but, out);
}

static void groups_put(struct report_view *v, struct buf *out)
{
	const struct view_edit **all = sorted(v, by_rule);
	size_t n;

	for (size_t i = 0; all && i < v->edits_n; i += n) {
		for (n = 1; i + n < v->edits_n && strcmp(all[i]->rule, all[i + n]->rule) == 0; n++)
			;
		group_put(v, all + i, n, out);
	}
	out->failed |= v->edits_n && !all;
}

void patched_put(struct report_view *v, struct buf *out)
{
	struct view_options o;
	size_t shown;

	if (v->verdict != VERDICT_PATCHED)
		return;
	groups_put(v, out);
	view_patched_options(v, &o);
	if (o.n == 0)
		return;
	paint(v, PAINT_BOLD, out);
	buf_adds(out, "set these values, or the next upgrade without the gate undoes the repair:");
	paint(v, PAINT_NONE, out);
	buf_addc(out, '\n');
	shown = !v->whole && o.n > VALUES_SHOWN ? VALUES_SHOWN : o.n;
	for (size_t i = 0; i < shown; i++) {
		buf_adds(out, "  ");
		limited_put(v, o.v[i], LIMIT_TEXT, out);
		buf_addc(out, '\n');
	}
	if (shown < o.n || o.more)
		buf_adds(out, "  … and more (explain --last)\n");
}

/* Three lines, whatever happened: they stand between Helm's own, on the terminal of somebody who did not ask. */
void report_terminal_note(const struct report *r, struct buf *out)
{
	cleanup_view struct report_view v;
	struct err err = ERR_INIT;
	struct view_options o;

	if (view_from_report(&v, r, &err) < 0) {
		out->failed = true;
		return;
	}
	if (v.verdict != VERDICT_PATCHED)
		return;
	buf_addf(out, "%s: patched ", v.program);
	count_put(v.edits_n, "place", out);
	buf_adds(out, " in ");
	count_put(patched_objects(&v), "object", out);
	buf_addf(out, "; Helm keeps the values as they were\n%s: ", v.program);
	view_patched_options(&v, &o);
	if (o.n == 0) {
		buf_addf(out, "the next upgrade without the gate undoes it\n%s: see '%s explain --last'\n", v.program,
			 v.program);
	} else {
		buf_addf(out, "set these values, or the next upgrade without the gate undoes it:\n%s:", v.program);
		for (size_t i = 0; i < o.n && i < VALUES_SHOWN; i++) {
			buf_addc(out, ' ');
			line_put(slice_str(o.v[i]), LIMIT_TEXT, out);
		}
		buf_adds(out, o.n > VALUES_SHOWN ? " …\n" : "\n");
	}
	out->failed |= arena_failed(&v.arena);
}
