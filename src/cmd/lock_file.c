#include "cmd/lock_file.h"

#include "userfile/user_file.h"

#include <errno.h>
#include <sys/stat.h>

int lock_file_read(struct lock *l, const char *path, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(0);

	if (user_file_read(path, &text, err) < 0)
		return err->status;
	return lock_read(l, path, buf_slice(&text), err);
}

int lock_file_find(struct lock *l, const char *path, bool *found, struct err *err)
{
	struct stat st;

	*found = true;
	if (path)
		return lock_file_read(l, path, err);
	/* A link that leads nowhere is no missing lock: somebody meant one to be there. */
	if (lstat(LOCK_FILENAME, &st) < 0 && errno == ENOENT) {
		*found = false;
		return 0;
	}
	return lock_file_read(l, LOCK_FILENAME, err);
}
