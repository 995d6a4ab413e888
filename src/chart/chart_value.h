/*
 * chart_value.h: the values of the chart that pxb-fed checks, and what they reach.
 */
#ifndef PXB_CHART_CHART_VALUE_H
#define PXB_CHART_CHART_VALUE_H

#include "base/setup.h"

enum chart_value {
#define CHART_VALUE(name, key, def, hooks) VALUE_##name,
#include "chart/chart_values.def"
#undef CHART_VALUE
	VALUE_COUNT
};

struct chart_value_info {
	const char *key; /* "pxbackup.federated" */
	const char *def; /* the chart's default as text, "" for none */
	bool reaches_hooks;
};

extern const struct chart_value_info chart_value_infos[VALUE_COUNT];

/* Keys that are no row of chart_values.def: their numbers go on from there. */
enum chart_name {
	KEY_BEFORE = VALUE_COUNT - 1,
#define CHART_NAME(name, key) KEY_##name,
#include "chart/chart_key_names.def"
	KEY_END
};

/* The text of a VALUE_ or a KEY_. */
const char *chart_value_name(unsigned id);

/* Whether it is a boolean. */
static inline bool chart_value_is_switch(enum chart_value v)
{
	const char *def = chart_value_infos[v].def;

	return strcmp(def, "true") == 0 || strcmp(def, "false") == 0;
}

#endif
