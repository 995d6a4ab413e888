/*
 * gate_args.h: what every command that holds a stream against a policy has in common: its options, and what they name.
 */
#ifndef PXB_CMD_GATE_ARGS_H
#define PXB_CMD_GATE_ARGS_H

#include "cmd/set_args.h"
#include "edit/pass.h"
#include "report/report.h"

struct gate_args {
	const char *policy_file;
	const char *lock_file;
	bool without_lock; /* single objects are judged, no installation */
	struct string_list values_files;
	struct set_args sets;
	const char *release_namespace;
	const char *patch;
	struct string_list reports;
	const char *fail_on;
	size_t max_mib;
	bool no_final_newline;
	bool quiet, verbose;
};

extern const struct option_table gate_options_table;
extern const struct option_table values_options_table; /* --values; where Helm's own options follow, it is Helm's */

void gate_args_release(struct gate_args *a);

/* Policy, lock, values, limits and report targets, read before any input. */
struct gate_setup {
	struct pass_setup pass; /* its options point to the lock: a setup stays where it is */
	struct lock lock, repository_lock;
	const struct lock *locks[2];
	struct report_target *targets;
	size_t targets_n;
	bool verbose;
};

#define cleanup_gate_setup PXB_CLEANUP(gate_setup_release)
void gate_setup_release(struct gate_setup *s);
int gate_setup_load(struct gate_setup *s, const struct gate_args *a, struct err *err) PXB_MUST_CHECK;

/* The same under Argo CD's plugin server, in the folder of an application: see policy_load_in_repository(). */
int gate_setup_load_in_repository(struct gate_setup *s, const struct gate_args *a, struct err *err) PXB_MUST_CHECK;

/* With -v: which lock is in force. */
void gate_setup_tell(const struct gate_setup *s);

/* Every file of --report and $PXB_FED_REPORT. */
int gate_setup_report(const struct gate_setup *s, const struct report *r, struct err *err) PXB_MUST_CHECK;

double milliseconds_now(void);

#endif
