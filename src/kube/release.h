/*
 * release.h: documents as Kubernetes objects, and the objects as one installation.
 *
 * Takes a stream; gives objects, their containers, env and claims, and what kind of stream this is. Never checks:
 * what is missing or wrong is for the rules. Nested documents (whole objects kept as text in a ConfigMap) are objects
 * like any other, with the ConfigMap as owner; they can be judged but not patched.
 *
 * The release borrows the stream (and the nodes in it) and owns its arena and the streams of nested documents.
 */
#ifndef PXB_KUBE_RELEASE_H
#define PXB_KUBE_RELEASE_H

#include "yaml/stream.h"

struct object {
	struct stream *stream; /* the release's stream, or that of a nested text */
	const struct document *doc;
	const struct node *root;
	struct slice api_version, kind, ns, name; /* strings as read; empty when missing. ns is metadata.namespace */
	struct slice source;	 /* template file, from `# Source:` or Helm 4's annotation; may be empty */
	const struct node *hook; /* the text of helm.sh/hook, NULL when Helm looks for none here */
	bool is_hook;		 /* Helm runs it at an event */
	bool is_dropped;	 /* names an event that Helm does not know: Helm leaves the object out */
	size_t number;		 /* in release.objects */
	size_t containers_from, containers_to; /* in release.containers */
	bool is_generated;		       /* its name is a generateName: the cluster gives it another each time */
	const struct object *owner;	       /* a nested document: the object whose text it is */
	const struct node *owner_text;	       /* and the scalar that holds it */
};

struct container {
	const struct object *object;
	const struct node *node;
	struct slice name;
	bool is_init;
	const struct node *env; /* the list, or NULL */
};

struct env_var {
	const struct object *object;
	const struct container *container;
	const struct node *item;  /* the mapping {name, value | valueFrom} */
	const struct node *value; /* NULL when there is none */
	struct slice name;
};

enum claim_kind {
	CLAIM_PVC,	/* PersistentVolumeClaim */
	CLAIM_TEMPLATE, /* StatefulSet spec.volumeClaimTemplates[] */
	CLAIM_OPERATOR, /* Prometheus and Alertmanager spec.storage.volumeClaimTemplate */
};

struct claim {
	const struct object *object;
	enum claim_kind kind;
	struct slice name;
	const struct node *spec;       /* the mapping that holds storageClassName */
	const struct node *class_name; /* its value, NULL when the key is missing */
};

/* TEMPLATE-STATEFULSET-ORDINAL: whether a claim of this name is one that the StatefulSet of a CLAIM_TEMPLATE makes. */
bool claim_is_made_of(const struct claim *template, struct slice name);

enum flavour { FLAVOUR_HELM3, FLAVOUR_HELM4, FLAVOUR_TEMPLATE, FLAVOUR_ARGOCD, FLAVOUR_PLAIN };

/* A text in a ConfigMap or Secret that looks like objects and cannot be read as such. */
struct unread_text {
	const struct object *object;
	const struct node *text;
};

struct release {
	struct arena arena;
	struct stream *stream;
	enum flavour flavour;
	bool nameless;	    /* set before building: what has apiVersion and kind is an object, even without a name */
	bool hooks_visible; /* some object is a hook */
	VEC(struct object *) objects;
	VEC(struct container) containers;
	VEC(struct env_var) envs;
	VEC(struct claim) claims;
	VEC(struct stream *) nested;
	VEC(struct unread_text) unread;
	struct object **by_name; /* the objects, by kind and name */
	struct slice name;	 /* release name as the objects show it; empty when they do not */
};

#define cleanup_release PXB_CLEANUP(release_release)

void release_init(struct release *r);
void release_release(struct release *r);

/* Indexes every document of s that has a root. Documents that are not objects are left out: see release_object_fault().
 */
int release_build(struct release *r, struct stream *s, struct err *err) PXB_MUST_CHECK;

/* find.c: makes `by_name`. False when memory is short. */
bool release_index(struct release *r);

/* Where objects of a kind and name begin in `by_name`. */
size_t release_lower_bound(const struct release *r, struct slice kind, struct slice name);

/* Why a document is no Kubernetes object ("no kind", "metadata.name is missing"), NULL if it is one; *at is the node.
 */
const char *release_object_fault(const struct node *root, const struct node **at);

/* Whether a document has what every object has, apiVersion and kind, whatever else is missing: a kustomization.yaml, a
   Chart.yaml and a values file have not. */
bool release_is_object_like(const struct node *root);

/* The one object of that kind and name, NULL if there is none. `name` NULL: the first of that kind. Nested documents
   do not count: nobody has applied them yet. */
const struct object *release_find(const struct release *r, const char *kind, const char *name);

