/*
 * second_opinion.h: libfyaml must report the same events as libyaml, document by document.
 *
 * libfyaml before 0.9.5 crashes or hides keys on hostile input, so it runs in a child with limits on CPU time and
 * memory and no descriptors but its socket, and only on documents that libyaml has accepted. Documents go to the
 * child as bytes, digests come back. A different digest, a refusal, a crash or a limit is an ambiguous document.
 * The limit is CPU time that grows with the document, never the clock, so a loaded machine cannot change a verdict.
 *
 * Documents of several streams may be under way at once; answers come in the order of the questions. A child that has
 * refused a document ends (libfyaml 0.7.12 frees twice then), and one that failed is replaced: the documents behind
 * that one are asked about again. Not thread-safe: one object per worker.
 */
#ifndef PXB_YAML_SECOND_OPINION_H
#define PXB_YAML_SECOND_OPINION_H

#include "yaml/stream.h"

struct second_opinion;

#define cleanup_second_opinion PXB_CLEANUP(second_opinion_free)

/* Makes the random secret of the digests and starts the child. STATUS_HELPER when that fails. */
int second_opinion_new(struct second_opinion **so, struct err *err) PXB_MUST_CHECK;

/* Ends the child and waits for it. Streams that were not finished never will be; they may be released later. */
void second_opinion_free(struct second_opinion **so);

/* The secret to put into stream.digest_secret before stream_add(). */
const unsigned char *second_opinion_secret(const struct second_opinion *so);

/* Before stream_add(): its documents are sent as they are read, as long as the stream has no problem. Sets the secret.
   The stream keeps its address until it is released. */
void second_opinion_follow(struct second_opinion *so, struct stream *s);

/* The same for a stream that has been read: sends what the child takes without waiting. */
int second_opinion_begin(struct second_opinion *so, struct stream *s, struct err *err) PXB_MUST_CHECK;

/* Waits for all answers and adds a PROBLEM_AMBIGUOUS for every document that the readers see differently. */
int second_opinion_finish(struct second_opinion *so, struct stream *s, struct err *err) PXB_MUST_CHECK;

/* stream.c: the first `n` documents have been read; the stream is released before all answers came. */
void second_opinion_offer(struct stream *s, size_t n);
void second_opinion_drop(struct stream *s);

const char *libfyaml_version(void);

#endif
