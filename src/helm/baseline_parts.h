/*
 * baseline_parts.h: what the files of baseline.h share. Two ways lead to the stored releases: Helm's own objects in the
 * cluster (baseline_stored.c), and Helm itself where it keeps them elsewhere or where only Helm understands the
 * kubeconfig (baseline_helm.c).
 */
#ifndef PXB_HELM_BASELINE_PARTS_H
#define PXB_HELM_BASELINE_PARTS_H

#include "helm/baseline.h"

enum { MANIFEST_BYTES = 256 << 20, ANSWER_BYTES = 64 << 20 };

#define ONLY_THIS_NAMESPACE "releases in other namespaces may not be listed: only this namespace was looked at"

void baseline_note(struct baseline *b, const char *text);

/* NULL when memory is short. */
struct state *baseline_state(struct baseline *b);
void state_release(struct state *s);
int state_read(struct state *s, const char *name, struct err *err) PXB_MUST_CHECK;
const char *baseline_title(struct baseline *b, const struct installed *i); /* "the installed release px in ..." */

/* Another installation of px-central shares neither name nor namespace with this one. What has both is the release
   itself, whatever chart it is of: one that has px-central as a dependency has another name. */
bool baseline_concerns(const struct installed *i, const struct helm_call *h, const char *ns);

int releases_of_helm(struct baseline *b, const struct helm_call *h, const char *ns, struct buf *errors,
		     enum helm_outcome *outcome, struct err *err) PXB_MUST_CHECK;
int manifest_of_helm(struct baseline *b, const struct helm_call *h, struct installed *i,
		     struct err *err) PXB_MUST_CHECK;

/* Of the answers to the baseline's questions, and of more that follow from them. */
int releases_of_cluster(struct baseline *b, const struct helm_call *h, const char *ns, enum helm_outcome *outcome,
			struct err *err) PXB_MUST_CHECK;

#endif
