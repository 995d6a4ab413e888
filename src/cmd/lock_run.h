/*
 * lock_run.h: what the parts of the command `lock` share. Internal to it.
 */
#ifndef PXB_CMD_LOCK_RUN_H
#define PXB_CMD_LOCK_RUN_H

#include "cmd/lock_source.h"
#include "lock/lock.h"

struct lock_args {
	struct source_args source;
	const char *lock_file, *output, *reason, *chart;
	bool quiet, verbose;
};

struct lock_run {
	const struct lock_args *args;
	const struct string_list *words; /* the verb, then files */
	struct err err;
};

const char *lock_path(const struct lock_run *run);

/* Reads the lock that must be there; a missing one says how to get one. */
int lock_run_read(struct lock_run *run, struct lock *l);

/* lock_record.c: the verbs that write. */
int lock_create(struct lock_run *run, struct source *s, struct buf *out);
int lock_update(struct lock_run *run, struct source *s, struct buf *out);

/* lock_words.c: a lock, and differences of at least that weight, for people. */
void lock_say(const struct lock *l, struct buf *out);
void lock_say_differences(const struct lock_differences *d, enum lock_weight from, struct buf *out);

#endif
