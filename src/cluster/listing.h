/*
 * listing.h: the API server leaves out of a list what all its items have in common, their kind; a reader of manifests
 * wants to see it.
 */
#ifndef PXB_CLUSTER_LISTING_H
#define PXB_CLUSTER_LISTING_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the items of the list `json`, each with apiVersion and kind, with commas between them; `any` says whether
   one was written before. STATUS_HELPER when `json` is not JSON list. */
int listing_items(struct slice json, const char *api_version, const char *kind, struct buf *out, bool *any,
		  struct err *err) PXB_MUST_CHECK;

#endif
