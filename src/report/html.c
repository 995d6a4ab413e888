/*
 * html.c: a report as one page for browsers and printers: the frame, the verdict, and what to do.
 */
#include "report/html.h"

#include "report/format.h"
#include "report/markup.h"

void html_text(struct html *h, const char *text)
{
	markup_put(slice_str(text), h->out);
}

void html_object(struct html *h, const struct view_object *o)
{
	if (!o) {
		buf_adds(h->out, "the stream as a whole");
		return;
	}
	html_text(h, o->kind);
	buf_addc(h->out, ' ');
	html_text(h, o->ns);
	buf_adds(h->out, o->ns[0] ? "/" : "");
	html_text(h, o->name);
}

void html_counts(struct html *h, const struct view_counts *c)
{
	const struct {
		size_t n;
		const char *word;
		bool counted; /* "2 errors", but "2 excepted" */
	} parts[] = {{c->errors, "error", true},
		     {c->warnings, "warning", true},
		     {c->notes, "note", true},
		     {c->patched, "repaired", false},
		     {c->excepted, "excepted", false}};
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i].n)
			continue;
		buf_addf(h->out, "%s%zu %s%s", sep, parts[i].n, parts[i].word,
			 parts[i].counted && parts[i].n > 1 ? "s" : "");
		sep = ", ";
	}
}

void html_anchor(struct html *h, const char *rule)
{
	buf_adds(h->out, "r-");
	html_text(h, rule);
}

void html_table(struct html *h, const char *heading, const char *class_name)
{
	buf_addf(h->out,
		 "<div class=\"wide\" role=\"group\" aria-labelledby=\"%s\" tabindex=\"0\"><table class=\"%s\">\n",
		 heading, class_name);
}

void html_table_end(struct html *h)
{
	buf_adds(h->out, "</tbody>\n</table></div>\n");
}

void html_options(struct html *h, const char *const *options, size_t n)
{
	buf_adds(h->out, "<pre class=\"copied\"><code>");
	for (size_t i = 0; i < n; i++) {
		buf_adds(h->out, i ? "\n" : "");
		html_text(h, options[i]);
	}
	buf_adds(h->out, "</code></pre>\n");
}

void html_prose(struct html *h, struct slice text)
{
	bool code = false;

	for (;;) {
		struct slice rest, part = slice_cut(text, '`', &rest);

		markup_lines_put(part, h->out);
		if (!rest.p)
			break;
		code = !code;
		buf_adds(h->out, code ? "<code>" : "</code>");
		text = rest;
	}
	buf_adds(h->out, code ? "</code>" : "");
}

/* --- the frame ------------------------------------------------------------------------------------------------- */

