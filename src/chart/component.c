#include "chart/component.h"

const struct chart_component chart_components[COMPONENT_COUNT] = {
#define COMPONENT(id, ...) [COMPONENT_ID_##id] = {__VA_ARGS__},
#include "chart/components.def"
};

static const struct runtime_object runtime_objects[] = {
#define RUNTIME_OBJECT(...) {__VA_ARGS__},
#include "chart/components.def"
};

const struct chart_component *component_find(const char *kind, struct slice name)
{
	for (size_t i = 0; i < COMPONENT_COUNT; i++)
		if (slice_is(name, chart_components[i].name) && strcmp(kind, chart_components[i].kind) == 0)
			return &chart_components[i];
	return NULL;
}

const struct runtime_object *runtime_object_find(const char *kind, struct slice name, struct slice key)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtime_objects); i++) {
		const struct runtime_object *o = &runtime_objects[i];

		if (strcmp(kind, o->kind) == 0 && slice_is(name, o->name) &&
		    (!key.n || !*o->key || slice_is(key, o->key)))
			return o;
	}
	return NULL;
}
