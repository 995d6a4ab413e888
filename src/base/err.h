/*
 * err.h: how a function says that it failed.
 *
 * A function that can fail takes a struct err * last and returns 0 or a negative status. On failure err holds one
 * sentence (lower case, subject quoted, no full stop), whatever the caller passed in stays releasable, and nothing was
 * printed. Callers put what they were doing in front with err_wrap(). The command prints once and maps the status to
 * the exit code. The text lives in the struct, so reporting a failed allocation needs none.
 */
#ifndef PXB_ERR_H
#define PXB_ERR_H

#include "base/setup.h"

enum status {
	STATUS_OK = 0,
	STATUS_REFUSED = -1, /* the input breaks a rule */
	STATUS_USAGE = -2,   /* command line, policy or values file */
	STATUS_INPUT = -3,   /* input that cannot be read or is ambiguous */
	STATUS_FAILED = -4,  /* I/O, memory, an invariant of our own */
	STATUS_HELPER = -5,  /* a program or a cluster that could not be asked */
};

struct err {
	int status;
	char text[1024];
};

#define ERR_INIT ((struct err){0})

/* Sets err and returns status, so that `return err_set(err, ...)` is one line. */
int err_set(struct err *err, int status, const char *fmt, ...) PXB_PRINTF(3, 4);

/* Appends ": " and the text of errno as it was at the call. Missing memory is STATUS_FAILED, whatever status is asked
 * for. */
int err_errno(struct err *err, int status, const char *fmt, ...) PXB_PRINTF(3, 4);

int err_nomem(struct err *err);

/* Puts context in front: "reading policy 'x': " + text. Returns the status that err holds. */
int err_wrap(struct err *err, const char *fmt, ...) PXB_PRINTF(2, 3);

/* For what is tried and may fail: a message on a terminal, a mark for a child. */
static inline void err_ignore(int status)
{
	(void)status;
}

#endif
