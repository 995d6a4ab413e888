/*
 * helm_do.c: Helm does its work, with the gate as its post-renderer, which lets nothing pass but what was checked.
 */
#include "base/file.h"
#include "cmd/helm_run.h"
#include "helm/checked.h"

#include <unistd.h>

int helm_write_judged(struct helm_run *r, int fd, struct err *err)
{
	cleanup_buf struct buf list = BUF_INIT((size_t)256 << 20);

	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot hold the list of checked objects");
	if (checked_list(&r->pass.release, r->pass.stream.inputs.v[0], &list, err) < 0)
		return err->status;
	r->judged_n = list.n;
	return file_write_all(fd, buf_slice(&list), "the list of checked objects", err);
}

enum { INNER_OPTIONS = 9 };

/* What makes both gates judge alike; what only adds findings has been told. */
static size_t inner_options(struct helm_run *r, enum helm_inner inner, int fd, const char *options[INNER_OPTIONS])
{
	const struct gate_args *g = &r->args.gate;
	struct arena *a = &r->line.arena;
	char real[PATH_MAX];
	size_t n = 0;

	options[n++] = arena_printf(a, "--%s=/proc/%ld/fd/%d", inner == HELM_KEEPS ? "capture" : "checked",
				    (long)getpid(), fd);
	if (inner == HELM_KEEPS)
		options[n++] = "--hand-on";
	if (g->policy_file)
		options[n++] = arena_printf(a, "--policy=%s", realpath(g->policy_file, real) ? real : g->policy_file);
	if (g->lock_file)
		options[n++] = arena_printf(a, "--lock=%s", realpath(g->lock_file, real) ? real : g->lock_file);
	if (g->patch)
		options[n++] = arena_printf(a, "--patch=%s", g->patch);
	if (g->fail_on)
		options[n++] = arena_printf(a, "--fail-on=%s", g->fail_on);
	if (g->max_mib)
		options[n++] = arena_printf(a, "--max-size=%zu", g->max_mib);
	if (slice_is(r->setup.pass.policy.ns, r->ns))
		options[n++] = arena_printf(a, "--release-namespace=%s", r->ns);
	return n;
}

char *const *helm_final_argv(struct helm_run *r, enum helm_inner inner, int fd)
{
	const char *options[INNER_OPTIONS];
	struct helm_argv argv = {0};

	helm_argv_add(&r->line, &argv, helm_program());
	helm_argv_add(&r->line, &argv, helm_command_name(r->line.command));
	helm_argv_renderer(&r->call, &argv, options, inner_options(r, inner, fd, options));
	if (r->line.command == HELM_TEMPLATE && r->without)
		crds_argv(&r->crds, &r->line, &argv);
	helm_argv_items(&r->line, &argv,
			r->line.command == HELM_TEMPLATE && r->without ? PART_ALL & ~PART_DRY_RUN : PART_ALL,
			r->line.command, true);
	return helm_argv_end(&r->line, &argv);
}

/* --- what Helm said -------------------------------------------------------------------------------------------- */

int helm_failed(struct helm_run *r, int code, const char *what)
{
	fprintf(stderr, "pxb-fed: failed in Helm (exit code %d)%s\n", code, what);
	if (r->fix)
		fprintf(stderr, "  fix: %s\n", r->fix);
	return code == EXIT_VIOLATIONS ? EXIT_HELM : code;
}

/* Helm 4 applies crds/ server-side, and somebody else may own fields of them. */
static void find_fix(struct helm_run *r, struct slice errors)
{
	if (slice_find(errors, "conflict occurred while applying object") == SIZE_MAX ||
	    slice_find(errors, "CustomResourceDefinition") == SIZE_MAX)
		return;
	r->fix = "somebody else has applied the chart's CRDs; add --skip-crds to leave them as they are, or "
		 "--force-conflicts to hand their fields to Helm";
}

static int settle(struct helm_run *r, int judged, struct slice errors, int code)
{
	int gate = checked_heard(judged, r->judged_n);

	if (!code)
		return EXIT_OK;
	if (gate && r->crds.missing && !r->without)
		fputs("pxb-fed: note: the chart's CRDs are in the cluster now; run the command again\n", stderr);
	if (gate)
		return gate;
	find_fix(r, errors);
	return helm_failed(r, code, "");
}

/* --- the run --------------------------------------------------------------------------------------------------- */

/* `helm template` changes nothing, so its output can wait until it is whole: of a Helm that fails none is printed. */
static int do_template(struct helm_run *r, char *const *argv, int judged, int *code, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT(SIZE_MAX / 4), errors = BUF_INIT((size_t)1 << 20);

	if (helm_run(&r->call, argv, &out, &errors, code, err) < 0)
		return err->status;
	fputs(buf_str(&errors), stderr);
	*code = settle(r, judged, buf_slice(&errors), *code);
	if (*code == EXIT_OK)
		*code = print_out(buf_slice(&out), EXIT_OK);
	return 0;
}

static int do_change(struct helm_run *r, char *const *argv, int judged, int *code, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);

	if (child_foreground(&(struct child){.argv = argv,
					     .input = r->call.input,
					     .errors = &errors,
					     .keep = r->once.fds.v,
					     .keep_n = r->once.fds.n},
			     code, err) < 0)
		return err->status;
	*code = settle(r, judged, buf_slice(&errors), *code);
	return 0;
}

int helm_do(struct helm_run *r, int judged, int *code, struct err *err)
{
	char *const *argv;

	progress_clear(&r->progress);
	if (r->rendering.is_printed)
		return helm_print_single(r, code, err);
	argv = helm_final_argv(r, HELM_COMPARES, judged);
	if (!argv)
		return err_nomem(err);
	return (r->line.command == HELM_TEMPLATE ? do_template : do_change)(r, argv, judged, code, err);
}
