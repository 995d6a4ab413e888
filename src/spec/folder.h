/*
 * folder.h: several files written together: all of them or none.
 *
 * A new folder is made beside its place under a name that nobody can guess, filled, and renamed. In a folder that is
 * there the files are written to a folder inside it first and then exchanged one by one; what was exchanged is put back
 * when one of them fails. Signals that end the program wait until it is done.
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

/* A new folder gets mode 0700. Without `force` STATUS_USAGE when something is at `path` already; with it the folder
   must hold `mark`, which says that it was written here, and its mode and its other files stay. */
int folder_write(const char *path, const struct folder_file *files, size_t n, const char *mark, bool force,
		 struct err *err) PXB_MUST_CHECK;

#endif
