/*
 * compare.c: facts of a chart against the tables, and against those of another chart.
 *
 * The tables decide what is wrong: what they have is at most a note, that something has changed since the other chart.
 */
#include "audit/chart.h"

struct compare {
	struct audit *a;
	const struct audit_options *o;
	size_t helms; /* sets of the chart come first, then as many of the other */
};

static bool set_has(const struct compare *c, size_t chart, size_t helm, const struct fact *f)
{
	return fact_find(c->a->charts.v[chart * c->helms + helm], f) != NULL;
}

/* Under how many of the Helms. */
static size_t count(const struct compare *c, size_t chart, const struct fact *f)
{
	size_t n = 0;

	for (size_t i = 0; i < c->helms; i++)
		n += set_has(c, chart, i, f);
	return n;
}

static void find(struct compare *c, const struct fact *f, bool gone, enum severity s, const char *since)
{
	const struct fact_info *info = &fact_infos[f->kind];
	const char *format = gone ? info->gone_text : info->new_text;
	struct audit_finding *to;
	size_t under = count(c, 0, f);
	const char *only = "";

	if (gone)
		under = c->helms - under;
	if (!*format)
		return;
	if (under < c->helms)
		for (size_t i = 0; i < c->helms; i++)
			if (set_has(c, 0, i, f) != gone)
				only = arena_printf(&c->a->arena, " (with %s only)", c->o->helms[i]);
	to = VEC_PUSH(&c->a->arena, c->a->findings);
	if (to)
		*to = (struct audit_finding){gone ? info->gone_kind : info->new_kind, s, f, gone,
					     arena_printf(&c->a->arena, "%s%s%s", fact_text(&c->a->arena, f, format),
							  since, only)};
}

/* What a table says of the key itself; without it nothing is said of its shape. */
static bool key_is_known(const struct compare *c, const struct fact *f)
{
	return fact_find(&c->a->tables, FACT_OF(KEY, f->v[0])) != NULL;
}

/* The same key with another default type in the other chart. */
static bool default_changed(const struct compare *c, const struct fact *f)
{
	const struct fact_set *old = c->o->against ? c->a->charts.v[c->helms] : NULL;

	for (size_t i = 0; old && i < old->v.n; i++)
		if (old->v.v[i].kind == FACT_DEFAULT && strcmp(old->v.v[i].v[0], f->v[0]) == 0)
			return strcmp(old->v.v[i].v[1], f->v[1]) != 0;
	return false;
}

static bool is_finding(const struct compare *c, const struct fact *f)
{
	switch (f->kind) {
	case FACT_DEFAULT:
		return default_changed(c, f);
	case FACT_SHAPE:
		return key_is_known(c, f);
	case FACT_EFFECT:
	case FACT_DATABASE:
		return false;
	default:
		return true;
	}
}

static enum severity severity_of(const struct fact *f, bool gone, bool is_new)
{
	const struct fact_info *info = &fact_infos[f->kind];
	enum severity s = audit_kinds[gone ? info->gone_kind : info->new_kind].severity;

	if (f->kind == FACT_RENDER && strcmp(f->more, "absent") == 0)
		return SEVERITY_NOTE; /* the chart refuses, which is one way to deal with it */
	if (f->kind == FACT_DEMAND && is_new)
		return SEVERITY_WARNING;
	if (f->kind == FACT_DEFAULT)
		return SEVERITY_WARNING;
	return s;
}

static void add_new(struct compare *c, const struct fact *f)
{
	bool known = fact_find(&c->a->tables, f), was = c->o->against && count(c, 1, f), is_new = c->o->against && !was;
	const char *since = is_new ? arena_printf(&c->a->arena, " (not in %s)", c->a->old_version) : "";

	if (!is_finding(c, f))
		return;
	if (!known)
		find(c, f, false, severity_of(f, false, is_new), since);
	else if (is_new && f->kind != FACT_SHAPE) /* of a key that is new, or known in both shapes */
		find(c, f, false, SEVERITY_NOTE, since);
}

