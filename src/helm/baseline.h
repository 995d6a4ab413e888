/*
 * baseline.h: what the cluster has already: releases of px-central that the new one could be taken for, and claims.
 *
 * Takes the answers of Helm and of the API server; gives them as releases, to be compared with what is rendered now. A
 * revision that failed to be installed is not a baseline: the last one that was deployed is.
 *
 * The baseline owns all of it. Manifests hold Secrets: they stay in memory.
 */
#ifndef PXB_HELM_BASELINE_H
#define PXB_HELM_BASELINE_H

#include "cluster/one.h"
#include "helm/render.h"
#include "kube/release.h"

/* Objects of the cluster, read. */
struct state {
	struct buf text;
	struct stream stream;
	struct release release;
	const char *source; /* "the installed release px in namespace central, revision 3" */
};

struct installed {
	const char *name, *ns, *chart, *status, *revision;
	struct state *state; /* NULL: it was never deployed */
};

enum baseline_question {
	BASELINE_NAMESPACE,
	BASELINE_CLASSES,
	BASELINE_CLAIMS,
	BASELINE_RELEASES, /* of all namespaces */
	BASELINE_RELEASES_HERE,
	BASELINE_QUESTIONS
};

struct baseline {
	struct arena arena;
	struct kube_one one;
	struct kube_get answers[BASELINE_QUESTIONS];
	size_t questions; /* that were asked; the rest is for Helm */
	bool asked;
	bool of_cluster; /* the releases are read from the cluster, not asked of Helm */
	const char *why; /* the releases cannot be read from the cluster; NULL: they can, or Helm said why not */
	VEC(struct installed) releases; /* of px-central, of this name or in this namespace */
	struct state *claims;		/* NULL: there are none, or they could not be asked for */
	bool terminating;		/* the namespace is being deleted */
	bool absent;			/* the namespace is not there */
	VEC(const char *) classes; /* the cluster's StorageClasses; none: there are none, or they may not be listed */
	VEC(const char *) notes;   /* what could not be seen */
};

#define cleanup_baseline PXB_CLEANUP(baseline_release)
void baseline_init(struct baseline *b);
void baseline_release(struct baseline *b);

/* Sends the questions to the cluster and does not wait: Helm can be asked meanwhile. A namespace that nobody named
   (NULL) becomes the kubeconfig's, unless that can only be read by Helm; *ns then lives as long as the baseline. */
int baseline_ask(struct baseline *b, const struct helm_call *h, const char **ns, struct err *err) PXB_MUST_CHECK;

/* The releases; asks first if that was not done. *outcome says whether the cluster answered; if not, `why` says what
   happened, or `errors` holds what Helm said. */
int baseline_list(struct baseline *b, const struct helm_call *h, const char *ns, struct buf *errors,
		  enum helm_outcome *outcome, struct err *err) PXB_MUST_CHECK;

/* Their manifests, the namespace and its claims. STATUS_HELPER when the cluster is lost meanwhile. */
int baseline_read(struct baseline *b, const struct helm_call *h, struct err *err) PXB_MUST_CHECK;

#endif
