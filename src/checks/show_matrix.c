/*
 * show_matrix.c: many clusters in one short report, what changed since an earlier one, and a line of JSON for each.
 */
#include "checks/show.h"
#include "cluster/reduce.h"
#include "report/chars.h"

enum { NAMES_MAX = 20, DETAILS_MAX = 6 };

#define FIX "      fix: "

static const enum outcome class_marks[CLASSES] = {[CLASS_FAIL] = OUTCOME_FAIL,
						  [CLASS_LOST] = OUTCOME_UNKNOWN,
						  [CLASS_UNKNOWN] = OUTCOME_UNKNOWN,
						  [CLASS_WARN] = OUTCOME_WARN,
						  [CLASS_PASS] = OUTCOME_PASS};

/* --- groups ---------------------------------------------------------------------------------------------------- */

static void put_names(struct buf *out, const struct matrix_group *g)
{
	size_t column = 0, n = g->n > NAMES_MAX + 4 ? NAMES_MAX : g->n;

	for (size_t i = 0; i < n; i++) {
		struct slice name = slice_str(*g->rows[i].name ? g->rows[i].name : "(this one)");

		if (i && column + strlen(" ") + name.n + strlen(",") <= text_width()) {
			buf_addc(out, ' ');
			column++;
		} else {
			buf_adds(out, i ? "\n    " : "    ");
			column = 4;
		}
		put_name(out, name);
		if (i + 1 < g->n)
			buf_addc(out, ',');
		column += name.n + 1;
	}
	if (n < g->n)
		buf_addf(out, "\n    and %zu more (-o jsonl lists all)", g->n - n);
	buf_addc(out, '\n');
}

/* "px-version of shoot-3": where the clusters differ the text is of one of them. */
static void put_label(struct buf *out, const struct matrix_row *row, const struct check_result *r, bool differs)
{
	const char *check = row->class == CLASS_LOST ? "" : check_infos[r->check].name;

	buf_adds(out, check);
	if (differs) {
		buf_adds(out, *check ? " of " : "");
		put_name(out, slice_str(row->name));
	}
	if (*check || differs)
		buf_adds(out, ": ");
}

/* What the first cluster of the group says, and how many say otherwise: they may name other objects. */
static void put_details(struct buf *out, const struct matrix_group *g)
{
	const struct matrix_row *row = g->rows;

	for (size_t i = 0; i < row->results_n && i < DETAILS_MAX; i++) {
		const struct check_result *r = &row->results[i];
		struct slice fix = slice_cut(slice_str(r->fix), '\n', &(struct slice){0});
		size_t others = matrix_group_differs(g, i), start = out->n;

		buf_adds(out, "    ");
		put_label(out, row, r, others > 0);
		wrap_put(slice_str(r->text), out->n - start, 6, out);
		if (others)
			buf_addf(out, "\n      (%zu other%s differ%s: -o short or html shows each)", others,
				 others == 1 ? "" : "s", others == 1 ? "s" : "");
		buf_addc(out, '\n');
		if (row->class != CLASS_LOST && fix.n) {
			buf_adds(out, FIX);
			fix_put(fix, strlen(FIX), 8, out);
		}
	}
	if (row->results_n > DETAILS_MAX)
		buf_addf(out, "    and %zu more checks (-o short lists all)\n", row->results_n - DETAILS_MAX);
}

static void put_group(struct show *s, const struct matrix_group *g)
{
	put_mark(s, class_marks[g->rows->class]);
	buf_addf(s->out, " %zu cluster%s%s ", g->n, g->n == 1 ? "" : "s", g->rows->class == CLASS_LOST ? "" : ":");
	matrix_group_title(g, s->out);
	buf_addc(s->out, '\n');
	if (g->rows->class == CLASS_PASS)
		return;
	put_names(s->out, g);
	put_details(s->out, g);
}

void matrix_text(struct show *s)
{
	struct matrix_group g;

	matrix_sort(&s->matrix);
	for (size_t at = 0; at < s->matrix.rows.n; at += g.n) {
		g = matrix_group_at(&s->matrix, at);
		put_group(s, &g);
	}
	text_identities(s);
	changes_text(s);
	text_end(s);
}

