#include "checks/matrix.h"

const char *class_name(enum cluster_class c)
{
	static const char *const names[CLASSES] = {"fail", "unreachable", "unknown", "warn", "pass"};

	return c < CLASSES ? names[c] : "?";
}

enum cluster_class facts_class(const struct facts *f)
{
	size_t n[OUTCOMES] = {0};

	if (facts_are_lost(f))
		return CLASS_LOST;
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (f->results[i].set)
			n[f->results[i].outcome]++;
	return n[OUTCOME_FAIL]	    ? CLASS_FAIL
	       : n[OUTCOME_UNKNOWN] ? CLASS_UNKNOWN
	       : n[OUTCOME_WARN]    ? CLASS_WARN
				    : CLASS_PASS;
}

void matrix_release(struct matrix *m)
{
	arena_release(&m->arena);
	*m = MATRIX_INIT;
}

/* --- rows ------------------------------------------------------------------------------------------------------ */

static const char *kept(struct matrix *m, const char *text)
{
	return text ? arena_str(&m->arena, slice_str(text)) : NULL;
}

static struct check_result keep_result(struct matrix *m, const struct check_result *r)
{
	struct check_result k = *r;

	k.text = kept(m, r->text);
	k.object = kept(m, r->object);
	k.path = kept(m, r->path);
	k.found = kept(m, r->found);
	k.needed = kept(m, r->needed);
	k.fix = kept(m, r->fix);
	return k;
}

static bool is_to_look_at(const struct check_result *r)
{
	return r->set && r->outcome != OUTCOME_PASS && r->outcome != OUTCOME_SKIP;
}

/* Of a lost cluster the first result says everything. */
static void keep_results(struct matrix *m, struct matrix_row *row, const struct facts *f)
{
	struct check_result *v;
	size_t n = 0;

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		n += is_to_look_at(&f->results[i]);
	if (row->class == CLASS_LOST && n > 1)
		n = 1;
	v = n ? arena_alloc(&m->arena, n * sizeof(*v)) : NULL;
	if (!v)
		return;
	row->results = v;
	for (unsigned i = 0; i < CHECK_COUNT && row->results_n < n; i++)
		if (is_to_look_at(&f->results[i]))
			v[row->results_n++] = keep_result(m, &f->results[i]);
	if (row->class == CLASS_LOST && f->v[Q_VERSION].text)
		v[0].text = kept(m, f->v[Q_VERSION].text);
}

void matrix_add(struct matrix *m, const struct facts *f)
{
	struct matrix_row *row = VEC_PUSH(&m->arena, m->rows);

	if (!row)
		return;
	row->name = kept(m, f->cluster);
	row->class = facts_class(f);
	row->kind = row->class == CLASS_LOST ? f->v[Q_VERSION].kind : ANSWER_OK;
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		row->outcomes[i] = f->results[i].set ? (unsigned char)f->results[i].outcome : NOT_RUN;
	keep_results(m, row, f);
}

/* --- groups ---------------------------------------------------------------------------------------------------- */

/* Checks that were skipped passed, as far as the eye goes. */
static unsigned char seen(unsigned char outcome)
{
	return outcome == OUTCOME_SKIP ? OUTCOME_PASS : outcome;
}

static int by_results(const struct matrix_row *a, const struct matrix_row *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->class == CLASS_LOST)
		return 0;
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (seen(a->outcomes[i]) != seen(b->outcomes[i]))
			return seen(a->outcomes[i]) > seen(b->outcomes[i]) ? -1 : 1;
	return 0;
}

static int by_results_and_name(const void *a, const void *b)
{
	const struct matrix_row *x = a, *y = b;
	int c = by_results(x, y);

	return c ? c : strcmp(x->name, y->name);
}

void matrix_sort(struct matrix *m)
{
	if (m->rows.n)
		qsort(m->rows.v, m->rows.n, sizeof(*m->rows.v), by_results_and_name);
}

struct matrix_group matrix_group_at(const struct matrix *m, size_t from)
{
	struct matrix_group g = {&m->rows.v[from], 1};

	while (from + g.n < m->rows.n && by_results(g.rows, &g.rows[g.n]) == 0)
		g.n++;
	return g;
}

size_t matrix_group_differs(const struct matrix_group *g, size_t result)
{
	const char *text = g->rows->results[result].text;
	size_t n = 0;

	/* Equal outcomes: each row has the same checks at the same places. */
	for (size_t i = 1; i < g->n; i++)
		n += result >= g->rows[i].results_n || strcmp(g->rows[i].results[result].text, text) != 0;
	return n;
}

void matrix_group_title(const struct matrix_group *g, struct buf *out)
{
	static const char *const words[OUTCOMES] = {
		[OUTCOME_FAIL] = "failed", [OUTCOME_WARN] = "warned", [OUTCOME_UNKNOWN] = "unknown"};
	static const enum outcome order[] = {OUTCOME_FAIL, OUTCOME_UNKNOWN, OUTCOME_WARN};
	const struct matrix_row *row = g->rows;
	size_t n = 0;

	if (row->class == CLASS_LOST) {
		buf_addf(out, "could not be asked: %s", answer_meaning(row->kind));
		return;
	}
	for (size_t o = 0; o < ARRAY_SIZE(order); o++)
		for (unsigned i = 0; i < CHECK_COUNT; i++)
			if (row->outcomes[i] == order[o])
				buf_addf(out, "%s%s %s", n++ ? ", " : "", check_infos[i].name, words[order[o]]);
	if (!n)
		buf_adds(out, "all passed");
}
