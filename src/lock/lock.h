/*
 * lock.h: the one-time choices of an installation, and whether another state of it keeps them.
 *
 * A lock is what cannot be changed once px-central is installed: the mode, namespace and release name, the claims with
 * their class, size and access modes, the parts of StatefulSets and Deployments that the API server holds immutable,
 * MongoDB's encryption. It is read from a file (pxb-fed.lock), or taken from a release: rendered manifests, `helm get
 * manifest`, objects of the cluster. Two locks are compared into differences, each with its weight.
 *
 * Nothing here opens a file, prints or checks a policy. A lock owns an arena with its texts, which are NUL-terminated;
 * one taken from a release also points into that release, which must outlive it.
 *
 * Left out on purpose. Hooks: Helm deletes and creates them anew each time, and Helm 3 does not show them to a
 * post-renderer. Labels, images, replicas, env other than the encryption's: an upgrade may change them.
 */
#ifndef PXB_LOCK_LOCK_H
#define PXB_LOCK_LOCK_H

#include "kube/release.h"

#define LOCK_KIND     "Lock"
#define LOCK_FILENAME "pxb-fed.lock"

/* What the places of PX_BACKUP_FEDERATED say. MIXED: they disagree. UNKNOWN: there is none. */
enum lock_mode { LOCK_MODE_UNKNOWN, LOCK_CLASSIC, LOCK_FEDERATED, LOCK_MODE_MIXED };

enum lock_switch { LOCK_SWITCH_UNKNOWN, LOCK_OFF, LOCK_ON };

struct lock_claim {
	struct slice kind, object; /* whose it is: PersistentVolumeClaim (itself), StatefulSet, Prometheus, ... */
	struct slice name;	   /* of a StatefulSet's template; else empty */
	struct slice class_name;   /* empty: none is named */
	struct slice size;	   /* a quantity; empty when none is asked for */
	struct slice access_modes; /* sorted, joined by ", "; empty: none */
	struct slice rest;	   /* digest of what else is immutable in it; empty: nothing else */
	const struct claim *at;	   /* where it is in the release; NULL for a lock that was read */
};

struct lock_workload {
	struct slice kind, name;     /* StatefulSet, Deployment, Job, and what the monitoring operator runs */
	struct slice selector;	     /* as kubectl's --selector, sorted; a Job's only if the cluster does not make it */
	struct slice service_name;   /* StatefulSet */
	struct slice pod_management; /* StatefulSet */
	const struct object *at;     /* NULL for a lock that was read */
};

/* One `lock update`. */
struct lock_entry {
	struct slice date; /* "2027-01-31" */
	struct slice reason;
	VEC(struct slice) changes;
};

struct lock {
	struct arena arena;
	const char *source; /* for messages: "pxb-fed.lock", "the installed release px-central, revision 3" */
	enum lock_mode mode;
	struct slice chart, chart_version;   /* empty: unknown */
	struct slice chart_sha256;	     /* of its archive, 64 hexadecimal digits; empty: not recorded */
	struct slice ns, release_name;	     /* empty: unknown */
	struct slice class_name;	     /* of all claims; empty: none, or they differ */
	enum lock_switch encryption;	     /* of MongoDB */
	VEC(struct lock_claim) claims;	     /* sorted by kind, object, name */
	VEC(struct lock_workload) workloads; /* sorted by kind, name */
	VEC(struct lock_entry) history;	     /* in the order of the file: oldest first */
};

#define cleanup_lock PXB_CLEANUP(lock_release)

void lock_init(struct lock *l);
void lock_release(struct lock *l);

/* Reads the text of a lock file. `source` names it in messages and is copied. STATUS_USAGE with "FILE:LINE:COLUMN: ..."
   for anything that is not known, twice there, or of a newer format. */
int lock_read(struct lock *l, const char *source, struct slice text, struct err *err) PXB_MUST_CHECK;

