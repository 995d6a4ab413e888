#include "chart/chart_object.h"

const struct chart_object chart_objects[OBJECT_COUNT] = {
#define COMPONENT(id, kind, name, ...) [OBJECT_##id] = {kind, name},
#include "chart/components.def"
#define CHART_OBJECT(id, kind, name) [OBJECT_##id] = {kind, name},
#include "chart/chart_objects.def"
};

const struct object *chart_object_in(const struct release *r, enum chart_object_id id)
{
	return release_find(r, chart_objects[id].kind, chart_objects[id].name);
}

bool object_is_chart(const struct object *o, enum chart_object_id id)
{
	return object_is(o, chart_objects[id].kind, chart_objects[id].name);
}

/* What the chart renders in every installation and no other chart does. */
static const struct object *marked_object(const struct release *r)
{
	static const enum chart_object_id marks[] = {OBJECT_UI_CONFIG, OBJECT_PX_BACKUP, OBJECT_MYSQL,
						     OBJECT_POST_INSTALL};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const struct object *o = chart_object_in(r, marks[i]);

		if (o && o->source.n)
			return o;
	}
	return NULL;
}

const char *release_values_under(struct release *r)
{
	const struct object *o = marked_object(r);
	struct slice rest = o ? o->source : SLICE_EMPTY;
	struct buf path = BUF_TEXT;
	const char *under;
	size_t at;

	/* umbrella/charts/NAME/templates/...: the folder is named as the dependency is, by its alias if it has one */
	while ((at = slice_find(rest, "/charts/")) != SIZE_MAX && at < slice_find(rest, "/templates/")) {
		struct slice name = slice_from(rest, at + strlen("/charts/"));

		rest = name;
		rest = slice_from(rest, slice_chr(name, '/'));
		buf_addf(&path, "%s" SLICE_FMT, path.n ? "." : "", SLICE_ARG(slice_to(name, slice_chr(name, '/'))));
	}
	under = arena_str(&r->arena, buf_slice(&path));
	r->arena.failed |= path.failed;
	buf_release(&path);
	return under ? under : "";
}
