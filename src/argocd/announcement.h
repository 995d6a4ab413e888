/*
 * announcement.h: the parameters that an Application may set, in the form that Argo CD shows them: a JSON list. The
 * defaults are what the policy wants; Argo CD shows them and passes none of them on.
 */
#ifndef PXB_ARGOCD_ANNOUNCEMENT_H
#define PXB_ARGOCD_ANNOUNCEMENT_H

#include "base/buf.h"
#include "policy/policy.h"
#include "policy/rule_set.h"

void announcement_put(const struct policy *p, const struct rule_set *rules, struct buf *out);

/* Calls fn for each value of the chart that the policy decides, as Helm's --set takes it. */
typedef void (*wanted_value_fn)(void *arg, const char *key, struct slice value);
void wanted_values(const struct policy *p, wanted_value_fn fn, void *arg);

#endif
