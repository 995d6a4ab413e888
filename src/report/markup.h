/*
 * markup.h: text of manifests inside of HTML and XML. Internal to src/report.
 *
 * What comes out is valid in XML 1.0 and HTML, in an element or a double-quoted attribute: markup escaped, control
 * characters and what hides or turns text written as \x1b or \u202e, what is not UTF-8 as U+FFFD.
 */
#ifndef PXB_REPORT_MARKUP_H
#define PXB_REPORT_MARKUP_H

#include "base/buf.h"

void markup_put(struct slice text, struct buf *out);

/* The same with line ends and tabs kept: for text of our own that has lines. */
void markup_lines_put(struct slice text, struct buf *out);

#endif