bool object_is(const struct object *o, const char *kind, const char *name);

/* The same for a name of the input, in the namespace of `near`: "" counts as any. */
const struct object *release_find_near(const struct release *r, const char *kind, struct slice name,
				       const struct object *near);

/* The hook of an object whose document is set, as Helm reads it. */
void object_read_hook(struct object *o);

/* An object of a cluster that a hook of Helm has made: there, items of a List count as well. */
bool object_was_hook(const struct object *o);

/* The annotation that makes the object a hook of Argo CD; NULL: none. */
const struct node *object_argo_hook(const struct object *o);

/* Argo CD runs it in no phase ("Skip", or a phase that it does not know). */
bool object_argo_skips(const struct object *o);

/* A hook that Helm runs at this event ("pre-install"). */
bool object_has_event(const struct object *o, const char *event);

/* How the cluster spells the object's kind or apiVersion, when the object spells a known one in another case: the
   cluster knows no such kind. NULL when there is nothing wrong. */
const char *object_spelling_fault(const struct object *o);

/* A kind that is known, of this group; "core" has no name of its own. */
bool kind_is_of_group(struct slice kind, struct slice group);

/* The group of its apiVersion ("" for the core group). */
struct slice object_group(const struct object *o);
bool object_in_group(const struct object *o, const char *group);

/* A list to kubectl and Helm: anything with `items` at the top. They take its items one by one, and nothing else of it.
 */
bool release_is_list(const struct node *root);

/* True when the API server keeps objects of this kind outside namespaces (built-in kinds; others count as namespaced).
 */
bool object_is_cluster_scoped(const struct object *o);

/* "ConfigMap central/name": for messages. In the release's arena. */
const char *object_title(struct release *r, const struct object *o);

/* A custom resource from which the monitoring operator makes pods: its spec is their pod spec, with a claim in it. */
bool object_is_monitoring(const struct object *o);

/* The pod template's spec of a workload (Pod itself, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob), or
   the spec of what the monitoring operator runs; NULL for other kinds. */
const struct node *object_pod_spec(const struct object *o);

/* The text of an annotation or a label. */
struct slice object_annotation(const struct object *o, const char *key);
struct slice object_label(const struct object *o, const char *key);

/* What a container finds in its environment under a name: its own `env` counts more than `envFrom`, and of several the
   last. A key of a ConfigMap or Secret of the release is followed; anything else is out of sight. */
enum env_state { ENV_ABSENT, ENV_TEXT, ENV_OUT_OF_SIGHT };

struct env_value {
	enum env_state state;
	struct slice text;	     /* in the arena given where it was base64 */
	const struct object *object; /* that holds the value */
	const struct node *at;	     /* the value, or the reference to it */
	struct slice key;	     /* of the ConfigMap or Secret; empty for a value of the container's own */
};

struct env_value container_env(const struct release *r, const struct container *c, const char *name,
			       struct arena *arena);

/* The same of one entry of its env list. */
struct env_value entry_value(const struct release *r, const struct container *c, const struct node *item,
			     struct arena *arena);

/*
 * A text of the container as it runs: `$(X)` is its env entry X, if the release shows it. In the arena if it changed.
 * `left` is what may still be spent on the container, ENV_REFERENCES at first; at 0 the rest stays as it is written.
 */
enum { ENV_REFERENCES = 1000 };

struct slice container_expand(const struct release *r, const struct container *c, struct slice text, unsigned int *left,
			      struct arena *arena);

/* The text under a key of a ConfigMap or Secret; a Secret's is decoded. *at is its node, NULL when there is none. */
struct slice object_data(const struct object *o, struct slice key, struct arena *arena, const struct node **at);

/* The labels of the pods that a workload makes, NULL when it makes none. */
const struct node *object_pod_labels(const struct object *o);

/* Whether the pods of `o` are taken for those of `original`: by its selector, or by a Service that selects both. */
struct stand_ins {
	const struct object *original;
	const struct node *selectors[64];
	size_t n;
	bool overflow; /* there are more Services: every workload counts */
};

void stand_ins_of(const struct release *r, const struct object *original, struct stand_ins *out);
bool stands_in(const struct stand_ins *s, const struct object *o);

/* The position of a node in the input that the user knows. A node of a nested document gets the place of
   its line inside the owner's text where that is known, else the owner's. */
struct place {
	const char *input;   /* name of the input */
	size_t line, column; /* 1-based, 0 when unknown */
	struct slice text;   /* the line */
	size_t width;	     /* characters of the line */
	size_t length;	     /* characters to underline, at least 1 */
	bool empty;	     /* a point between characters: a value that is not there */
};

struct place object_place(const struct object *o, const struct node *n);

#endif
