/*
 * policy.h: what the platform team requires.
 *
 * A policy comes from a file (or the built-in defaults), then options and, under Argo CD, the repository's own file are
 * laid over it: these can only tighten. Every field knows where it was set. Reading is strict: an unknown key, a wrong
 * type, an unknown rule is an error with file, line and column, and with a suggestion where one is near.
 *
 * The policy owns an arena with all of its texts. The rules only read it, so worker threads may share one.
 */
#ifndef PXB_POLICY_POLICY_H
#define PXB_POLICY_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/rule_id.h"

enum telemetry_mode { TELEMETRY_ALLOWED, TELEMETRY_REQUIRED, TELEMETRY_FORBIDDEN };
enum mesh_mode { MESH_ANY, MESH_NONE, MESH_ISTIO, MESH_LINKERD };
enum argo_mode { ARGO_AUTO, ARGO_TRUE, ARGO_FALSE };
enum patch_mode { PATCH_CHART, PATCH_VISIBLE, PATCH_NEVER }; /* VISIBLE is the loosest, NEVER the tightest */

struct origin {
	const char *file;    /* NULL: the built-in default; "--patch" and the like for options; in the policy's arena */
	size_t line, column; /* 0 for options and defaults */
};

struct policy_exception {
	enum rule_id rule;
	struct slice object;		    /* as it was written */
	struct slice kind, group, ns, name; /* group and ns are empty where they were not given; "core" has no name */
	struct slice path;		    /* empty: any path of the object */
	struct slice reason;
	char expires[11]; /* "2027-01-31": valid through that day, UTC */
	bool expired;	  /* at the time of loading */
	struct origin origin;
};

enum policy_field {
	POLICY_NAMESPACE,
	POLICY_RELEASE_NAME,
	POLICY_STORAGE_CLASS,
	POLICY_TELEMETRY,
	POLICY_MESH_MODE,
	POLICY_MESH_SHARED_GATEWAY,
	POLICY_MESH_HOST_NAME,
	POLICY_REGISTRY_HOST,
	POLICY_REGISTRY_REPOSITORY,
	POLICY_REGISTRY_PULL_SECRET,
	POLICY_ARGO_CD,
	POLICY_PATCH,
	POLICY_SECOND_OPINION,
	POLICY_CLUSTERS_PX_CENTRAL,
	POLICY_CLUSTERS_PX,
	POLICY_CLUSTERS_OPERATOR,
	POLICY_CLUSTERS_STORK,
	POLICY_CLUSTERS_KUBERNETES,
	POLICY_CLUSTERS_STORAGE,
	POLICY_FIELDS
};

struct policy {
	struct arena arena;
	bool all_faults;	  /* set before a file is read: go on after a fault, to name all of them */
	VEC(const char *) faults; /* in the order of the file; a policy with faults requires nothing that counts */
	const char *file;	  /* NULL: built in */
	struct slice ns, release_name,
		storage_class; /* empty: what the objects agree on. Texts of keys are NUL-terminated */
	enum telemetry_mode telemetry;
	enum mesh_mode mesh_mode;
	bool shared_gateway;
	struct slice host_name;
	struct slice registry_host, registry_repository, registry_pull_secret;
	/* What the clusters around the installation must have; empty: the vendor's minimum. */
	struct slice clusters_px_central, clusters_px, clusters_operator, clusters_stork, clusters_kubernetes,
		clusters_storage;
	enum argo_mode argo_cd;
	enum patch_mode patch;
	bool second_opinion;
	enum severity severity[RULE_COUNT]; /* SEVERITY_UNSET: the rule's default */
	struct origin severity_origin[RULE_COUNT];
	VEC(struct policy_exception) exceptions;
	VEC(struct slice) credential_names, credential_patterns; /* beside the built-in ones */
	struct origin origin[POLICY_FIELDS];
	char today[11]; /* UTC; what exceptions are compared with */
};

#define cleanup_policy PXB_CLEANUP(policy_release)

/* The built-in policy. */
void policy_init(struct policy *p);
void policy_release(struct policy *p);

/* Lays the text of a policy file over p. `file` is for messages and is copied. With `tighten`, a loosening or an
   exception is an error (a repository's own file under Argo CD). STATUS_USAGE with "FILE:LINE:COLUMN: ..."; p may then
   hold a part of the file and is good for policy_release() only. */
int policy_read(struct policy *p, const char *file, struct slice text, bool tighten, struct err *err) PXB_MUST_CHECK;

/* Finds and reads the policy: `option` if not NULL, else $PXB_FED_POLICY, else ./pxb-fed.yaml, else
   /etc/pxb-fed/policy.yaml, else the built-in one stays. Under Argo CD ($ARGOCD_APP_NAME is set) ./pxb-fed.yaml belongs
   to the application's repository: it is no policy of its own there, but laid over the one found and may only tighten.
 */
int policy_load(struct policy *p, const char *option, struct err *err) PXB_MUST_CHECK;

/* The same where the working directory is known to be an application's repository, whatever the environment says. A
   policy named by a relative path is STATUS_USAGE: whoever writes the repository would choose it. */
int policy_load_in_repository(struct policy *p, const char *option, struct err *err) PXB_MUST_CHECK;

/* And without what the repository requires beyond it: the same for all applications. */
int policy_load_beside_repository(struct policy *p, const char *option, struct err *err) PXB_MUST_CHECK;

/* Demands that involve several fields (a shared gateway needs a host name). Called at the end of policy_read(). */
int policy_check(const struct policy *p, struct err *err) PXB_MUST_CHECK;

/* Options: --release-namespace, --patch. STATUS_USAGE when they would loosen. */
int policy_set_namespace(struct policy *p, const char *ns, struct err *err) PXB_MUST_CHECK;
int policy_set_patch(struct policy *p, const char *mode, struct err *err) PXB_MUST_CHECK;

enum severity policy_severity(const struct policy *p, enum rule_id rule);

/* Names for show, init and reports. */
const char *mesh_mode_name(enum mesh_mode m);
const char *argo_mode_name(enum argo_mode m);

#endif
