#include "cmd/gate_args.h"

#include <time.h>

static const struct option gate_option_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE",
	 "the policy file (else $PXB_FED_POLICY, ./pxb-fed.yaml, /etc/pxb-fed/policy.yaml, the built-in one)", NULL,
	 offsetof(struct gate_args, policy_file)},
	{"values", 0, OPTION_LIST, "FILE", "a values file to compare with policy, stream and chart; repeatable", NULL,
	 offsetof(struct gate_args, values_files)},
	{"release-namespace", 0, OPTION_STRING, "NS", "the namespace that every object must be in", NULL,
	 offsetof(struct gate_args, release_namespace)},
	{"patch", 0, OPTION_CHOICE, "MODE",
	 "what may be repaired: visible, chart (only where every place is visible) or never; can only tighten the "
	 "policy",
	 "visible|chart|never", offsetof(struct gate_args, patch)},
	{"report", 0, OPTION_LIST, "FORMAT=FILE",
	 "write a report (text or json) as well; repeatable; also $PXB_FED_REPORT", NULL,
	 offsetof(struct gate_args, reports)},
	{"fail-on", 0, OPTION_CHOICE, "SEVERITY", "what refuses a run: error (the default) or warning", "error|warning",
	 offsetof(struct gate_args, fail_on)},
	{"max-size", 0, OPTION_NUMBER, "MIB", "the largest input in MiB (256)", NULL,
	 offsetof(struct gate_args, max_mib)},
	{"quiet", 'q', OPTION_FLAG, NULL, "print nothing unless the run is refused", NULL,
	 offsetof(struct gate_args, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "print every finding in full", NULL, offsetof(struct gate_args, verbose)},
};
const struct option_table gate_options_table = {gate_option_rows, ARRAY_SIZE(gate_option_rows)};

void gate_args_release(struct gate_args *a)
{
	string_list_release(&a->values_files);
	string_list_release(&a->reports);
}

void gate_setup_release(struct gate_setup *s)
{
	policy_release(&s->policy);
	values_release(&s->values);
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

int gate_setup_load(struct gate_setup *s, const struct gate_args *a, struct err *err)
{
	const char *helm_debug = getenv("HELM_DEBUG"); /* helm --debug pxb-fed ... */

	memset(s, 0, sizeof(*s));
	policy_init(&s->policy);
	values_init(&s->values);
	s->limits = LIMITS_DEFAULT;
	s->verbose = a->verbose || (helm_debug && strcmp(helm_debug, "true") == 0);
	if (a->max_mib)
		s->limits.bytes = a->max_mib < 4096 ? a->max_mib << 20 : (size_t)4095 << 20;
	s->options.warnings_count = a->fail_on && strcmp(a->fail_on, "warning") == 0;
	s->options.argo_expected = getenv("ARGOCD_APP_NAME") != NULL;
	if (policy_load(&s->policy, a->policy_file, err) < 0)
		return err->status;
	if (a->release_namespace && policy_set_namespace(&s->policy, a->release_namespace, err) < 0)
		return err->status;
	if (a->patch && policy_set_patch(&s->policy, a->patch, err) < 0)
		return err->status;
	if (policy_check(&s->policy, err) < 0)
		return err->status;
	for (size_t i = 0; i < a->values_files.n; i++)
		if (values_add(&s->values, a->values_files.v[i], err) < 0)
			return err->status;
	return load_targets(s, a, err);
}

void pass_init(struct pass *p, const struct gate_setup *s)
{
	stream_init(&p->stream, &s->limits);
	release_init(&p->release);
	gate_init(&p->gate, &s->options);
	edit_plan_init(&p->plan);
}

void pass_release(struct pass *p)
{
	edit_plan_release(&p->plan);
	gate_release(&p->gate);
	release_release(&p->release);
	stream_release(&p->stream);
}

int pass_add(struct pass *p, struct second_opinion *so, const char *name, struct slice bytes, struct err *err)
{
	p->stream.digest_secret = so ? second_opinion_secret(so) : NULL;
	return stream_add(&p->stream, name, bytes, err);
}

int pass_judge(struct pass *p, const struct gate_setup *s, struct second_opinion *so, struct err *err)
{
	/* libfyaml is only asked about what libyaml has accepted; it works while the release is built. */
	bool ask = so && p->stream.problems.n == 0;

	if (ask && second_opinion_begin(so, &p->stream, err) < 0)
		return err->status;
	if (release_build(&p->release, &p->stream, err) < 0)
		return err->status;
	if (ask && second_opinion_finish(so, &p->stream, err) < 0)
		return err->status;
	return gate_run(&p->gate, &p->release, &s->policy, &s->values, err);
}

int pass_repair(struct pass *p, struct second_opinion *so, struct err *err)
{
	if (p->gate.verdict != VERDICT_PATCHED)
		return 0;
	if (edit_plan_build(&p->plan, &p->gate, err) < 0)
		return err->status;
	return edit_plan_verify(&p->plan, &p->gate, so, err);
}

double milliseconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
