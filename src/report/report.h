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
int report_json(const struct report *r, struct buf *out, struct err *err) PXB_MUST_CHECK;

/* The version of the library that writes the JSON. */
const char *report_json_library(void);

/* format.c: the forms of a report, from formats.def. */
struct report_view;

struct report_format {
	const char *name, *help; /* help: one sentence, no full stop */
	int (*render)(struct report_view *v, struct buf *out, struct err *err);
};

extern const struct report_format report_formats[];
extern const size_t report_formats_n;

/* "|text|json|...": choices of an option from the second byte on. */
extern const char report_format_choices[];

const struct report_format *report_format_find(struct slice name); /* NULL: there is none of that name */

/* report.c: "sarif=FILE": writes atomically. */
struct report_target {
	const struct report_format *format;
	const char *path;
};

int report_target_parse(const char *arg, struct report_target *t, struct err *err) PXB_MUST_CHECK;
int report_write(const struct report *r, const struct report_target *t, struct err *err) PXB_MUST_CHECK;

/* What a run with this verdict, and nothing else to complain of, exits with. */
int verdict_exit_code(enum verdict v);

/* state.c: the last report, for `explain --last`. A home that cannot be written is not an error. */
void state_save(const struct report *r);

/* A run that ended before it had a report: the one before would be taken for it. */
void state_forget(void);

/* Reads the last report and renders it; the text form says when that run was. STATUS_USAGE when there is none. */
int state_show(const struct report_format *format, struct buf *out, bool color, struct err *err) PXB_MUST_CHECK;

#endif
