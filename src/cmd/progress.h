/*
 * progress.h: what a long command is doing: one line that is written over on a terminal, plain lines elsewhere.
 */
#ifndef PXB_CMD_PROGRESS_H
#define PXB_CMD_PROGRESS_H

#include "base/setup.h"

struct progress {
	bool quiet;
	bool terminal;
	bool shown; /* a line is on the terminal */
};

void progress_init(struct progress *p, bool quiet);

void progress_say(struct progress *p, const char *fmt, ...) PXB_PRINTF(2, 3);

/* Takes the line away: call it before anything else is printed. */
void progress_clear(struct progress *p);

#endif
