/*
 * lock_record.c: a lock written for the first time, and again with a reason.
 */
#include "base/file.h"
#include "cmd/lock_run.h"
#include "helm/chart_digest.h"
#include "credentials/detect.h"
#include "userfile/user_file.h"

#include <sys/stat.h>
#include <unistd.h>

/* --- create ---------------------------------------------------------------------------------------------------- */

/* What is written must be read back as the same: a name that breaks the file would break it. */
static int write_checked(const struct lock *l, struct buf *text, struct err *err)
{
	struct lock_differences d;
	struct lock back;
	int rc;

	lock_init(&back);
	lock_differences_init(&d);
	lock_write(l, text);
	rc = text->failed ? err_nomem(err) : lock_read(&back, "the new lock", buf_slice(text), err);
	if (rc == 0)
		rc = lock_compare(&d, l, &back, err);
	if (rc == 0 && d.v.n)
		rc = err_set(err, STATUS_FAILED, "internal error: the new lock is read back as another");
	else if (rc == STATUS_USAGE)
		rc = err->status = STATUS_INPUT; /* not a file of the user's, but what the objects are called */
	lock_differences_release(&d);
	lock_release(&back);
	return rc;
}

static void say_created(const struct lock_run *run, const struct lock *l, const char *path)
{
	if (run->args->quiet)
		return;
	fprintf(stderr,
		"pxb-fed: recorded in '%s': %s, release " SLICE_FMT " in namespace " SLICE_FMT
		", %zu claim%s of %s%.*s\n",
		path, lock_mode_name(l->mode), SLICE_ARG(l->release_name), SLICE_ARG(l->ns), l->claims.n,
		l->claims.n == 1 ? "" : "s", l->class_name.n ? "class " : "several classes or none",
		SLICE_ARG(l->class_name));
	if (l->mode == LOCK_CLASSIC)
		fputs("pxb-fed: this is a Classic installation: 'render' and 'check' refuse it with this lock, as no\n"
		      "  conversion in place is supported\n",
		      stderr);
}

/* The archive is at hand only where somebody says so. */
static int take_digest(struct lock_run *run, struct lock *l)
{
	char digest[CHART_DIGEST_ROOM];

	if (!run->args->chart)
		return 0;
	if (chart_digest(run->args->chart, digest, &run->err) < 0)
		return run->err.status;
	if (!digest[0])
		return err_set(&run->err, STATUS_USAGE, "'%.200s' is not an archive: a folder has no sha256",
			       run->args->chart);
	if (!l->chart.n)
		return err_set(&run->err, STATUS_USAGE, "the source does not name its chart, so --chart has no place");
	l->chart_sha256 = slice_str(arena_str(&l->arena, slice_str(digest)));
	return arena_failed(&l->arena) ? err_nomem(&run->err) : 0;
}

int lock_create(struct lock_run *run, struct source *s, struct buf *out)
{
	const char *path = run->args->output ? run->args->output : LOCK_FILENAME;
	bool to_stdout = strcmp(path, "-") == 0;
	struct buf text = BUF_TEXT;
	int rc;

	if (!to_stdout && access(path, F_OK) == 0)
		return err_set(
			&run->err, STATUS_USAGE,
			"'%s' is there already, and a lock is made once: 'lock update --reason TEXT' records what "
			"has changed",
			path);
	rc = source_take(s, &run->args->source, run->words, 1, NULL, &run->err);
	if (rc == 0)
		rc = lock_check_complete(&s->lock, &run->err);
	if (rc == 0)
		rc = take_digest(run, &s->lock);
	if (rc == 0)
		rc = write_checked(&s->lock, &text, &run->err);
	if (rc == 0 && to_stdout)
		buf_add(out, buf_slice(&text));
	else if (rc == 0)
		rc = file_create_atomic(path, buf_slice(&text), file_new_mode(), &run->err);
	if (rc == 0)
		say_created(run, &s->lock, to_stdout ? "standard output" : path);
	buf_release(&text);
	return rc;
}

