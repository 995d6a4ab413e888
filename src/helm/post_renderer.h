/*
 * post_renderer.h: what Helm takes behind --post-renderer: Helm 3 the path of this program, Helm 4 the name of a
 * plugin, which is installed first if it is not there.
 */
#ifndef PXB_HELM_POST_RENDERER_H
#define PXB_HELM_POST_RENDERER_H

#include "base/err.h"

#include <limits.h>

int helm_post_renderer(int major, char word[PATH_MAX], struct err *err) PXB_MUST_CHECK;

#endif
