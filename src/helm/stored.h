/*
 * stored.h: a release as Helm has stored it: what was installed last, also by a Helm without the gate. A revision that
 * failed is not what is installed: the last one that was deployed is.
 */
#ifndef PXB_HELM_STORED_H
#define PXB_HELM_STORED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "yaml/stream.h"

struct stored {
	struct slice name, ns, chart, version, status; /* in the arena given; empty: Helm did not say */
	struct slice revision;
	const char *warnings; /* of the kubeconfig's reader, a line each; NULL for none */
};

/* Release `name` in namespace ns (NULL: the kubeconfig's), read from Helm's objects in the cluster, with the connection
   that Helm would take; `helm get` is asked where releases are kept elsewhere (HELM_DRIVER=sql), or where only Helm can
   read the kubeconfig. STATUS_HELPER when it fails; err then holds what was said. */
int stored_get(const char *name, const char *ns, struct arena *a, struct stored *i, struct buf *manifest,
	       struct err *err) PXB_MUST_CHECK;

/* What Helm prints as a JSON list, as a node. A list is no document of its own to the reader of JSON: `text` holds it
   under a name. Stream and text are the caller's, and outlive the node. */
int stored_list(struct slice json, struct stream *s, struct buf *text, const struct node **list,
		struct err *err) PXB_MUST_CHECK;

/* Of `helm history`: the newest revision that is deployed, else the newest that was; "" for neither. */
const char *stored_revision(struct arena *a, const struct node *history);

/* "the installed release px-central, revision 3": what messages call it. */
const char *stored_title(struct arena *a, const struct stored *i);

#endif
