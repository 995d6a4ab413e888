/*
 * preflight.h: what the checks of the backup cluster read beside the cluster's answers: where Portworx Backup is to be
 * installed, with which values, under which policy, by which Helm.
 */
#ifndef PXB_CHECKS_PREFLIGHT_H
#define PXB_CHECKS_PREFLIGHT_H

#include "chart/chart_value.h"
#include "checks/checks.h"
#include "kube/release.h"
#include "policy/policy.h"
#include "values/values.h"

struct preflight {
	const char *ns, *release;
	const struct policy *policy;
	const struct values *values;	/* NULL: none given */
	const struct release *rendered; /* what will be installed; NULL: known by values and defaults alone */
	const char *helm_version;	/* "v3.21.4"; NULL: not known */
	size_t clusters, clusters_lost; /* application clusters that were probed; 0: none */
	const char *clusters_text;	/* what the first lost one said */
	const char *driver;		/* "secrets" or "configmaps": where Helm keeps releases; NULL: elsewhere */
};

static inline const struct preflight *preflight_of(const struct facts *f)
{
	return f->more;
}

/* For paths. */
struct slice preflight_namespace(const struct facts *f);
const char *preflight_driver(const struct facts *f);

/* The text of a value; empty when no file sets it. */
struct slice preflight_value(const struct facts *f, unsigned key);

/* A switch: the values', else the chart's default. */
bool preflight_switch(const struct facts *f, unsigned key, bool by_default);

/* Whether a release of ours is installed. */
bool preflight_is_upgrade(const struct facts *f);

/* "64Gi" as bytes, 1500m as 1.5; negative for what is not a quantity. */
double quantity_number(struct slice text);

#endif
