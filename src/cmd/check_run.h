/*
 * check_run.h: what several inputs came to, between the threads that read them and the one report of all. Internal to
 * src/cmd: check.c fills outcomes, check_report.c shows them.
 */
#ifndef PXB_CMD_CHECK_RUN_H
#define PXB_CMD_CHECK_RUN_H

#include "cmd/check.h"
#include "report/view.h"

#include <stdatomic.h>

/* What one unit came to. The view is only there when it has something to say. */
struct outcome {
	struct report_view view;
	bool has_view;
	bool skipped; /* it contains no object, which one of several inputs may do; the view says why */
	enum verdict verdict;
	enum flavour flavour;
	bool hooks_visible;
	bool ran[RULE_COUNT];
	size_t bytes, documents, objects;
	struct buf diff;
	struct err err;
};

struct job {
	const struct check_args *args;
	const struct gate_setup *setup;
	const struct input_list *units;
	struct outcome *outcomes;
	atomic_size_t next;
};

/* Prints the report of all outcomes in the order of the inputs, writes the files of --report; returns the exit code. */
int check_report(const struct job *j, double started, struct err *err) PXB_MUST_CHECK;

#endif