/* Whether the renders of this run could have shown it. */
static bool is_judged(const struct compare *c, const struct fact *f)
{
	switch (f->kind) {
	case FACT_PLACE:
	case FACT_FIELD:
	case FACT_EFFECT:
	case FACT_IN_HOOKS:
		for (unsigned v = 0; v < VALUE_COUNT; v++)
			if (strcmp(audit_value_name((enum chart_value)v), f->v[0]) == 0)
				return c->o->variants_n == 0 && audit_wants_value(c->o, (enum chart_value)v);
		return false;
	case FACT_KEY:
		return strcmp(f->more, "template") != 0;
	default:
		return c->o->variants_n == 0;
	}
}

/* A value that does nothing reaches no hook either: one finding says it. */
static bool is_dead(const struct compare *c, const struct fact *f)
{
	return f->kind == FACT_IN_HOOKS &&
	       count(c, 0, &(struct fact){.kind = FACT_EFFECT, .v = {f->v[0], f->v[1]}}) < c->helms;
}

static void add_gone(struct compare *c, const struct fact *f)
{
	bool was = c->o->against && count(c, 1, f);
	const char *since = was ? arena_printf(&c->a->arena, " (in %s it was)", c->a->old_version) : "";

	if (f->kind == FACT_SHAPE || f->kind == FACT_DEFAULT || !is_judged(c, f) || is_dead(c, f))
		return;
	find(c, f, true, severity_of(f, true, false), since);
}

/* Gone from the other chart, and in no table. */
static void add_lost(struct compare *c, const struct fact *f)
{
	if (f->kind == FACT_SHAPE || f->kind == FACT_DEFAULT || fact_find(&c->a->tables, f) || !is_judged(c, f))
		return;
	find(c, f, true, SEVERITY_NOTE, arena_printf(&c->a->arena, " (in %s it was)", c->a->old_version));
}

static int by_importance(const void *pa, const void *pb)
{
	const struct audit_finding *a = pa, *b = pb;
	int c = (int)b->severity - (int)a->severity;

	if (!c)
		c = (int)a->kind - (int)b->kind;
	return c ? c : strcmp(a->message, b->message);
}

static bool is_first_with(const struct compare *c, size_t chart, size_t helm, const struct fact *f)
{
	for (size_t i = 0; i < helm; i++)
		if (set_has(c, chart, i, f))
			return false;
	return true;
}

static bool all_have(const struct compare *c, const struct fact *f)
{
	return count(c, 0, f) == c->helms;
}

static void mark_run(struct compare *c)
{
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		const struct fact_info *info = &fact_infos[i];
		bool whole = c->o->variants_n == 0;

		c->a->ran[info->new_kind] = true;
		if (info->gone_kind != info->new_kind)
			c->a->ran[info->gone_kind] |= whole || i == FACT_KEY;
	}
	c->a->ran[KIND_VALUE_DEAD] = c->a->ran[KIND_DATABASE_MOVED] = c->o->variants_n == 0;
}

int audit_compare(struct audit *a, const struct audit_options *o, struct err *err)
{
	struct compare c = {a, o, o->helms_n};

	for (size_t h = 0; h < c.helms; h++)
		for (size_t i = 0; i < a->charts.v[h]->v.n; i++)
			if (is_first_with(&c, 0, h, &a->charts.v[h]->v.v[i]))
				add_new(&c, &a->charts.v[h]->v.v[i]);
	for (size_t i = 0; i < a->tables.v.n; i++)
		if (!all_have(&c, &a->tables.v.v[i]))
			add_gone(&c, &a->tables.v.v[i]);
	for (size_t h = 0; h < c.helms && o->against; h++)
		for (size_t i = 0; i < a->charts.v[c.helms + h]->v.n; i++)
			if (is_first_with(&c, 1, h, &a->charts.v[c.helms + h]->v.v[i]) &&
			    !all_have(&c, &a->charts.v[c.helms + h]->v.v[i]))
				add_lost(&c, &a->charts.v[c.helms + h]->v.v[i]);
	mark_run(&c);
	if (a->findings.n)
		qsort(a->findings.v, a->findings.n, sizeof(*a->findings.v), by_importance);
	return arena_status(&a->arena, err);
}
