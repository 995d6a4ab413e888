/*
 * one.h: several paths of one cluster, asked at once, for commands that need a handful of answers. Nothing is written.
 */
#ifndef PXB_CLUSTER_ONE_H
#define PXB_CLUSTER_ONE_H

#include "cluster/session.h"

struct kube_get {
	const char *path;
	struct buf body;  /* of ANSWER_OK: canonical JSON. The caller gives it with its cap, and releases it */
	const char *text; /* what the server said if it is another answer */
	enum answer_kind answer;
	bool list;		   /* pages are put together: {"items":[...]} */
	bool metadata;		   /* of a list: the items' metadata alone */
	const char *needs;	   /* a key that every right answer has; NULL: "items" or "metadata" */
	const char *const *fields; /* see reduce.h; ends with NULL; NULL: the whole body */
};

struct kube_one {
	struct kube kube;
	struct arena *arena;  /* the caller's: texts of answers live in it */
	unsigned seconds;     /* for all answers together */
	const char *ns;	      /* the namespace of the kubeconfig's context, "default" if it names none */
	const char *warnings; /* of the kubeconfig's reader, a line each; "" for none */
	const char *why;      /* NULL, or why this cluster cannot be asked: no kubeconfig, no credentials */
};

#define KUBE_ONE_INIT	 ((struct kube_one){.kube = KUBE_INIT})
#define cleanup_kube_one PXB_CLEANUP(kube_one_close)

/* STATUS_HELPER when the helper is not there. */
int kube_one_open(struct kube_one *o, const struct kube_target *t, unsigned seconds, struct arena *arena,
		  struct err *err) PXB_MUST_CHECK;
void kube_one_close(struct kube_one *o);

/* Every question has its answer afterwards, of whatever kind; not to be called when there is a `why`. */
int kube_one_get(struct kube_one *o, struct kube_get *v, size_t n, struct err *err) PXB_MUST_CHECK;

/* The same in two steps, with other work between them; one such set of questions at a time. */
int kube_one_ask(struct kube_one *o, struct kube_get *v, size_t n, struct err *err) PXB_MUST_CHECK;
int kube_one_wait(struct kube_one *o, struct kube_get *v, size_t n, struct err *err) PXB_MUST_CHECK;

/* Whether the word may be in a path: a name of Kubernetes, in small letters, digits, '-' and '.'. */
bool kube_is_name(struct slice word);

/* The body as a tree, which lives as long as the stream; NULL when it is not ANSWER_OK. */
int kube_get_root(const struct kube_get *g, struct stream *s, const struct node **root, struct err *err) PXB_MUST_CHECK;

/* "the connection was refused: ..." */
const char *kube_get_why(const struct kube_get *g, struct arena *a);

#endif
