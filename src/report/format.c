/*
 * format.c: the table of formats.
 */
#include "report/format.h"

#define REPORT_FORMAT(name, help) {#name, (help), view_to_##name},
const struct report_format report_formats[] = {
#include "report/formats.def"
};
#undef REPORT_FORMAT
const size_t report_formats_n = ARRAY_SIZE(report_formats);

#define REPORT_FORMAT(name, help) "|" #name
const char report_format_choices[] =
#include "report/formats.def"
	;
#undef REPORT_FORMAT

const struct report_format *report_format_find(struct slice name)
{
	for (size_t i = 0; i < report_formats_n; i++)
		if (slice_is(name, report_formats[i].name))
			return &report_formats[i];
	return NULL;
}
