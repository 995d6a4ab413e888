/*
 * repository.h: the folder that Argo CD handed over, and paths that must stay inside it.
 *
 * Argo CD sends the whole repository (or the unpacked chart) to the plugin and runs it in the application's folder. A
 * path that an Application chooses may lead anywhere in the repository and nowhere else: not to the sidecar's policy,
 * not to its mounted secrets, by no "..", no absolute path and no link.
 */
#ifndef PXB_ARGOCD_REPOSITORY_H
#define PXB_ARGOCD_REPOSITORY_H

#include "base/err.h"

#include <limits.h>

struct repository {
	char root[PATH_MAX]; /* resolved, without a '/' at its end */
};

/* The working directory without `source_path` (ARGOCD_APP_SOURCE_PATH, may be NULL) at its end. Where that does not
   fit, the working directory itself: rather too narrow than too wide. */
int repository_find(struct repository *r, const char *source_path, struct err *err) PXB_MUST_CHECK;

/* `path` is relative, exists, and leads inside. `what` begins the message: "parameter 'values-files'". STATUS_USAGE. */
int repository_check(const struct repository *r, const char *what, const char *path, struct err *err) PXB_MUST_CHECK;

/* The same for every link in the tree below `path`, which has passed repository_check(). */
int repository_check_links(const struct repository *r, const char *what, const char *path,
			   struct err *err) PXB_MUST_CHECK;

#endif
