/*
 * second_opinion.h: libfyaml must tell the same events as libyaml, document by document.
 *
 * libfyaml before 0.9.5 crashes or hides keys on hostile input, so it runs in a child with limits on CPU time and
 * memory and no descriptors but its socket, and only on documents that libyaml has accepted. Documents go to the
 * child as bytes, digests come back. A different digest, a refusal, a crash or a limit is an ambiguous document.
 * The limit is CPU time that grows with the document, never the clock, so a loaded machine cannot change a verdict.
 *
 * One child serves many streams; it is replaced after a failure. Not thread-safe: one object per worker.
 */
#ifndef PXB_YAML_SECOND_OPINION_H
#define PXB_YAML_SECOND_OPINION_H

#include "yaml/stream.h"

struct second_opinion;

#define cleanup_second_opinion PXB_CLEANUP(second_opinion_free)

/* Makes the random secret of the digests and starts the child. STATUS_HELPER when that fails. */
int second_opinion_new(struct second_opinion **so, struct err *err);
void second_opinion_free(struct second_opinion **so); /* ends the child and waits for it */

/* The secret to put into stream.digest_secret before stream_add(). */
const unsigned char *second_opinion_secret(const struct second_opinion *so);

/* Sends what the child takes without waiting; the caller goes on with other work meanwhile. */
int second_opinion_begin(struct second_opinion *so, struct stream *s, struct err *err);

/* Waits for all answers and adds a PROBLEM_AMBIGUOUS for every document that the readers see differently. */
int second_opinion_finish(struct second_opinion *so, struct stream *s, struct err *err);

const char *libfyaml_version(void);

#endif
