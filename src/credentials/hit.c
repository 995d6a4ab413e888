/*
 * hit.c: what is kept of a find, and how its place is told. The one place that decides what may be shown.
 */
#include "credentials/path.h"
#include "credentials/site.h"

#include <xxhash.h>

const struct node *site_top(const struct site *at)
{
	while (at->outer)
		at = at->outer;
	return at->node;
}

void safe_text(struct slice text, struct buf *out)
{
	size_t n = text.n < 80 ? text.n : 80;

	if (credential_name_is_secret(text)) {
		buf_adds(out, "***");
		return;
	}
	for (size_t i = 0; i < n; i++)
		buf_addc(out, (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? ' ' : text.p[i]);
	if (n < text.n)
		buf_adds(out, "...");
}

static void safe_path(const struct node *n, struct buf *out)
{
	struct buf path = BUF_INIT(1 << 16);

	credential_path(n, &path);
	if (path.failed)
		buf_adds(out, "***");
	else
		buf_add(out, slice_to(buf_slice(&path), 200));
	buf_release(&path);
}

/* A nested object's kind and name go before the path in it. */
static void say_node(const struct node *n, struct buf *out)
{
	const struct node *root = n;
	struct slice kind, name, ns;

	while (root->parent)
		root = root->parent;
	kind = node_string(node_lookup(root, "kind"));
	name = node_string(node_at(root, "metadata/name"));
	ns = node_string(node_at(root, "metadata/namespace"));
	if (kind.n && name.n) {
		safe_text(kind, out);
		buf_addc(out, ' ');
		if (ns.n) {
			safe_text(ns, out);
			buf_addc(out, '/');
		}
		safe_text(name, out);
		buf_addc(out, ' ');
	}
	safe_path(n, out);
}

static void say_site(const struct site *at, struct buf *out)
{
	if (!at->outer)
		return;
	say_site(at->outer, out);
	if (at->step) {
		if (out->n)
			buf_adds(out, " > ");
		buf_adds(out, at->step);
	}
	if (at->node && at->node->parent) {
		buf_adds(out, out->n ? " > " : "");
		say_node(at->node, out);
	} else if (at->key.n) {
		buf_adds(out, out->n ? " > " : "");
		if (at->section.n) {
			buf_addc(out, '[');
			safe_text(at->section, out);
			buf_adds(out, "] ");
		}
		safe_text(at->key, out);
	}
}

const char *site_chain(struct scan *s, const struct site *at)
{
	struct buf out = BUF_INIT(1 << 16);
	const char *chain;

	say_site(at, &out);
	if (out.failed)
		s->out->failed = true;
	chain = arena_str(s->arena, buf_slice(&out));
	buf_release(&out);
	return chain;
}

/* --- one hit for one secret in one place ------------------------------------------------------------------------ */

uint64_t hit_hash(const struct node *top, struct slice secret)
{
	uint64_t h = XXH3_64bits_withSeed(secret.p, secret.n, (uint64_t)(uintptr_t)top);

	return h ? h : 1;
}

enum rank hit_rank(enum hit_class class)
{
	switch (class) {
	case HIT_VALUE:
	case HIT_REGISTRY:
		return RANK_VALUE;
	case HIT_UNCHECKED:
	case HIT_UNDECODED:
		return RANK_UNCHECKED;
	case HIT_REGISTRY_SHORT:
	case HIT_PLAIN:
		return RANK_PLAIN;
	case HIT_SLOT:
		return RANK_SLOT;
	}
	return RANK_NOTHING;
}

static bool grow(struct scan *s)
{
	size_t size = s->seen.size ? s->seen.size * 2 : 64;
	struct seen old = s->seen;

	s->seen.hash = arena_alloc(s->arena, size * sizeof(*s->seen.hash));
	s->seen.hit = arena_alloc(s->arena, size * sizeof(*s->seen.hit));
	if (!s->seen.hash || !s->seen.hit) {
		s->seen = old;
		s->out->failed = true;
		return false;
	}
	s->seen.size = size;
	for (size_t i = 0; i < old.size; i++) {
		size_t at = old.hash[i] % size;

		if (!old.hash[i])
			continue;
		while (s->seen.hash[at])
			at = (at + 1) % size;
		s->seen.hash[at] = old.hash[i];
		s->seen.hit[at] = old.hit[i];
	}
	return true;
}

static void set_up(struct scan *s, struct credential_hit *h)
{
	*h = (struct credential_hit){.object = s->object, .document = s->document};
	h->shown = h->reason = h->chain = "";
}

/* A new hit; NULL when the object has had enough of them: the rest of many thousands tells nothing new. */
static struct credential_hit *push(struct scan *s, enum rank rank)
{
	enum { ENOUGH = 1000, SLOTS_ENOUGH = 100 };
	size_t *count = rank == RANK_SLOT ? &s->slots : &s->told;
	size_t enough = rank == RANK_SLOT ? SLOTS_ENOUGH : ENOUGH;
	struct credential_hit *h;

	if (*count >= enough)
		return NULL;
	++*count;
	h = VEC_PUSH(s->arena, s->out->hits);
	if (!h) {
		s->out->failed = true;
		return NULL;
	}
	set_up(s, h);
	if (*count < enough)
		return h;
	h->class = rank == RANK_SLOT ? HIT_SLOT : HIT_UNCHECKED;
	h->provider = PROVIDER_NONE;
	h->what = rank == RANK_SLOT ? "the object has a hundred places of this kind, and more that are not listed"
				    : "the object has a thousand places of this kind, and more that are not listed";
	return NULL;
}

struct credential_hit *hit_place(struct scan *s, uint64_t hash, enum rank rank)
{
	struct credential_hit *h;
	size_t at;

	if (rank > s->best)
		s->best = rank;
	if (s->seen.n * 2 >= s->seen.size && !grow(s))
		return NULL;
	for (at = hash % s->seen.size; s->seen.hash[at]; at = (at + 1) % s->seen.size) {
		if (s->seen.hash[at] != hash)
			continue;
		h = &s->out->hits.v[s->seen.hit[at]];
		if (hit_rank(h->class) >= rank)
			return NULL;
		set_up(s, h);
		return h;
	}
	h = push(s, rank);
	if (!h)
		return NULL;
	s->seen.hash[at] = hash;
	s->seen.hit[at] = (uint32_t)(s->out->hits.n - 1);
	s->seen.n++;
	return h;
}

static bool in_a_key(const struct site *at)
{
	for (; at; at = at->outer)
		if (at->is_key)
			return true;
	return false;
}

static bool in_a_comment(const struct site *at)
{
	for (; at; at = at->outer)
		if (at->in_comment)
			return true;
	return false;
}

/* What has no bytes of its own is told once of a place. */
static uint64_t hash_of(const struct site *at, const struct hit_say *say)
{
	const struct node *top = site_top(at);

	if (say->secret.n)
		return hit_hash(top, say->secret);
	return hit_hash(top, slice_str(say->what)) ^ hit_hash(at->outer ? at->node : NULL, at->key);
}

void hit_add(struct scan *s, const struct site *at, const struct hit_say *say)
{
	struct credential_hit *h;

	if (say->class == HIT_SLOT && s->quiet_slots)
		return;
	if (say->class == HIT_PLAIN && s->in_secret)
		return;
	h = hit_place(s, hash_of(at, say), hit_rank(say->class));
	if (!h)
		return;
	h->class = say->class;
	h->provider = say->provider;
	h->confidence = say->confidence;
	h->node = site_top(at);
	h->in_key = in_a_key(at);
	h->in_comment = in_a_comment(at);
	h->what = say->what;
	h->reason = say->reason;
	h->shown = say->shown ? say->shown : "";
	h->length = say->secret.n;
	h->secret = arena_copy(s->arena, say->secret);
	h->chain = site_chain(s, at);
}

void hit_match(struct scan *s, const struct site *at, const struct match *m, struct slice text)
{
	struct buf shown = BUF_INIT(1 << 12);
	struct hit_say say = {.class = HIT_VALUE,
			      .provider = m->provider,
			      .confidence = m->confidence,
			      .what = m->what,
			      .reason = m->reason,
			      .secret = m->secret};

	if (m->detector == DETECTOR_PEM_KEY) {
		say.class = HIT_PLAIN;
		scope_key(s, at, m->secret);
	}
	if (m->confidence == CONFIDENCE_PLACEHOLDER)
		say.class = HIT_SLOT;
	/* Scaleway shows these ids to everybody who reads a log: the secret beside it is what counts. */
	if (m->detector == DETECTOR_SCALEWAY_ID) {
		say.class = HIT_SLOT;
		say.what = "an access key id; its secret key is not part of it";
	}
	if (detector_of(m->detector)->public == PUBLIC_ID && m->confidence > CONFIDENCE_PLACEHOLDER && s->scope)
		scope_mark(s, m->provider);
	match_public(m, text, &shown);
	if (shown.failed)
		s->out->failed = true;
	say.shown = arena_str(s->arena, buf_slice(&shown));
	buf_release(&shown);
	hit_add(s, at, &say);
}

void hit_unchecked(struct scan *s, const struct site *at, const char *why)
{
	hit_add(s, at, &(struct hit_say){.class = HIT_UNCHECKED, .provider = PROVIDER_NONE, .what = why, .reason = ""});
}
