/*
 * walk.h: the entries of a folder and of all folders below it, a folder before what is in it. Links are not followed,
 * except the root itself, which somebody has named.
 */
#ifndef PXB_WALK_H
#define PXB_WALK_H

#include "base/err.h"

enum walk_kind {
	WALK_FOLDER,
	WALK_FILE,
	WALK_LINK,
	WALK_OTHER,
};

struct walk_entry {
	const char *path, *name; /* until the visit returns */
	unsigned level;		 /* 0 is the root */
	enum walk_kind kind;
};

enum { WALK_SKIP = 1 };

/* 0 goes on, WALK_SKIP does not enter the folder, a negative status ends the walk with it. */
typedef int walk_visit(void *context, const struct walk_entry *e, struct err *err);

/* A folder that cannot be read ends the walk with `status`, or with STATUS_FAILED for want of memory. */
int walk_tree(const char *root, walk_visit *visit, void *context, int status, struct err *err) PXB_MUST_CHECK;

#endif
