/*
 * helm_single.c: where Helm changes nothing, one run of it is enough, and what it prints waits until it was checked.
 * Every doubt leaves it to the two runs of helm_command.c.
 *
 * What `helm template` prints of a chart that lies here is the stream itself, hooks included: it is judged as it is. Of
 * a dry run, which prints for people, the gate inside Helm keeps what Helm rendered.
 */
#include "base/file.h"
#include "cmd/helm_run.h"
#include "helm/printed.h"

#include <sys/mman.h>
#include <unistd.h>

/* Literally, as only those forms are known to change nothing in every Helm. */
static bool is_dry_run(const struct helm_run *r)
{
	static const char *const forms[] = {"client", "server", "true"};
	const char *form = helm_line_value(&r->line, "dry-run");

	if (!form)
		return helm_line_is_dry_run(&r->line);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strcmp(form, forms[i]) == 0)
			return true;
	return false;
}

/* A flag that is not known may take the next word for its value: even --dry-run. */
static bool knows_all_flags(const struct helm_run *r)
{
	for (size_t i = 0; i < r->line.items.n; i++)
		if (!r->line.items.v[i].flag && !r->line.items.v[i].positional)
			return false;
	return true;
}

/* A part of the output, files in its place, and words for people between it are not taken apart. */
static bool prints_all(const struct helm_run *r)
{
	static const char *const flags[] = {"show-only", "output-dir", "debug"};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (helm_line_has(&r->line, flags[i]))
			return false;
	return true;
}

/* From elsewhere, Helm may print before the stream how it got it. */
static bool is_plain(const struct helm_run *r)
{
	return r->line.command == HELM_TEMPLATE && r->chart_local;
}

static bool is_single(const struct helm_run *r)
{
	const struct helm_args *a = &r->args;

	if (a->plan || a->preflight || a->watch || !prints_all(r) || (r->without && !is_plain(r)))
		return false;
	return r->line.command == HELM_TEMPLATE || (r->cluster && is_dry_run(r) && knows_all_flags(r));
}

/* What the gate inside Helm was given, and what it handed on. */
static int take(struct helm_run *r, const struct buf *captured, bool *whole, struct err *err)
{
	struct rendering *in = &r->rendering;
	struct slice rest = buf_slice(captured), manifests, handed_on;

	if (!capture_take(&rest, &manifests) || !capture_take(&rest, &handed_on) || rest.n)
		return 0;
	*whole = true;
	if (r->call.major == 3 &&
	    printed_hooks(&r->line, buf_slice(&in->printed), handed_on, &in->hooks, whole, err) < 0)
		return err->status;
	buf_add(&in->manifests, manifests);
	return in->manifests.failed ? err_nomem(err) : 0;
}

static int run_kept(struct helm_run *r, bool *done, struct err *err)
{
	cleanup_fd int fd = memfd_create("manifests", MFD_CLOEXEC);
	struct rendering *in = &r->rendering;
	cleanup_buf struct buf captured = BUF_INIT(in->printed.cap);

	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot hold what Helm renders");
	if (helm_run(&r->call, helm_final_argv(r, HELM_KEEPS, fd), &in->printed, &in->errors, &in->exit_code, err) < 0)
		return err->status;
	return in->exit_code || capture_read(fd, &captured, err) < 0 ? err->status : take(r, &captured, done, err);
}

static int run_plain(struct helm_run *r, bool *done, struct err *err)
{
	struct rendering *in = &r->rendering;
	struct helm_argv argv = {0};

	helm_argv_add(&r->line, &argv, helm_program());
	helm_argv_add(&r->line, &argv, helm_command_name(r->line.command));
	if (r->without)
		crds_argv(&r->crds, &r->line, &argv);
	helm_argv_items(&r->line, &argv, r->without ? PART_ALL & ~PART_DRY_RUN : PART_ALL, r->line.command, true);
	if (helm_run(&r->call, helm_argv_end(&r->line, &argv), &in->manifests, &in->errors, &in->exit_code, err) < 0)
		return err->status;
	*done = in->exit_code == 0;
	return 0;
}

int helm_render_single(struct helm_run *r, bool *done, struct err *err)
{
	struct rendering *in = &r->rendering;

	*done = false;
	if (!is_single(r))
		return 0;
	rendering_release(in);
	rendering_init(in, r->setup.pass.limits.bytes + 1);
	progress_say(&r->progress, "rendering with Helm %d%s", r->call.major, r->cluster ? "" : ", without a cluster");
	if ((is_plain(r) ? run_plain : run_kept)(r, done, err) < 0)
		return err->status;
	in->is_printed = *done;
	return 0;
}

int helm_print_single(struct helm_run *r, int *code, struct err *err)
{
	fputs(buf_str(&r->rendering.errors), stderr);
	if (is_plain(r))
		return edit_plan_write(&r->pass.plan, &r->pass.stream, STDOUT_FILENO, err);
	*code = print_out(buf_slice(&r->rendering.printed), EXIT_OK);
	return 0;
}
