#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

/* After a call that returned less than 0: whether to try again. A descriptor that would block is waited for: it may be
   shared with a process that set it so. */
static bool again(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

int file_read_fd(int fd, const char *name, struct buf *b, struct err *err)
{
	struct stat st;
	size_t step = 64 * 1024;

	/* A regular file says how long it is: one allocation, one read, one more that finds the end. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && (uintmax_t)st.st_size < b->cap)
		step = (size_t)st.st_size + 1;
	for (;;) {
		size_t room = step < b->cap - b->n ? step : b->cap - b->n;
		char beyond; /* the limit: there must be no such byte */
		char *at = room ? buf_reserve(b, room) : &beyond;
		ssize_t n;

		if (!at)
			return err_nomem(err);
		n = read(fd, at, room ? room : 1);
		if (n < 0 && again(fd, POLLIN))
			continue;
		if (n < 0)
			return err_errno(err, STATUS_FAILED, "cannot read '%s'", name);
		if (n == 0)
			break;
		if (!room)
			return err_set(err, STATUS_INPUT, "'%s' is larger than the limit of %zu MiB", name,
				       b->cap >> 20);
		b->n += (size_t)n;
		if (step < b->n)
			step = b->n;
	}
	if (b->p)
		b->p[b->n] = '\0';
	return 0;
}

static bool names_descriptor(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
}

/* What no read of path would end, or begin, with. NULL: read it. */
static const char *unreadable_kind(const char *path, mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (names_descriptor(path))
		return NULL;
	return S_ISFIFO(mode) ? "a named pipe" : S_ISSOCK(mode) ? "a socket" : NULL;
}

int file_read(const char *path, struct buf *b, int status, struct err *err)
{
	/* Without O_NONBLOCK the open itself would wait for somebody who writes to a named pipe. */
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *kind;
	struct stat st;
	int rc;

	if (fd < 0)
		return err_errno(err, status, "cannot open '%s'", path);
	kind = fstat(fd, &st) == 0 ? unreadable_kind(path, st.st_mode) : NULL;
	if (kind)
		return err_set(err, status, "'%s' is %s", path, kind);
	rc = file_read_fd(fd, path, b, err);
	if (rc < 0 && rc != STATUS_INPUT && !b->failed) /* memory that runs short is no fault of the file */
		err->status = rc = status;
	return rc;
}

int file_write_all(int fd, struct slice s, const char *name, struct err *err)
{
	struct iovec one = {(void *)(uintptr_t)s.p, s.n};

	return file_writev_all(fd, &one, 1, name, err);
}

int file_writev_all(int fd, struct iovec *iov, size_t n, const char *name, struct err *err)
{
	while (n) {
		ssize_t w;

		if (iov->iov_len == 0) {
			iov++;
			n--;
			continue;
		}
		w = writev(fd, iov, (int)(n < IOV_MAX ? n : IOV_MAX));
		if (w < 0 && again(fd, POLLOUT))
			continue;
		if (w < 0)
			return err_errno(err, STATUS_FAILED, "cannot write %s", name);
		while (w > 0 && n) {
			size_t part = (size_t)w < iov->iov_len ? (size_t)w : iov->iov_len;

			iov->iov_base = (char *)iov->iov_base + part;
			iov->iov_len -= part;
			w -= (ssize_t)part;
			if (iov->iov_len == 0) {
				iov++;
				n--;
			}
		}
	}
	return 0;
}

int file_make_parents(const char *path, struct err *err)
{
	char dir[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(dir))
		return err_set(err, STATUS_FAILED, "path '%.60s...' is too long", path);
	memcpy(dir, path, n + 1);
	for (char *p = dir + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			return err_errno(err, STATUS_FAILED, "cannot create directory '%s'", dir);
		*p = '/';
	}
	return 0;
}

