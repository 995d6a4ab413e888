/*
 * frame.h: what pxb-fed and pxb-fed-kube say to each other, over the helper's standard input and output.
 *
 * A frame is a 4-byte length (big endian, of what follows), one byte of kind, a 4-byte length of its head, the head
 * (one JSON object) and the body (bytes, often none). Both programs greet first: a hello carries the protocol and the
 * version, and whoever does not know them stops. The helper never speaks unasked, except for its hello.
 *
 *   to the helper    HELLO    {"protocol","version"}
 *                    CONTEXTS {"kubeconfig"?}
 *                    CONNECT  {"cluster", "kubeconfig"?, "context"?, ...}  the fields are those of struct kube_target
 *                    DISCONNECT {"cluster"}  nothing more is asked of it; there is no answer
 *                    ASK      {"cluster","question","path","list","metadata"?,"raw"?,"apply"?,"fields","seconds"}
 *                             a body is sent by POST; with apply by PATCH, as a server-side apply. The helper refuses
 *                             one unless its path has dryRun=All, or asks Gardener for a viewer's kubeconfig
 *                    WATCH    {"cluster","question","path","fields","seconds"}   a list that is followed
 *   from the helper  HELLO    {"protocol","version","connections"}  how many it holds open at most
 *                    CONTEXTS {"contexts":[{"name","cluster","server"}],"current","error"?}
 *                    CONNECT  {"cluster","kind","text","server","context","namespace","warnings":[]}
 *                    ANSWER   {"cluster","question","kind","status","text","warnings":[]?}
 *                             body: reduced canonical JSON
 *                    CHANGE   {"cluster","question","change","kind","status","text"}   of a WATCH: change is "list"
 *                             (the body is the whole list, what was there before is not), "added", "modified",
 *                             "deleted" (the body is the object), or "state" (the list cannot be read now: kind says
 *                             why)
 *
 * A WATCH is asked again by the helper, whatever happens; it gets an ANSWER only when it is over: at its deadline, or
 * when no credentials can be had.
 */
#ifndef PXB_CLUSTER_FRAME_H
#define PXB_CLUSTER_FRAME_H

#include "base/buf.h"

enum { KUBE_PROTOCOL = 1 };

enum frame_kind {
	FRAME_HELLO = 'H',
	FRAME_CONTEXTS = 'L',
	FRAME_CONNECT = 'C',
	FRAME_DISCONNECT = 'D',
	FRAME_ASK = 'A',
	FRAME_ANSWER = 'R',
	FRAME_WATCH = 'W',
	FRAME_CHANGE = 'E',
};

enum { FRAME_MAX = 64 << 20, FRAME_PREFIX = 4, FRAME_LEAST = 5 };

struct frame {
	enum frame_kind kind;
	struct slice head, body; /* of the bytes that were read */
};

/* All of a frame but its body, which the caller writes next. */
void frame_write_head(struct buf *out, enum frame_kind kind, struct slice head, size_t body);
void frame_write(struct buf *out, enum frame_kind kind, struct slice head, struct slice body);

/* Reads one frame from the start of `bytes`: its size, 0 when there is not a whole one yet, -1 when it is none. */
long frame_read(struct slice bytes, struct frame *f);

#endif
