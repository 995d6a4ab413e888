/*
 * tables.c: the tables of src/chart and known.def as facts.
 */
#include "audit/chart.h"
#include "chart/component.h"
#include "chart/place.h"
#include "values/values_keys.h"

static const char *const value_names[VALUE_COUNT] = {
#define CHART_VALUE(name, key, def, hooks) [VALUE_##name] = #name,
#include "chart/chart_values.def"
#undef CHART_VALUE
};

static const char *const shape_names[] = {"ONE", "MAP", "LIST", "FREE"};

const char *audit_value_name(enum chart_value v)
{
	return value_names[v];
}

const char *audit_shape_name(enum key_shape s)
{
	return shape_names[s];
}

static const struct fact rows[] = {
#define DATABASE(kind_, name_, volume, container, data, settings) \
	{.kind = FACT_DATABASE, .v = {kind_, name_, volume, container, data}},
#include "chart/databases.def"
#undef DATABASE
#define KNOWN_CLAIM(way, kind_, name, claim)	       {.kind = FACT_CLAIM, .v = {kind_, name, claim, #way}},
#define KNOWN_FIELD(value, kind_, name, path)	       {.kind = FACT_FIELD, .v = {#value, kind_, name, path}},
#define KNOWN_SECRET(name)			       {.kind = FACT_SECRET, .v = {name}},
#define KNOWN_SWITCH(env)			       {.kind = FACT_SWITCH, .v = {env}},
#define KNOWN_HOOK(kind_, name, events)		       {.kind = FACT_HOOK, .v = {kind_, name, events}},
#define KNOWN_BINDING(kind_, name, role, its, subject) {.kind = FACT_BINDING, .v = {kind_, name, role, its, subject}},
#include "audit/known.def"
};

static const struct fact rights[] = {
#define KNOWN_RIGHT(kind_, name, group, resource, verbs) \
	{.kind = FACT_RBAC, .v = {kind_, name, group, resource, verbs}},
#include "audit/known.def"
	{.kind = FACT_COUNT},
};

static void add_values(struct fact_set *s)
{
	const struct chart_place *p;

	for (unsigned i = 0; i < VALUE_COUNT; i++) {
		fact_add(s, FACT_OF(EFFECT, value_names[i], chart_value_infos[i].key));
		if (chart_value_infos[i].reaches_hooks)
			fact_add(s, FACT_OF(IN_HOOKS, value_names[i], chart_value_infos[i].key));
	}
	for (size_t i = 0; (p = chart_place(i)); i++)
		fact_add(s, &(struct fact){.kind = FACT_PLACE,
					   .v = {value_names[p->value], p->env, p->kind, p->name, p->container,
						 p->way == PLACE_ENV ? "ENV" : "FROM"},
					   .more = chart_value_infos[p->value].key});
}

/* What an operator makes is in no render. */
static void add_components(struct fact_set *s)
{
	for (unsigned i = 0; i < COMPONENT_COUNT; i++)
		if (!(chart_components[i].flags & COMPONENT_OPERATOR))
			fact_add(s, FACT_OF(WORKLOAD, chart_components[i].kind, chart_components[i].name));
}

static void add_keys(struct fact_set *s)
{
	for (size_t i = 0; i < every_known_key.n; i++) {
		const struct chart_key *k = &every_known_key.v[i];

		fact_add(s,
			 &(struct fact){.kind = FACT_KEY, .v = {k->path}, .more = k->template_only ? "template" : ""});
		fact_add(s, FACT_OF(SHAPE, k->path, shape_names[k->shape]));
	}
}

static void add_rights(struct fact_set *s)
{
	for (size_t i = 0; rights[i].kind != FACT_COUNT; i++) {
		struct slice rest = slice_str(rights[i].v[4]);

		while (rest.p) {
			struct fact f = rights[i];

			f.v[4] = arena_str(&s->arena, slice_cut(rest, ' ', &rest));
			fact_add(s, &f);
		}
	}
}

static void add_row(struct fact_set *s, struct fact row)
{
	for (unsigned v = 0; row.kind == FACT_FIELD && v < VALUE_COUNT; v++)
		if (strcmp(value_names[v], row.v[0]) == 0)
			row.more = chart_value_infos[v].key;
	fact_add(s, &row);
}

int facts_of_tables(struct fact_set *s, struct err *err)
{
	add_values(s);
	add_components(s);
	add_keys(s);
	add_rights(s);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_row(s, rows[i]);
	return arena_status(&s->arena, err);
}
