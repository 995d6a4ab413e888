#include "chart/place.h"

static const struct chart_place rows[] = {
#define PLACE(value, env, kind, name, container, way, event, after) \
	{VALUE_##value, PLACE_##way, (env), (kind), (name), (container), (event), (after)},
#include "chart/places.def"
#undef PLACE
};

const struct chart_place *chart_place(size_t i)
{
	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const char *chart_env(enum chart_value value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].value == value)
			return rows[i].env;
	return NULL;
}

struct place_iter places_of(const struct release *r, enum chart_value value)
{
	return (struct place_iter){.release = r, .value = value, .object = SIZE_MAX};
}

static bool is_workload(const char *kind)
{
	return strcmp(kind, "Deployment") == 0 || strcmp(kind, "StatefulSet") == 0;
}

/* The pods of the row's object, so that others that are taken for them are found. */
static void begin_row(struct place_iter *it)
{
	const struct object *o =
		is_workload(it->place->kind) ? release_find(it->release, it->place->kind, it->place->name) : NULL;

	it->stand_ins = (struct stand_ins){0};
	if (o)
		stand_ins_of(it->release, o, &it->stand_ins);
}

static bool is_at(const struct place_iter *it, const struct object *o)
{
	return object_is(o, it->place->kind, it->place->name) ||
	       (it->stand_ins.original && !chart_knows(o) && stands_in(&it->stand_ins, o));
}

bool place_next(struct place_iter *it)
{
	for (; it->row < ARRAY_SIZE(rows); it->row++, it->object = SIZE_MAX) {
		if (rows[it->row].value != it->value)
			continue;
		it->place = &rows[it->row];
		if (it->object == SIZE_MAX)
			begin_row(it);
		while (++it->object < it->release->objects.n) {
			it->at = it->release->objects.v[it->object];
			if (!is_at(it, it->at))
				continue;
			it->container = object_container(it->release, it->at, it->place->container);
			return true;
		}
	}
	return false;
}

bool chart_knows(const struct object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (object_is(o, rows[i].kind, rows[i].name))
			return true;
	return false;
}

struct env_iter envs_of(const struct release *r, const char *name)
{
	return (struct env_iter){.release = r, .name = slice_str(name)};
}

bool env_next(struct env_iter *it)
{
	while (it->at < it->release->envs.n) {
		it->env = &it->release->envs.v[it->at++];
		if (slice_eq(it->env->name, it->name))
			return true;
	}
	return false;
}

const struct container *object_container(const struct release *r, const struct object *o, const char *name)
{
	const struct container *first = NULL;

	for (size_t i = o->containers_from; i < o->containers_to; i++) {
		const struct container *c = &r->containers.v[i];

		if (c->is_init)
			continue;
		if (name && slice_is(c->name, name))
			return c;
		if (!first)
			first = c;
	}
	return first;
}
