#include "rules/hide.h"

#include "credentials/path.h"
#include "rules/credential_scan.h"

enum { GRAM = 8, TABLE_MAX = 1 << 20, IN_SENTENCES = 12 };

/* Runs of eight bytes, in a table that is at most half full; 0 is an empty slot, and no run of text. */
struct hidden {
	uint64_t *slots;
	size_t size; /* a power of two */
	bool full;   /* more secrets than the table holds: every value is hidden */
};

static uint64_t gram_at(const char *p)
{
	uint64_t gram;

	memcpy(&gram, p, GRAM);
	return gram;
}

static uint64_t *slot_of(const struct hidden *h, uint64_t gram)
{
	size_t at = (size_t)((gram * 0x9e3779b97f4a7c15ULL) >> 20) & (h->size - 1);

	while (h->slots[at] && h->slots[at] != gram)
		at = (at + 1) & (h->size - 1);
	return &h->slots[at];
}

static bool is_secret(const struct credential_hit *hit)
{
	return hit->class == HIT_VALUE || hit->class == HIT_REGISTRY || hit->class == HIT_REGISTRY_SHORT ||
	       hit->class == HIT_PLAIN;
}

/* What the scan kept of the secret, or else the whole text that it stands in. */
static struct slice secret_of(const struct credential_hit *hit)
{
	if (hit->secret.n >= GRAM)
		return hit->secret;
	if (hit->node && hit->node->kind == NODE_SCALAR && hit->length == hit->node->text_n)
		return node_text(hit->node);
	return SLICE_EMPTY;
}

static void fill(struct gate *g, struct hidden *h, const struct credential_scan *s)
{
	size_t grams = 0;

	for (size_t i = 0; i < s->hits.n; i++)
		if (is_secret(&s->hits.v[i]))
			grams += secret_of(&s->hits.v[i]).n;
	h->size = 16;
	while (h->size < grams * 2 && h->size < TABLE_MAX)
		h->size *= 2;
	h->full = h->size < grams * 2;
	h->slots = grams && !h->full ? arena_alloc(&g->arena, h->size * sizeof(*h->slots)) : NULL;
	if (!h->slots)
		return;
	memset(h->slots, 0, h->size * sizeof(*h->slots));
	for (size_t i = 0; i < s->hits.n; i++) {
		struct slice secret = is_secret(&s->hits.v[i]) ? secret_of(&s->hits.v[i]) : SLICE_EMPTY;

		for (size_t k = 0; k + GRAM <= secret.n; k++)
			*slot_of(h, gram_at(secret.p + k)) = gram_at(secret.p + k);
	}
}

const struct hidden *gate_hidden(struct gate *g)
{
	static const struct hidden nothing = {NULL, 0, false};
	const struct credential_scan *s;
	struct hidden *h;

	if (g->hidden)
		return g->hidden;
	if (g->second_evaluation || !g->release || !(s = gate_credentials(g)))
		return &nothing;
	h = ARENA_NEW(&g->arena, struct hidden);
	if (!h)
		return &nothing;
	*h = nothing;
	fill(g, h, s);
	return g->hidden = h;
}

bool hidden_find(const struct hidden *h, struct slice text, size_t run, size_t *from, size_t *to)
{
	for (size_t i = 0; h->slots && i + GRAM <= text.n; i++) {
		size_t end = i;

		while (end + GRAM <= text.n && *slot_of(h, gram_at(text.p + end)))
			end++;
		if (end == i)
			continue;
		*from = i;
		*to = end - 1 + GRAM;
		if (*to - *from >= run)
			return true;
		i = end;
	}
	*from = 0;
	*to = text.n;
	return h->full && text.n >= run;
}

/* Words of a sentence that are secrets by their shape: names and addresses that a rule has repeated. */
static const char *mask_words(struct gate *g, const char *text)
{
	struct slice rest = slice_str(text);
	cleanup_buf struct buf out = BUF_TEXT;

	if (!credential_name_is_secret(rest))
		return text;
	for (size_t n; rest.n; rest = slice_from(rest, n)) {
		for (n = 0; n < rest.n && !strchr(" '\"/()", rest.p[n]);)
			n++;
		if (n && credential_name_is_secret(slice_to(rest, n)))
			buf_adds(&out, "***");
		else
			buf_add(&out, slice_to(rest, n));
		if (n < rest.n)
			buf_addc(&out, rest.p[n++]);
	}
	g->arena.failed |= out.failed;
	if (credential_name_is_secret(buf_slice(&out)))
		return "a text that looks like a credential";
	return arena_str(&g->arena, buf_slice(&out));
}

static const char *mask_found(struct gate *g, const char *text)
{
	const struct hidden *h = gate_hidden(g);
	struct slice rest = slice_str(text);
	cleanup_buf struct buf out = BUF_TEXT;
	size_t from, to;

	if (h->full || !hidden_find(h, rest, IN_SENTENCES, &from, &to))
		return text;
	do {
		buf_add(&out, slice_to(rest, from));
		buf_adds(&out, "***");
		rest = slice_from(rest, to);
	} while (hidden_find(h, rest, IN_SENTENCES, &from, &to));
	buf_add(&out, rest);
	g->arena.failed |= out.failed;
	return arena_str(&g->arena, buf_slice(&out));
}

const char *gate_mask(struct gate *g, const char *text)
{
	return mask_words(g, mask_found(g, text));
}

const char *gate_name(struct gate *g, struct slice name)
{
	size_t from, to;

	if (hidden_find(gate_hidden(g), name, GRAM, &from, &to) || credential_name_is_secret(name))
		return "***";
	return arena_str(&g->arena, name);
}