static void head_put(struct html *h)
{
	buf_addf(h->out,
		 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; "
		 "script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
		 "content=\"no-referrer\">\n"
		 "<title>pxb-fed: %s</title>\n<style>",
		 html_css_hash, html_js_hash, verdict_name(h->v->verdict));
	buf_adds(h->out, html_css);
	buf_adds(h->out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n");
}

/* Nothing where it is not known. */
static void fact_put(struct html *h, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(h->out, "<div><dt>%s</dt><dd>", name);
	html_text(h, value);
	buf_adds(h->out, "</dd></div>\n");
}

static void fact_count_put(struct html *h, const char *name, size_t n)
{
	buf_addf(h->out, "<div><dt>%s</dt><dd>%zu</dd></div>\n", name, n);
}

/* Which installation this is about, before what was found in it. */
static void installation_put(struct html *h, const struct installation *i)
{
	fact_put(h, "Release", i->release);
	fact_put(h, "Namespace", i->ns);
	if (i->chart && i->version)
		fact_put(h, "Chart", arena_printf(&h->v->arena, "%s %s", i->chart, i->version));
	fact_put(h, "Mode", i->mode);
	fact_count_put(h, "Claims", i->claims);
	fact_put(h, "StorageClass", i->storage_class);
	fact_put(h, "Policy", i->policy ? i->policy : "built in");
	fact_put(h, "Checked on", i->date);
}

static const struct {
	const char *word, *tone, *means;
} verdicts[] = {
	[VERDICT_COMPLIANT] = {"Compliant", "good", "Every rule that ran passed."},
	[VERDICT_PATCHED] =
		{"Repaired", "patched",
		 "What was passed on is compliant. The values that made it are not: Helm keeps them as they "
		 "were given."},
	[VERDICT_REFUSED] = {"Refused", "error", "Nothing may be installed from this before the errors are fixed."},
	[VERDICT_UNREADABLE] =
		{"Unreadable", "error",
		 "Something cannot be read, or not in one way only: what is said here is not the whole."},
};

static void header_put(struct html *h)
{
	const struct report_view *v = h->v;

	buf_addf(h->out,
		 "<header>\n<p class=\"tool\">pxb-fed %s, Federated mode of Portworx Backup</p>\n"
		 "<h1><span class=\"verdict %s\">%s</span></h1>\n<p class=\"lead\">",
		 PXB_VERSION, verdicts[v->verdict].tone, verdicts[v->verdict].word);
	summary_put(h->v, h->out);
	buf_addf(h->out, "</p>\n<p class=\"soft\">%s</p>\n<dl class=\"facts\">\n",
		 v->means ? v->means : verdicts[v->verdict].means);
	if (v->installation)
		installation_put(h, v->installation);
	if (!v->kinds) {
		fact_count_put(h, "Objects", v->objects);
		fact_put(h, "Hooks", v->hooks_visible ? "visible" : "hidden");
	}
	fact_count_put(h, "Exit code", (size_t)v->exit_code);
	buf_adds(h->out, "</dl>\n</header>\n");
}

static bool has_causes(const struct report_view *v)
{
	for (size_t i = 0; i < v->findings_n; i++)
		if (v->findings[i].severity >= SEVERITY_WARNING && !v->findings[i].expires)
			return true;
	return false;
}

static void nav_put(struct html *h)
{
	buf_adds(h->out, "<nav aria-label=\"Parts of this report\">\n<ul>\n");
	if (has_causes(h->v))
		buf_adds(h->out, "<li><a href=\"#causes\">Causes</a></li>\n");
	if (h->v->findings_n)
		buf_adds(h->out, "<li><a href=\"#matrix\">Rules by object</a></li>\n");
	buf_adds(h->out, "<li><a href=\"#findings\">Findings</a></li>\n<li><a href=\"#rules\">All rules</a></li>\n"
			 "</ul>\n</nav>\n");
}

/* --- what to do ------------------------------------------------------------------------------------------------ */

static void values_put(struct html *h, const struct view_options *o, const char *title, const char *why)
{
	if (!o->n)
		return;
	buf_addf(h->out, "<section aria-labelledby=\"h-values\">\n<h2 id=\"h-values\">%s</h2>\n<p>%s</p>\n", title,
		 why);
	html_options(h, o->v, o->n);
	if (o->more)
		buf_adds(h->out, "<p>There are more; the findings name them.</p>\n");
	buf_adds(h->out, "</section>\n");
}

static void to_do_put(struct html *h)
{
	struct view_options o;

	if (h->v->verdict == VERDICT_PATCHED) {
		view_patched_options(h->v, &o);
		values_put(h, &o, "Set these values",
			   "Until they are set, the next upgrade without the gate undoes the repair.");
	} else {
		view_open_options(h->v, &o);
		values_put(h, &o, "Options that fix", "For Helm. Not every finding below has one.");
	}
}

static void unread_put(struct html *h)
{
	if (!h->v->unread_n)
		return;
	buf_adds(h->out, "<section aria-labelledby=\"h-unread\">\n<h2 id=\"h-unread\">Not read</h2>\n<ul>\n");
	for (size_t i = 0; i < h->v->unread_n && i < OBJECTS_SHOWN; i++) {
		buf_adds(h->out, "<li>");
		html_text(h, h->v->unread[i]);
		buf_adds(h->out, "</li>\n");
	}
	buf_adds(h->out, "</ul>\n");
	if (h->v->unread_n > OBJECTS_SHOWN)
		buf_addf(h->out, "<p>And %zu more.</p>\n", h->v->unread_n - OBJECTS_SHOWN);
	buf_adds(h->out, "</section>\n");
}

static void edits_put(struct html *h)
{
	static const char *const done[OPERATIONS] = {"set", "inserted", "deleted"};
	const struct report_view *v = h->v;

	if (!v->edits_n)
		return;
	buf_adds(h->out, "<section aria-labelledby=\"h-edits\">\n<h2 id=\"h-edits\">Repairs</h2>\n");
	html_table(h, "h-edits", "edits");
	buf_adds(h->out,
		 "<caption class=\"vh\">What was changed</caption>\n<thead><tr><th scope=\"col\">Object</th><th "
		 "scope=\"col\">Path</th><th scope=\"col\">Done</th><th scope=\"col\">Line</th></tr></thead>\n"
		 "<tbody>\n");
	for (size_t i = 0; i < v->edits_n && i < OBJECTS_SHOWN; i++) {
		buf_adds(h->out, "<tr><th scope=\"row\">");
		html_object(h, v->edits[i].object);
		buf_adds(h->out, "</th><td class=\"path\"><code>");
		html_text(h, v->edits[i].path);
		buf_addf(h->out, "</code></td><td class=\"tight\">%s</td><td>%zu</td></tr>\n",
			 done[v->edits[i].operation], v->edits[i].line);
	}
	html_table_end(h);
	if (v->edits_n > OBJECTS_SHOWN)
		buf_addf(h->out, "<p>And %zu more.</p>\n", v->edits_n - OBJECTS_SHOWN);
	buf_adds(h->out, "</section>\n");
}

/* --- groups ---------------------------------------------------------------------------------------------------- */

static int by_rule(const void *pa, const void *pb)
{
	const struct view_finding *a = *(const struct view_finding *const *)pa,
				  *b = *(const struct view_finding *const *)pb;
	int c = a->rank == RULE_COUNT && b->rank == RULE_COUNT ? strcmp(a->rule, b->rule) : 0;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return c ? c : (a > b) - (a < b);
}

static int by_weight(const void *pa, const void *pb)
{
	const struct html_group *a = pa, *b = pb;
	const size_t weights[][2] = {{a->counts.errors, b->counts.errors},
				     {a->counts.warnings, b->counts.warnings},
				     {a->counts.patched, b->counts.patched}};

	for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
		if ((weights[i][0] > 0) != (weights[i][1] > 0))
			return weights[i][0] ? -1 : 1;
	return (a->all > b->all) - (a->all < b->all);
}

static void count_finding(struct view_counts *c, const struct view_finding *f)
{
	struct report_view one = {.findings = (struct view_finding *)f, .findings_n = 1};
	struct view_counts add = view_count(&one);

	c->errors += add.errors;
	c->warnings += add.warnings;
	c->notes += add.notes;
	c->excepted += add.excepted;
	c->patched += add.patched;
}

/* Some of each rule, then the rest in order while there is room. */
static void share_out(struct html *h)
{
	size_t room = FINDINGS_SHOWN;

	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < h->groups_n; i++) {
			struct html_group *g = &h->groups[i];
			size_t more = g->n - g->shown;

			if (round == 0 && more > EACH_SHOWN)
				more = EACH_SHOWN;
			if (more > room)
				more = room;
			g->shown += more;
			h->shown += more;
			room -= more;
		}
	}
}

