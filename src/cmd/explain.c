/*
 * explain.c: what a rule demands, and what the last run said.
 */
#include "checks/checks.h"
#include "cmd/cmd.h"
#include "policy/rule_id.h"
#include "report/chars.h"
#include "report/report.h"
#include "rules/docs.h"

#include <unistd.h>

struct explain_args {
	bool last;
	const char *output;
};

static const struct option explain_rows[] = {
	{"last", 0, OPTION_FLAG, NULL, "show the report of the last run (Helm 4 discards what a post-renderer prints)",
	 NULL, offsetof(struct explain_args, last)},
	{"output", 'o', OPTION_CHOICE, "FORMAT", "the form of the last run's report (text)", &report_format_choices[1],
	 offsetof(struct explain_args, output)},
};
OPTION_TABLE(explain_table, explain_rows);
const struct option_table *const explain_tables[] = {&explain_table, NULL};

/* The first sentence of a page, in lines of its own. */
static void sentence_put(struct slice text, struct buf *out)
{
	cleanup_buf struct buf line = BUF_TEXT;

	for (size_t i = 0; i < text.n && !(text.p[i] == '.' && (i + 1 == text.n || text.p[i + 1] <= ' ')); i++)
		if (text.p[i] != '`')
			buf_addc(&line, text.p[i] == '\n' ? ' ' : text.p[i]);
	buf_fill(out, ' ', 4);
	wrap_put(buf_slice(&line), 4, 4, out);
	buf_addc(out, '\n');
	out->failed |= line.failed;
}

static int list_rules(struct buf *out)
{
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		buf_addf(out, "%s (%s%s)\n", rule_infos[i].id, severity_name(rule_infos[i].severity),
			 rule_infos[i].lowerable ? "; a policy may lower it" : "");
		sentence_put(page_demand(rule_page(rule_infos[i].id)), out);
	}
	buf_addf(out, "\n%-21s%-10s%s\n", "CHECK", "COMMAND", "PASSES WHEN");
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		buf_addf(out, "%-21s%-10s%s\n", check_infos[i].name, check_command_name(check_infos[i].command),
			 check_infos[i].title);
	buf_addf(out, "\nA page: %s explain RULE or CHECK\n", program_name());
	return 0;
}

static int put_page(const char *name, struct buf *out, struct err *err)
{
	const char *text = rule_page(name);

	if (!text)
		return err_set(err, STATUS_FAILED, "internal error: '%s' has no page", name);
	buf_adds(out, text);
	return 0;
}

static int explain_rule(struct slice id, struct buf *out, struct err *err)
{
	enum rule_id rule;
	const char *near = rule_nearest(id);
	enum check_id check = check_parse(id);

	if (check < CHECK_COUNT)
		return put_page(check_infos[check].name, out, err);
	if (!near)
		near = check_nearest(id);
	if (!rule_parse(id, &rule)) {
		if (near)
			return err_set(err, STATUS_USAGE, "no rule '" SLICE_FMT "'; did you mean '%s'?",
				       SLICE_ARG(slice_to(id, 60)), near);
		return err_set(err, STATUS_USAGE, "no rule '" SLICE_FMT "'; 'explain' without arguments lists them",
			       SLICE_ARG(slice_to(id, 60)));
	}
	return put_page(rule_infos[rule].id, out, err);
}

static int show_last(const struct explain_args *a, struct buf *out, struct err *err)
{
	const struct report_format *format = report_format_find(slice_str(a->output ? a->output : "text"));

	out->cap = (size_t)1 << 30;
	use_width_of(STDOUT_FILENO);
	return state_show(format, out, wants_color(STDOUT_FILENO), err);
}

int cmd_explain(const struct command *self, int argc, char **argv)
{
	struct explain_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rules = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	bool help;

	if (options_parse(self->tables, into, argc, argv, &rules, &help, &err) < 0)
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (a.last && rules.n) {
		err_set(&err, STATUS_USAGE, "--last takes no rule");
		return fail_usage(self, &err);
	}
	if (a.output && !a.last) {
		err_set(&err, STATUS_USAGE, "--output is for --last: a rule's page has one form");
		return fail_usage(self, &err);
	}
	if (a.last ? show_last(&a, &out, &err) < 0 : !rules.n && list_rules(&out) < 0)
		return fail(&err);
	for (size_t i = 0; i < rules.n; i++)
		if (explain_rule(slice_str(rules.v[i]), &out, &err) < 0)
			return fail_usage(self, &err);
	if (out.failed)
		return fail((err_nomem(&err), &err));
	return print_out(buf_slice(&out), EXIT_OK);
}
