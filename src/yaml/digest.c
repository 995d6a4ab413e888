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

static void add_name(struct event_digest *d, struct slice name)
{
	uint32_t len = (uint32_t)name.n;

	buf_add(&d->events, slice_of((const char *)&len, sizeof(len)));
	buf_add(&d->events, name);
}

void event_digest_open(struct event_digest *d, char kind, struct slice anchor)
{
	buf_addc(&d->events, kind);
	add_name(d, anchor);
}

void event_digest_close(struct event_digest *d, char kind)
{
	buf_addc(&d->events, kind);
}

void event_digest_scalar(struct event_digest *d, bool plain, struct slice anchor, struct slice text)
{
	buf_addc(&d->events, plain ? 'p' : 'q');
	add_name(d, anchor);
	add_name(d, text);
}

void event_digest_alias(struct event_digest *d, struct slice name)
{
	buf_addc(&d->events, '*');
	add_name(d, name);
}

bool event_digest_get(struct event_digest *d, uint64_t out[2])
{
	XXH128_hash_t h = XXH3_128bits_withSecret(buf_str(&d->events), d->events.n, d->secret, DIGEST_SECRET_BYTES);

	out[0] = h.low64;
	out[1] = h.high64;
	return !d->events.failed;
}
