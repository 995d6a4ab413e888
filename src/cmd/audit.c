/*
 * audit.c: a version of the chart against the tables of this program, and against another version.
 */
#include "audit/audit.h"

#include "cmd/cmd.h"
#include "cmd/gate_args.h"
#include "helm/helm.h"

#include <unistd.h>

enum { RENDER_SECONDS = 120 };

struct audit_args {
	const char *against, *output, *fail_on;
	struct string_list helms, variants, values, reports;
	size_t jobs;
	bool rows, quiet, verbose;
};

static const struct option audit_rows_[] = {
	{"against", 0, OPTION_STRING, "OLD", "what has changed since the chart OLD, too", NULL,
	 offsetof(struct audit_args, against)},
	{"rows", 0, OPTION_FLAG, NULL, "print the rows that the tables lack, and nothing else", NULL,
	 offsetof(struct audit_args, rows)},
	{"helm", 0, OPTION_LIST, "FILE", "render with this Helm; repeatable ($HELM_BIN, else helm)", NULL,
	 offsetof(struct audit_args, helms)},
	{"variant", 0, OPTION_LIST, "NAME", "render this variant only; repeatable (all of them)", NULL,
	 offsetof(struct audit_args, variants)},
	{"value", 0, OPTION_LIST, "KEY", "change this value only; repeatable (all that rules are about)", NULL,
	 offsetof(struct audit_args, values)},
	{"output", 'o', OPTION_CHOICE, "FORMAT", "form of the report on standard output (text)",
	 &report_format_choices[1], offsetof(struct audit_args, output)},
	{"report", 0, OPTION_LIST, "FORMAT=FILE", "write the report to FILE as well; repeatable", NULL,
	 offsetof(struct audit_args, reports)},
	{"fail-on", 0, OPTION_CHOICE, "SEVERITY", "exit with 1 from this severity on (error)", "warning|error",
	 offsetof(struct audit_args, fail_on)},
	{"jobs", 'j', OPTION_NUMBER, "N", "renders at a time (one for each core)", NULL,
	 offsetof(struct audit_args, jobs)},
	{"quiet", 'q', OPTION_FLAG, NULL, "print nothing if the tables fit the chart", NULL,
	 offsetof(struct audit_args, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "print notes, too", NULL, offsetof(struct audit_args, verbose)},
};
OPTION_TABLE(audit_table, audit_rows_);
const struct option_table *const audit_tables[] = {&audit_table, NULL};

enum { TARGETS_MAX = 16 };

static int parse_targets(const struct audit_args *a, struct report_target *targets, struct err *err)
{
	if (a->reports.n > TARGETS_MAX)
		return err_set(err, STATUS_USAGE, "more than %d reports", TARGETS_MAX);
	for (size_t i = 0; i < a->reports.n; i++)
		if (report_target_parse(a->reports.v[i], &targets[i], err) < 0)
			return err->status;
	return 0;
}

static int print_view(const struct audit_args *a, struct report_view *v, const struct report_target *targets,
		      struct err *err)
{
	const struct report_format *format = report_format_find(slice_str(a->output ? a->output : "text"));
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 30);
	bool is_text = format == report_format_find(SLICE("text"));

	v->color = is_text && wants_color(STDOUT_FILENO);
	v->verbose = a->verbose;
	v->whole = true;
	use_width_of(STDOUT_FILENO);
	if (!(is_text && a->quiet && v->exit_code == 0) && format->render(v, &out, err) < 0)
		return fail(err);
	for (size_t i = 0; i < a->reports.n; i++)
		if (view_write(v, &targets[i], err) < 0)
			return fail(err);
	return print_out(buf_slice(&out), v->exit_code);
}

static int print_rows(const struct audit *a, int code, struct err *err)
{
	cleanup_buf struct buf out = BUF_TEXT;

	audit_rows(a, &out);
	return out.failed ? fail((err_nomem(err), err)) : print_out(buf_slice(&out), code);
}

static int audit(const struct audit_args *a, const char *chart, struct err *err)
{
	const char *const helm[] = {helm_program()};
	struct report_target targets[TARGETS_MAX];
	struct audit_options o = {.chart = chart,
				  .against = a->against,
				  .helms = a->helms.n ? a->helms.v : helm,
				  .helms_n = a->helms.n ? a->helms.n : 1,
				  .variants = a->variants.v,
				  .variants_n = a->variants.n,
				  .values = a->values.v,
				  .values_n = a->values.n,
				  .workers = a->jobs,
				  .seconds = RENDER_SECONDS};
	struct report_view v = {.kinds = NULL};
	struct audit found;
	int code;

	if (parse_targets(a, targets, err) < 0)
		return fail(err);
	audit_init(&found);
	if (audit_run(&found, &o, err) < 0 ||
	    audit_view(&found, &o, a->fail_on && strcmp(a->fail_on, "warning") == 0, &v, err) < 0)
		code = fail(err);
	else
		code = a->rows ? print_rows(&found, v.exit_code, err) : print_view(a, &v, targets, err);
	view_release(&v);
	audit_release(&found);
	return code;
}

int cmd_audit(const struct command *self, int argc, char **argv)
{
	struct audit_args a = {.jobs = 0};
	void *const into[] = {&a};
	cleanup_strings struct string_list words = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(self->tables, into, argc, argv, &words, &help, &err) < 0)
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (words.n != 1)
		code = (err_set(&err, STATUS_USAGE, "needs one CHART, a folder or a .tgz"), fail_usage(self, &err));
	else
		code = audit(&a, words.v[0], &err);
	string_list_release(&a.helms);
	string_list_release(&a.variants);
	string_list_release(&a.values);
	string_list_release(&a.reports);
	return code;
}
