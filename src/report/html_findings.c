/*
 * html_findings.c: the findings, grouped by rule, and the filter over them.
 */
#include "report/html.h"
#include "report/markup.h"
#include "rules/docs.h"

static void where_put(struct html *h, const struct view_finding *f)
{
	const char *sep = "";

	if (f->object || f->path[0]) {
		buf_adds(h->out, "<p class=\"where\">");
		if (f->object) {
			buf_adds(h->out, "<code>");
			html_object(h, f->object);
			buf_adds(h->out, "</code>");
		}
		if (f->path[0]) {
			buf_adds(h->out, f->object ? " · <code>" : "<code>");
			html_text(h, f->path);
			buf_adds(h->out, "</code>");
		}
		buf_adds(h->out, "</p>\n");
	}
	if (!f->source[0] && !f->line && input_is_stdin(f->input))
		return;
	buf_adds(h->out, "<p class=\"where\">");
	if (f->source[0]) {
		html_text(h, f->source);
		sep = ", ";
	}
	if (!input_is_stdin(f->input)) {
		buf_adds(h->out, sep);
		html_text(h, f->input);
		sep = ", ";
	}
	if (f->line)
		buf_addf(h->out, "%s%s %zu", sep, input_is_stdin(f->input) ? "input line" : "line", f->line);
	if (f->line && f->column)
		buf_addf(h->out, ", column %zu", f->column);
	buf_adds(h->out, "</p>\n");
}

/* Bytes of the first n characters. */
static size_t bytes_of(const char *text, size_t n)
{
	size_t i = 0;

	for (; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

static void excerpt_put(struct html *h, const struct view_excerpt *e, size_t line)
{
	struct slice text = slice_str(e->text);
	size_t from, to;

	if (!e->text || !line)
		return;
	from = bytes_of(e->text, e->column - 1);
	to = bytes_of(e->text, e->column - 1 + e->length);
	buf_addf(h->out, "<pre class=\"source\"><span class=\"at\"><span class=\"vh\">line </span>%zu</span>", line);
	markup_put(slice_to(text, from), h->out);
	buf_adds(h->out, "<mark>");
	markup_put(slice_of(text.p + from, to - from), h->out);
	buf_adds(h->out, "</mark>");
	markup_put(slice_from(text, to), h->out);
	buf_adds(h->out, "</pre>\n");
}

static void fixes_put(struct html *h, const struct view_finding *f)
{
	size_t options = 0;
	const char **list = arena_alloc(&h->v->arena, f->fixes_n * sizeof(*list) + 1);

	for (size_t i = 0; list && i < f->fixes_n; i++) {
		if (is_option(f->fixes[i])) {
			list[options++] = f->fixes[i];
		} else if (f->fixes[i][0]) {
			buf_adds(h->out, "<p>To fix: ");
			html_text(h, f->fixes[i]);
			buf_adds(h->out, "</p>\n");
		}
	}
	if (options) {
		buf_adds(h->out, "<p>To fix:</p>\n");
		html_options(h, list, options);
	}
}

static void finding_put(struct html *h, const struct view_finding *f)
{
	const char *kind = finding_label(f);

	buf_addf(
		h->out,
		"<article class=\"finding %s\" data-kind=\"%s\" tabindex=\"-1\">\n<h4><span class=\"badge\">%s</span> ",
		kind, kind, f->patched ? "repaired" : kind);
	html_text(h, f->message);
	buf_adds(h->out, "</h4>\n");
	where_put(h, f);
	excerpt_put(h, &f->excerpt, f->line);
	if (f->not_patched) {
		buf_adds(h->out, "<p>Not repaired: ");
		html_text(h, f->not_patched);
		buf_adds(h->out, "</p>\n");
	}
	if (f->expires) {
		buf_adds(h->out, "<p>Excepted until ");
		html_text(h, f->expires);
		buf_adds(h->out, ": ");
		html_text(h, f->reason);
		buf_adds(h->out, "</p>\n");
	}
	fixes_put(h, f);
	buf_adds(h->out, "</article>\n");
}

static void group_put(struct html *h, const struct html_group *g)
{
	const char *page = g->rank < view_rules_n(h->v) ? view_rule(h->v, g->rank).page : NULL;

	buf_adds(h->out, "<section class=\"group\" id=\"");
	html_anchor(h, g->rule);
	buf_adds(h->out, "\">\n<h3>");
	html_text(h, g->rule);
	buf_adds(h->out, ": <span class=\"soft\">");
	html_counts(h, &g->counts);
	buf_adds(h->out, "</span></h3>\n");
	if (page) {
		buf_adds(h->out, "<p>");
		html_prose(h, page_demand(page));
		buf_adds(h->out, "</p>\n<details><summary>Why</summary><p class=\"page\">");
		html_prose(h, page_section(page, "Why"));
		buf_adds(h->out, "</p></details>\n");
	}
	for (size_t i = 0; i < g->shown; i++)
		finding_put(h, g->all[i]);
	if (g->shown < g->n)
		buf_addf(h->out, "<p>And %zu more of this rule, which the other forms of the report contain.</p>\n",
			 g->n - g->shown);
	buf_adds(h->out, "</section>\n");
}

static void filter_put(struct html *h)
{
	struct view_counts c = view_count(h->v);
	const struct {
		const char *kind, *word;
		size_t n;
	} kinds[] = {{"error", "errors", c.errors},
		     {"warning", "warnings", c.warnings},
		     {"note", "notes", c.notes},
		     {"patched", "repaired", c.patched},
		     {"excepted", "excepted", c.excepted}};

	/* Shown by the script, without which it could do nothing. */
	buf_adds(h->out, "<form class=\"filter\" id=\"filter\" role=\"search\" aria-label=\"Findings\" hidden>\n"
			 "<label class=\"words\">Filter <input type=\"search\" id=\"words\" autocomplete=\"off\" "
			 "spellcheck=\"false\" aria-describedby=\"keys\"></label>\n"
			 "<fieldset><legend class=\"vh\">Show</legend>");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].n)
			buf_addf(h->out, "<label><input type=\"checkbox\" value=\"%s\" checked>%s</label>",
				 kinds[i].kind, kinds[i].word);
	buf_addf(h->out,
		 "</fieldset>\n<p class=\"count\" id=\"count\" role=\"status\" aria-live=\"polite\" data-all=\"%zu "
		 "%s\">",
		 h->shown, h->shown == 1 ? "finding" : "findings");
	count_put(h->shown, "finding", h->out);
	buf_adds(h->out,
		 "</p>\n<p class=\"keys soft\" id=\"keys\"><kbd>↓</kbd> to the first finding, there <kbd>↓</kbd> "
		 "<kbd>↑</kbd> to the next, <kbd>Esc</kbd> back to an empty filter</p>\n</form>\n");
}

