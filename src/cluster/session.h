/*
 * session.h: clusters, asked through pxb-fed-kube, which is started next to this program (or in ../libexec/pxb-fed) and
 * never looked up in PATH. Nothing but GET is asked unless a question has a body: a dry run, or Gardener's POST for a
 * viewer's kubeconfig. The helper refuses every other body.
 *
 * A session owns the helper process, its pipes, and the bytes of the event that it handed out last; the texts of an
 * event live until the next call. The helper ends with the session, and with this process.
 */
#ifndef PXB_CLUSTER_SESSION_H
#define PXB_CLUSTER_SESSION_H

#include "base/arena.h"
#include "base/err.h"
#include "cluster/answer.h"
#include "cluster/frame.h"
#include "yaml/stream.h"

#include <sys/types.h>

/* Which cluster, and how; NULL for what the kubeconfig says. */
struct kube_target {
	const char *kubeconfig, *context;
	const char *server, *ca_file, *tls_server_name, *token;
	const char *as, *as_uid;
	const char *const *as_groups;
	size_t as_groups_n;
	bool insecure;
	struct slice text; /* the kubeconfig itself, from a cluster: inline data only */
	bool allow_exec;   /* its exec plugin may run */
};

struct kube_question {
	const char *path; /* "/api/v1/namespaces/x", with a query if need be */
	bool list;
	bool metadata;		   /* of a list: the server leaves out all but the items' metadata, if it can */
	bool raw;		   /* the answer is a text, not JSON: a log */
	const char *needs;	   /* a key that every right answer has; NULL: none */
	const char *const *fields; /* see reduce.h; ends with NULL; NULL: the whole body */
	struct slice post;	   /* the body of a POST; empty: a GET */
	bool apply;		   /* it goes as a server-side apply, by PATCH */
	unsigned seconds;
};

enum kube_event_kind { KUBE_CONNECTED, KUBE_ANSWERED, KUBE_CONTEXTS, KUBE_CHANGED };

/* What a WATCH reports: see frame.h. */
enum kube_change { KUBE_LIST, KUBE_ADDED, KUBE_MODIFIED, KUBE_DELETED, KUBE_STATE };

struct kube_event {
	enum kube_event_kind kind;
	long cluster, question;
	enum answer_kind answer; /* of a connection: OK, or why it cannot be used */
	long status;
	enum kube_change change; /* of KUBE_CHANGED */
	struct slice text;	 /* what the server, the plugin or the kubeconfig's reader said */
	struct slice body;	 /* canonical JSON */
	const struct node *head;
};

struct kube {
	pid_t pid;
	int to, from;
	struct buf in, out;
	size_t taken; /* of `in`, by the last event */
	struct stream head;
	unsigned connections; /* how many clusters it can be connected to at once */
};

#define KUBE_INIT    ((struct kube){.to = -1, .from = -1})
#define cleanup_kube PXB_CLEANUP(kube_close)

/* STATUS_HELPER when the helper is not there, STATUS_FAILED when it is of another version. */
int kube_open(struct kube *k, struct err *err) PXB_MUST_CHECK;
void kube_close(struct kube *k);

int kube_contexts(struct kube *k, const char *kubeconfig, struct err *err) PXB_MUST_CHECK;
int kube_connect(struct kube *k, long cluster, const struct kube_target *t, struct err *err) PXB_MUST_CHECK;
/* Nothing more is asked of the cluster: the helper forgets its credentials. What it was asked is not answered. */
int kube_disconnect(struct kube *k, long cluster, struct err *err) PXB_MUST_CHECK;
int kube_ask(struct kube *k, long cluster, long question, const struct kube_question *q,
	     struct err *err) PXB_MUST_CHECK;

/* Follows a list until its deadline: see WATCH in frame.h. `list`, `raw`, `needs` and `post` do not count. */
int kube_watch(struct kube *k, long cluster, long question, const struct kube_question *q,
	       struct err *err) PXB_MUST_CHECK;

/* Waits for the next event, at most `ms`: *got says whether there was one. A signal ends the waiting. */
int kube_wait(struct kube *k, unsigned ms, bool *got, struct kube_event *event, struct err *err) PXB_MUST_CHECK;

/* Waits for the next event, at most `seconds`. */
int kube_next(struct kube *k, unsigned seconds, struct kube_event *event, struct err *err) PXB_MUST_CHECK;

/* Where the helper is; STATUS_HELPER with how to get it. */
int kube_helper_path(struct buf *path, struct err *err) PXB_MUST_CHECK;

#endif
