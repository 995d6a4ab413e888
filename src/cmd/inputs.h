/*
 * inputs.h: arguments of `check` as units: a file is one stream; a directory is the union of its manifests in byte
 * order of their paths, or with `any` one unit per file.
 */
#ifndef PXB_CMD_INPUTS_H
#define PXB_CMD_INPUTS_H

#include "cmd/options.h"

struct input_unit {
	struct string_list files;
};

/* How a directory is read. */
struct input_options {
	bool any;
	bool gitignore;			   /* honour the .gitignore files in it */
	const struct string_list *exclude; /* patterns in the manner of .gitignore; NULL: none */
};

struct input_list {
	struct input_unit *v;
	size_t n, cap;
	char **paths; /* owned names */
	size_t paths_n, paths_cap;
};

#define cleanup_input_list PXB_CLEANUP(input_list_release)
void input_list_release(struct input_list *l);

/* STATUS_INPUT when a name does not exist, or a directory cannot be read or holds no manifest. */
int input_list_fill(struct input_list *l, const struct string_list *names, const struct input_options *opt,
		    struct err *err) PXB_MUST_CHECK;

#endif
