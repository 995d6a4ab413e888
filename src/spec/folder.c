#include "spec/folder.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct staged {
	char path[4096]; /* the folder that is being filled */
	int fd;
	const struct folder_file *files;
	size_t n;
};

static void staged_drop(struct staged *s)
{
	for (size_t i = 0; i < s->n; i++)
		unlinkat(s->fd, s->files[i].name, 0);
	close(s->fd);
	rmdir(s->path);
}

static int write_file(struct staged *s, const struct folder_file *f, struct err *err)
{
	cleanup_fd int fd =
		openat(s->fd, f->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)f->mode);

	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot create %s/%s", s->path, f->name);
	if (file_write_all(fd, f->text, f->name, err) < 0)
		return err->status;
	/* A mode that the umask cut is not what was asked for. */
	if (fchmod(fd, (mode_t)f->mode) != 0 || fsync(fd) != 0)
		return err_errno(err, STATUS_FAILED, "cannot write %s/%s", s->path, f->name);
	return 0;
}

/* A name that nobody can guess: beside the folder, or inside it. */
static int make_stage(struct staged *s, const char *path, bool inside, struct err *err)
{
	size_t n = strlen(path);
	int rc;

	while (n > 1 && path[n - 1] == '/')
		n--;
	rc = snprintf(s->path, sizeof(s->path), inside ? "%.*s/.new.XXXXXX" : "%.*s.new.XXXXXX", (int)n, path);
	if (rc < 0 || (size_t)rc >= sizeof(s->path))
		return err_set(err, STATUS_USAGE, "the folder's path is too long");
	if (mkdtemp(s->path))
		return 0;
	return errno == ENOENT ? err_set(err, STATUS_USAGE, "the folder above '%.200s' does not exist", path)
			       : err_errno(err, STATUS_USAGE, "cannot make a folder for '%.200s'", path);
}

static int stage(struct staged *s, const char *path, bool inside, struct err *err)
{
	if (make_stage(s, path, inside, err) < 0)
		return err->status;
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd < 0) {
		err_errno(err, STATUS_FAILED, "cannot open %s", s->path);
		rmdir(s->path);
		return err->status;
	}
	for (size_t i = 0; i < s->n; i++)
		if (write_file(s, &s->files[i], err) < 0) {
			staged_drop(s);
			return err->status;
		}
	return 0;
}

/* Whether a regular file is there; a folder or a link of that name is an error. */
static int look_at(int folder, const char *path, const char *name, bool *there, struct err *err)
{
	struct stat st;

	*there = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (*there && !S_ISREG(st.st_mode))
		return err_set(err, STATUS_USAGE, "'%.200s/%s' is not a regular file; nothing was written", path, name);
	return 0;
}

/* The old file comes to the stage for the new one, which is dropped with it or put back. */
static int exchange(const struct staged *s, int to, const char *path, struct err *err)
{
	bool there[16];
	size_t done = 0;

	for (size_t i = 0; i < s->n; i++)
		if (look_at(to, path, s->files[i].name, &there[i], err) < 0)
			return err->status;
	for (; done < s->n; done++)
		if (renameat2(s->fd, s->files[done].name, to, s->files[done].name,
			      there[done] ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0) {
			err_errno(err, STATUS_FAILED, "cannot replace '%.200s/%s'; nothing was changed", path,
				  s->files[done].name);
			break;
		}
	while (err->status && done-- > 0)
		renameat2(to, s->files[done].name, s->fd, s->files[done].name,
			  there[done] ? RENAME_EXCHANGE : RENAME_NOREPLACE);
	return err->status;
}

static int move_into(struct staged *s, const char *path, struct err *err)
{
	cleanup_fd int to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (to < 0)
		return err_errno(err, STATUS_USAGE, "cannot open the folder '%.200s'", path);
	if (exchange(s, to, path, err) == 0)
		fsync(to);
	return err->status;
}

static int move_whole(struct staged *s, const char *path, struct err *err)
{
	if (renameat2(AT_FDCWD, s->path, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
		return err_errno(err, STATUS_FAILED, "cannot create '%.200s'", path);
	fsync(s->fd);
	close(s->fd);
	return 0;
}

static int check_force(const char *path, const char *mark, bool force, struct err *err)
{
	char inside[4096];
	struct stat st;

	if (!force)
		return err_set(err, STATUS_USAGE, "'%.200s' is there already; choose another folder, or give --force",
			       path);
	if (snprintf(inside, sizeof(inside), "%s/%s", path, mark) >= (int)sizeof(inside) || stat(inside, &st) != 0)
		return err_set(err, STATUS_USAGE, "--force replaces what 'spec' wrote; '%.200s' contains no %s", path,
			       mark);
	return 0;
}

static int write_all(const char *path, const struct folder_file *files, size_t n, const char *mark, bool force,
		     struct err *err)
{
	struct staged s = {.files = files, .n = n};
	struct stat st;
	bool there = lstat(path, &st) == 0;

	if ((there && check_force(path, mark, force, err) < 0) || stage(&s, path, there, err) < 0)
		return err->status;
	if (!there && move_whole(&s, path, err) == 0)
		return 0;
	if (there)
		move_into(&s, path, err);
	staged_drop(&s);
	return err->status;
}

int folder_write(const char *path, const struct folder_file *files, size_t n, const char *mark, bool force,
		 struct err *err)
{
	sigset_t block, before;
	int rc;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGXFSZ); /* a limit on file sizes is then an error of write() */
	sigprocmask(SIG_BLOCK, &block, &before);
	rc = write_all(path, files, n, mark, force, err);
	sigdelset(&before, SIGXFSZ);
	if (rc < 0)
		signal(SIGXFSZ, SIG_IGN); /* it is told by the error */
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
