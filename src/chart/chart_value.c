#include "chart/chart_value.h"

const struct chart_value_info chart_value_infos[VALUE_COUNT] = {
#define CHART_VALUE(name, key_, def_, hooks) [VALUE_##name] = {.key = (key_), .def = (def_), .reaches_hooks = (hooks)},
#include "chart/chart_values.def"
#undef CHART_VALUE
};

static const char *const names[KEY_END - VALUE_COUNT] = {
#define CHART_NAME(name, key) [KEY_##name - VALUE_COUNT] = (key),
#include "chart/chart_key_names.def"
};

const char *chart_value_name(unsigned id)
{
	return id < VALUE_COUNT ? chart_value_infos[id].key : names[id - VALUE_COUNT];
}
