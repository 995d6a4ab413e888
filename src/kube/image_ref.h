/*
 * image_ref.h: a reference to a container image, by the grammar of the distribution project.
 */
#ifndef PXB_KUBE_IMAGE_REF_H
#define PXB_KUBE_IMAGE_REF_H

#include "base/slice.h"

struct image_ref {
	struct slice registry; /* "registry.example.com:5000"; empty for Docker Hub's short names */
	struct slice path;     /* "team/image" */
	struct slice tag, digest;
};

/* False: no runtime takes the text for a reference. */
bool image_ref_parse(struct slice text, struct image_ref *out);

/* The image comes from that registry, and from below that repository where one is given. Hosts have no case. */
bool image_ref_is_from(const struct image_ref *r, struct slice registry, struct slice repository);

#endif
