/*
 * lock_file.h: pxb-fed.lock on disk. Reading it never blocks a writer; writers wait for each other, and each writes
 * what it has read while it held the file.
 */
#ifndef PXB_CMD_LOCK_FILE_H
#define PXB_CMD_LOCK_FILE_H

#include "lock/lock.h"

/* Reads the lock at path, which must be there. STATUS_USAGE for anything wrong with it. */
int lock_file_read(struct lock *l, const char *path, struct err *err) PXB_MUST_CHECK;

/* The same for `path`, or if it is NULL for ./pxb-fed.lock, which may be missing: *found tells. */
int lock_file_find(struct lock *l, const char *path, bool *found, struct err *err) PXB_MUST_CHECK;

#endif
