/*
 * crds.h: the kinds that a chart brings in its crds/ folders, and which of them the cluster does not serve.
 *
 * Helm puts crds/ into the cluster during an installation, before it renders. A dry run does not, so a template that
 * looks such a kind up fails there. Takes the chart's files, or what `helm show crds` prints of a chart that is
 * elsewhere. The cluster is asked for these kinds alone; when it lacks one, for all that it has, as Helm gives it to
 * the templates of a small chart that exists in memory alone. Changes nothing in the cluster.
 *
 * The set owns its arena and everything it gives.
 */
#ifndef PXB_HELM_CRDS_H
#define PXB_HELM_CRDS_H

#include "helm/render.h"

struct crd {
	const char *name; /* prometheuses.monitoring.coreos.com */
	const char *api_version, *kind;
	bool missing;
};

struct crds {
	struct arena arena;
	VEC(struct crd) all; /* one for each version that the chart has served */
	size_t missing;
	const char *kube_version; /* of the cluster; NULL when it was not asked */
	VEC(const char *) api_versions;
};

#define cleanup_crds PXB_CLEANUP(crds_release)
void crds_release(struct crds *c);

/* The chart's kinds (`of_chart`: its CRDs, NULL: Helm is asked for them) and, if it has any, those of the cluster.
 *outcome other than HELM_DONE: one of the two was not to be had, and `errors` is what Helm said. */
int crds_ask(struct crds *c, const struct helm_call *h, const struct buf *of_chart, struct buf *errors,
	     enum helm_outcome *outcome, struct err *err) PXB_MUST_CHECK;

/* A kind that the chart brings and the cluster lacks is named in what Helm said. */
bool crds_in_words(const struct crds *c, struct slice errors);

bool crds_is_missing(const struct crds *c, struct slice api_version, struct slice kind);

/* The names of the missing ones, each once, with commas between them. */
const char *crds_missing_names(struct crds *c);

/* Has `helm template` without a cluster render as for this cluster with the chart's kinds in it. */
void crds_argv(struct crds *c, struct helm_line *l, struct helm_argv *a);

#endif
