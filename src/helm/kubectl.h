/*
 * kubectl.h: what Helm has no question for, asked of the API server with Helm's own connection.
 */
#ifndef PXB_HELM_KUBECTL_H
#define PXB_HELM_KUBECTL_H

#include "helm/render.h"

enum kubectl_outcome {
	KUBECTL_DONE,
	KUBECTL_REFUSED, /* not found, or not allowed */
	KUBECTL_ABSENT,	 /* there is no kubectl, or the connection is by a token that only Helm may see */
};

/* The JSON at a path of the API, without a question before it: kubectl's own discovery would retry for most of a minute
   when the line is lost. STATUS_HELPER when the cluster cannot be reached or kubectl is late. */
int kubectl_get(const struct helm_call *h, const char *path, struct buf *out, enum kubectl_outcome *outcome,
		struct err *err);

#endif
