/*
 * verify.c: the vendor's verification steps on application clusters.
 */
#include "cmd/kube_args.h"

struct verify_args {
	struct kube_args kube;
	bool all_contexts;
	const char *px_namespace;
	size_t parallel;
};

static const struct option verify_rows[] = {
	{"all-contexts", 0, OPTION_FLAG, NULL, "every context of the kubeconfig", NULL,
	 offsetof(struct verify_args, all_contexts)},
	{"px-namespace", 0, OPTION_STRING, "NAME", "the namespace of Portworx (where the StorageCluster is)", NULL,
	 offsetof(struct verify_args, px_namespace)},
	{"parallel", 0, OPTION_NUMBER, "N", "how many clusters are asked at once (32)", NULL,
	 offsetof(struct verify_args, parallel)},
};
OPTION_TABLE(verify_table, verify_rows);
const struct option_table *const verify_tables[] = {&verify_table, &fleet_options_table, &kube_options_table, NULL};

static int verify(struct verify_args *a, struct err *err)
{
	struct arena arena = ARENA_INIT((size_t)256 << 20);
	struct survey survey = {.command = VERIFY, .px_namespace = a->px_namespace};
	struct survey_cluster *clusters;
	struct demands demands;
	cleanup_policy struct policy policy;
	size_t n;
	int rc;

	policy_init(&policy);
	a->kube.all_contexts = a->all_contexts;
	a->kube.parallel = a->parallel;
	survey.demands = &demands;
	if (a->px_namespace && !is_namespace(a->px_namespace))
		return err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", a->px_namespace);
	rc = policy_load(&policy, a->kube.policy_file, err);
	if (rc == 0)
		rc = kube_args_demands(&a->kube, &policy, &demands, err);
	if (rc == 0)
		rc = kube_args_clusters(&a->kube, &arena, &clusters, &n, err);
	if (rc == 0)
		rc = kube_args_run(&a->kube, &survey, clusters, n, err);
	arena_release(&arena);
	return rc;
}

int cmd_verify(const struct command *self, int argc, char **argv)
{
	struct verify_args a = {0};
	void *const into[] = {&a, &a.kube.sources, &a.kube};
	cleanup_strings struct string_list rest = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0)
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	for (size_t i = 0; i < rest.n; i++)
		if (string_list_add(&a.kube.contexts, rest.v[i], &err) < 0)
			return fail(&err);
	code = verify(&a, &err);
	kube_args_release(&a.kube);
	return code < 0 ? fail_usage(self, &err) : code;
}
