/*
 * export.h: the requirements of a policy in a form that others enforce.
 *
 * Takes a struct demands (filled from a policy and a lock; nothing here reads a manifest), gives YAML for the cluster's
 * own gate and a table of what that gate sees. Does no I/O, never asks a cluster, never decides what is demanded. All
 * output is appended to a buffer of the caller, which remembers a failure; demands borrow the texts of policy and lock,
 * so both outlive them.
 */
#ifndef PXB_EXPORT_EXPORT_H
#define PXB_EXPORT_EXPORT_H

#include "base/buf.h"
#include "lock/lock.h"
#include "policy/policy.h"

/* What the cluster must hold, wherever that is known from. An empty text is no requirement. */
struct demands {
	struct slice ns;	     /* the namespace that is guarded */
	struct slice storage_class;  /* empty: some class, whichever */
	enum lock_switch encryption; /* of MongoDB, as a lock has it */
	enum telemetry_mode telemetry;
	enum mesh_mode mesh;
	bool shared_gateway;
	struct slice host_name;
	struct slice registry_host, registry_repository, pull_secret;
	const struct slice *credential_names; /* beside the built-in ones */
	size_t credential_names_n;
	const struct policy_exception *exceptions;
	size_t exceptions_n;
	enum severity severity[RULE_COUNT];
};

void demands_from_policy(struct demands *d, const struct policy *p);

/* What the policy leaves open and the installation chose once: its namespace, the class of its claims if they are of
   one, MongoDB's encryption. STATUS_USAGE where the two contradict each other, or the installation is not in Federated
   mode. */
int demands_add_lock(struct demands *d, const struct lock *l, struct err *err) PXB_MUST_CHECK;

struct vap_options {
	bool audit;	       /* report only: nothing is refused */
	const char *params_ns; /* where the parameters live; never the guarded namespace itself */
};

/* A namespace that may be guarded, and parameters that its own users cannot change. STATUS_USAGE with the fix. */
int vap_check(const struct demands *d, const struct vap_options *opt, struct err *err) PXB_MUST_CHECK;

/* ValidatingAdmissionPolicies, their bindings and one ConfigMap of parameters, as YAML with comments. */
void vap_write(const struct demands *d, const struct vap_options *opt, struct buf *out);

enum table_format { TABLE_TEXT, TABLE_MARKDOWN, TABLE_JSON };

/* Rule by rule: what the exported policies see, and what only the offline gate does. */
void vap_table(const struct demands *d, const struct vap_options *opt, enum table_format format, struct buf *out);

#endif
