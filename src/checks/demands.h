/*
 * demands.h: what is required of the clusters, by the version of px-central and by the policy, which can only ask for
 * more.
 */
#ifndef PXB_CHECKS_DEMANDS_H
#define PXB_CHECKS_DEMANDS_H

#include "checks/checks.h"

/* The row of "3.0", "3.0.0" or "v3.0.1"; the newest for NULL. STATUS_USAGE names the rows that there are. */
int demands_for(const char *px_central, struct demands *d, struct err *err) PXB_MUST_CHECK;

/* The higher of the two versions; an empty one asks for nothing. */
const char *demands_higher(const char *a, struct slice b);

#endif
