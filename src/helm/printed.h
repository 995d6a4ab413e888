/*
 * printed.h: what Helm 3 prints of a release that it rendered and did not install, taken apart. A post-renderer of Helm
 * 3 sees no hooks: they are in the text alone, before or behind the manifests.
 *
 * The text has no marks that a hook could not hold too, so the manifests are searched for in it as they are known: as
 * the post-renderer handed them on. What is found so is exact, or nothing is (cmd/template.go, cmd/status.go of Helm
 * 3).
 */
#ifndef PXB_HELM_PRINTED_H
#define PXB_HELM_PRINTED_H

#include "base/buf.h"
#include "helm/command_line.h"

/* Appends the hooks to `hooks`. *told: it is certain which they are. A negative status when memory is short. */
int printed_hooks(const struct helm_line *l, struct slice printed, struct slice handed_on, struct buf *hooks,
		  bool *told, struct err *err) PXB_MUST_CHECK;

#endif
