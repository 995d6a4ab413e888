#include "cmd/gate_args.h"

#include "cmd/lock_file.h"

#include <time.h>

static const struct option gate_option_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE",
	 "the policy file (else $PXB_FED_POLICY, ./pxb-fed.yaml, /etc/pxb-fed/policy.yaml, the built-in one)", NULL,
	 offsetof(struct gate_args, policy_file)},
	{"lock", 0, OPTION_STRING, "FILE", "what the installation was made with (else ./pxb-fed.lock, if it is there)",
	 NULL, offsetof(struct gate_args, lock_file)},
	{"release-namespace", 0, OPTION_STRING, "NS", "the namespace that every object must be in", NULL,
	 offsetof(struct gate_args, release_namespace)},
	{"patch", 0, OPTION_CHOICE, "MODE",
	 "what may be repaired: visible, chart (only where every place is visible) or never; can only tighten the "
	 "policy",
	 "visible|chart|never", offsetof(struct gate_args, patch)},
	{"report", 0, OPTION_LIST, "FORMAT=FILE",
	 "write a report as well, like html=report.html; repeatable; also $PXB_FED_REPORT", &report_format_choices[1],
	 offsetof(struct gate_args, reports)},
	{"fail-on", 0, OPTION_CHOICE, "SEVERITY", "what refuses a run: error (the default) or warning", "error|warning",
	 offsetof(struct gate_args, fail_on)},
	{"max-size", 0, OPTION_MIB, "MIB", "the largest input in MiB (256)", NULL, offsetof(struct gate_args, max_mib)},
	{"no-final-newline", 0, OPTION_FLAG, NULL, "accept a stream whose last line has no line end", NULL,
	 offsetof(struct gate_args, no_final_newline)},
	{"quiet", 'q', OPTION_FLAG, NULL, "print nothing unless the run is refused", NULL,
	 offsetof(struct gate_args, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "print every finding in full", NULL, offsetof(struct gate_args, verbose)},
};
const struct option_table gate_options_table = {gate_option_rows, ARRAY_SIZE(gate_option_rows)};

static const struct option values_option_rows[] = {
	{"values", 0, OPTION_LIST, "FILE", "a values file to compare with policy, stream and chart; repeatable", NULL,
	 offsetof(struct gate_args, values_files)},
};
const struct option_table values_options_table = {values_option_rows, ARRAY_SIZE(values_option_rows)};

void gate_args_release(struct gate_args *a)
{
	string_list_release(&a->values_files);
	set_args_release(&a->sets);
	string_list_release(&a->reports);
}

void gate_setup_release(struct gate_setup *s)
{
	pass_setup_release(&s->pass);
	lock_release(&s->lock);
	lock_release(&s->repository_lock);
	free(s->targets);
	s->targets = NULL;
}

static int load_targets(struct gate_setup *s, const struct gate_args *a, struct err *err)
{
	const char *env = getenv("PXB_FED_REPORT");

	s->targets = calloc(a->reports.n + 1, sizeof(*s->targets));
	if (!s->targets)
		return err_nomem(err);
	for (size_t i = 0; i < a->reports.n; i++)
		if (report_target_parse(a->reports.v[i], &s->targets[s->targets_n++], err) < 0)
			return err->status;
	if (env && *env && report_target_parse(env, &s->targets[s->targets_n++], err) < 0)
		return err_wrap(err, "$PXB_FED_REPORT");
	return 0;
}

static int take_lock(struct gate_setup *s, struct lock *l, const char *path, struct err *err)
{
	bool found;

	if (lock_file_find(l, path, &found, err) < 0)
		return err->status;
	if (!found)
		return 0;
	s->locks[s->pass.options.locks_n++] = l;
	s->pass.options.locks = s->locks;
	return 0;
}

/* A repository's lock adds demands to those of the platform team's; it replaces none. */
static int load_locks(struct gate_setup *s, const struct gate_args *a, bool in_repository, struct err *err)
{
	if (!in_repository || !a->lock_file)
		return take_lock(s, &s->lock, a->lock_file, err);
	if (a->lock_file[0] != '/')
		return err_set(err, STATUS_USAGE,
			       "lock '%.200s': needs an absolute path; a relative one would be searched for in the "
			       "application's repository",
			       a->lock_file);
	if (take_lock(s, &s->lock, a->lock_file, err) < 0)
		return err->status;
	return take_lock(s, &s->repository_lock, NULL, err);
}

static int load(struct gate_setup *s, const struct gate_args *a, bool in_repository, struct err *err)
{
	const char *helm_debug = getenv("HELM_DEBUG"); /* helm --debug pxb-fed ... */

	memset(s, 0, sizeof(*s));
	pass_setup_init(&s->pass);
	lock_init(&s->lock);
	lock_init(&s->repository_lock);
	s->verbose = a->verbose || (helm_debug && strcmp(helm_debug, "true") == 0);
	if (a->max_mib)
		s->pass.limits.bytes = a->max_mib << 20;
	s->pass.options.warnings_count = a->fail_on && strcmp(a->fail_on, "warning") == 0;
	s->pass.options.cut_accepted = a->no_final_newline;
	s->pass.options.argo_expected = in_repository || getenv("ARGOCD_APP_NAME") != NULL;
	if ((in_repository ? policy_load_in_repository : policy_load)(&s->pass.policy, a->policy_file, err) < 0)
		return err->status;
	if (a->release_namespace && policy_set_namespace(&s->pass.policy, a->release_namespace, err) < 0)
		return err->status;
	if (a->patch && policy_set_patch(&s->pass.policy, a->patch, err) < 0)
		return err->status;
	if (policy_check(&s->pass.policy, err) < 0)
		return err->status;
	for (size_t i = 0; i < a->values_files.n; i++)
		if (values_add(&s->pass.values, a->values_files.v[i], err) < 0)
			return err->status;
	if (set_args_load(&a->sets, &s->pass.values, err) < 0)
		return err->status;
	if (!a->without_lock && load_locks(s, a, in_repository, err) < 0)
		return err->status;
	return load_targets(s, a, err);
}

int gate_setup_load(struct gate_setup *s, const struct gate_args *a, struct err *err)
{
	return load(s, a, false, err);
}

int gate_setup_load_in_repository(struct gate_setup *s, const struct gate_args *a, struct err *err)
{
	return load(s, a, true, err);
}

void gate_setup_tell(const struct gate_setup *s)
{
	if (s->verbose && s->pass.options.locks_n)
		fprintf(stderr, "pxb-fed: compared with %s\n", s->lock.source);
}

int gate_setup_report(const struct gate_setup *s, const struct report *r, struct err *err)
{
	for (size_t i = 0; i < s->targets_n; i++)
		if (report_write(r, &s->targets[i], err) < 0)
			return err->status;
	return 0;
}

double milliseconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
