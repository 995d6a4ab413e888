/*
 * once.h: files of the command line that can be read only once, or by this process alone: /dev/fd/N and named pipes, as
 * a shell makes them of `<(...)`.
 *
 * Helm runs several times here, and so does the gate. Each such file is read once, into a sealed file in memory. Where
 * the word names a descriptor, that file takes its number, and the word stays as it is; a named pipe's place is taken
 * by /dev/fd/N for Helm. The words that people see do not change.
 *
 * The set owns the descriptors and lives as long as Helm runs.
 */
#ifndef PXB_HELM_ONCE_H
#define PXB_HELM_ONCE_H

#include "helm/command_line.h"

struct once_file {
	const char *word; /* as it was written */
	const char *path; /* for Helm */
	int fd;
};

struct once {
	struct arena arena;
	VEC(struct once_file) files;
	VEC(int) fds; /* for struct child: `keep` */
};

void once_release(struct once *o);

/* The values files and the files of --set-file on the line. */
int once_take_line(struct once *o, struct helm_line *l, struct err *err) PXB_MUST_CHECK;

/* One file of our own; *file is what to read instead, for this process and its descendants. */
int once_take(struct once *o, const char **file, struct err *err) PXB_MUST_CHECK;

/* NULL: the file can be read as often as one likes. */
const struct once_file *once_find(const struct once *o, const char *word);

#endif
