/*
 * helm_command.c: `template`, `install` and `upgrade`: Helm with the gate around it, hooks included. Helm renders, the
 * gate judges all of it, and only then Helm does its work, with the gate as its post-renderer, which lets nothing pass
 * but what was judged.
 */
#include "base/file.h"
#include "cmd/helm_run.h"
#include "helm/post_renderer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_SECONDS = 120 };

static const struct option helm_rows[] = {
	{"plan", 0, OPTION_FLAG, NULL, "stop before Helm does it; print what would be installed, patched, refused",
	 NULL, offsetof(struct helm_args, plan)},
	{"fix-values", 0, OPTION_FLAG, NULL, "add the --set options that the findings name, and judge again", NULL,
	 offsetof(struct helm_args, fix_values)},
	{"gate-timeout", 0, OPTION_NUMBER, "SECONDS", "how long one question to Helm or the cluster may take (120)",
	 NULL, offsetof(struct helm_args, timeout)},
};
OPTION_TABLE(helm_table, helm_rows);
const struct option_table *const helm_tables[] = {&helm_table, &gate_options_table, NULL};

/* --- the command line ------------------------------------------------------------------------------------------ */

/* An option of ours among Helm's would reach Helm, which does not know it. */
static int check_order(const struct helm_run *r, struct err *err)
{
	for (size_t i = 0; i < r->line.items.n; i++) {
		const struct helm_item *item = &r->line.items.v[i];

		if (!item->flag && !item->positional && options_know(helm_tables, item->word))
			return err_set(err, STATUS_USAGE, "put %.*s before NAME: what follows belongs to Helm",
				       (int)strcspn(item->word, "="), item->word);
	}
	return 0;
}

static int check_line(const struct helm_run *r, struct err *err)
{
	if (check_order(r, err) < 0)
		return err->status;
	if (helm_line_has(&r->line, "post-renderer") || helm_line_has(&r->line, "post-renderer-args"))
		return err_set(err, STATUS_USAGE,
			       "the gate is the post-renderer here; to run another one before it, render with that and "
			       "pipe into 'pxb-fed render'");
	return 0;
}

static int parse(struct helm_run *r, const struct command *self, int argc, char **argv, bool *help, struct err *err)
{
	void *const into[] = {&r->args, &r->args.gate};
	cleanup_strings struct string_list none = {0};
	enum helm_command command = strcmp(self->name, "install") == 0	 ? HELM_INSTALL
				    : strcmp(self->name, "upgrade") == 0 ? HELM_UPGRADE
									 : HELM_TEMPLATE;

	r->own = argv;
	r->own_n = options_prefix(self->tables, argc, argv);
	if (options_parse(self->tables, into, r->own_n, argv, &none, help, err) < 0 || *help)
		return err->status;
	if (helm_line_parse(&r->line, command, argc - r->own_n, argv + r->own_n, err) < 0)
		return err->status;
	*help = helm_line_has(&r->line, "help");
	if (r->own_n && strcmp(argv[r->own_n - 1], "--") == 0)
		r->own_n--;
	return *help ? 0 : check_line(r, err);
}

/* --- before the first render ----------------------------------------------------------------------------------- */

static int ask_namespace(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20), errors = BUF_INIT((size_t)1 << 20);
	struct helm_argv argv = {0};
	enum helm_outcome outcome;
	int code;

	helm_argv_add(&r->line, &argv, helm_program());
	helm_argv_add(&r->line, &argv, "env");
	helm_argv_add(&r->line, &argv, "HELM_NAMESPACE");
	helm_argv_items(&r->line, &argv, PART_CONNECTION, r->line.command, false);
	if (helm_question(&r->call, &argv, &out, &errors, &outcome, &code, err) < 0)
		return err->status;
	r->ns = outcome == HELM_DONE ? arena_str(&r->line.arena, slice_trim(buf_slice(&out))) : "default";
	return 0;
}

