/*
 * helm_template.h: the chart of an application rendered by the sidecar's Helm, as Argo CD's own Helm source would
 * render it: the same flags, the same order in which values win.
 *
 * Helm reads nothing of the caller's home, plugins, repositories or environment: its own folders are set to one that
 * does not exist. It therefore needs no writable folder, runs nothing that a repository brings along, and fetches
 * nothing.
 */
#ifndef PXB_ARGOCD_HELM_TEMPLATE_H
#define PXB_ARGOCD_HELM_TEMPLATE_H

#include "argocd/application.h"

/* Seconds that Helm may take: $PXB_FED_TIMEOUT, else ARGOCD_SECONDS. Argo CD itself waits for 60. */
enum { ARGOCD_SECONDS = 45, ARGOCD_SECONDS_MAX = 3600 };
int helm_template_seconds(unsigned *seconds, struct err *err) PXB_MUST_CHECK;

/* Renders into `out` (whose cap is the limit). STATUS_HELPER when Helm cannot be started, is late (its process group is
   gone then) or fails; `words` gets what of its own words may be shown: lines without control characters or secrets, at
   most HELM_WORDS bytes. */
enum { HELM_WORDS = 2000 };
int helm_template(struct application *a, unsigned seconds, struct buf *out, struct buf *words,
		  struct err *err) PXB_MUST_CHECK;

/* The arguments alone, for tests and for that. NULL-terminated, in a's arena. */
char *const *helm_template_arguments(struct application *a, struct err *err);

#endif
