/*
 * helm.h: being heard through Helm, which drops what a post-renderer says.
 */
#ifndef PXB_REPORT_HELM_H
#define PXB_REPORT_HELM_H

#include "report/report.h"

/* block_scalar.c: the text as a YAML stream of one literal block scalar and nothing else, for --refuse-as=block-scalar.
   Any text will do; no line of it is lost, blanks at line ends and empty lines around it are. */
void report_block_scalar(const char *text, struct buf *out);

/* patched.c: three lines for the terminal of whoever ran Helm. Nothing unless the run was patched. */
void report_terminal_note(const struct report *r, struct buf *out);

#endif
