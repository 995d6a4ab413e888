#include "report/outline.h"

bool is_option(const char *fix)
{
	return fix[0] == '-' && fix[1] == '-';
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

/* "4 errors, 1 warning": only what there is. */
static void counts_put(const struct view_counts *c, const char *sep, struct buf *out)
{
	const struct {
		size_t n;
		const char *what;
	} parts[] = {{c->errors, "error"}, {c->warnings, "warning"}, {c->notes, "note"}};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i].n)
			continue;
		buf_adds(out, sep);
		count_put(parts[i].n, parts[i].what, out);
		sep = ", ";
	}
	if (c->excepted)
		buf_addf(out, "%s%zu excepted", sep, c->excepted);
}

/* "2 inputs not read, 1 error": what the verdict rests on. */
static void reasons_put(const struct report_view *v, const struct view_counts *c, struct buf *out)
{
	const char *sep = "";

	if (v->unread_n) {
		count_put(v->unread_n, "input", out);
		buf_adds(out, " not read");
		sep = ", ";
	}
	counts_put(c, sep, out);
}

void summary_put(struct report_view *v, struct buf *out)
{
	struct view_counts c = view_count(v);

	switch (v->verdict) {
	case VERDICT_COMPLIANT:
		count_put(v->objects, "object", out);
		counts_put(&c, ", ", out);
		break;
	case VERDICT_PATCHED:
		count_put(v->edits_n, "change", out);
		buf_addf(out, " in %zu of ", patched_objects(v));
		count_put(v->objects, "object", out);
		counts_put(&c, ", ", out);
		break;
	case VERDICT_REFUSED:
		reasons_put(v, &c, out);
		buf_adds(out, " in ");
		count_put(v->objects, "object", out);
		break;
	case VERDICT_UNREADABLE:
		reasons_put(v, &c, out);
		buf_adds(out, " in ");
		count_put(v->documents, "document", out);
		break;
	}
}
