/*
 * chart_object.h: the chart's objects by id: the workloads of components.def and the rows of chart_objects.def. Who
 * looks for one says which, and its kind and its name stand in the table alone.
 */
#ifndef PXB_CHART_CHART_OBJECT_H
#define PXB_CHART_CHART_OBJECT_H

#include "kube/release.h"

enum chart_object_id {
#define COMPONENT(id, ...) OBJECT_##id,
#include "chart/components.def"
#define CHART_OBJECT(id, kind, name) OBJECT_##id,
#include "chart/chart_objects.def"
	OBJECT_COUNT
};

struct chart_object {
	const char *kind, *name;
};

extern const struct chart_object chart_objects[OBJECT_COUNT];

/* NULL: the release has none. */
const struct object *chart_object_in(const struct release *r, enum chart_object_id id);
bool object_is_chart(const struct object *o, enum chart_object_id id);

/* Where the values of px-central are in those of the chart that was rendered: "" when it is px-central itself,
   "px-central" or its alias when it is a dependency ("platform.px-central" of a dependency). Told by the template
   files, in the release's arena; "" where the stream does not name them. */
const char *release_values_under(struct release *r);

static inline const char *chart_object_name(enum chart_object_id id)
{
	return chart_objects[id].name;
}

#endif
