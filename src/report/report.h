/*
 * report.h: findings and edits for people and programs.
 *
 * Takes a settled gate (and the edits that were made), gives bytes. Decides nothing. What may be shown was decided in
 * the gate: a renderer prints no text that is not in a finding, and a source line only where finding.show_line allows.
 */
#ifndef PXB_REPORT_REPORT_H
#define PXB_REPORT_REPORT_H

#include "edit/edit.h"
#include "rules/gate.h"

struct report {
	const struct gate *gate;
	struct stream *stream;
	const struct edit *edits;
	size_t edits_n;
	double milliseconds; /* of the whole run; negative: not shown */
	bool verbose;	     /* no cap on the text form */
	bool color;
	const char *program; /* "pxb-fed" */
};

enum { REPORT_TEXT_CAP = 4000 }; /* Argo CD keeps stderr in a status object */

/* text.c: in the manner of a compiler, for stderr. Empty when there is nothing to say and quiet is wanted. */
void report_text(const struct report *r, struct buf *out);

/* status.c: the same for the status of an Argo CD application: the verdict in the first line, no colour, no times. */
void report_status_text(const struct report *r, struct buf *out);

/* json.c: docs/report.schema.json. */
int report_json(const struct report *r, struct buf *out, struct err *err);

/* The version of the library that writes the JSON. */
const char *report_json_library(void);

/* report.c: "json=FILE" and "text=FILE": writes atomically. */
struct report_target {
	const char *format, *path;
};

int report_target_parse(const char *arg, struct report_target *t, struct err *err);
int report_write(const struct report *r, const struct report_target *t, struct err *err);

/* state.c: the last report, for `explain --last`. A home that cannot be written is no error. */
void state_save(const struct report *r);

/* A run that ended before it had a report: the one before would be taken for it. */
void state_forget(void);

/* Reads the last report and renders its text form. STATUS_USAGE when there is none. */
int state_show(struct buf *out, bool color, struct err *err);

#endif
