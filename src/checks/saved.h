/*
 * saved.h: the answers of a cluster as a folder, for reviews without access and for tests. DIR/CLUSTER/ holds
 * cluster.json and one file per question with what was asked, what came of it, and the reduced answer. Folders are
 * 0700, files 0600.
 */
#ifndef PXB_CHECKS_SAVED_H
#define PXB_CHECKS_SAVED_H

#include "checks/checks.h"

#include <time.h>

int saved_write(const char *dir, const struct facts *f, enum check_command command, struct err *err) PXB_MUST_CHECK;

/* How many clusters of `dir` were kept before `time` (seconds since 1970): they are not of this run. */
size_t saved_older(const char *dir, time_t time);

/* Reads the folder of one cluster. A question without a file counts as not asked. */
int saved_read(const char *folder, struct facts *f, enum check_command command, struct err *err) PXB_MUST_CHECK;

struct saved_cluster {
	const char *name, *folder;
};

/* The clusters of a folder that saved_write() made, by name: DIR itself, or the folders in it. */
int saved_list(const char *dir, struct arena *a, struct saved_cluster **v, size_t *n, struct err *err) PXB_MUST_CHECK;

#endif