/* --- causes ---------------------------------------------------------------------------------------------------- */

static void places_put(struct html *h, const struct view_cause *c)
{
	size_t n = 0;

	if (c->n < 2)
		return;
	buf_addf(h->out, "<details><summary>%zu more place%s</summary>\n<ul class=\"places\">\n", c->n - 1,
		 c->n == 2 ? "" : "s");
	for (size_t i = 0; i < c->n; i++) {
		const struct view_finding *f = c->all[i];

		if (f == c->head || n++ >= EACH_SHOWN)
			continue;
		buf_adds(h->out, "<li>");
		if (f->object) {
			buf_adds(h->out, "<code>");
			html_object(h, f->object);
			buf_adds(h->out, "</code> ");
		}
		buf_adds(h->out, "<code>");
		html_text(h, f->path[0] ? f->path : f->input);
		buf_adds(h->out, "</code>");
		if (f->line)
			buf_addf(h->out, ", line %zu", f->line);
		buf_adds(h->out, "</li>\n");
	}
	buf_adds(h->out, "</ul>\n");
	if (n > EACH_SHOWN)
		buf_addf(h->out, "<p>And %zu more.</p>\n", n - EACH_SHOWN);
	buf_adds(h->out, "</details>\n");
}

static void cause_put(struct html *h, const struct view_cause *c)
{
	const struct view_finding *f = c->head;
	const char *label = cause_label(c), *fix = c->fix;

	buf_addf(h->out, "<div class=\"cause %s\">\n<h3><span class=\"badge\">%s</span> ", label,
		 f->patched ? "repaired" : label);
	html_text(h, f->message);
	buf_adds(h->out, "</h3>\n");
	where_put(h, f);
	excerpt_put(h, &f->excerpt, f->line);
	places_put(h, c);
	if (fix[0] && is_option(fix)) {
		buf_adds(h->out, "<p>To fix:</p>\n");
		html_options(h, &fix, 1);
	} else if (fix[0]) {
		buf_adds(h->out, "<p>To fix: ");
		html_text(h, fix);
		buf_adds(h->out, "</p>\n");
	}
	buf_adds(h->out, "</div>\n");
}

/* What to do, once for each cause; the findings below have every place. */
bool html_causes(struct html *h)
{
	size_t n, shown = 0;
	const struct view_cause *causes = view_causes(h->v, &n);

	if (!causes)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct view_cause *c = &causes[i];

		if (c->severity < SEVERITY_WARNING || c->head->expires || shown++ >= EACH_SHOWN)
			continue;
		if (shown == 1)
			buf_adds(h->out, "<section id=\"causes\" aria-labelledby=\"h-causes\">\n"
					 "<h2 id=\"h-causes\">Causes</h2>\n");
		cause_put(h, c);
	}
	if (shown > EACH_SHOWN)
		buf_addf(h->out, "<p>And %zu more causes; the findings below show them.</p>\n", shown - EACH_SHOWN);
	if (shown)
		buf_adds(h->out, "</section>\n");
	return true;
}

void html_findings(struct html *h)
{
	buf_adds(h->out,
		 "<section id=\"findings\" aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\">Findings</h2>\n");
	if (!h->v->findings_n)
		buf_adds(h->out, "<p>There are none.</p>\n");
	else
		filter_put(h);
	if (h->shown < h->v->findings_n)
		buf_addf(h->out, "<p>The first %zu of %zu: a page with all of them would be slow to use.</p>\n",
			 h->shown, h->v->findings_n);
	for (size_t i = 0; i < h->groups_n; i++)
		group_put(h, &h->groups[i]);
	buf_adds(h->out, "</section>\n");
}