/* The lock as a commented file; the same lock gives the same bytes. A failure shows in out->failed. */
void lock_write(const struct lock *l, struct buf *out);

/* Takes the choices from the objects of a release. `source` is copied. What no object shows stays unknown. */
int lock_from_release(struct lock *l, const char *source, const struct release *r, struct err *err) PXB_MUST_CHECK;

/* The same from objects that a cluster has, among which there may be others: those of other releases, and what
   controllers made, are left out. `release_name` NULL: any release of px-central. */
int lock_from_cluster(struct lock *l, const char *source, const char *release_name, const struct release *r,
		      struct err *err) PXB_MUST_CHECK;

/* STATUS_INPUT when something that a lock is for is unknown (mode, namespace, release name, claims): such a state
   is not an installation that could be locked. */
int lock_check_complete(const struct lock *l, struct err *err) PXB_MUST_CHECK;

const char *lock_mode_name(enum lock_mode m);

/* --- comparison ------------------------------------------------------------------------------------------------ */

enum lock_field {
	LOCK_FIELD_MODE,
	LOCK_FIELD_CHART,
	LOCK_FIELD_NAMESPACE,
	LOCK_FIELD_RELEASE_NAME,
	LOCK_FIELD_ENCRYPTION,
	LOCK_FIELD_CLAIM,      /* added or removed */
	LOCK_FIELD_CLAIM_NAME, /* PostgreSQL's claim follows its major version */
	LOCK_FIELD_CLASS,
	LOCK_FIELD_SIZE,
	LOCK_FIELD_ACCESS_MODES,
	LOCK_FIELD_TEMPLATE, /* the rest of a claim */
	LOCK_FIELD_WORKLOAD, /* added or removed */
	LOCK_FIELD_SELECTOR,
	LOCK_FIELD_SERVICE_NAME,
	LOCK_FIELD_POD_MANAGEMENT,
};

enum lock_weight {
	LOCK_FREE,     /* Kubernetes takes it and no data is lost */
	LOCK_RECREATE, /* refused or destructive as it is written, yet possible for a person who knows: `lock update`
			  takes it */
	LOCK_NEVER,    /* only a new installation has it */
};

struct lock_difference {
	enum lock_field field;
	enum lock_weight weight;
	struct slice before, after;		    /* empty: nothing */
	const struct lock_claim *old_claim, *claim; /* NULL: not about a claim, or it is not there */
	const struct lock_workload *old_workload, *workload;
};

struct lock_differences {
	struct arena arena;
	VEC(struct lock_difference) v;
};

#define cleanup_lock_differences PXB_CLEANUP(lock_differences_release)

void lock_differences_init(struct lock_differences *d);
void lock_differences_release(struct lock_differences *d);

/* How `after` differs from `before`, in the order of the file. Unknown is never different from anything. Borrows
   both. */
int lock_compare(struct lock_differences *d, const struct lock *before, const struct lock *after,
		 struct err *err) PXB_MUST_CHECK;

/* Both the namespace and the release name are known in both, and neither is the same: it is another installation's. */
bool lock_is_of_another(const struct lock *before, const struct lock *after);

/* Makes `now` the next state of `old`: its history goes on with an entry of today (UTC) that says what differs and why;
   what `now` does not show stays as it was. */
int lock_continue(struct lock *now, const struct lock *old, const struct lock_differences *d, struct slice reason,
		  struct err *err) PXB_MUST_CHECK;

/* "StatefulSet/pxc-backup-mongodb pxc-mongodb-data size 64Gi -> 128Gi": one line, for people and for the history. */
void lock_difference_text(const struct lock_difference *d, struct buf *out);

/* The databases of px-central, whose claims hold what cannot be had back. */
bool lock_claim_is_database(const struct lock_claim *c);

/* Made by the operator from Prometheus or Alertmanager, which do not hold them immutable. */
bool lock_claim_is_monitoring(const struct lock_claim *c);

#endif
