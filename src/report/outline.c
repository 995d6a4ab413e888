#include "report/outline.h"

bool is_option(const char *fix)
{
	return fix[0] == '-' && fix[1] == '-';
}

bool option_is_open(const char *fix)
{
	struct slice rest = slice_str(fix);

	for (size_t at; (at = slice_find(rest, "=" FIX_BLANK)) != SIZE_MAX;) {
		rest = slice_from(rest, at + strlen("=" FIX_BLANK));
		if (!rest.n || rest.p[0] == ' ')
			return true;
	}
	return false;
}

bool input_is_stdin(const char *input)
{
	return input[0] == '\0' || strcmp(input, "<stdin>") == 0;
}

bool input_is_option(const char *input)
{
	return strncmp(input, "--set", 5) == 0;
}

const char *finding_label(const struct view_finding *f)
{
	return f->expires ? "excepted" : f->patched ? "patched" : severity_name(f->severity);
}

int view_object_compare(const struct view_object *a, const struct view_object *b)
{
	int c;

	if (!a || !b)
		return (a != NULL) - (b != NULL);
	c = strcmp(a->kind, b->kind);
	if (!c)
		c = strcmp(a->name, b->name);
	if (!c)
		c = strcmp(a->ns, b->ns);
	return c ? c : strcmp(a->api_version, b->api_version);
}

/* Open ones first, then by severity, rule, and the order of the gate. */
static int by_importance(const void *pa, const void *pb)
{
	const struct view_finding *a = *(const struct view_finding *const *)pa,
				  *b = *(const struct view_finding *const *)pb;
	int closed = (a->expires || a->patched) - (b->expires || b->patched), c;

	if (closed)
		return closed;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	c = a->rank == RULE_COUNT ? strcmp(a->rule, b->rule) : 0;
	return c ? c : (a > b) - (a < b);
}

const struct view_finding **view_by_importance(struct report_view *v)
{
	const struct view_finding **all = arena_alloc(&v->arena, v->findings_n * sizeof(*all) + 1);

	for (size_t i = 0; all && i < v->findings_n; i++)
		all[i] = &v->findings[i];
	if (all && v->findings_n)
		qsort(all, v->findings_n, sizeof(*all), by_importance);
	return all;
}

/* --- options --------------------------------------------------------------------------------------------------- */

static void add_option(struct view_options *o, const char *text)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i], text) == 0)
			return;
	if (o->n == OPTIONS_MAX)
		o->more = true;
	else
		o->v[o->n++] = text;
}

/* "--set a=NAME" says nothing where another finding knows the word. */
static void drop_open_options(struct view_options *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		struct slice key = slice_to(slice_str(o->v[i]), slice_chr(slice_str(o->v[i]), '=') + 1);
		bool known = false;

		for (size_t k = 0; k < o->n && option_is_open(o->v[i]); k++)
			known |= slice_eq(slice_to(slice_str(o->v[k]), key.n), key) && !option_is_open(o->v[k]);
		if (!known)
			o->v[n++] = o->v[i];
	}
	o->n = n;
}

static void add_options(struct view_options *o, const struct view_finding *f)
{
	for (size_t i = 0; i < f->fixes_n; i++)
		if (is_option(f->fixes[i]))
			add_option(o, f->fixes[i]);
}

void view_patched_options(const struct report_view *v, struct view_options *o)
{
	*o = (struct view_options){.n = 0};
	for (size_t i = 0; i < v->findings_n; i++)
		if (v->findings[i].patched)
			add_options(o, &v->findings[i]);
}

void view_open_options(const struct report_view *v, struct view_options *o)
{
	*o = (struct view_options){.n = 0};
	for (size_t i = 0; i < v->findings_n; i++)
		if (view_is_open(v, &v->findings[i]))
			add_options(o, &v->findings[i]);
	drop_open_options(o);
}

/* --- counts ---------------------------------------------------------------------------------------------------- */

