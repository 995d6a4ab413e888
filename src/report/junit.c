/*
 * junit.c: JUnit XML in the shape that Jenkins and GitLab read. One test case for each rule, always under the same
 * name, so that a history shows when a rule began to fail; what it found is in the text of the failure. Inputs that
 * could not be read are errors of a case of their own.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/outline.h"

enum { CASE_FINDINGS_MAX = 1000 }; /* in the text of one case: consumers keep it in memory */

struct rule_case {
	const char *rule;
	size_t open, excepted, other; /* other: notes, warnings that refuse nothing, and what was repaired */
	bool ran;
};

struct junit {
	struct report_view *v;
	const struct view_finding **all;
	struct rule_case *cases;
	size_t cases_n;
	const struct view_finding **heads; /* of each finding of the view: what explains it */
};

static size_t case_of(struct junit *j, const struct view_finding *f)
{
	size_t i = f->rank, rules = view_rules_n(j->v);

	if (i < rules)
		return i;
	for (i = rules; i < j->cases_n && strcmp(j->cases[i].rule, f->rule) != 0; i++)
		;
	if (i == j->cases_n)
		j->cases[j->cases_n++] = (struct rule_case){.rule = f->rule, .ran = true};
	return i;
}

/* False when memory is short. */
static bool collect(struct junit *j)
{
	size_t rules = view_rules_n(j->v);

	j->all = view_by_importance(j->v);
	j->cases = arena_alloc(&j->v->arena, (rules + j->v->findings_n) * sizeof(*j->cases));
	if (!j->all || !j->cases)
		return false;
	for (size_t i = 0; i < rules; i++)
		j->cases[i] = (struct rule_case){.rule = view_rule(j->v, i).id, .ran = view_rule(j->v, i).ran};
	j->cases_n = rules;
	for (size_t i = 0; i < j->v->findings_n; i++) {
		const struct view_finding *f = j->all[i];
		struct rule_case *c = &j->cases[case_of(j, f)];

		c->ran = true;
		if (view_is_open(j->v, f))
			c->open++;
		else if (f->expires)
			c->excepted++;
		else
			c->other++;
	}
	return true;
}

/* Whose cause each finding is of. False when memory is short. */
static bool find_heads(struct junit *j)
{
	size_t n;
	const struct view_cause *causes = view_causes(j->v, &n);

	j->heads = arena_alloc(&j->v->arena, j->v->findings_n * sizeof(*j->heads) + 1);
	if (!causes || !j->heads)
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < causes[i].n; k++)
			j->heads[causes[i].all[k] - j->v->findings] = causes[i].head;
	return true;
}

static void put(const char *text, struct buf *out)
{
	markup_put(slice_str(text), out);
}

static void finding_put(const struct junit *j, const struct view_finding *f, struct buf *out)
{
	const struct view_finding *head = j->heads[f - j->v->findings];
	const struct view_object *o = f->object;

	buf_addf(out, "%s: ", finding_label(f));
	put(f->message, out);
	buf_addc(out, '\n');
	if (f->line || f->input[0]) {
		buf_adds(out, "  at ");
		put(input_is_stdin(f->input) ? "standard input" : f->input, out);
		if (f->line)
			buf_addf(out, ":%zu", f->line);
		if (f->line && f->column)
			buf_addf(out, ":%zu", f->column);
		buf_addc(out, '\n');
	}
	if (o) {
		buf_adds(out, "  in ");
		put(o->kind, out);
		buf_addc(out, ' ');
		put(o->ns, out);
		buf_adds(out, o->ns[0] ? "/" : "");
		put(o->name, out);
		buf_adds(out, f->path[0] ? "  " : "");
		put(f->path, out);
		buf_addc(out, '\n');
	}
	if (f->expires) {
		buf_addf(out, "  excepted until ");
		put(f->expires, out);
		buf_adds(out, ": ");
		put(f->reason, out);
		buf_addc(out, '\n');
	}
	if (head != f) {
		buf_adds(out, "  cause: ");
		put(head->rule, out);
		buf_adds(out, ": ");
		put(head->message, out);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; head == f && i < f->fixes_n; i++) {
		buf_adds(out, "  fix: ");
		put(f->fixes[i], out);
		buf_addc(out, '\n');
	}
}

