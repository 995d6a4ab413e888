/*
 * kube_args.h: what every command that asks clusters has in common: which cluster, how long, saved answers, the form of
 * the results.
 */
#ifndef PXB_CMD_KUBE_ARGS_H
#define PXB_CMD_KUBE_ARGS_H

#include "checks/demands.h"
#include "checks/show.h"
#include "checks/survey.h"
#include "cmd/cmd.h"
#include "cmd/fleet_sources.h"
#include "policy/policy.h"

struct kube_args {
	const char *kubeconfig;
	struct string_list contexts;
	bool all_contexts;
	struct fleet_sources sources;
	const struct kube_target *hub; /* set by kube_args_clusters() where clusters need it */
	const char *as;
	struct string_list as_groups;
	const char *save, *from, *since;
	size_t seconds, parallel;
	const char *output, *fail_on;
	const char *policy_file, *for_version;
};

extern const struct option_table kube_options_table;

void kube_args_release(struct kube_args *a);

/* The clusters that the options name; their texts live in `arena`. */
int kube_args_clusters(struct kube_args *a, struct arena *arena, struct survey_cluster **v, size_t *n,
		       struct err *err) PXB_MUST_CHECK;

/* What the clusters must have: by --for, and by the policy's section `clusters`. */
int kube_args_demands(const struct kube_args *a, const struct policy *p, struct demands *d,
		      struct err *err) PXB_MUST_CHECK;

/* Runs the survey, shows on standard error how far it is, prints every cluster, and gives the exit code. */
int kube_args_run(const struct kube_args *a, struct survey *s, const struct survey_cluster *v, size_t n,
		  struct err *err) PXB_MUST_CHECK;

/* Prints results that were made without a cluster, and gives the exit code. */
int kube_args_show(const struct kube_args *a, enum check_command command, const struct facts *f, struct buf *out,
		   struct err *err) PXB_MUST_CHECK;

#endif
