/*
 * chart_digest.h: the sha256 of a chart's archive, which names it where its repository is plain http.
 */
#ifndef PXB_HELM_CHART_DIGEST_H
#define PXB_HELM_CHART_DIGEST_H

#include "base/err.h"

enum { CHART_DIGEST_ROOM = 65 }; /* 64 hexadecimal digits and a NUL */

/* "" for a folder, which has none. STATUS_USAGE when there is nothing at path, STATUS_HELPER when sha256sum fails. */
int chart_digest(const char *path, char out[CHART_DIGEST_ROOM], struct err *err) PXB_MUST_CHECK;

#endif
