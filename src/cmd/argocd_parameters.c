/*
 * argocd_parameters.c: the announcement that Argo CD shows in its user interface.
 */
#include "argocd/announcement.h"
#include "cmd/argocd.h"

struct parameters_args {
	const char *policy_file;
};

static const struct option parameters_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE", "the policy file, as for 'generate'", NULL,
	 offsetof(struct parameters_args, policy_file)},
};
OPTION_TABLE(parameters_table, parameters_rows);
static const struct option_table *const tables[] = {&parameters_table, NULL};

static int announce(const struct parameters_args *a, struct buf *out, struct err *err)
{
	cleanup_policy struct policy p;
	struct rule_set rules;

	policy_init(&p);
	if (policy_load_beside_repository(&p, a->policy_file, err) < 0 || rule_set_of(&p, &rules, err) < 0)
		return err->status;
	announcement_put(&p, &rules, out);
	return out->failed ? err_nomem(err) : 0;
}

int argocd_parameters(const struct command *self, int argc, char **argv)
{
	struct parameters_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	bool help;

	if (options_parse(tables, into, argc, argv, &rest, &help, &err) < 0 ||
	    (!help && rest.n &&
	     err_set(&err, STATUS_USAGE, "'argocd parameters' takes no argument: '%.60s'", rest.v[0]) < 0))
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	return announce(&a, &out, &err) < 0 ? fail(&err) : print_out(buf_slice(&out), EXIT_OK);
}
