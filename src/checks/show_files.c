/*
 * show_files.c: results of checks for other programs and pages: JUnit and Markdown.
 */
#include "checks/show.h"
#include "report/markup.h"

/* --- JUnit ----------------------------------------------------------------------------------------------------- */

static void put_attribute(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, " %s=\"", name);
	markup_put(slice_str(value), out);
	buf_addc(out, '"');
}

static void put_detail(struct buf *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(out, "\n%s: ", label);
	markup_lines_put(slice_str(value), out);
}

/* A warning does not fail: its text is there to be read. */
static void junit_outcome(struct buf *out, const struct check_result *r)
{
	static const char *const elements[OUTCOMES] = {
		[OUTCOME_FAIL] = "failure", [OUTCOME_UNKNOWN] = "error", [OUTCOME_SKIP] = "skipped"};
	const char *element = elements[r->outcome];

	if (r->outcome == OUTCOME_PASS)
		return;
	buf_addf(out, "\n      <%s", element ? element : "system-out");
	if (element)
		put_attribute(out, "message", r->text);
	buf_addc(out, '>');
	markup_put(slice_str(r->text), out);
	put_detail(out, "at", r->object);
	put_detail(out, "path", r->path);
	put_detail(out, "found", r->found);
	put_detail(out, "required", r->needed);
	put_detail(out, "fix", r->fix);
	buf_addf(out, "</%s>\n    ", element ? element : "system-out");
}

/* A cluster that could not be asked is one error of its own kind, not one for each check. */
static void junit_lost(struct show *s, const struct facts *f)
{
	const struct fact *v = &f->v[Q_VERSION];
	struct buf *out = s->out;

	buf_adds(out, "  <testsuite");
	put_attribute(out, "name", *f->cluster ? f->cluster : "cluster");
	buf_addf(out,
		 " tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n    <testcase classname=\"%s.cluster\" "
		 "name=\"reachable\">\n      <error type=\"unreachable\"",
		 check_command_name(s->command));
	put_attribute(out, "message", answer_meaning(v->kind));
	buf_addc(out, '>');
	markup_put(slice_str(v->text), out);
	buf_adds(out, "</error>\n    </testcase>\n  </testsuite>\n");
}

void junit_cluster(struct show *s, const struct facts *f)
{
	struct buf *out = s->out;
	size_t n[OUTCOMES] = {0}, tests = 0;

	if (facts_are_lost(f)) {
		junit_lost(s, f);
		return;
	}
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		tests += f->results[i].set;
		if (f->results[i].set)
			n[f->results[i].outcome]++;
	}
	buf_adds(out, "  <testsuite");
	put_attribute(out, "name", *f->cluster ? f->cluster : "cluster");
	buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", tests, n[OUTCOME_FAIL],
		 n[OUTCOME_UNKNOWN], n[OUTCOME_SKIP]);
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (!f->results[i].set)
			continue;
		buf_addf(out, "    <testcase classname=\"%s.%s\" name=\"%s\">", check_command_name(s->command),
			 check_infos[i].group, check_infos[i].name);
		junit_outcome(out, &f->results[i]);
		buf_adds(out, "</testcase>\n");
	}
	buf_adds(out, "  </testsuite>\n");
}

/* --- Markdown -------------------------------------------------------------------------------------------------- */

/* One cell of a table: nothing of it is taken for markup. */
static void put_cell(struct buf *out, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n')
			buf_adds(out, "<br>");
		else if (strchr("\\`*_{}[]()#+!|~", c))
			buf_addf(out, "\\%c", c);
		else if (c == '<' || c == '>' || c == '&')
			buf_adds(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
		else if (c == '@')
			buf_adds(out, "&#64;"); /* nobody is called */
		else
			buf_addc(out, c < ' ' || c >= 0x7f ? '?' : (char)c);
	}
}

void markdown_cluster(struct show *s, const struct facts *f)
{
	struct buf *out = s->out;

	buf_adds(out, "## ");
	put_cell(out, *f->cluster ? f->cluster : "cluster");
	if (facts_are_lost(f)) {
		buf_adds(out, "\n\n**could not be asked**: ");
		put_cell(out, answer_meaning(f->v[Q_VERSION].kind));
		buf_adds(out, "; ");
		put_cell(out, f->v[Q_VERSION].text);
		buf_adds(out, "\n\n");
		return;
	}
	buf_adds(out, "\n\n| outcome | check | result | fix |\n|---|---|---|---|\n");
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		const struct check_result *r = &f->results[i];

		if (!r->set)
			continue;
		buf_addf(out, "| %s | `%s` | ", r->outcome == OUTCOME_FAIL ? "**fail**" : outcome_name(r->outcome),
			 check_infos[i].name);
		put_cell(out, r->text);
		buf_adds(out, " | ");
		put_cell(out, r->outcome == OUTCOME_PASS ? "" : r->fix);
		buf_adds(out, " |\n");
	}
	buf_addc(out, '\n');
}
