/*
 * file.h: reading whole inputs and writing whole files.
 */
#ifndef PXB_FILE_H
#define PXB_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/uio.h>

static inline void fd_close(int *fd);
#define cleanup_fd PXB_CLEANUP(fd_close)

/* Reads fd to its end into b. `name` is for messages only. STATUS_INPUT when b's cap is passed, STATUS_FAILED on an I/O
   error. A descriptor that somebody made non-blocking is waited for, here and below. */
int file_read_fd(int fd, const char *name, struct buf *b, struct err *err) PXB_MUST_CHECK;

/* Opens and reads; `status` is what a file that cannot be opened or read counts as. A named pipe or a socket is
   refused: nobody may ever write to it. A pipe that is named by its descriptor (/dev/fd/63, /dev/stdin) is read: its
   writer is there. */
int file_read(const char *path, struct buf *b, int status, struct err *err) PXB_MUST_CHECK;

/* Writes all of it; EINTR and short writes are handled. */
int file_write_all(int fd, struct slice s, const char *name, struct err *err) PXB_MUST_CHECK;
int file_writev_all(int fd, struct iovec *iov, size_t n, const char *name, struct err *err) PXB_MUST_CHECK;

/* Replaces path in one step: a temporary neighbour is written, synced and renamed over it. Mode as given. */
int file_write_atomic(const char *path, struct slice s, unsigned mode, struct err *err) PXB_MUST_CHECK;

/* The same without waiting for the disk: for files of our own that may be lost with the machine's power. A
   pipe in its place is replaced. */
int file_write_atomic_nosync(const char *path, struct slice s, unsigned mode, struct err *err) PXB_MUST_CHECK;

/* Puts a new file at path in one step; never over one that is there, not even over a link that leads nowhere.
   STATUS_USAGE when there is one. */
int file_create_atomic(const char *path, struct slice s, unsigned mode, struct err *err) PXB_MUST_CHECK;

/* 0644, less what the user's umask takes away. */
unsigned file_new_mode(void);

/* Opens the file at path and waits until no other process holds it so; what is read from *fd afterwards is the file at
   path until *fd is closed, as long as all writers hold it first and replace it atomically. STATUS_USAGE when it cannot
   be opened for writing or is not a regular file. */
int file_hold(const char *path, int *fd, struct err *err) PXB_MUST_CHECK;

/* Creates the missing directories of path's parent, mode 0700. */
int file_make_parents(const char *path, struct err *err) PXB_MUST_CHECK;

#include <unistd.h>
static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif
