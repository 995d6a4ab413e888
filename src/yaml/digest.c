/*
 * digest.c: 128 bits that stand for the list of events of one document. Both readers produce it in their own process;
 * only the digest is compared. The secret is random per run, so a document cannot be built to collide.
 */
#define XXH_STATIC_LINKING_ONLY
#include "base/setup.h"

#include <xxhash.h>

#include "yaml/stream.h"

struct event_digest {
	const unsigned char *secret;
	struct buf events;
	struct buf marks; /* uint32_t */
};

struct event_digest *event_digest_new(const unsigned char *secret)
{
	struct event_digest *d = malloc(sizeof(*d));

	if (!d)
		return NULL;
	d->secret = secret;
	d->events = d->marks = BUF_INIT((size_t)1 << 31);
	return d;
}

void event_digest_free(struct event_digest *d)
{
	if (!d)
		return;
	buf_release(&d->events);
	buf_release(&d->marks);
	free(d);
}

void event_digest_reset(struct event_digest *d)
{
	buf_reuse(&d->events);
}

static char *put(char *at, const void *p, size_t n)
{
	if (n)
		memcpy(at, p, n);
	return at + n;
}

/* One event: its kind, and two texts with their lengths. */
static void add_event(struct event_digest *d, char kind, struct slice name, struct slice text)
{
	uint32_t lengths[2] = {(uint32_t)name.n, (uint32_t)text.n};
	size_t n = 1 + sizeof(lengths) + name.n + text.n;
	char *at = buf_reserve(&d->events, n);

	if (!at)
		return;
	at = put(at, &kind, 1);
	at = put(at, lengths, sizeof(lengths));
	at = put(at, name.p, name.n);
	put(at, text.p, text.n);
	d->events.n += n;
}

void event_digest_open(struct event_digest *d, char kind, struct slice anchor)
{
	add_event(d, kind, anchor, SLICE_EMPTY);
}

void event_digest_close(struct event_digest *d, char kind)
{
	add_event(d, kind, SLICE_EMPTY, SLICE_EMPTY);
}

void event_digest_scalar(struct event_digest *d, bool plain, struct slice anchor, struct slice text)
{
	/* Nothing is the same null as one that was written, and asked about in its place (defects.h). */
	add_event(d, plain ? 'p' : 'q', anchor, plain && !text.n ? SLICE("~") : text);
}

void event_digest_alias(struct event_digest *d, struct slice name)
{
	add_event(d, '*', name, SLICE_EMPTY);
}

void event_digest_mark(struct event_digest *d, uint32_t at)
{
	buf_add(&d->marks, slice_of((const char *)&at, sizeof(at)));
}

struct slice event_digest_events(const struct event_digest *d)
{
	return buf_slice(&d->events);
}

struct slice event_digest_marks(const struct event_digest *d)
{
	return buf_slice(&d->marks);
}

struct event event_next(struct slice *events)
{
	struct event e = {'\0', SLICE_EMPTY, SLICE_EMPTY};
	uint32_t lengths[2];
	size_t head = 1 + sizeof(lengths);

	if (events->n < head)
		return e;
	memcpy(lengths, events->p + 1, sizeof(lengths));
	if (events->n - head < (size_t)lengths[0] + lengths[1])
		return e;
	e.kind = events->p[0];
	e.name = slice_to(slice_from(*events, head), lengths[0]);
	e.text = slice_to(slice_from(*events, head + lengths[0]), lengths[1]);
	*events = slice_from(*events, head + lengths[0] + lengths[1]);
	return e;
}

bool event_digest_get(struct event_digest *d, uint64_t out[2])
{
	XXH128_hash_t h = XXH3_128bits_withSecret(buf_str(&d->events), d->events.n, d->secret, DIGEST_SECRET_BYTES);

	out[0] = h.low64;
	out[1] = h.high64;
	return !d->events.failed;
}
