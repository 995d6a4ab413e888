#include "helm/render.h"

#include "base/file.h"
#include "helm/crds.h"
#include "helm/once.h"
#include "yaml/stream.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void rendering_init(struct rendering *r, size_t cap)
{
	r->manifests = BUF_INIT(cap);
	r->hooks = BUF_INIT(cap);
	r->errors = BUF_INIT((size_t)1 << 20);
	r->printed = BUF_INIT(cap < SIZE_MAX / 4 ? cap * 4 : SIZE_MAX);
	r->is_printed = false;
	r->exit_code = 0;
}

void rendering_release(struct rendering *r)
{
	buf_release(&r->manifests);
	buf_release(&r->hooks);
	buf_release(&r->errors);
	buf_release(&r->printed);
}

/* --- asking Helm ----------------------------------------------------------------------------------------------- */

bool helm_lost_cluster(struct slice errors)
{
	/* Go's net package, client-go and Helm; the first letter of Helm's own differs between the majors. */
	static const char *const words[] = {
		"luster unreachable",
		"cluster reachability check failed",
		"connection refused",
		"connection reset by peer",
		"connect: no route to host",
		"network is unreachable",
		"no such host",
		"i/o timeout",
		"TLS handshake timeout",
		"client connection lost",
		"context deadline exceeded",
		"Client.Timeout exceeded",
		"unexpected EOF",
		": EOF",
		"broken pipe",
		"the server is currently unable to handle the request",
		"etcdserver: ",
		"Unable to connect to the server",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(errors, words[i]) != SIZE_MAX)
			return true;
	return false;
}

static int run(const struct helm_call *h, char *const *argv, const struct once *once, struct buf *out,
	       struct buf *errors, int *exit_code, struct err *err)
{
	struct child_result result;

	if (!argv)
		return err_nomem(err);
	if (child_run(&(struct child){.argv = argv,
				      .input = h->input,
				      .out = out,
				      .errors = errors,
				      .seconds = h->seconds,
				      .keep = once ? once->fds.v : NULL,
				      .keep_n = once ? once->fds.n : 0},
		      &result, err) < 0)
		return err->status;
	*exit_code = result.exit_code;
	return 0;
}

static enum helm_outcome outcome_of(int exit_code, const struct buf *errors)
{
	if (exit_code == 0)
		return HELM_DONE;
	return helm_lost_cluster(buf_slice(errors)) ? HELM_NO_CLUSTER : HELM_REFUSED;
}

int helm_run(const struct helm_call *h, char *const *argv, struct buf *out, struct buf *errors, int *exit_code,
	     struct err *err)
{
	return run(h, argv, h->once, out, errors, exit_code, err);
}

int helm_question(const struct helm_call *h, struct helm_argv *a, struct buf *out, struct buf *errors,
		  enum helm_outcome *outcome, int *exit_code, struct err *err)
{
	if (run(h, helm_argv_end(h->line, a), NULL, out, errors, exit_code, err) < 0)
		return err->status;
	*outcome = outcome_of(*exit_code, errors);
	return 0;
}

void helm_argv_renderer(const struct helm_call *h, struct helm_argv *a, const char *const *args, size_t n)
{
	helm_argv_add(h->line, a, "--post-renderer");
	helm_argv_add(h->line, a, h->post_renderer);
	if (h->major == 3) { /* Helm 4's plugin says it itself */
		helm_argv_add(h->line, a, "--post-renderer-args");
		helm_argv_add(h->line, a, "render");
	}
	for (size_t i = 0; i < n; i++) {
		helm_argv_add(h->line, a, "--post-renderer-args");
		helm_argv_add(h->line, a, args[i]);
	}
}

/* --- the stream of the post-renderer --------------------------------------------------------------------------- */

int capture_open(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		err_errno(err, STATUS_FAILED, "cannot hand the stream to the run that waits for it");
	else if (!S_ISREG(st.st_mode) || st.st_nlink != 0)
		err_set(err, STATUS_USAGE, "--capture takes a file without a name: it is for our own use");
	if (err->status)
		fd_close(&fd);
	return fd;
}

/* A NUL, which no stream holds: what is cut short is told from what is whole. */
int capture_end(int fd, struct err *err)
{
	return file_write_all(fd, slice_of("", 1), "the capture", err);
}

int capture_write(const char *path, struct slice text, struct err *err)
{
	cleanup_fd int fd = capture_open(path, err);

	return fd < 0 || file_write_all(fd, text, "the capture", err) < 0 || capture_end(fd, err) < 0 ? err->status : 0;
}

int capture_read(int fd, struct buf *captured, struct err *err)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, STATUS_FAILED, "cannot read the capture");
	return file_read_fd(fd, "what Helm rendered", captured, err);
}

