/*
 * differ.c: what a value changes: the differences of two renders that differ in it alone.
 */
#include "audit/chart.h"
#include "chart/place.h"

/* What differs between two renders of the same. */
struct random {
	VEC(const struct seen_object *) objects;
	VEC(const struct seen_env *) envs;
};

struct effect {
	struct plan *p;
	struct fact_set *facts;
	const struct random *random;
	enum chart_value value;
	bool in_places; /* the value has rows in places.def */
};

static bool object_is_random(const struct random *r, const struct seen_object *o)
{
	for (size_t i = 0; i < r->objects.n; i++)
		if (seen_object_compare(r->objects.v[i], o) == 0)
			return true;
	return false;
}

static bool env_is_random(const struct random *r, const struct seen_env *e)
{
	for (size_t i = 0; i < r->envs.n; i++)
		if (seen_env_compare(r->envs.v[i], e) == 0)
			return true;
	return false;
}

/* --- two sorted lists -------------------------------------------------------------------------------------------- */

typedef void (*object_fn)(void *context, const struct seen_object *a, const struct seen_object *b);
typedef void (*env_fn)(void *context, const struct seen_env *a, const struct seen_env *b);

/* Calls fn for each object that differs; one side is NULL where it is missing. */
static void each_object(const struct seen *a, const struct seen *b, object_fn fn, void *context)
{
	for (size_t i = 0, k = 0; i < a->objects.n || k < b->objects.n;) {
		const struct seen_object *x = i < a->objects.n ? &a->objects.v[i] : NULL,
					 *y = k < b->objects.n ? &b->objects.v[k] : NULL;
		int c = !x ? 1 : !y ? -1 : seen_object_compare(x, y);

		if (c)
			fn(context, c < 0 ? x : NULL, c < 0 ? NULL : y);
		else if (x->digest != y->digest || x->hook != y->hook)
			fn(context, x, y);
		i += c <= 0;
		k += c >= 0;
	}
}

static void each_env(const struct seen *a, const struct seen *b, env_fn fn, void *context)
{
	for (size_t i = 0, k = 0; i < a->envs.n || k < b->envs.n;) {
		const struct seen_env *x = i < a->envs.n ? &a->envs.v[i] : NULL,
				      *y = k < b->envs.n ? &b->envs.v[k] : NULL;
		int c = !x ? 1 : !y ? -1 : seen_env_compare(x, y);

		if (c)
			fn(context, c < 0 ? x : NULL, c < 0 ? NULL : y);
		else if (x->digest != y->digest)
			fn(context, x, y);
		i += c <= 0;
		k += c >= 0;
	}
}

/* --- what is random ---------------------------------------------------------------------------------------------- */

struct random_into {
	struct arena *arena;
	struct random *random;
};

static void random_object(void *context, const struct seen_object *a, const struct seen_object *b)
{
	struct random_into *r = context;
	const struct seen_object **to = VEC_PUSH(r->arena, r->random->objects);

	if (to)
		*to = a ? a : b;
}

static void random_env(void *context, const struct seen_env *a, const struct seen_env *b)
{
	struct random_into *r = context;
	const struct seen_env **to = VEC_PUSH(r->arena, r->random->envs);

	if (to)
		*to = a ? a : b;
}

static void find_random(struct plan *p, struct random *random)
{
	struct random_into into = {&p->arena, random};

	for (size_t i = 0; i < p->bases.n; i++) {
		const struct seen *a = &p->renders.v[p->bases.v[i]].seen, *b = &p->renders.v[p->again.v[i]].seen;

		if (a->error || b->error)
			continue;
		each_object(a, b, random_object, &into);
		each_env(a, b, random_env, &into);
	}
}

/* --- what a value changes ---------------------------------------------------------------------------------------- */

static void note_object(void *context, const struct seen_object *a, const struct seen_object *b)
{
	struct effect *e = context;
	const struct seen_object *one = a ? a : b;
	struct fact f = {.kind = FACT_EFFECT, .v = {audit_value_name(e->value), chart_value_infos[e->value].key}};

	if (!one || object_is_random(e->random, one))
		return;
	f.object_kind = one->kind;
	f.object_name = one->name;
	f.source = one->source;
	fact_add(e->facts, &f);
	f.kind = FACT_IN_HOOKS;
	if ((a && a->hook) || (b && b->hook))
		fact_add(e->facts, &f);
}

static bool has_row(enum chart_value v, const char *env)
{
	const struct chart_place *p;

	for (size_t i = 0; (p = chart_place(i)); i++)
		if (p->value == v && (!env || strcmp(p->env, env) == 0))
			return true;
	return false;
}

