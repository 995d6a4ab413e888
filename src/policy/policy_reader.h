/*
 * policy_reader.h: what the parts of the policy reader share (policy_read.c, policy_exceptions.c). Not for others.
 */
#ifndef PXB_POLICY_POLICY_READER_H
#define PXB_POLICY_POLICY_READER_H

#include "policy/policy.h"
#include "userfile/strict.h"

struct policy_reader {
	struct policy *p;
	struct strict in; /* its file is in the policy's arena */
	bool tighten;
};

/* After a fault: whether the reader goes on behind it. The fault is kept then, and no error is set any more. */
bool reader_goes_on(struct policy_reader *r);

/* "unknown rule 'x'", with the one that was probably meant, or with the version that may know it. */
int reader_unknown_rule(struct policy_reader *r, const struct node *at, struct slice id);

struct origin reader_origin(struct policy_reader *r, const struct node *at);

/* policy_exceptions.c: the list below `exceptions`. */
int reader_exceptions(struct policy_reader *r, const struct node *key, const struct node *list);

/* policy_credentials.c: the mapping below `credentials`. */
int reader_credentials(struct policy_reader *r, const struct node *map);

#endif
