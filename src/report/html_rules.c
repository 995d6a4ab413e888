/*
 * html_rules.c: all rules, so that a compliant run shows what was examined.
 */
#include "report/html.h"
#include "rules/docs.h"

static const struct html_group *group_of(const struct html *h, unsigned rank)
{
	for (size_t i = 0; i < h->groups_n; i++)
		if (h->groups[i].rank == rank)
			return &h->groups[i];
	return NULL;
}

static const char *tone_of(const struct view_counts *c)
{
	return c->errors ? "error" : c->warnings ? "warning" : c->patched ? "patched" : c->notes ? "note" : "excepted";
}

static void result_put(struct html *h, unsigned rank, bool ran)
{
	const struct html_group *g = group_of(h, rank);

	if (g) {
		buf_addf(h->out, "<td class=\"result %s\"><a href=\"#", tone_of(&g->counts));
		html_anchor(h, g->rule);
		buf_adds(h->out, "\">");
		html_counts(h, &g->counts);
		buf_adds(h->out, "</a></td>");
	} else if (ran) {
		buf_adds(h->out, "<td class=\"result good\">passed</td>");
	} else {
		buf_adds(h->out, "<td class=\"result excepted\">not run</td>");
	}
}

void html_rules(struct html *h)
{
	buf_adds(h->out, "<section id=\"rules\" aria-labelledby=\"h-rules\">\n<h2 id=\"h-rules\">All rules</h2>\n");
	html_table(h, "h-rules", "rules");
	buf_adds(h->out,
		 "<caption class=\"vh\">Every rule and what it came to</caption>\n<thead><tr><th scope=\"col\">Rule"
		 "</th><th scope=\"col\">Result</th><th scope=\"col\">Demand</th></tr></thead>\n<tbody>\n");
	for (unsigned i = 0; i < view_rules_n(h->v); i++) {
		const struct view_rule rule = view_rule(h->v, i);

		buf_addf(h->out, "<tr><th scope=\"row\">%s</th>", rule.id);
		result_put(h, i, rule.ran);
		buf_adds(h->out, "<td>");
		if (rule.page)
			html_prose(h, page_demand(rule.page));
		buf_adds(h->out, "</td></tr>\n");
	}
	html_table_end(h);
	buf_adds(h->out, "</section>\n");
}