static int find_namespace(struct helm_run *r, struct err *err)
{
	const char *told = getenv("HELM_NAMESPACE");

	r->ns = helm_line_value(&r->line, "namespace");
	if (!r->ns && told && *told)
		r->ns = told;
	return r->ns || ask_namespace(r, err) == 0 ? 0 : err->status;
}

/* A namespace of the policy's own that differs is for the rules to tell. */
static int demand_namespace(struct helm_run *r, struct err *err)
{
	struct policy *p = &r->setup.pass.policy;

	return p->ns.n ? 0 : policy_set_namespace(p, r->ns, err);
}

/* Helm would make another name in each of its runs. */
static void fix_name(struct helm_run *r)
{
	if (helm_line_has(&r->line, "generate-name") && !r->line.name && r->line.chart)
		helm_line_set_name(&r->line, helm_generated_name(&r->line.arena, r->line.chart, (long long)time(NULL)));
}

static int note_stdin(void *arg, const struct helm_flag *flag, const char *value, struct err *err)
{
	bool *wanted = arg;

	(void)err;
	*wanted |= strcmp(flag->name, "values") == 0 && strcmp(value, "-") == 0;
	return 0;
}

/* `-f -` is read once and given to each Helm. */
static int take_input(struct helm_run *r, struct err *err)
{
	bool wanted = false;

	if (helm_line_values(&r->line, note_stdin, &wanted, err) < 0)
		return err->status;
	if (!wanted)
		return 0;
	r->input.cap = r->setup.pass.limits.bytes + 1;
	if (file_read_fd(STDIN_FILENO, "<stdin>", &r->input, err) < 0)
		return err->status;
	r->call.input = buf_slice(&r->input);
	return 0;
}

/* Whether a cluster answers, and which releases it has: a refusal is an answer too. */
static int find_cluster(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	enum helm_outcome outcome;

	progress_say(&r->progress, "asking the cluster");
	if (baseline_list(&r->baseline, &r->call, r->ns, &errors, &outcome, err) < 0)
		return err->status;
	r->cluster = outcome != HELM_NO_CLUSTER;
	if (r->cluster)
		return 0;
	if (r->line.command != HELM_TEMPLATE && !r->args.plan && !helm_line_is_dry_run(&r->line)) {
		progress_clear(&r->progress);
		fputs(buf_str(&errors), stderr);
		return err_set(err, STATUS_HELPER, "the cluster could not be asked; nothing was changed");
	}
	helm_note(r, "no cluster answers: rendered without it, so what the chart looks up there is not seen");
	return 0;
}

/* The installed release is what the new one is held against; a lock in git outlives it. */
static void tell_adoption(struct helm_run *r)
{
	for (size_t i = 0; i < r->baseline.releases.n; i++) {
		const struct installed *b = &r->baseline.releases.v[i];

		if (b->state && r->line.name && strcmp(b->name, r->line.name) == 0 && !r->setup.pass.options.locks_n)
			helm_note(r,
				  "held against %s; to keep its one-time choices in git: %s lock create --release %s",
				  b->state->source, program_name(), b->name);
	}
}

/* What is installed, to hold the new render against. */
static int read_baseline(struct helm_run *r, struct err *err)
{
	if (!r->cluster || r->line.command == HELM_TEMPLATE)
		return 0;
	if (baseline_read(&r->baseline, &r->call, r->ns, err) < 0)
		return err_wrap(err, "nothing was changed");
	for (size_t i = 0; i < r->baseline.notes.n; i++)
		helm_note(r, "%s", r->baseline.notes.v[i]);
	tell_adoption(r);
	if (r->baseline.terminating)
		return err_set(err, STATUS_REFUSED,
			       "refused: the namespace '%s' is being deleted, and everything that is put into it; wait "
			       "until it is gone",
			       r->ns);
	return 0;
}

