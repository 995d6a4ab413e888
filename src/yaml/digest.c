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
};

struct event_digest *event_digest_new(const unsigned char *secret)
{
	struct event_digest *d = malloc(sizeof(*d));

	if (!d)
		return NULL;
	d->secret = secret;
	d->events = BUF_INIT((size_t)1 << 31);
	return d;
}

void event_digest_free(struct event_digest *d)
{
	if (!d)
		return;
	buf_release(&d->events);
	free(d);
}

void event_digest_reset(struct event_digest *d)
{
	buf_clear(&d->events);
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
	add_event(d, plain ? 'p' : 'q', anchor, text);
}

void event_digest_alias(struct event_digest *d, struct slice name)
{
	add_event(d, '*', name, SLICE_EMPTY);
}

bool event_digest_get(struct event_digest *d, uint64_t out[2])
{
	XXH128_hash_t h = XXH3_128bits_withSecret(buf_str(&d->events), d->events.n, d->secret, DIGEST_SECRET_BYTES);

	out[0] = h.low64;
	out[1] = h.high64;
	return !d->events.failed;
}
