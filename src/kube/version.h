/*
 * version.h: versions as Portworx, Stork and Kubernetes write them, compared by their numbers alone: none of their
 * suffixes is a pre-release of SemVer.
 */
#ifndef PXB_KUBE_VERSION_H
#define PXB_KUBE_VERSION_H

#include "base/slice.h"

struct version {
	bool known;
	unsigned long part[4];
};

/* Leading 'v' off, dotted numbers, whatever follows '-', '+' or '_' ignored; not known without a dot. */
struct version version_parse(struct slice text);
int version_compare(struct version a, struct version b);

/* The tag of an image: behind the last ':' that is behind the last '/', without a digest. Empty: none. */
struct slice image_tag(struct slice image);

#endif
