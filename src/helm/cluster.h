/*
 * cluster.h: the objects that a cluster has of an installation, asked of kubectl with the connection that Helm was
 * given. Only kinds that hold no secret are asked for, and nothing is written.
 */
#ifndef PXB_HELM_CLUSTER_H
#define PXB_HELM_CLUSTER_H

#include "base/buf.h"
#include "base/err.h"

enum { CLUSTER_ANSWERS = 3 };

/* What was asked, and the JSON that was answered; an answer may be empty. */
struct cluster_answer {
	const char *what; /* "kubectl get statefulsets,..." */
	struct buf text;
};

/* StatefulSets, Deployments, Jobs and claims of namespace ns (NULL: kubectl's own), px-central's UI ConfigMap, and the
   monitoring operator's resources if the cluster knows them. The caller gives each answer's buffer with its cap, and
   releases it whatever the outcome. STATUS_HELPER when the cluster or kubectl ($KUBECTL, else "kubectl") does not
   answer; err then holds what it said. */
int cluster_ask(const char *ns, struct cluster_answer answers[CLUSTER_ANSWERS], struct err *err);

#endif
