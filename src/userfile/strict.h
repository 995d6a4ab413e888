/*
 * strict.h: reading a file of this program's own formats (the policy, the lock) without guessing. What is not known, or
 * of another type, is an error, because a misspelt requirement would have no effect.
 *
 * Every fault is STATUS_USAGE, "FILE:LINE:COLUMN: what is wrong". Texts and names are borrowed.
 */
#ifndef PXB_USERFILE_STRICT_H
#define PXB_USERFILE_STRICT_H

#include "userfile/user_file.h"

#define OWN_API_VERSION "pxb-fed/v1"

struct strict {
	const char *file;
	const char *noun;  /* "policy", "lock": how messages call the file */
	const char *kind;  /* "Policy", "Lock": what its `kind` must say */
	const char *newer; /* why something may be unknown: ": policy needs pxb-fed 0.2; ..."; NULL: no such reason */
	struct stream stream;
	struct err *err;
};

/* Parses text. *root is the document, whose head was checked: a mapping of plain values (no aliases, tags, merges, no
   key twice) with apiVersion and kind. The stream is releasable whatever the outcome. */
int strict_open(struct strict *s, struct slice text, const struct node **root);

/* Sets the error at the place of a node, NULL for the file's beginning. */
int strict_fail(struct strict *s, const struct node *at, const char *fmt, ...) PXB_PRINTF(3, 4);

struct position strict_position(struct strict *s, const struct node *at);

/* As it is written in the file: `on` and not the "true" that YAML makes of it. */
struct slice strict_written(const struct strict *s, const struct node *n);

/* "unknown key 'x'", with the one that was probably meant, or with `newer`. `in` is the mapping's own name, NULL at the
 * top. */
int strict_unknown(struct strict *s, const struct node *key, const char *in, const char *near);

/* A string that is not empty, or an error that says what `what` must be. */
int strict_text(struct strict *s, const struct node *n, const char *what, const char *must_be, struct slice *out);

int strict_mapping(struct strict *s, const struct node *n, const char *what);
int strict_sequence(struct strict *s, const struct node *n, const char *what);

#endif
