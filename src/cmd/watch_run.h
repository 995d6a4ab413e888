/*
 * watch_run.h: follows an installation to its end and prints how it goes. `watch` and `install --watch` share it.
 */
#ifndef PXB_CMD_WATCH_RUN_H
#define PXB_CMD_WATCH_RUN_H

#include "cmd/cmd.h"
#include "cluster/session.h"
#include "watch/draw.h"

enum { WATCH_SECONDS_DEFAULT = 1800, WATCH_SECONDS_MAX = 7 * 86400 };

struct watch_options {
	struct kube_target target;
	const char *ns, *release;
	size_t seconds; /* until the deadline */
	bool json;
	const char *save, *from;     /* files; NULL: none */
	const char *const *expected; /* names of workloads that the render has */
	size_t expected_n;
};

struct watch_run {
	const struct watch_options *o;
	struct kube kube;
	struct snapshot snap;
	struct drawing drawing;
	struct arena arenas[2]; /* of the picture that is shown, and of the one before */
	struct picture picture;
	unsigned at;
	bool judged;	    /* there is a picture */
	bool on_screen;	    /* standard output is a terminal that can be drawn on */
	long long start_ms; /* monotonic; of a file: 0 */
	long long now_ms;
	long long failing_ms;	    /* since when the same failure shows; -1: none does */
	unsigned long long failing; /* a digest of its subject */
	long long deadline_ms;	    /* of a cluster; of a file: 0 */
	int save;		    /* descriptor; -1: none */
};

/* Watches until the end; gives the exit code, or a negative status. */
int watch_run(const struct watch_options *o, struct err *err) PXB_MUST_CHECK;

/* "90", "90s", "30m", "1h30m" to seconds. */
int watch_seconds(const char *text, size_t *seconds, struct err *err) PXB_MUST_CHECK;

/* --- watch_file.c: records of a watch, one change a line
 * ---------------------------------------------------------------- */

int watch_file_create(struct watch_run *w, struct err *err) PXB_MUST_CHECK;
int watch_file_write(struct watch_run *w, const struct kube_event *e, struct err *err) PXB_MUST_CHECK;

/* Runs a record instead of a cluster; the exit code, or a negative status. */
int watch_file_run(struct watch_run *w, struct err *err) PXB_MUST_CHECK;

/* --- what both ways share
 * ------------------------------------------------------------------------------------------------ */

/* Judges what has changed and prints it. *done with the exit code when it is over. */
int watch_step(struct watch_run *w, bool *done, int *code, struct err *err) PXB_MUST_CHECK;

/* Prints the end. */
int watch_end(struct watch_run *w, const char *word, struct slice log, struct slice report,
	      struct err *err) PXB_MUST_CHECK;

#endif
