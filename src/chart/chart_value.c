#include "chart/chart_value.h"

const struct chart_value_info chart_value_infos[VALUE_COUNT] = {
#define CHART_VALUE(name, key_, def_, hooks) [VALUE_##name] = {.key = (key_), .def = (def_), .reaches_hooks = (hooks)},
#include "chart/chart_values.def"
#undef CHART_VALUE
};
