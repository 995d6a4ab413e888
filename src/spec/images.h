/*
 * images.h: the images that an installation pulls, as the rendered objects name them.
 */
#ifndef PXB_SPEC_IMAGES_H
#define PXB_SPEC_IMAGES_H

#include "base/err.h"
#include "kube/release.h"

struct image_list {
	struct arena arena;
	VEC(const char *) v; /* in byte order, each once */
};

#define cleanup_image_list PXB_CLEANUP(image_list_release)
void image_list_init(struct image_list *l);
void image_list_release(struct image_list *l);

/* Every image of the release: containers, arguments and env that name images, operators' resources, image volumes. */
int image_list_fill(struct image_list *l, const struct release *r, struct err *err) PXB_MUST_CHECK;

/* The name after the move to another registry, as the chart writes it with images.registry and images.repo:
   "REGISTRY/REPOSITORY/NAME:TAG". `repository` may be empty. In the arena of the list. */
const char *image_moved(struct image_list *l, const char *image, const char *registry, const char *repository);

/* The registry, the path in it, and the tag or digest of a reference. A reference without a registry is docker.io's. */
struct image_parts {
	struct slice registry, path, tag, digest;
};

struct image_parts image_split(struct slice image);

/* `skopeo sync --src yaml`: images by registry, path and tag. */
void image_list_write_sync(const struct image_list *l, struct buf *out);

#endif
