/*
 * values.c: 'values check', values files without a render.
 */
#include "values/values.h"

#include "cmd/check.h"
#include "cmd/cmd.h"

struct values_check_args {
	struct check_args check;
	struct string_list against;
};

static const struct option values_rows[] = {
	{"against", 0, OPTION_LIST, "FILE", "name every value that differs from those in FILE; repeatable", NULL,
	 offsetof(struct values_check_args, against)},
};
OPTION_TABLE(values_table, values_rows);
const struct option_table *const values_tables[] = {&check_output_table, &values_table, &gate_options_table,
						    &set_options_table, NULL};

static int check_values(struct values_check_args *a, struct err *err)
{
	cleanup_gate_setup struct gate_setup setup = {0};
	cleanup_values struct values against;
	struct input_unit none = {{0}};
	struct input_list units = {.v = &none, .n = 1};

	values_init(&against);
	a->check.gate.without_lock = true;
	if (gate_setup_load(&setup, &a->check.gate, err) < 0)
		return fail(err);
	for (size_t i = 0; i < a->against.n; i++)
		if (values_add(&against, a->against.v[i], err) < 0)
			return fail(err);
	setup.pass.options.scope = GATE_VALUES;
	setup.pass.options.against = &against;
	return check_all(&a->check, &setup, &units, err);
}

int cmd_values(const struct command *self, int argc, char **argv)
{
	struct values_check_args a = {0};
	void *const into[] = {&a.check, &a, &a.check.gate, &a.check.gate.sets};
	cleanup_strings struct string_list words = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(self->tables, into, argc, argv, &words, &help, &err) < 0)
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (!words.n || strcmp(words.v[0], "check") != 0)
		code = (err_set(&err, STATUS_USAGE, "needs 'check' first"), fail_usage(self, &err));
	else if (words.n < 2)
		code = (err_set(&err, STATUS_USAGE, "'values check' needs a values file"), fail_usage(self, &err));
	else {
		int rc = 0;

		for (size_t i = 1; i < words.n && rc == 0; i++)
			rc = string_list_add(&a.check.gate.values_files, words.v[i], &err);
		code = rc < 0 ? fail(&err) : check_values(&a, &err);
	}
	string_list_release(&a.against);
	gate_args_release(&a.check.gate);
	return code;
}
