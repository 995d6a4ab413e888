/*
 * argocd_check_app.c: Application and ApplicationSet manifests compared with what the plugin and the vendor ask for.
 */
#include "argocd/plugin.h"
#include "cmd/argocd.h"
#include "cmd/check.h"
#include "policy/rule_set.h"

#include <unistd.h>

struct check_app_args {
	struct check_args check;
	const char *name;
};

static const struct option check_app_rows[] = {
	{"name", 0, OPTION_STRING, "NAME", "what Applications call the plugin (pxb-fed)", NULL,
	 offsetof(struct check_app_args, name)},
};
OPTION_TABLE(check_app_table, check_app_rows);
static const struct option_table *const tables[] = {&check_output_table, &check_app_table, &gate_options_table, NULL};

static int check_apps(struct check_app_args *a, const struct string_list *names, struct err *err)
{
	cleanup_input_list struct input_list units = {0};
	cleanup_gate_setup struct gate_setup setup = {0};
	struct rule_set rules;
	struct app_demands demands = {.plugin = a->name ? a->name : ARGOCD_PLUGIN_NAME, .rule_set = rules.text};

	if (gate_setup_load(&setup, &a->check.gate, err) < 0 || rule_set_of(&setup.pass.policy, &rules, err) < 0 ||
	    input_list_fill(&units, names, &a->check.inputs, err) < 0)
		return fail(err);
	demands.has_lock = setup.pass.options.locks_n > 0;
	setup.pass.options.cut_accepted = true;
	setup.pass.options.scope = GATE_APPLICATIONS;
	setup.pass.options.applications = &demands;
	return check_all(&a->check, &setup, &units, err);
}

int argocd_check_app(const struct command *self, int argc, char **argv)
{
	struct check_app_args a = {0};
	void *const into[] = {&a.check, &a, &a.check.gate};
	cleanup_strings struct string_list names = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(tables, into, argc, argv, &names, &help, &err) < 0 ||
	    (!help && !names.n && isatty(STDIN_FILENO) &&
	     err_set(&err, STATUS_USAGE, "'argocd check-app' needs a FILE, a directory, or - for standard input") <
		     0) ||
	    (!help && !names.n && string_list_add(&names, "-", &err) < 0))
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else
		code = check_apps(&a, &names, &err);
	gate_args_release(&a.check.gate);
	return code;
}
