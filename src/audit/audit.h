/*
 * audit.h: what a chart is, against what the tables of this program say of it, and against another chart.
 *
 * Takes a chart (a folder or an archive) and programs of Helm; renders the chart in many variants, all cores at once,
 * reads each render with this library, and gives findings. Never asks a cluster, never changes a file, and keeps no
 * value of a manifest.
 *
 * The audit owns everything that it gives; options are borrowed.
 */
#ifndef PXB_AUDIT_AUDIT_H
#define PXB_AUDIT_AUDIT_H

#include "audit/fact.h"
#include "report/view.h"

struct audit_options {
	const char *chart, *against; /* `against` NULL: none */
	const char *const *helms;    /* programs */
	size_t helms_n;
	const char *const *variants; /* names; none: all */
	size_t variants_n;
	const char *const *values; /* keys of chart_values.def; none: all */
	size_t values_n;
	size_t workers;	  /* 0: one for each core */
	unsigned seconds; /* for each render */
};

struct audit_finding {
	enum audit_kind kind;
	enum severity severity;
	const struct fact *fact;
	bool gone;	     /* the chart lacks it */
	const char *message; /* one sentence */
};

struct audit {
	struct arena arena;
	struct fact_set tables;
	VEC(struct fact_set *) charts; /* one for each Helm, then one for each Helm of `against` */
	VEC(struct audit_finding) findings;
	const char *version, *old_version;
	size_t renders, failed;
	bool ran[KIND_COUNT];
};

void audit_init(struct audit *a);
void audit_release(struct audit *a);

/* STATUS_USAGE when an option names nothing that there is, STATUS_INPUT when the chart cannot be read, STATUS_HELPER
   when Helm cannot be run. A render that fails is a finding. */
int audit_run(struct audit *a, const struct audit_options *o, struct err *err) PXB_MUST_CHECK;

/* rows.c: the rows that the tables lack, in their own form, below the names of their files. */
void audit_rows(const struct audit *a, struct buf *out);

/* view.c: for the renderers of src/report. The view borrows the audit. */
int audit_view(const struct audit *a, const struct audit_options *o, bool warnings_count, struct report_view *v,
	       struct err *err) PXB_MUST_CHECK;

#endif
