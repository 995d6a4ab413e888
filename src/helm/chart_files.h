/*
 * chart_files.h: the files of a chart on this disk, a folder or an archive, as Helm's loader finds them. Helm is not
 * run: reading two files takes a fraction of the time of its start.
 *
 * Sources: Helm's pkg/chart/loader (directory.go, archive.go) and pkg/cli's LocateChart: a path that exists is the
 * chart, whatever repository is named.
 */
#ifndef PXB_HELM_CHART_FILES_H
#define PXB_HELM_CHART_FILES_H

#include "base/buf.h"
#include "base/err.h"

struct chart_visitor {
	bool (*wants)(const char *name); /* a path below the chart's folder: "charts/sub/values.yaml" */
	int (*take)(void *context, const char *name, struct slice text, struct err *err);
	void *context;
};

/* Calls the visitor for each file that it wants. *whole is false where Helm may see other files than these: no chart is
   there, the archive is cut short, a file is huge, a link leads elsewhere, .helmignore may hide one of them. */
int chart_files(const char *path, const struct chart_visitor *v, bool *whole, struct err *err) PXB_MUST_CHECK;

/* Appends templates/NOTES.txt, if there is one. */
int chart_notes(const char *path, struct buf *out, struct err *err) PXB_MUST_CHECK;

/* What is asked of a chart before it is rendered. The caller gives both buffers with their caps. */
struct chart_facts {
	struct buf values; /* values.yaml, as `helm show values` prints it */
	struct buf crds;   /* the documents of all crds/ folders, those of dependencies too */
};

/* *known is false where only Helm knows. */
int chart_facts_read(const char *path, struct chart_facts *f, bool *known, struct err *err) PXB_MUST_CHECK;

#endif
