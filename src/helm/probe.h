/*
 * probe.h: a chart that renders nothing, and says in its notes which kinds Helm sees in the cluster.
 */
#ifndef PXB_HELM_PROBE_H
#define PXB_HELM_PROBE_H

#include "base/buf.h"
#include "base/err.h"

/* The archive as Helm reads it from a file: in a descriptor without a name on any disk, closed in children. -1 on
   failure. */
int probe_chart(struct err *err) PXB_MUST_CHECK;

/* Where the notes are in what `helm install --output json` prints, read into `notes`: the cluster's version in the
   first line, then its API versions with and without their kinds, one a line. */
int probe_notes(struct slice json, struct buf *notes, struct err *err) PXB_MUST_CHECK;

#endif
