/*
 * state.c: the last report in the user's state directory, because Helm drops what a post-renderer says.
 */
#include "report/format.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>

enum { STATE_MAX = 32 << 20 };

static bool is_wanted(void)
{
	const char *off = getenv("PXB_FED_NO_STATE");

	return !off || !*off || strcmp(off, "0") == 0;
}

/* $XDG_STATE_HOME, which counts only if it is absolute, else its default below $HOME. False: there is no such place. */
static bool state_path(char path[PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME"), *below = "/pxb-fed/last.json";
	int n;

	if (!base || base[0] != '/') {
		base = getenv("HOME");
		below = "/.local/state/pxb-fed/last.json";
	}
	if (!base || base[0] != '/')
		return false;
	n = snprintf(path, PATH_MAX, "%s%s", base, below);
	return n > 0 && n < PATH_MAX;
}

void state_save(const struct report *r)
{
	cleanup_buf struct buf json = BUF_INIT(STATE_MAX);
	struct err err = ERR_INIT;
	char path[PATH_MAX];

	if (!is_wanted() || !state_path(path))
		return;
	/* Rather no report than the one before: it would be taken for this run's. */
	if (report_json(r, &json, &err) < 0 || file_make_parents(path, &err) < 0 ||
	    file_write_atomic_nosync(path, buf_slice(&json), 0600, &err) < 0)
		unlink(path);
}

void state_forget(void)
{
	char path[PATH_MAX];

	if (is_wanted() && state_path(path))
		unlink(path);
}

static int no_report(const char *path, struct err *err)
{
	return err_set(err, STATUS_USAGE, "no report of an earlier run in '%s'", path);
}

static int load(const char *path, struct buf *json, struct stat *st, struct err *err)
{
	/* Not to wait for a writer, should somebody have put a pipe there. */
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return no_report(path, err);
	if (fd < 0)
		return err_errno(err, STATUS_USAGE, "cannot open '%s'", path);
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
		return err_set(err, STATUS_USAGE, "'%s' is not a file", path);
	/* A report that is too large is not ours; a read that fails, or memory, is no fault of the caller's. */
	if (file_read_fd(fd, path, json, err) == STATUS_INPUT)
		err->status = STATUS_USAGE;
	return err->status;
}

/* The report itself holds no time, so that equal runs give equal reports; the file's own tells which run it was. */
static void time_put(const struct stat *st, struct buf *out)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&st->st_mtime, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_addf(out, "last run, %s UTC:\n", text);
}

int state_show(const struct report_format *format, struct buf *out, bool color, struct err *err)
{
	cleanup_buf struct buf json = BUF_INIT(STATE_MAX + 1);
	cleanup_view struct report_view v = {.milliseconds = -1};
	char path[PATH_MAX];
	struct stat st;
	int rc;

	if (!state_path(path))
		return err_set(err, STATUS_USAGE,
			       "no report of an earlier run: neither XDG_STATE_HOME nor HOME names a directory");
	rc = load(path, &json, &st, err);
	if (rc < 0)
		return rc;
	rc = view_from_json(&v, &json, err);
	if (rc == STATUS_USAGE)
		return err_wrap(err, "'%s' is damaged, the next run writes it again", path);
	if (rc < 0)
		return rc;
	v.color = color;
	v.verbose = v.whole = true;
	if (format->render == view_to_text)
		time_put(&st, out);
	return format->render(&v, out, err);
}