/* False when memory is short. */
static bool group_findings(struct html *h)
{
	size_t n = h->v->findings_n;

	h->all = view_by_importance(h->v);
	h->groups = arena_alloc(&h->v->arena, n * sizeof(*h->groups) + 1);
	if (!h->all || !h->groups)
		return false;
	if (n)
		qsort(h->all, n, sizeof(*h->all), by_rule);
	for (size_t i = 0; i < n; i++) {
		struct html_group *g = &h->groups[h->groups_n];

		if (i == 0 || strcmp(h->all[i - 1]->rule, h->all[i]->rule) != 0) {
			*g = (struct html_group){h->all[i]->rule, h->all[i]->rank, &h->all[i], 0, 0, {0}};
			h->groups_n++;
		}
		g = &h->groups[h->groups_n - 1];
		g->n++;
		count_finding(&g->counts, h->all[i]);
	}
	if (h->groups_n)
		qsort(h->groups, h->groups_n, sizeof(*h->groups), by_weight);
	share_out(h);
	return true;
}

int view_to_html(struct report_view *v, struct buf *out, struct err *err)
{
	struct html h = {.v = v, .out = out};

	if (!group_findings(&h))
		return err_nomem(err);
	head_put(&h);
	header_put(&h);
	nav_put(&h);
	buf_adds(out, "<main>\n");
	unread_put(&h);
	if (!html_causes(&h))
		return err_nomem(err);
	to_do_put(&h);
	edits_put(&h);
	if (!html_matrix(&h))
		return err_nomem(err);
	html_findings(&h);
	html_rules(&h);
	buf_addf(out,
		 "</main>\n<footer><p>Made by pxb-fed %s. <code>%s explain RULE</code> says more about a rule.</p>"
		 "</footer>\n<script>",
		 PXB_VERSION, v->program);
	buf_adds(out, html_js);
	buf_adds(out, "</script>\n</body>\n</html>\n");
	return out->failed || arena_failed(&v->arena) ? err_nomem(err) : 0;
}
