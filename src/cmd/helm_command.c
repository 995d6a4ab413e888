/*
 * helm_command.c: `template`, `install` and `upgrade`: Helm with the gate around it, hooks included. Helm renders, the
 * gate judges all of it, and only then Helm does its work, with the gate as its post-renderer, which lets nothing pass
 * but what was checked.
 */
#include "base/file.h"
#include "cmd/helm_run.h"

#include <sys/mman.h>

/* --- the order of things --------------------------------------------------------------------------------------- */

static int fail_run(const struct helm_run *r, const struct err *err)
{
	int code = fail(err);

	if (r->fix)
		fprintf(stderr, "  fix: %s\n", r->fix);
	return code;
}

static int plan(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf out = BUF_TEXT;
	int code;

	if (pass_repair(&r->pass, r->so, err) < 0 || helm_report(r, err) < 0)
		return fail_run(r, err);
	if (helm_tell_plan(r, &out, err) < 0)
		return fail_run(r, err);
	code = print_out(buf_slice(&out), verdict_code(r->pass.gate.verdict));
	if (code == EXIT_VIOLATIONS)
		helm_tell_refused(r);
	return code;
}

static int run(struct helm_run *r, struct err *err)
{
	cleanup_fd int checked = memfd_create("judged", MFD_CLOEXEC);
	int code = EXIT_OK;
	bool done = false;

	if (helm_judge(r, &done, &code, err) < 0)
		return fail_run(r, err);
	if (done)
		return code;
	if (verdict_code(r->pass.gate.verdict) == EXIT_OK &&
	    (helm_check_kinds(r, err) < 0 || helm_check_classes(r, err) < 0 || helm_check_owners(r, err) < 0))
		return fail_run(r, err);
	if (r->args.plan)
		return plan(r, err);
	/* The list before the repairs: they change the tree. */
	if ((!r->rendering.is_printed && helm_write_judged(r, checked, err) < 0) ||
	    pass_repair(&r->pass, r->so, err) < 0 || helm_report(r, err) < 0)
		return fail_run(r, err);
	code = verdict_code(r->pass.gate.verdict);
	if (code == EXIT_VIOLATIONS)
		helm_tell_refused(r);
	if (code != EXIT_OK)
		return code;
	if (helm_tell_choices(r, err) < 0 || helm_preflight(r, &code, err) < 0)
		return fail_run(r, err);
	if (code != EXIT_OK)
		return code;
	if (helm_do(r, checked, &code, err) < 0 || helm_watch(r, &code, err) < 0)
		return fail_run(r, err);
	return code;
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
	buf_release(&r->chart_crds);
	crds_release(&r->crds);
	once_release(&r->once);
	string_list_release(&r->own);
	string_list_release(&r->helms);
	helm_line_release(&r->line);
}

int cmd_helm(const struct command *self, int argc, char **argv)
{
	struct helm_run r = {.started = milliseconds_now()};
	struct err err = ERR_INIT;
	bool help = false;
	int code;

	if (helm_parse(&r, self, argc, argv, &help, &err) < 0) {
		code = fail_usage(self, &err);
	} else if (help) {
		code = cmd_help(self, 0, NULL);
	} else {
		progress_init(&r.progress, r.args.gate.quiet);
		baseline_init(&r.baseline);
		if (helm_prepare(&r, &err) < 0) {
			progress_clear(&r.progress);
			state_forget();
			code = fail_run(&r, &err);
		} else {
			code = run(&r, &err);
		}
	}
	release(&r);
	return code;
}
