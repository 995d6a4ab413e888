/*
 * preflight_need.h: what an installation or upgrade will ask of its namespace, beyond what is there.
 */
#ifndef PXB_CHECKS_PREFLIGHT_NEED_H
#define PXB_CHECKS_PREFLIGHT_NEED_H

#include "checks/preflight.h"

#define GIB 1073741824.0

struct need {
	double bytes, smallest, largest; /* of the claims that are still to be made */
	size_t count;			 /* of these claims */
	size_t pods, services, balancers;
};

/* Whether this run installs the object: hooks of other events and what Helm leaves out do not count. */
bool preflight_takes_part(const struct facts *f, const struct object *o);

struct need preflight_need(const struct facts *f);

/* The StorageClass of the claims: of the render, the values, the policy; empty when none names one. */
struct slice preflight_class(const struct facts *f);

/* Whether every container of the render sets "cpu" or "memory", as a limit or as a request; false without a render. */
bool preflight_sets(const struct facts *f, bool limits, const char *what);

#endif
