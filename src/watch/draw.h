/*
 * draw.h: pictures as text: a screen that is drawn in place, lines of what changed, JSON.
 *
 * Appends to a buffer and never prints. A struct drawing remembers what was drawn last; it owns those texts.
 */
#ifndef PXB_WATCH_DRAW_H
#define PXB_WATCH_DRAW_H

#include "watch/judge.h"

enum draw_form { DRAW_SCREEN, DRAW_LINES, DRAW_JSON };

struct drawing {
	enum draw_form form;
	bool color, utf8;
	size_t columns, rows;		 /* of the screen */
	const char *ns, *release;	 /* borrowed */
	struct buf out;			 /* what is to be printed */
	struct buf last[GROUPS_MAX + 3]; /* what was said last of each group, of the thing, of the rest */
	size_t screen_lines;		 /* that are on the screen and are drawn over */
};

void drawing_init(struct drawing *d);
void drawing_release(struct drawing *d);

/* How it stands after `seconds`: the whole screen, or the lines that are new. Nothing when all of it was said. */
int draw_picture(struct drawing *d, const struct picture *p, long long seconds, struct err *err) PXB_MUST_CHECK;

/* The end: `word` is ready, failed, deadline or interrupted; `log` (clean lines) and `report` may be empty. */
int draw_end(struct drawing *d, const struct picture *p, const char *word, long long seconds, struct slice log,
	     struct slice report, struct err *err) PXB_MUST_CHECK;

#endif
