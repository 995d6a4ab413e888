/*
 * html_matrix.c: which object breaks which rule. A view knows the objects that something was found about, and how many
 * there were: the others are said to have nothing.
 */
#include "report/html.h"

struct row {
	const struct view_object *object;
	const struct view_finding **all;
	size_t n;
	unsigned worst;
};

enum { WEIGHT_EXCEPTED, WEIGHT_NOTE, WEIGHT_PATCHED, WEIGHT_WARNING, WEIGHT_ERROR };

static unsigned weight_of(const struct view_finding *f)
{
	if (f->expires)
		return WEIGHT_EXCEPTED;
	if (f->patched)
		return WEIGHT_PATCHED;
	return f->severity == SEVERITY_ERROR	 ? WEIGHT_ERROR
	       : f->severity == SEVERITY_WARNING ? WEIGHT_WARNING
						 : WEIGHT_NOTE;
}

static int by_object(const void *pa, const void *pb)
{
	const struct view_finding *a = *(const struct view_finding *const *)pa,
				  *b = *(const struct view_finding *const *)pb;
	int c = view_object_compare(a->object, b->object);

	return c ? c : (a > b) - (a < b);
}

static int by_weight(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;

	if (a->worst != b->worst)
		return a->worst > b->worst ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return (a->all > b->all) - (a->all < b->all);
}

/* The rows, the worst first; NULL when memory is short. */
static struct row *make_rows(struct html *h, size_t *rows_n)
{
	struct report_view *v = h->v;
	const struct view_finding **all = arena_alloc(&v->arena, v->findings_n * sizeof(*all) + 1);
	struct row *rows = arena_alloc(&v->arena, v->findings_n * sizeof(*rows) + 1);
	size_t n = 0;

	if (!all || !rows)
		return NULL;
	for (size_t i = 0; i < v->findings_n; i++)
		all[i] = &v->findings[i];
	qsort(all, v->findings_n, sizeof(*all), by_object);
	for (size_t i = 0; i < v->findings_n; i++) {
		if (i == 0 || view_object_compare(all[i - 1]->object, all[i]->object) != 0)
			rows[n++] = (struct row){all[i]->object, &all[i], 0, 0};
		rows[n - 1].n++;
		if (weight_of(all[i]) > rows[n - 1].worst)
			rows[n - 1].worst = weight_of(all[i]);
	}
	qsort(rows, n, sizeof(*rows), by_weight);
	*rows_n = n;
	return rows;
}

static void cell_put(struct html *h, const struct row *row, const struct html_group *g)
{
	static const char *const signs[] = {"–", "i", "+", "!", "×"};
	const struct view_finding *worst = NULL;
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++) {
		if (strcmp(row->all[i]->rule, g->rule) != 0)
			continue;
		n++;
		if (!worst || weight_of(row->all[i]) > weight_of(worst))
			worst = row->all[i];
	}
	if (!worst) {
		buf_adds(h->out, "<td></td>");
		return;
	}
	buf_addf(h->out, "<td><a class=\"cell %s\" href=\"#", finding_label(worst));
	html_anchor(h, g->rule);
	buf_addf(h->out, "\"><span aria-hidden=\"true\">%s %zu</span><span class=\"vh\">%zu, worst: %s</span></a></td>",
		 signs[weight_of(worst)], n, n, finding_label(worst));
}

static void table_put(struct html *h, const struct row *rows, size_t n)
{
	html_table(h, "h-matrix", "matrix");
	buf_adds(h->out, "<caption>× error, ! warning, i note, + repaired, – excepted, and how many</caption>\n"
			 "<thead><tr><th scope=\"col\">Object</th>");
	for (size_t i = 0; i < h->groups_n; i++) {
		buf_adds(h->out, "<th scope=\"col\" class=\"rule\"><a href=\"#");
		html_anchor(h, h->groups[i].rule);
		buf_adds(h->out, "\">");
		html_text(h, h->groups[i].rule);
		buf_adds(h->out, "</a></th>");
	}
	buf_adds(h->out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n && i < OBJECTS_SHOWN; i++) {
		buf_adds(h->out, "<tr><th scope=\"row\">");
		html_object(h, rows[i].object);
		buf_adds(h->out, "</th>");
		for (size_t k = 0; k < h->groups_n; k++)
			cell_put(h, &rows[i], &h->groups[k]);
		buf_adds(h->out, "</tr>\n");
	}
	html_table_end(h);
}

bool html_matrix(struct html *h)
{
	size_t n = 0, objects = 0;
	struct row *rows;

	if (!h->v->findings_n)
		return true;
	rows = make_rows(h, &n);
	if (!rows)
		return false;
	for (size_t i = 0; i < n; i++)
		objects += rows[i].object != NULL;
	buf_adds(h->out,
		 "<section id=\"matrix\" aria-labelledby=\"h-matrix\">\n<h2 id=\"h-matrix\">Rules by object</h2>\n");
	table_put(h, rows, n);
	if (n > OBJECTS_SHOWN)
		buf_addf(h->out, "<p>And %zu more objects with findings, none worse than these.</p>\n",
			 n - OBJECTS_SHOWN);
	if (h->v->objects > objects)
		buf_addf(h->out, "<p class=\"soft\">Nothing was found about the other %zu of %zu objects.</p>\n",
			 h->v->objects - objects, h->v->objects);
	buf_adds(h->out, "</section>\n");
	return true;
}
