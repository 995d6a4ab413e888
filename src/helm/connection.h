/*
 * connection.h: the cluster of a Helm command: its variables, and over them the flags of its command line (as a plugin
 * we get those before the plugin's name as variables).
 */
#ifndef PXB_HELM_CONNECTION_H
#define PXB_HELM_CONNECTION_H

#include "cluster/target.h"
#include "helm/command_line.h"

/* Texts live in the line (NULL: none), the environment and `a`, whose failure says that memory was short. */
void helm_connection(const struct helm_line *l, struct arena *a, struct kube_target *t);

#endif
