/*
 * fleet_sources.h: where lists of clusters come from, beside the contexts of a kubeconfig: a folder of kubeconfigs, a
 * file of names, Argo CD's cluster Secrets, a project of Gardener.
 */
#ifndef PXB_CMD_FLEET_SOURCES_H
#define PXB_CMD_FLEET_SOURCES_H

#include "checks/survey.h"
#include "cmd/options.h"

struct fleet_sources {
	const char *kubeconfigs;      /* a folder */
	const char *list;	      /* a file */
	bool argocd;		      /* the cluster Secrets of the hub */
	const char *argocd_namespace; /* NULL: argocd */
	const char *gardener;	      /* a project of the hub */
	bool allow_exec;
	unsigned seconds; /* that a hub may take to answer */
};

typedef VEC(struct survey_cluster) survey_clusters;

extern const struct option_table fleet_options_table;

/* Whether any source is named. */
bool fleet_sources_named(const struct fleet_sources *s);

/* Whether the clusters are in a hub, which is asked for them. */
bool fleet_sources_of_hub(const struct fleet_sources *s);

/* Whether the word may be a namespace: it becomes a part of a path. */
bool is_namespace(const char *s);

/* Adds the clusters to `to`. What is secret in them lives in `arena`, and nowhere else. `hub` is where the Secrets and
 * shoots are. */
int fleet_sources_load(const struct fleet_sources *s, const struct kube_target *hub, struct arena *arena,
		       survey_clusters *to, struct err *err) PXB_MUST_CHECK;

/* Gives clusters of equal names names of their own, "NAME (ORIGIN)", and drops what was named twice: results, saved
 * answers and --since know a cluster by its name. */
int fleet_name_apart(struct arena *a, survey_clusters *v, struct err *err) PXB_MUST_CHECK;

/* --- internal to fleet_*.c --------------------------------------------------------------------------------------- */

struct survey_cluster *fleet_add(struct arena *a, survey_clusters *to, const char *name, const char *origin);
int fleet_load_argocd(const struct fleet_sources *s, const struct kube_target *hub, struct arena *a,
		      survey_clusters *to, struct err *err) PXB_MUST_CHECK;
int fleet_load_gardener(const struct fleet_sources *s, const struct kube_target *hub, struct arena *a,
			survey_clusters *to, struct err *err) PXB_MUST_CHECK;

#endif
