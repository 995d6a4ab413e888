/*
 * child.h: another program, started with an argument vector: no shell, no inherited descriptors but the three, a
 * deadline. On the deadline its whole process group is killed.
 */
#ifndef PXB_CHILD_H
#define PXB_CHILD_H

#include "base/buf.h"
#include "base/err.h"

struct child_result {
	int exit_code; /* 128 + signal when it was killed */
	bool timed_out;
};

/* Runs argv[0] (looked up in PATH) with stdin closed; its standard output goes to out (whose cap is at least twice what
   is expected), its standard error stays ours. STATUS_HELPER when it cannot be started or says more than fits. */
int child_run(char *const argv[], unsigned seconds, struct buf *out, struct child_result *result, struct err *err);

#endif
