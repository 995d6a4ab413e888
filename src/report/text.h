/*
 * text.h: the parts of the text form. Internal to src/report.
 */
#ifndef PXB_REPORT_TEXT_H
#define PXB_REPORT_TEXT_H

#include "report/view.h"

/* Limits on single texts, in bytes, where the whole is capped: so that the most important finding always fits. */
enum { LIMIT_MESSAGE = 600, LIMIT_TEXT = 300, LIMIT_PLACES = 2, LIMIT_FILES = 5 };

enum block_form {
	BLOCK_NONE,
	BLOCK_SHORT, /* message and fixes */
	BLOCK_FULL,
};

/* block.c: one cause. */
void block_put(const struct report_view *v, const struct view_cause *c, enum block_form form, struct buf *out);

enum paint { PAINT_NONE, PAINT_BOLD, PAINT_RED, PAINT_YELLOW, PAINT_CYAN };

/* The terminal codes, if the view wants colour; PAINT_NONE ends what was begun. */
void paint(const struct report_view *v, enum paint p, struct buf *out);
enum paint severity_paint(enum severity s);

/* "  label: text", wrapped. A command-line option is never wrapped: it is there to be copied. */
void label_put(const struct report_view *v, const char *label, const char *text, struct buf *out);

/* Text cleaned and, unless the run is verbose, cut to the limit. */
void limited_put(const struct report_view *v, const char *text, size_t limit, struct buf *out);

/* patched.c: what a patched run did, and the values to set. Nothing for other verdicts. */
void patched_put(struct report_view *v, struct buf *out);

#endif
