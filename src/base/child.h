/*
 * child.h: another program, started with an argument vector: no shell, no descriptors of ours but the three.
 *
 * child_run() is for a program that is asked something: it gets a process group of its own and a deadline, and on the
 * deadline, or when SIGINT, SIGTERM or SIGHUP reach us meanwhile, the whole group is killed. child_foreground() is for
 * the program that does a command's real work, with the user at the terminal.
 *
 * The strings and slices of struct child are borrowed for the call. One child at a time: the signal handlers know one.
 */
#ifndef PXB_CHILD_H
#define PXB_CHILD_H

#include "base/buf.h"
#include "base/err.h"

struct child {
	char *const *argv;	/* argv[0] is looked up in PATH */
	const char *const *env; /* "NAME=VALUE" laid over our environment, "NAME" alone takes it away; NULL: as ours */
	const char *directory;	/* where it runs; NULL: here */
	struct slice input;	/* its whole standard input; .p == NULL: nothing (child_foreground: ours) */
	struct buf *out;	/* its standard output; the cap is at least twice what is expected */
	struct buf *errors;	/* its standard error up to the cap, the rest is dropped; NULL: goes to ours */
	unsigned seconds;	/* until the deadline */
	const int *keep; /* descriptors from 3 on that it inherits under the same numbers; all others are closed */
	size_t keep_n;
};

struct child_result {
	int exit_code; /* 128 + signal when it was killed */
	bool timed_out;
};

/* STATUS_HELPER when it cannot be started, is late, says more than fits, or ends without anybody knowing how. What its
   exit code means is for the caller. */
int child_run(const struct child *c, struct child_result *result, struct err *err) PXB_MUST_CHECK;

/* In our process group, with our terminal, standard output and standard error: Ctrl-C goes to it, and we wait for its
   end; SIGTERM and SIGHUP are passed on. `errors` gets a copy of its standard error up to the cap; `out` and `seconds`
   do not count. STATUS_HELPER when it cannot be
   started. */
int child_foreground(const struct child *c, int *exit_code, struct err *err) PXB_MUST_CHECK;

#endif
