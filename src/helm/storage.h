/*
 * storage.h: where Helm itself keeps releases: each revision is a Secret or a ConfigMap, labelled with its name, status
 * and number, which holds the release as gzipped JSON. Nothing here asks anybody: paths to ask for, and what the
 * answers say.
 *
 * Source: Helm's pkg/storage/driver (secrets.go, cfgmaps.go, util.go), the same in Helm 3 and 4.
 */
#ifndef PXB_HELM_STORAGE_H
#define PXB_HELM_STORAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* By $HELM_DRIVER. OTHER: in a database or in memory, so that Helm must be asked. */
enum helm_driver { HELM_DRIVER_SECRETS, HELM_DRIVER_CONFIGMAPS, HELM_DRIVER_OTHER };

enum helm_driver helm_driver(void);

/* "secrets", "configmaps", or NULL. */
const char *helm_driver_resource(enum helm_driver d);

struct revision {
	const char *object; /* the name of the Secret or ConfigMap */
	const char *name, *ns, *status;
	unsigned long number;
};

struct revisions {
	VEC(struct revision) all;
};

/* The list of revisions, to be asked for as metadata: of one namespace (NULL: all), of one release (NULL: all). NULL
   when memory is short. */
const char *storage_list_path(enum helm_driver d, const char *ns, const char *name, struct arena *a);
const char *storage_path(enum helm_driver d, const struct revision *r, struct arena *a);

/* What of the answers is needed: see cluster/reduce.h. */
extern const char *const storage_list_fields[], *const storage_fields[];

/* Adds the revisions that the list names; objects without Helm's labels are none. Texts live in `a`. */
int storage_add(struct revisions *r, struct slice list, struct arena *a, struct err *err) PXB_MUST_CHECK;

/* NULL: there is no such release. */
const struct revision *storage_newest(const struct revisions *r, const char *ns, const char *name);

/* What is installed: the newest revision that is deployed, else the newest that was. NULL: none ever was. */
const struct revision *storage_deployed(const struct revisions *r, const char *ns, const char *name);

struct storage_release {
	const char *chart, *version; /* "px-central-3.0.0", "3.0.0" */
	struct buf manifest;	     /* the caller gives it with its cap, and releases it */
};

/* The release inside the object `json`; texts live in `a`. STATUS_HELPER when it is none. */
int storage_open(enum helm_driver d, struct slice json, struct arena *a, struct storage_release *out,
		 struct err *err) PXB_MUST_CHECK;

#endif