/* --- update ---------------------------------------------------------------------------------------------------- */

static int check_reason(struct lock_run *run)
{
	struct slice reason = slice_trim(slice_str(run->args->reason));
	struct detection d;
	const char *why;
	bool odd;
	size_t at;

	if (!reason.n)
		return err_set(&run->err, STATUS_USAGE,
			       "update needs --reason TEXT: it is recorded in the lock's history");
	if (reason.n > 500)
		return err_set(&run->err, STATUS_USAGE, "the reason has %zu bytes; 500 are enough", reason.n);
	if (!bytes_valid(reason, &odd, &at, &why) || odd || slice_chr(reason, '\n') != SIZE_MAX)
		return err_set(&run->err, STATUS_USAGE, "the reason must be one line of plain text");
	if (credential_in_value(reason, &d))
		return err_set(&run->err, STATUS_USAGE, "the reason contains what looks like a credential (%s)",
			       d.what);
	return 0;
}

static int refuse_update(struct lock_run *run, const struct lock_differences *d)
{
	cleanup_buf struct buf text = BUF_TEXT;

	lock_say_differences(d, LOCK_NEVER, &text);
	fputs(buf_str(&text), stderr);
	return err_set(
		&run->err, STATUS_REFUSED,
		"'%s' keeps what no installation can change; a new installation has a lock of its own ('lock create' "
		"with another file, or when this one is deleted)",
		lock_path(run));
}

/* With the file held: what another writer has recorded meanwhile is read, and kept. */
static int update_held(struct lock_run *run, struct source *s, int fd)
{
	cleanup_lock_differences struct lock_differences d;
	cleanup_buf struct buf old_text = BUF_INIT(0), text = BUF_TEXT;
	cleanup_lock struct lock old;
	const char *path = lock_path(run);
	struct stat st;

	lock_init(&old);
	lock_differences_init(&d);
	old_text = BUF_INIT(USER_FILE_LIMIT);
	if (file_read_fd(fd, path, &old_text, &run->err) < 0)
		return run->err.status == STATUS_INPUT ? (run->err.status = STATUS_USAGE) : run->err.status;
	if (lock_read(&old, path, buf_slice(&old_text), &run->err) < 0 ||
	    lock_compare(&d, &old, &s->lock, &run->err) < 0)
		return run->err.status;
	for (size_t i = 0; i < d.v.n; i++)
		if (d.v.v[i].weight == LOCK_NEVER)
			return refuse_update(run, &d);
	if (!d.v.n) {
		if (!run->args->quiet)
			fprintf(stderr, "pxb-fed: '%s' is already up to date\n", path);
		return 0;
	}
	if (lock_continue(&s->lock, &old, &d, slice_trim(slice_str(run->args->reason)), &run->err) < 0 ||
	    write_checked(&s->lock, &text, &run->err) < 0)
		return run->err.status;
	if (fstat(fd, &st) < 0)
		return err_errno(&run->err, STATUS_FAILED, "cannot read '%s'", path);
	if (file_write_atomic(path, buf_slice(&text), st.st_mode & 07777, &run->err) < 0)
		return run->err.status;
	if (!run->args->quiet) {
		cleanup_buf struct buf said = BUF_TEXT;

		lock_say_differences(&d, LOCK_FREE, &said);
		fprintf(stderr, "%spxb-fed: recorded in '%s': %zu change%s\n", buf_str(&said), path, d.v.n,
			d.v.n == 1 ? "" : "s");
	}
	return 0;
}

int lock_update(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_fd int fd = -1;
	cleanup_lock struct lock l;

	(void)out;
	lock_init(&l);
	/* A lock that cannot be read is told before the source is asked; it is read again when it is held. */
	if (check_reason(run) < 0 || lock_run_read(run, &l) < 0 ||
	    source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0 ||
	    lock_check_complete(&s->lock, &run->err) < 0 || take_digest(run, &s->lock) < 0 ||
	    file_hold(lock_path(run), &fd, &run->err) < 0)
		return run->err.status;
	return update_held(run, s, fd);
}
