/*
 * argocd.c: the verbs of 'argocd', each in a file of its own.
 */
#include "cmd/argocd.h"

#include "cmd/check.h"

static const struct {
	const char *name;
	int (*run)(const struct command *self, int argc, char **argv);
} verbs[] = {
	{"generate", argocd_generate},
	{"parameters", argocd_parameters},
	{"plugin", argocd_plugin},
	{"check-app", argocd_check_app},
};

const struct option_table *const argocd_tables[] = {&argocd_plugin_table, &check_output_table, &gate_options_table,
						    NULL};

int cmd_argocd(const struct command *self, int argc, char **argv)
{
	const char *names[ARRAY_SIZE(verbs)], *verb = argc > 0 ? argv[0] : "", *near;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		names[i] = verbs[i].name;
		if (strcmp(verb, verbs[i].name) == 0)
			return verbs[i].run(self, argc - 1, argv + 1);
	}
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 || strcmp(verb, "help") == 0)
		return cmd_help(self, 0, NULL);
	/* What people call it: the manifest that is checked. */
	if (strcmp(verb, "app") == 0 || strcmp(verb, "check") == 0)
		near = "check-app";
	else
		near = *verb ? slice_nearest(slice_str(verb), names, ARRAY_SIZE(verbs)) : NULL;
	if (near)
		err_set(&err, STATUS_USAGE, "no '%.60s'; did you mean '%s'?", verb, near);
	else
		err_set(&err, STATUS_USAGE, "needs generate, parameters, plugin or check-app first");
	return fail_usage(self, &err);
}
