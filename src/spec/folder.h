/*
 * folder.h: several files written together: all of them or none.
 *
 * A new folder is made beside its place under a name that nobody can guess, filled, and renamed. Into a folder that is
 * there the files are moved one by one after all of them have been written, so a full disk changes nothing.
 */
#ifndef PXB_SPEC_FOLDER_H
#define PXB_SPEC_FOLDER_H

#include "base/buf.h"
#include "base/err.h"

struct folder_file {
	const char *name; /* without '/' */
	unsigned mode;
	struct slice text;
};

/* Folder 0700. Without `force` STATUS_USAGE when something is at `path` already; with it the other files of the folder
   stay. */
int folder_write(const char *path, const struct folder_file *files, size_t n, bool force, struct err *err);

#endif