/* A neighbour of path with the text, complete and on the disk; tmp is its name. */
static int write_temporary(const char *path, struct slice s, unsigned mode, bool sync, char tmp[PATH_MAX],
			   struct err *err)
{
	int len = snprintf(tmp, PATH_MAX, "%s.XXXXXX", path);
	cleanup_fd int fd = -1;
	int rc;

	if (len < 0 || len >= PATH_MAX)
		return err_set(err, STATUS_FAILED, "path '%.60s...' is too long", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot create a file beside '%s'", path);
	rc = file_write_all(fd, s, path, err);
	if (rc == 0 && fchmod(fd, (mode_t)mode) < 0)
		rc = err_errno(err, STATUS_FAILED, "cannot set the mode of '%s'", path);
	if (rc == 0 && sync && fsync(fd) < 0 && errno != EINVAL)
		rc = err_errno(err, STATUS_FAILED, "cannot write '%s'", path);
	if (rc < 0)
		unlink(tmp);
	return rc;
}

static int write_atomic(const char *path, struct slice s, unsigned mode, bool sync, struct err *err)
{
	char tmp[PATH_MAX];
	char real[PATH_MAX];
	struct stat st;

	/* A link that a user names stays a link, and what it points to is replaced. Our own files follow none. */
	if (sync && !names_descriptor(path) && realpath(path, real))
		path = real;
	/* A pipe, a terminal, a descriptor by name: written in place, for it cannot be replaced. A file of our own is
	   replaced whatever it is: nobody may ever read from a pipe that somebody put there. */
	if (sync && (names_descriptor(path) || (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))) {
		cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

		if (fd < 0)
			return err_errno(err, STATUS_FAILED, "cannot open '%s'", path);
		return file_write_all(fd, s, path, err);
	}
	if (write_temporary(path, s, mode, sync, tmp, err) < 0)
		return err->status;
	if (rename(tmp, path) < 0) {
		err_errno(err, STATUS_FAILED, "cannot replace '%s'", path);
		unlink(tmp);
		return err->status;
	}
	return 0;
}

int file_write_atomic(const char *path, struct slice s, unsigned mode, struct err *err)
{
	return write_atomic(path, s, mode, true, err);
}

int file_write_atomic_nosync(const char *path, struct slice s, unsigned mode, struct err *err)
{
	return write_atomic(path, s, mode, false, err);
}

int file_create_atomic(const char *path, struct slice s, unsigned mode, struct err *err)
{
	char tmp[PATH_MAX];
	struct stat st;
	int rc = 0;

	if (lstat(path, &st) == 0)
		return err_set(err, STATUS_USAGE, "'%s' is there already", path);
	if (write_temporary(path, s, mode, true, tmp, err) < 0)
		return err->status;
	/* A second name is made only where there is none: two creators cannot both succeed. */
	if (link(tmp, path) < 0)
		rc = errno == EEXIST ? err_set(err, STATUS_USAGE, "'%s' is there already", path)
				     : err_errno(err, STATUS_FAILED, "cannot create '%s'", path);
	unlink(tmp);
	return rc;
}

unsigned file_new_mode(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return 0644 & ~(unsigned)mask;
}

int file_hold(const char *path, int *fd, struct err *err)
{
	for (;;) {
		struct stat mine, there;

		*fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (*fd < 0)
			return err_errno(err, STATUS_USAGE, "cannot open '%s' for writing", path);
		if (fstat(*fd, &mine) == 0 && !S_ISREG(mine.st_mode)) {
			fd_close(fd);
			return err_set(err, STATUS_USAGE, "'%s' is not a regular file", path);
		}
		while (flock(*fd, LOCK_EX) < 0)
			if (errno != EINTR) {
				err_errno(err, STATUS_FAILED, "cannot lock '%s'", path);
				fd_close(fd);
				return err->status;
			}
		/* Who held it before may have replaced it: then the lock is on a file that has no name any more. */
		if (fstat(*fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
		    mine.st_ino == there.st_ino)
			return 0;
		fd_close(fd);
	}
}
