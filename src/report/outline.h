/*
 * outline.h: what every form of a report asks of a view: counts, the summary, an order, names. Internal to src/report.
 */
#ifndef PXB_REPORT_OUTLINE_H
#define PXB_REPORT_OUTLINE_H

#include "report/view.h"

/* Errors, warnings and notes that are neither excepted nor repaired, and those. */
struct view_counts {
	size_t errors, warnings, notes, excepted, patched;
	size_t chart_faults; /* counted apart from the notes */
};

struct view_counts view_count(const struct report_view *v);

/* What follows the verdict: "4 errors, 1 note in 64 objects". Without a line end. */
void summary_put(struct report_view *v, struct buf *out);

/* "1 error", "4 errors" */
void count_put(size_t n, const char *what, struct buf *out);

/* "4 errors", but "4 excepted" */
void label_count_put(size_t n, const char *label, struct buf *out);

/* How many distinct objects were changed. */
size_t patched_objects(struct report_view *v);

/* All findings: open ones first, then by severity, rule, and the order of the gate. In the view's arena; NULL when
   memory is short. */
const struct view_finding **view_by_importance(struct report_view *v);

/* The options that fix something, each once, in the order of the findings: of repairs that were made, or of findings
   that are open. */
enum { OPTIONS_MAX = 32 };
struct view_options {
	const char *v[OPTIONS_MAX];
	size_t n;
	bool more;
};

void view_patched_options(const struct report_view *v, struct view_options *o);
void view_open_options(const struct report_view *v, struct view_options *o);

/* causes.c: all findings as causes, open ones first, then what explains most errors. In the view's arena; NULL when
   memory is short. */
struct view_cause *view_causes(struct report_view *v, size_t *n);

const char *cause_label(const struct view_cause *c); /* as finding_label(), of the gravest */
bool cause_is_open(const struct report_view *v, const struct view_cause *c);

bool option_is_open(const char *fix); /* an option with a word in it that only the reader knows */

bool is_option(const char *fix); /* "--set a=b": there to be copied, in contrast to a sentence */

const char *finding_label(const struct view_finding *f); /* "excepted", "patched", else the severity */

int view_object_compare(const struct view_object *a, const struct view_object *b);

bool input_is_stdin(const char *input);
bool input_is_option(const char *input); /* "--set pxbackup.federated=true": no file, and no line in it */

#endif
