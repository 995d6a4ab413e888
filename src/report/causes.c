/*
 * causes.c: the findings of a view as causes, the most telling first. Every form asks here.
 */
#include "report/outline.h"

/* What is in no file is last. */
static int by_input(const char *a, const char *b)
{
	return !*a != !*b ? !*a - !*b : strcmp(a, b);
}

/* Findings of one cause and one label are neighbours; in a cause those of one file, in the order of the gate. */
static int by_cause(const void *pa, const void *pb)
{
	const struct view_finding *a = *(const struct view_finding *const *)pa,
				  *b = *(const struct view_finding *const *)pb;
	int closed_a = (a->expires != NULL) * 2 + a->patched, closed_b = (b->expires != NULL) * 2 + b->patched;
	int c = closed_a != closed_b ? closed_a - closed_b : strcmp(a->cause, b->cause);

	if (!c && !a->cause[0])
		c = strcmp(a->fingerprint, b->fingerprint);
	if (!c)
		c = by_input(a->input, b->input);
	return c ? c : (a > b) - (a < b);
}

static bool same_cause(const struct view_finding *a, const struct view_finding *b)
{
	return a->cause[0] && (a->expires != NULL) == (b->expires != NULL) && a->patched == b->patched &&
	       strcmp(a->cause, b->cause) == 0;
}

/* The deepest, then the gravest, then the first. */
static bool is_better(const struct view_finding *a, const struct view_finding *b)
{
	if (a->depth != b->depth)
		return a->depth > b->depth;
	return a->severity != b->severity ? a->severity > b->severity : a < b;
}

static void add_member(struct view_cause *c, const struct view_finding *f)
{
	c->n++;
	c->errors += f->severity == SEVERITY_ERROR;
	c->warnings += f->severity == SEVERITY_WARNING;
	if (!c->head || is_better(f, c->head))
		c->head = f;
	if (f->severity > c->severity)
		c->severity = f->severity;
}

/* Open ones first, then what explains most errors, most warnings, then the order of rules and of the gate. What the
   vendor's templates get wrong is last: no user can change it. */
static int by_weight(const void *pa, const void *pb)
{
	const struct view_cause *a = pa, *b = pb;
	bool closed_a = a->head->expires || a->head->patched, closed_b = b->head->expires || b->head->patched;

	if (a->head->chart_fault != b->head->chart_fault)
		return a->head->chart_fault ? 1 : -1;
	if (closed_a != closed_b)
		return closed_a ? 1 : -1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->errors != b->errors)
		return a->errors > b->errors ? -1 : 1;
	if (a->warnings != b->warnings)
		return a->warnings > b->warnings ? -1 : 1;
	if (a->head->rank != b->head->rank)
		return a->head->rank < b->head->rank ? -1 : 1;
	return (a->head > b->head) - (a->head < b->head);
}

static bool is_in_values_file(const struct view_finding *f)
{
	return !f->object && f->line && strcmp(f->rule, "values") == 0 && !input_is_option(f->input);
}

/* The options of one finding go together: a registry and its repository, storage and its class. */
static const char *joined_options(struct report_view *v, const struct view_finding *f)
{
	const char *all = NULL;

	for (size_t i = 0; i < f->fixes_n; i++) {
		bool known = !is_option(f->fixes[i]);

		for (size_t k = 0; k < i && !known; k++)
			known = strcmp(f->fixes[k], f->fixes[i]) == 0;
		if (!known)
			all = all ? arena_printf(&v->arena, "%s %s", all, f->fixes[i]) : f->fixes[i];
	}
	return all;
}

/* What to do about it, once. A line of a values file is put right there; else options that the reader can paste as they
   are go before those that leave a word open, and a sentence before these. */
static const char *fix_of(struct report_view *v, const struct view_cause *c)
{
	const struct view_finding *f = c->head;
	const char *sentence = NULL, *options = joined_options(v, f);
	bool closed = false;

	for (size_t i = 0; i < f->fixes_n; i++) {
		closed |= is_option(f->fixes[i]) && !option_is_open(f->fixes[i]);
		sentence = sentence || is_option(f->fixes[i]) ? sentence : f->fixes[i];
	}
	/* Another place may know the word. */
	for (size_t i = 0; i < c->n && !closed && options; i++)
		for (size_t k = 0; k < c->all[i]->fixes_n && !closed; k++)
			if (is_option(c->all[i]->fixes[k]) && !option_is_open(c->all[i]->fixes[k])) {
				options = c->all[i]->fixes[k];
				closed = true;
			}
	if (sentence && (is_in_values_file(f) || !closed))
		return sentence;
	return options ? options : "";
}

struct view_cause *view_causes(struct report_view *v, size_t *n)
{
	const struct view_finding **all = arena_alloc(&v->arena, v->findings_n * sizeof(*all) + 1);
	struct view_cause *causes = arena_alloc(&v->arena, v->findings_n * sizeof(*causes) + 1);

	*n = 0;
	if (!all || !causes)
		return NULL;
	for (size_t i = 0; i < v->findings_n; i++)
		all[i] = &v->findings[i];
	if (v->findings_n)
		qsort(all, v->findings_n, sizeof(*all), by_cause);
	for (size_t i = 0; i < v->findings_n; i++) {
		if (i == 0 || !same_cause(all[i - 1], all[i]))
			causes[(*n)++] = (struct view_cause){.all = &all[i]};
		add_member(&causes[*n - 1], all[i]);
	}
	for (size_t i = 0; i < *n; i++)
		causes[i].fix = fix_of(v, &causes[i]);
	if (*n)
		qsort(causes, *n, sizeof(*causes), by_weight);
	return causes;
}

const char *cause_label(const struct view_cause *c)
{
	return c->head->expires || c->head->patched ? finding_label(c->head) : severity_name(c->severity);
}

bool cause_is_open(const struct report_view *v, const struct view_cause *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (view_is_open(v, c->all[i]))
			return true;
	return false;
}
