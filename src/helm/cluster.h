/*
 * cluster.h: the objects that a cluster has of an installation, asked with the connection that Helm was given. Only
 * kinds that hold no secret are asked for, and nothing is written.
 */
#ifndef PXB_HELM_CLUSTER_H
#define PXB_HELM_CLUSTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* StatefulSets, Deployments, Jobs and claims of namespace *ns (NULL: the kubeconfig's, which *ns is then),
   px-central's UI ConfigMap, and the monitoring operator's resources if the cluster knows them, as one JSON List; empty
   when there is none. The caller gives `list` with its cap and releases it whatever the outcome; *ns lives in `a`.
   *warnings are the kubeconfig's reader's, a line each. STATUS_HELPER when the cluster does not answer; err then holds
   what it said. */
int cluster_ask(const char **ns, struct arena *a, struct buf *list, const char **warnings,
		struct err *err) PXB_MUST_CHECK;

#endif