static int prepare(struct helm_run *r, struct err *err)
{
	r->call.line = &r->line;
	r->call.seconds =
		r->args.timeout ? (unsigned)(r->args.timeout < 86400 ? r->args.timeout : 86400) : TIMEOUT_SECONDS;
	if (gate_setup_load(&r->setup, &r->args.gate, err) < 0 || helm_version(&r->call.major, r->version, err) < 0)
		return err->status;
	if (r->call.major == 3 && helm_line_has(&r->line, "output-dir"))
		return err_set(err, STATUS_USAGE,
			       "Helm 3 writes the files of --output-dir past every post-renderer; leave it out and "
			       "redirect standard output");
	if (helm_post_renderer(r->call.major, r->post_renderer, err) < 0)
		return err->status;
	r->call.post_renderer = r->post_renderer;
	if (r->setup.pass.policy.second_opinion && second_opinion_new(&r->so, err) < 0)
		return err->status;
	fix_name(r);
	if (helm_line_has(&r->line, "no-hooks") && r->line.command != HELM_TEMPLATE)
		helm_note(r, "--no-hooks leaves out the checks before the installation and the databases' secrets; the "
			     "vendor advises against it");
	return find_namespace(r, err) < 0 || demand_namespace(r, err) < 0 || take_input(r, err) < 0 ||
			       find_cluster(r, err) < 0 || read_baseline(r, err) < 0
		       ? err->status
		       : 0;
}

/* --- the order of things --------------------------------------------------------------------------------------- */

static int plan(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf out = BUF_TEXT;

	if (pass_repair(&r->pass, r->so, err) < 0 || helm_report(r, err) < 0)
		return fail(err);
	helm_tell_plan(r, &out);
	if (verdict_code(r->pass.gate.verdict) == EXIT_VIOLATIONS)
		helm_tell_refused(r);
	return out.failed ? fail((err_nomem(err), err))
			  : print_out(buf_slice(&out), verdict_code(r->pass.gate.verdict));
}

static int judge_and_do(struct helm_run *r, bool *again, struct err *err)
{
	cleanup_fd int checked = memfd_create("judged", MFD_CLOEXEC);
	int code = EXIT_OK;
	bool done = false;

	*again = false;
	if (helm_judge(r, &done, &code, err) < 0)
		return fail(err);
	if (done)
		return code;
	if (r->args.plan)
		return plan(r, err);
	/* The list before the repairs: they change the tree. */
	if (helm_write_judged(r, checked, err) < 0 || pass_repair(&r->pass, r->so, err) < 0 || helm_report(r, err) < 0)
		return fail(err);
	code = verdict_code(r->pass.gate.verdict);
	if (code == EXIT_VIOLATIONS)
		helm_tell_refused(r);
	if (code != EXIT_OK)
		return code;
	return helm_do(r, checked, &code, again, err) < 0 ? fail(err) : code;
}

static int run(struct helm_run *r, struct err *err)
{
	bool again;
	int code = judge_and_do(r, &again, err);

	if (!again)
		return code;
	r->cluster = false;
	helm_note(r, "the cluster does not know all kinds of the chart yet: rendered without it");
	return judge_and_do(r, &again, err);
}

static void release(struct helm_run *r)
{
	progress_clear(&r->progress);
	pass_release(&r->pass);
	rendering_release(&r->rendering);
	lock_set_release(&r->locks);
	baseline_release(&r->baseline);
	gate_setup_release(&r->setup);
	gate_args_release(&r->args.gate);
	second_opinion_free(&r->so);
	buf_release(&r->input);
	buf_release(&r->defaults);
	helm_line_release(&r->line);
}

int cmd_helm(const struct command *self, int argc, char **argv)
{
	struct helm_run r = {.started = milliseconds_now()};
	struct err err = ERR_INIT;
	bool help = false;
	int code;

	if (parse(&r, self, argc, argv, &help, &err) < 0) {
		code = fail_usage(self, &err);
	} else if (help) {
		code = cmd_help(self, 0, NULL);
	} else {
		progress_init(&r.progress, r.args.gate.quiet);
		baseline_init(&r.baseline);
		if (prepare(&r, &err) < 0) {
			progress_clear(&r.progress);
			state_forget();
			code = fail(&err);
		} else {
			code = run(&r, &err);
		}
	}
	release(&r);
	return code;
}
