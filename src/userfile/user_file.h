/*
 * user_file.h: files that people write for this program (the policy, values files): reading one strictly, and telling
 * the writer the place and the likely meaning of a slip. Every fault is STATUS_USAGE, "FILE:LINE:COLUMN: what is
 * wrong".
 *
 * Texts and names are borrowed. Nothing here prints.
 */
#ifndef PXB_USERFILE_USER_FILE_H
#define PXB_USERFILE_USER_FILE_H

#include "base/err.h"
#include "yaml/stream.h"

enum { USER_FILE_LIMIT = 16 << 20 }; /* bytes; a policy has one thousand, a values file ten */

/* Reads the file at path. A file that cannot be read is STATUS_USAGE, memory that runs short is STATUS_FAILED. */
int user_file_read(const char *path, struct buf *text, struct err *err) PXB_MUST_CHECK;

/* Parses text into s, which is new and stays releasable. *root is its one document's root, NULL for an empty file.
   Anything unreadable, readable in two ways, or behind the first document is a fault. */
int user_file_parse(struct stream *s, const char *name, struct slice text, const struct node **root,
		    struct err *err) PXB_MUST_CHECK;

/* Sets err to "NAME:LINE:COLUMN: " and the message; at is a byte offset in s's only input. Returns STATUS_USAGE. */
int user_file_fault(struct stream *s, size_t at, struct err *err, const char *fmt, ...) PXB_PRINTF(4, 5) PXB_MUST_CHECK;

/* A text as a message may show it: quoted, cut, control characters replaced, and what comes before an '@' (it may hold
   a password) masked. */
struct shown {
	char text[128];
};

struct shown show_text(struct slice text);

/* What a reader of YAML makes of the node: "a list", "a number", "nothing". */
const char *node_noun(const struct node *n);

/* Equal but for case, '-' and '_': storage_class_name is meant to be storageClassName. */
bool key_alike(struct slice a, struct slice b);

/* The name that was probably meant by `key`, or NULL. */
const char *key_nearest(struct slice key, const char *const *names, size_t n);

#endif
