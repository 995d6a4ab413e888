/*
 * gate_args.h: what every command that holds a stream against a policy has in common: its options, and one pass from
 * bytes to findings.
 */
#ifndef PXB_CMD_GATE_ARGS_H
#define PXB_CMD_GATE_ARGS_H

#include "cmd/options.h"
#include "edit/edit.h"
#include "policy/policy.h"
#include "policy/values.h"
#include "report/report.h"
#include "yaml/second_opinion.h"

struct gate_args {
	const char *policy_file;
	struct string_list values_files;
	const char *release_namespace;
	const char *patch;
	struct string_list reports;
	const char *fail_on;
	size_t max_mib;
	bool quiet, verbose;
};

extern const struct option_table gate_options_table;

void gate_args_release(struct gate_args *a);

/* Policy, values, limits and report targets, read before any input. */
struct gate_setup {
	struct policy policy;
	struct values values;
	struct limits limits;
	struct report_target *targets;
	size_t targets_n;
	struct gate_options options;
	bool verbose;
};

#define cleanup_gate_setup PXB_CLEANUP(gate_setup_release)
void gate_setup_release(struct gate_setup *s);
int gate_setup_load(struct gate_setup *s, const struct gate_args *a, struct err *err);

/* One stream from bytes to findings. Borrows the setup; `so` may be NULL. */
struct pass {
	struct stream stream;
	struct release release;
	struct gate gate;
	struct edit_plan plan;
};

#define cleanup_pass PXB_CLEANUP(pass_release)
void pass_init(struct pass *p, const struct gate_setup *s);
void pass_release(struct pass *p);

int pass_add(struct pass *p, struct second_opinion *so, const char *name, struct slice bytes, struct err *err);
int pass_judge(struct pass *p, const struct gate_setup *s, struct second_opinion *so, struct err *err);

/* The repairs, verified. Does nothing unless the verdict is "patched". */
int pass_repair(struct pass *p, struct second_opinion *so, struct err *err);

double milliseconds_now(void);

#endif
