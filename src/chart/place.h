/*
 * place.h: what px-central is, as tables, and the places of a release where the chart writes a switch.
 *
 * Takes a release; gives its places by name. Never checks. Everything borrows the release.
 */
#ifndef PXB_CHART_PLACE_H
#define PXB_CHART_PLACE_H

#include "chart/chart_value.h"
#include "kube/release.h"

enum place_way { PLACE_ENV, PLACE_FROM };

struct chart_place {
	enum chart_value value;
	enum place_way way;
	const char *env;
	const char *kind, *name, *container;
	const char *event; /* of Helm; NULL for an object that stays */
	const char *after; /* the entry that the chart writes before it; NULL: the last one */
};

/* Walks the places of a value that the release has: each object of that kind and name, and each workload whose pods
   are taken for its own. */
struct place_iter {
	const struct release *release;
	enum chart_value value;
	size_t row, object;
	struct stand_ins stand_ins;
	const struct chart_place *place; /* what place_next() found: */
	const struct object *at;
	const struct container *container; /* by name, else its first one; NULL when it has none */
};

struct place_iter places_of(const struct release *r, enum chart_value value);
bool place_next(struct place_iter *it);

/* An object that the table names. */
bool chart_knows(const struct object *o);

/* The name of the switch that hands a value to a container. */
const char *chart_env(enum chart_value value);

/* The table. */
const struct chart_place *chart_place(size_t i); /* NULL behind the last */

/* Walks the env entries of one name, wherever they are. */
struct env_iter {
	const struct release *release;
	struct slice name;
	size_t at;
	const struct env_var *env;
};

struct env_iter envs_of(const struct release *r, const char *name);
bool env_next(struct env_iter *it);

/* The container of an object by name, else its first one that is not an init container; NULL if it has none. */
const struct container *object_container(const struct release *r, const struct object *o, const char *name);

#endif
