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

bool hit_is_new(struct scan *s, const struct node *top, struct slice secret)
{
	uint64_t h = XXH3_64bits_withSeed(secret.p, secret.n, (uint64_t)(uintptr_t)top);
	uint64_t *slot;

	for (size_t i = 0; i < s->seen.n; i++)
		if (s->seen.v[i] == h)
			return false;
	slot = VEC_PUSH(s->arena, s->seen);
	if (slot)
		*slot = h;
	else
		s->out->failed = true;
	return true;
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

struct credential_hit *hit_push(struct scan *s)
{
	enum { ENOUGH = 1000 };
	struct credential_hit *h;

	if (s->told >= ENOUGH)
		return NULL;
	s->told++;
	h = VEC_PUSH(s->arena, s->out->hits);
	if (!h) {
		s->out->failed = true;
		return NULL;
	}
	h->object = s->object;
	h->shown = h->reason = h->chain = "";
	if (s->told == ENOUGH) {
		h->class = HIT_UNCHECKED;
		h->provider = PROVIDER_NONE;
		h->what = "the object holds a thousand places of this kind, and more that are not listed";
		return NULL;
	}
	return h;
}

void hit_add(struct scan *s, const struct site *at, const struct hit_say *say)
{
	const struct node *top = site_top(at);
	struct credential_hit *h;

	if (say->class == HIT_SLOT && s->quiet_slots)
		return;
	if (say->class == HIT_PLAIN && s->in_secret)
		return;
	if (say->secret.n && !hit_is_new(s, top, say->secret))
		return;
	h = hit_push(s);
	if (!h)
		return;
	h->class = say->class;
	h->provider = say->provider;
	h->confidence = say->confidence;
	h->object = s->object;
	h->node = top;
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

	if (m->detector == DETECTOR_PEM_KEY)
		say.class = HIT_PLAIN;
	if (m->confidence == CONFIDENCE_PLACEHOLDER)
		say.class = HIT_SLOT;
	if (detector_of(m->detector)->public == PUBLIC_ID && m->confidence > CONFIDENCE_PLACEHOLDER && s->scope)
		s->scope->ids |= 1u << m->provider;
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