bool capture_take(struct slice *captured, struct slice *text)
{
	size_t end = slice_chr(*captured, '\0');

	if (end == SIZE_MAX)
		return false;
	*text = slice_to(*captured, end);
	*captured = slice_from(*captured, end + 1);
	return true;
}

/* --- hooks of Helm 3 ------------------------------------------------------------------------------------------- */

static void put_hook(const struct node *hook, struct buf *out)
{
	buf_adds(out, "---\n# Source: ");
	buf_add(out, node_string(node_lookup(hook, "path")));
	buf_addc(out, '\n');
	buf_add(out, node_string(node_lookup(hook, "manifest")));
	buf_addc(out, '\n');
}

int hooks_of_release(struct slice printed, struct buf *hooks, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;

	stream_init(&s, &limits);
	if (stream_add(&s, "helm", printed, err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1 || !node_is_mapping(s.documents.v[0].root))
		return err_set(err, STATUS_HELPER, "what Helm printed about its dry run is not a JSON object");
	for (struct seq_iter it = seq_iter_of(node_lookup(s.documents.v[0].root, "hooks")); seq_next(&it);)
		put_hook(it.item, hooks);
	return hooks->failed ? err_nomem(err) : 0;
}

/* --- rendering ------------------------------------------------------------------------------------------------- */

/* What does not change the render is left out; what is installed, waited for and printed is for the real run. */
enum {
	RENDER_PARTS = PART_VALUES | PART_SOURCE | PART_CONNECTION | PART_REGISTRY | PART_RENDERING | PART_NAME |
		       PART_HOOKS | PART_SECRETS
};

/* The user's own choice of a dry run holds for ours too, or the two would differ. */
static void put_dry_run(const struct helm_call *h, enum helm_command command, bool cluster, struct helm_argv *a)
{
	struct helm_line *l = h->line;
	bool as_told = l->command == HELM_TEMPLATE ? cluster : command == l->command && helm_line_is_dry_run(l);

	if (as_told)
		helm_argv_items(l, a, PART_DRY_RUN, command, false);
	else
		helm_argv_add(l, a, cluster ? "--dry-run=server" : "--dry-run=client");
}

static void render_argv(const struct helm_call *h, enum helm_command command, bool cluster, const char *capture,
			struct helm_argv *a)
{
	struct helm_line *l = h->line;

	helm_argv_add(l, a, helm_program());
	helm_argv_add(l, a, helm_command_name(command));
	put_dry_run(h, command, cluster, a);
	if (command == HELM_TEMPLATE) {
		if (l->command == HELM_UPGRADE && !h->installs)
			helm_argv_add(l, a, "--is-upgrade");
		if (!cluster && h->crds)
			crds_argv(h->crds, l, a);
	} else if (h->major == 3) {
		helm_argv_add(l, a, "--output=json");
	}
	helm_argv_renderer(h, a, &capture, 1);
	helm_argv_items(l, a, RENDER_PARTS, command, true);
}

int helm_render(const struct helm_call *h, enum helm_command command, bool cluster, struct rendering *r,
		enum helm_outcome *outcome, struct err *err)
{
	cleanup_fd int fd = memfd_create("manifests", MFD_CLOEXEC);
	cleanup_buf struct buf out = BUF_INIT(r->manifests.cap * 2);
	struct helm_argv argv = {0};
	struct slice rest, manifests;
	bool whole;

	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot hold what Helm renders");
	render_argv(h, command, cluster, arena_printf(&h->line->arena, "--capture=/proc/%ld/fd/%d", (long)getpid(), fd),
		    &argv);
	if (helm_run(h, helm_argv_end(h->line, &argv), &out, &r->errors, &r->exit_code, err) < 0)
		return err->status;
	*outcome = outcome_of(r->exit_code, &r->errors);
	if (capture_read(fd, &r->manifests, err) < 0)
		return err->status;
	rest = buf_slice(&r->manifests);
	whole = capture_take(&rest, &manifests);
	r->manifests.n = whole ? manifests.n : 0;
	if (!whole) {
		if (*outcome == HELM_DONE)
			return err_set(err, STATUS_HELPER, "Helm succeeded, but did not call its post-renderer");
		return 0;
	}
	if (h->major > 3) { /* the capture itself made Helm fail */
		*outcome = HELM_DONE;
		return 0;
	}
	if (*outcome != HELM_DONE)
		return 0;
	if (command != HELM_TEMPLATE)
		return hooks_of_release(buf_slice(&out), &r->hooks, err);
	buf_add(&r->hooks, buf_slice(&out));
	return r->hooks.failed ? err_nomem(err) : 0;
}