/* The findings of a rule: those that are open, or the others. */
static void findings_put(const struct junit *j, const char *rule, bool open, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < j->v->findings_n; i++) {
		const struct view_finding *f = j->all[i];

		if (strcmp(f->rule, rule) != 0 || view_is_open(j->v, f) != open)
			continue;
		if (n++ < CASE_FINDINGS_MAX)
			finding_put(j, f, out);
	}
	if (n > CASE_FINDINGS_MAX)
		buf_addf(out, "and %zu more, which are in the JSON report\n", n - CASE_FINDINGS_MAX);
}

static const struct view_finding *first_open(const struct junit *j, const char *rule)
{
	for (size_t i = 0; i < j->v->findings_n; i++)
		if (strcmp(j->all[i]->rule, rule) == 0 && view_is_open(j->v, j->all[i]))
			return j->all[i];
	return NULL;
}

static void failure_put(const struct junit *j, const struct rule_case *c, struct buf *out)
{
	const struct view_finding *f = first_open(j, c->rule);

	buf_addf(out, "      <failure type=\"%s\" message=\"", severity_name(f->severity));
	put(f->message, out);
	if (c->open > 1)
		buf_addf(out, " (and %zu more)", c->open - 1);
	buf_adds(out, "\">");
	findings_put(j, c->rule, true, out);
	buf_adds(out, "</failure>\n");
}

/* What neither failed nor passed without a word. */
static void system_out_put(const struct junit *j, const struct rule_case *c, struct buf *out)
{
	if (!c->excepted && !c->other)
		return;
	buf_adds(out, "      <system-out>");
	findings_put(j, c->rule, false, out);
	buf_adds(out, "</system-out>\n");
}

static bool is_skipped(const struct rule_case *c)
{
	return !c->open && (!c->ran || c->excepted);
}

static void case_put(const struct junit *j, const struct rule_case *c, struct buf *out)
{
	buf_adds(out, "    <testcase classname=\"pxb-fed\" name=\"");
	put(c->rule, out);
	if (c->ran && !c->open && !c->excepted && !c->other) {
		buf_adds(out, "\" time=\"0\"/>\n");
		return;
	}
	buf_adds(out, "\" time=\"0\">\n");
	if (c->open)
		failure_put(j, c, out);
	else if (!c->ran)
		buf_adds(out, "      <skipped message=\"not run\"/>\n");
	else if (c->excepted)
		buf_addf(out, "      <skipped message=\"%zu excepted by the policy\"/>\n", c->excepted);
	system_out_put(j, c, out);
	buf_adds(out, "    </testcase>\n");
}

static void unread_put(const struct junit *j, struct buf *out)
{
	for (size_t i = 0; i < j->v->unread_n; i++) {
		buf_addf(out,
			 "    <testcase classname=\"pxb-fed\" name=\"unread input %zu\" time=\"0\">\n"
			 "      <error type=\"unread\" message=\"",
			 i + 1);
		put(j->v->unread[i], out);
		buf_adds(out, "\"/>\n    </testcase>\n");
	}
}

int view_to_junit(struct report_view *v, struct buf *out, struct err *err)
{
	struct junit j = {.v = v};
	size_t tests, failures = 0, skipped = 0;

	if (!collect(&j) || !find_heads(&j))
		return err_nomem(err);
	for (size_t i = 0; i < j.cases_n; i++) {
		failures += j.cases[i].open > 0;
		skipped += is_skipped(&j.cases[i]);
	}
	tests = j.cases_n + v->unread_n;
	buf_addf(out,
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		 "<testsuites name=\"pxb-fed\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\">\n"
		 "  <testsuite name=\"pxb-fed\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
		 "time=\"0\">\n"
		 "    <properties>\n      <property name=\"version\" value=\"%s\"/>\n"
		 "      <property name=\"verdict\" value=\"%s\"/>\n    </properties>\n",
		 tests, failures, v->unread_n, tests, failures, v->unread_n, skipped, PXB_VERSION,
		 verdict_name(v->verdict));
	unread_put(&j, out);
	for (size_t i = 0; i < j.cases_n; i++)
		case_put(&j, &j.cases[i], out);
	buf_addf(out, "    <system-out>%s: ", verdict_name(v->verdict));
	summary_put(v, out);
	buf_adds(out, "</system-out>\n  </testsuite>\n</testsuites>\n");
	return out->failed || arena_failed(&v->arena) ? err_nomem(err) : 0;
}
