/*
 * child_signals.h: what our signals do while a child runs. Internal to src/base: child.c uses it, one child at a time.
 */
#ifndef PXB_CHILD_SIGNALS_H
#define PXB_CHILD_SIGNALS_H

#include "base/setup.h"

#include <signal.h>

/* SIGINT, SIGTERM, SIGHUP: what ends a program from outside. */
enum { ENDING_SIGNALS = 3 };

struct signals {
	struct sigaction before[ENDING_SIGNALS];
	struct sigaction quit_before, pipe_before, child_before;
	sigset_t mask;
};

/* Before the fork: the ending signals are blocked and get our handlers. `foreground`: they are for the child. */
void signals_take(struct signals *s, bool foreground);

/* After it, in us and in the child: the mask and the dispositions that the child is to have. */
void signals_unblock(const struct signals *s, pid_t pid);
void signals_of_child(const struct signals *s);

/* When it has ended: everything as it was before. */
void signals_give_back(const struct signals *s);

#endif