/* --- changes --------------------------------------------------------------------------------------------------- */

struct telling {
	struct show *s;
	size_t n;
};

static const char *check_of(const struct fleet_change *c)
{
	return c->kind == CHANGE_CHECK ? check_infos[c->check].name : "cluster";
}

static void tell_text(const struct fleet_change *c, void *to)
{
	struct telling *t = to;
	struct buf *out = t->s->out;

	t->n++;
	buf_adds(out, "    ");
	put_name(out, slice_str(c->cluster));
	if (c->kind == CHANGE_NEW)
		buf_addf(out, ": new, %s\n", c->now);
	else if (c->kind == CHANGE_GONE)
		buf_addf(out, ": no longer asked, was %s\n", c->before);
	else
		buf_addf(out, ": %s %s, was %s\n", check_of(c), c->now, c->before);
}

void changes_text(struct show *s)
{
	struct telling t = {s, 0};

	if (!s->past)
		return;
	buf_adds(s->out, "\nchanged since ");
	put_name(s->out, slice_str(s->past->file));
	buf_adds(s->out, ":\n");
	past_compare(s->past, &s->matrix, tell_text, &t);
	if (!t.n)
		buf_adds(s->out, "    nothing\n");
}

static void put_change(const struct fleet_change *c, struct buf *out)
{
	static const char *const kinds[] = {"new", "gone", "class", "check"};

	buf_addf(out, "{\"change\":\"%s\",\"cluster\":", kinds[c->kind]);
	json_quote(slice_str(c->cluster), out);
	if (c->kind == CHANGE_CHECK)
		buf_addf(out, ",\"check\":\"%s\"", check_of(c));
	if (c->before)
		buf_addf(out, ",\"before\":\"%s\"", c->before);
	if (c->now)
		buf_addf(out, ",\"now\":\"%s\"", c->now);
	buf_addc(out, '}');
}

static void tell_json(const struct fleet_change *c, void *to)
{
	struct telling *t = to;

	buf_adds(t->s->out, t->n++ ? ",\n  " : "\n  ");
	put_change(c, t->s->out);
}

static void put_changes(struct show *s)
{
	struct telling t = {s, 0};

	buf_adds(s->out, "\"changes\":[");
	past_compare(s->past, &s->matrix, tell_json, &t);
	buf_addc(s->out, ']');
}

void changes_json(struct show *s)
{
	if (!s->past)
		return;
	buf_adds(s->out, ",\n ");
	put_changes(s);
}

/* --- JSON lines ------------------------------------------------------------------------------------------------ */

static void put_kind(struct show *s, const char *kind)
{
	buf_addf(s->out, "{\"kind\":\"%s\",\"schema\":1,\"command\":\"%s\"", kind, check_command_name(s->command));
}

void jsonl_cluster(struct show *s, const struct facts *f)
{
	put_kind(s, "cluster");
	buf_adds(s->out, ",\"name\":");
	json_quote(slice_str(f->cluster), s->out);
	if (facts_are_lost(f)) {
		buf_addf(s->out, ",\"answer\":\"%s\",\"text\":", answer_name(f->v[Q_VERSION].kind));
		json_quote(slice_str(f->v[Q_VERSION].text), s->out);
	}
	json_results(f, "", s->out);
	buf_adds(s->out, "}\n");
}

static void tell_line(const struct fleet_change *c, void *to)
{
	struct telling *t = to;

	put_kind(t->s, "change");
	buf_adds(t->s->out, ",\"what\":");
	put_change(c, t->s->out);
	buf_adds(t->s->out, "}\n");
}

void jsonl_end(struct show *s)
{
	struct telling t = {s, 0};

	if (s->past)
		past_compare(s->past, &s->matrix, tell_line, &t);
	put_kind(s, "summary");
	json_identities(s);
	buf_addc(s->out, ',');
	json_summary(s);
	buf_adds(s->out, "}\n");
}
