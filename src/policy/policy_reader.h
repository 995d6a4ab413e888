/*
 * policy_reader.h: what the parts of the policy reader share (policy_read.c, policy_exceptions.c). Not for others.
 */
#ifndef PXB_POLICY_POLICY_READER_H
#define PXB_POLICY_POLICY_READER_H

#include "policy/policy.h"
#include "policy/user_file.h"

struct policy_reader {
	struct policy *p;
	struct stream stream;
	const char *file; /* in the policy's arena */
	bool tighten;
	struct err *err;
};

/* Sets the error at the place of a node; returns STATUS_USAGE. */
int reader_fail(struct policy_reader *r, const struct node *at, const char *fmt, ...) PXB_PRINTF(3, 4);

struct origin reader_origin(struct policy_reader *r, const struct node *at);

/* A string that is not empty, or an error that says what `what` must be. */
int reader_text(struct policy_reader *r, const struct node *n, const char *what, const char *must_be,
		struct slice *out);

/* "unknown key 'x'", with the one that was probably meant. `in` is the mapping's own name, NULL at the top. */
int reader_unknown(struct policy_reader *r, const struct node *key, const char *in, const char *near);

/* policy_exceptions.c: the list below `exceptions`. */
int reader_exceptions(struct policy_reader *r, const struct node *key, const struct node *list);

/* policy_credentials.c: the mapping below `credentials`. */
int reader_credentials(struct policy_reader *r, const struct node *map);

#endif