void count_put(size_t n, const char *what, struct buf *out)
{
	buf_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

struct view_counts view_count(const struct report_view *v)
{
	struct view_counts c = {0};

	for (size_t i = 0; i < v->findings_n; i++) {
		const struct view_finding *f = &v->findings[i];

		if (f->expires)
			c.excepted++;
		else if (f->patched)
			c.patched++;
		else if (f->chart_fault)
			c.chart_faults++;
		else if (f->severity == SEVERITY_ERROR)
			c.errors++;
		else if (f->severity == SEVERITY_WARNING)
			c.warnings++;
		else
			c.notes++;
	}
	return c;
}

void label_count_put(size_t n, const char *label, struct buf *out)
{
	enum severity s;

	if (severity_parse(slice_str(label), &s))
		count_put(n, label, out);
	else
		buf_addf(out, "%zu %s", n, label);
}

/* "2 causes (7 errors)", "7 errors" where each is a cause of its own. */
static void caused_put(size_t causes, size_t n, const char *what, struct buf *out)
{
	if (causes == n) {
		count_put(n, what, out);
		return;
	}
	count_put(causes, "cause", out);
	buf_adds(out, " (");
	count_put(n, what, out);
	buf_addc(out, ')');
}

/* A cause counts where it is gravest: its warnings go with its errors. */
struct cause_counts {
	size_t errors, warnings;
};

static struct cause_counts count_causes(struct report_view *v)
{
	struct cause_counts n = {0};
	size_t causes_n;
	const struct view_cause *causes = view_causes(v, &causes_n);

	for (size_t i = 0; causes && i < causes_n; i++) {
		if (causes[i].head->expires || causes[i].head->patched)
			continue;
		n.errors += causes[i].errors > 0;
		n.warnings += !causes[i].errors && causes[i].warnings;
	}
	return n;
}

/* "2 causes (7 errors), 1 warning": only what there is. */
static void counts_put(struct report_view *v, const struct view_counts *c, const char *sep, struct buf *out)
{
	struct cause_counts causes = count_causes(v);

	if (c->errors) {
		buf_adds(out, sep);
		caused_put(causes.errors, c->errors, "error", out);
		sep = ", ";
	}
	if (c->warnings) {
		buf_adds(out, sep);
		if (causes.warnings && causes.warnings != c->warnings) {
			count_put(causes.warnings, "warning", out);
			buf_addf(out, " (%zu places)", c->warnings);
		} else {
			count_put(c->warnings, "warning", out);
		}
		sep = ", ";
	}
	if (c->notes) {
		buf_adds(out, sep);
		count_put(c->notes, "note", out);
		sep = ", ";
	}
	if (c->excepted) {
		buf_addf(out, "%s%zu excepted", sep, c->excepted);
		sep = ", ";
	}
	if (c->chart_faults) {
		buf_adds(out, sep);
		count_put(c->chart_faults, "known chart fault", out);
	}
}

/* "2 inputs not read, 1 error": what the verdict rests on. */
static void reasons_put(struct report_view *v, const struct view_counts *c, struct buf *out)
{
	const char *sep = "";

	if (v->unread_n) {
		count_put(v->unread_n, "input", out);
		buf_adds(out, " not read");
		sep = ", ";
	}
	counts_put(v, c, sep, out);
}

/* "72 objects": what the verdict is about. */
static void subject_put(const struct report_view *v, struct buf *out)
{
	if (v->values_files)
		count_put(v->values_files, "values file", out);
	else
		count_put(v->objects, v->counted ? v->counted : "object", out);
}

void summary_put(struct report_view *v, struct buf *out)
{
	struct view_counts c = view_count(v);

	switch (v->verdict) {
	case VERDICT_COMPLIANT:
		subject_put(v, out);
		counts_put(v, &c, ", ", out);
		break;
	case VERDICT_PATCHED:
		count_put(v->edits_n, "change", out);
		buf_addf(out, " in %zu of ", patched_objects(v));
		subject_put(v, out);
		counts_put(v, &c, ", ", out);
		break;
	case VERDICT_REFUSED:
		reasons_put(v, &c, out);
		buf_adds(out, " in ");
		subject_put(v, out);
		break;
	case VERDICT_UNREADABLE:
		reasons_put(v, &c, out);
		buf_adds(out, " in ");
		if (v->kinds)
			subject_put(v, out);
		else
			count_put(v->documents, "document", out);
		break;
	}
}