/* An entry that comes and goes with its object says nothing. */
static bool has_object(const struct seen *s, const struct seen_env *e)
{
	for (size_t i = 0; i < s->objects.n; i++)
		if (strcmp(s->objects.v[i].kind, e->kind) == 0 && strcmp(s->objects.v[i].name, e->name) == 0)
			return true;
	return false;
}

/* An env entry or a key of a ConfigMap that is a place of the value is told as one. */
static bool is_place(const struct fact_set *facts, const char *value, const char *path)
{
	for (size_t i = 0; i < facts->v.n; i++) {
		const struct fact *f = &facts->v.v[i];
		const char *at = f->kind == FACT_PLACE && strcmp(f->v[0], value) == 0 ? strstr(path, f->v[1]) : NULL;
		size_t n = strlen(f->v[1]);

		if (at && at > path && ((at[-1] == '[' && at[n] == ']') || (at[-1] == '.' && !at[n])))
			return true;
	}
	return false;
}

static void note_field(struct effect *e, const struct seen_object *o, const char *path)
{
	if (!is_place(e->facts, audit_value_name(e->value), path))
		fact_add(e->facts, &(struct fact){.kind = FACT_FIELD,
						  .v = {audit_value_name(e->value), o->kind, o->name, path},
						  .more = chart_value_infos[e->value].key,
						  .object_kind = o->kind,
						  .object_name = o->name,
						  .source = o->source,
						  .event = o->event,
						  .path = path});
}

struct field_effect {
	struct effect *effect;
	const struct seen *a, *b;
};

static void note_fields(void *context, const struct seen_object *a, const struct seen_object *b)
{
	struct field_effect *w = context;
	const struct seen_object *one = a ? a : b;

	if (!one || object_is_random(w->effect->random, one))
		return;
	if (!a || !b) {
		note_field(w->effect, one, "the object");
		return;
	}
	for (size_t i = a->leaves_from, k = b->leaves_from; i < a->leaves_to || k < b->leaves_to;) {
		const struct seen_leaf *x = i < a->leaves_to ? &w->a->leaves.v[i] : NULL,
				       *y = k < b->leaves_to ? &w->b->leaves.v[k] : NULL;
		int c = !x ? 1 : !y ? -1 : strcmp(x->path, y->path);
		const struct seen_leaf *leaf = c > 0 ? y : x;

		if (leaf && (c || x->digest != y->digest))
			note_field(w->effect, one, leaf->path);
		i += c <= 0;
		k += c >= 0;
	}
}

struct env_effect {
	struct effect *effect;
	const struct seen *a, *b;
};

static void note_env(void *context, const struct seen_env *a, const struct seen_env *b)
{
	struct env_effect *w = context;
	struct effect *e = w->effect;
	const struct seen_env *one = a ? a : b;
	bool looks = (a && a->is_switch) || (b && b->is_switch);

	if (!one || env_is_random(e->random, one))
		return;
	if (!has_row(e->value, one->env) &&
	    (!looks || !chart_value_is_switch(e->value) || !has_object(w->a, one) || !has_object(w->b, one)))
		return;
	fact_add(e->facts, &(struct fact){.kind = FACT_PLACE,
					  .v = {audit_value_name(e->value), one->env, one->kind, one->name,
						one->container, one->from ? "FROM" : "ENV"},
					  .more = chart_value_infos[e->value].key,
					  .object_kind = one->kind,
					  .object_name = one->name,
					  .source = one->source,
					  .event = one->event,
					  .path = one->container});
}

int differ(struct plan *p, struct fact_set *facts, struct err *err)
{
	struct random random = {{NULL, 0, 0}, {NULL, 0, 0}};

	find_random(p, &random);
	for (size_t i = 0; i < p->pairs.n; i++) {
		const struct pair *pair = &p->pairs.v[i];
		const struct seen *a = &p->renders.v[pair->a].seen, *b = &p->renders.v[pair->b].seen;
		struct effect e = {p, facts, &random, pair->value, has_row(pair->value, NULL)};
		struct env_effect w = {&e, a, b};
		struct field_effect fields = {&e, a, b};

		if (a->error || b->error)
			continue;
		each_object(a, b, note_object, &e);
		if (!e.in_places)
			continue;
		each_env(a, b, note_env, &w);
		each_object(a, b, note_fields, &fields);
	}
	return arena_status(&p->arena, err) < 0 ? err->status : arena_status(&facts->arena, err);
}
