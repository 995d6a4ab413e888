/*
 * policy_text.h: a policy as YAML, and policies from what is there already (a rendered release, values files).
 *
 * The writers append to a buffer, which remembers a failure. The sources only fill in what is not set yet, and only
 * what they show beyond doubt; origins point to the file and line that showed it.
 */
#ifndef PXB_POLICY_POLICY_TEXT_H
#define PXB_POLICY_POLICY_TEXT_H

#include "base/buf.h"
#include "kube/release.h"
#include "policy/policy.h"
#include "values/values.h"

/* `policy show`: a policy file that means the same as p. Each value is followed by its origin; what is not set, and
   severities that are the rules' own, stand there as comments. */
void policy_write_effective(const struct policy *p, struct buf *out);

/* `policy init`: every key, explained in a line. Keys that facts knows the origin of are set, the others are commented
   out as `#key: value`, with `#` right before the key. The template is a policy, and with every `#` taken away as well.
 */
void policy_write_template(const struct policy *facts, struct buf *out);

/* Namespace, release name, storage class, telemetry, mesh, registry and Argo CD as the objects show them. */
int policy_from_release(struct policy *p, const struct release *r, struct err *err) PXB_MUST_CHECK;

/* The same from values files; namespace and release name are no values. */
int policy_from_values(struct policy *p, const struct values *v, struct err *err) PXB_MUST_CHECK;

/* The line that names this version: in every file that the program writes. */
void policy_write_requires(struct buf *out);

#endif
