/*
 * check.h: findings over several inputs, one report of all. Shared by the commands that change nothing.
 */
#ifndef PXB_CMD_CHECK_H
#define PXB_CMD_CHECK_H

#include "cmd/gate_args.h"
#include "cmd/inputs.h"

struct check_args {
	struct gate_args gate;
	const char *output;
	struct input_options inputs;
	struct string_list exclude;
	bool diff;
	size_t jobs;
};

extern const struct option_table check_output_table; /* --output and --jobs, of struct check_args */

/* Reads and checks every unit, prints the report, writes the others; returns the exit code. */
int check_all(const struct check_args *a, const struct gate_setup *s, const struct input_list *units,
	      struct err *err) PXB_MUST_CHECK;

#endif
