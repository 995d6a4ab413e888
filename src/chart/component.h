/*
 * component.h: the workloads of px-central as a table (components.def): what starts after what, and what appears only
 * at run time.
 */
#ifndef PXB_CHART_COMPONENT_H
#define PXB_CHART_COMPONENT_H

#include "base/slice.h"

enum component_flags { COMPONENT_REQUIRED = 1, COMPONENT_TELEMETRY = 2, COMPONENT_OPERATOR = 4 };

enum component_id {
#define COMPONENT(id, ...) COMPONENT_ID_##id,
#include "chart/components.def"
	COMPONENT_COUNT
};

struct chart_component {
	const char *kind, *name, *group;
	const char *after; /* names, separated by blanks */
	unsigned flags;	   /* enum component_flags */
	const char *first, *last;
};

extern const struct chart_component chart_components[COMPONENT_COUNT];

/* NULL: the chart has no such workload. */
const struct chart_component *component_find(const char *kind, struct slice name);

enum made_by { MADE_BY_NOBODY, MADE_BY_HOOK, MADE_BY_POST_INSTALL, MADE_BY_REGISTRATION };

struct runtime_object {
	const char *kind, *name;
	const char *key; /* "": the object itself comes later */
	enum made_by by;
};

/* NULL: nothing makes it at run time. `key` may be empty. */
const struct runtime_object *runtime_object_find(const char *kind, struct slice name, struct slice key);

#endif
