/*
 * rule_set.h: a name for all that decides a verdict beside the stream: the program's version, its rules and the policy.
 *
 * Argo CD keeps what a plugin rendered until revision or Application change; an Application that carries this name is
 * rendered again when the rules have changed. The name is stable: comments, order and places of the policy file do not
 * count. It reveals nothing.
 */
#ifndef PXB_POLICY_RULE_SET_H
#define PXB_POLICY_RULE_SET_H

#include "base/err.h"
#include "policy/policy.h"

struct rule_set {
	char text[64]; /* "0.1.0-3f2a9c0d11e4b7a6" */
};

int rule_set_of(const struct policy *p, struct rule_set *out, struct err *err) PXB_MUST_CHECK;

#endif
