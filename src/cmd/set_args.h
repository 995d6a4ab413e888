/*
 * set_args.h: Helm's --set options, for commands that compare a stream with what Helm was told.
 */
#ifndef PXB_CMD_SET_ARGS_H
#define PXB_CMD_SET_ARGS_H

#include "cmd/options.h"
#include "values/values.h"

struct set_args {
	struct string_list json, set, string, file, literal;
};

extern const struct option_table set_options_table; /* fills a struct set_args */

void set_args_release(struct set_args *a);

/* Adds them behind the files, in Helm's order. */
int set_args_load(const struct set_args *a, struct values *v, struct err *err) PXB_MUST_CHECK;

#endif
