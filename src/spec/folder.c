#include "spec/folder.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
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

static int stage(struct staged *s, const char *path, struct err *err)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n + 16 > sizeof(s->path))
		return err_set(err, STATUS_USAGE, "the folder's path is too long");
	memcpy(s->path, path, n);
	memcpy(s->path + n, ".new.XXXXXX", sizeof(".new.XXXXXX"));
	if (!mkdtemp(s->path))
		return err_errno(err, STATUS_USAGE, "cannot make a folder beside '%.200s'", path);
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

static int move_into(struct staged *s, const char *path, struct err *err)
{
	cleanup_fd int to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (to < 0)
		return err_errno(err, STATUS_USAGE, "cannot open the folder '%.200s'", path);
	for (size_t i = 0; i < s->n; i++)
		if (renameat(s->fd, s->files[i].name, to, s->files[i].name) != 0)
			return err_errno(err, STATUS_FAILED, "cannot replace '%.200s/%s'", path, s->files[i].name);
	if (fchmod(to, 0700) != 0)
		return err_errno(err, STATUS_FAILED, "cannot set the mode of '%.200s'", path);
	return 0;
}

int folder_write(const char *path, const struct folder_file *files, size_t n, bool force, struct err *err)
{
	struct staged s = {.files = files, .n = n};
	struct stat st;
	bool there = lstat(path, &st) == 0;
	int rc = 0;

	if (there && !force)
		return err_set(err, STATUS_USAGE, "'%.200s' is there already; choose another folder, or give --force",
			       path);
	if (stage(&s, path, err) < 0)
		return err->status;
	if (there) {
		rc = move_into(&s, path, err);
	} else if (renameat2(AT_FDCWD, s.path, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
		close(s.fd);
		return 0;
	} else {
		rc = err_errno(err, STATUS_FAILED, "cannot create '%.200s'", path);
	}
	staged_drop(&s);
	return rc;
}
