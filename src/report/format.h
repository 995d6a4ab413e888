/*
 * format.h: the renderers. Internal to src/report; commands see report_formats[].
 *
 * Each appends the whole report to `out`. A view holds text of manifests: a renderer escapes whatever its readers could
 * take for markup, and shows nothing else. The same view gives the same bytes, except that the text form names the time
 * it took where the view has one.
 */
#ifndef PXB_REPORT_FORMAT_H
#define PXB_REPORT_FORMAT_H

#include "report/view.h"

#define REPORT_FORMAT(name, help) int view_to_##name(struct report_view *v, struct buf *out, struct err *err);
#include "report/formats.def"
#undef REPORT_FORMAT

#endif
