/*
 * clean.h: what a stranger wrote (a log, an event, a report) made fit to be shown: secrets out, control characters out.
 *
 * The credential scan of the gate scans the text; what it finds is replaced by ***. So are the user information
 * of URLs, bearer tokens, and the value behind a name that ends in password, secret, token or key.
 */
#ifndef PXB_WATCH_CLEAN_H
#define PXB_WATCH_CLEAN_H

#include "base/arena.h"
#include "base/buf.h"

/* The last `lines` lines of `text`, each as one clean line that ends with '\n' and begins with `lead`. */
int clean_lines(struct slice text, size_t lines, const char *lead, struct buf *out, struct err *err) PXB_MUST_CHECK;

/* The text as one line, in the arena, which fails when memory is short. */
const char *clean_line(struct arena *a, const char *text);

#endif
