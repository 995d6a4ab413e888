/*
 * plugin.h: the files that set the plugin up in an Argo CD: plugin.yaml, the policy, the sidecar and its volumes.
 */
#ifndef PXB_ARGOCD_PLUGIN_H
#define PXB_ARGOCD_PLUGIN_H

#include "base/buf.h"
#include "policy/rule_set.h"

#define ARGOCD_PLUGIN_NAME "pxb-fed"

struct plugin_setup {
	const char *name;      /* of the plugin, as Applications call it */
	const char *image;     /* of the sidecar */
	const char *ns;	       /* where Argo CD runs */
	unsigned seconds;      /* PXB_FED_TIMEOUT */
	struct slice policy;   /* text of the policy file */
	struct rule_set rules; /* in an annotation of the pods: they start again when it changes */
};

/* Objects for 'kubectl apply --server-side'. */
void plugin_manifests_put(const struct plugin_setup *s, struct buf *out);

/* Values for Argo CD's Helm chart (argo-cd of argo-helm). */
void plugin_helm_values_put(const struct plugin_setup *s, struct buf *out);

#endif
