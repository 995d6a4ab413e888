#include "rules/credential_scan.h"

const struct credential_scan *gate_credentials(struct gate *g)
{
	struct credential_scan *s = g->credential_scan;

	if (s)
		return s;
	s = ARENA_NEW(&g->arena, struct credential_scan);
	if (!s)
		return NULL;
	s->arena = &g->arena;
	if (!credential_scan_release(s, g->release)) {
		g->arena.failed = true;
		return NULL;
	}
	g->credential_scan = s;
	return s;
}

static const char *confidence_word(enum confidence c)
{
	static const char *const words[] = {"", "", "low", "medium", "high"};

	return words[c];
}

static const char *article_free(const struct credential_hit *h)
{
	return h->provider == PROVIDER_NONE ? "" : provider_of(h->provider)->name;
}

struct finding *credential_find(struct gate *g, const struct credential_hit *h, const char *verdict)
{
	/* A key that holds a secret would stand in its own path: the finding is about the mapping around it. */
	const struct node *at = h->in_key && h->node && h->node->parent ? h->node->parent : h->node;
	struct finding *f = gate_find(g, h->object, at);
	const char *name = article_free(h);
	struct buf text = BUF_TEXT;

	buf_addf(&text, "%s%s%s", name, name[0] ? ": " : "", h->what);
	if (h->shown[0])
		buf_addf(&text, " (%s)", h->shown);
	if (h->in_key)
		buf_adds(&text, ", in a mapping key");
	if (h->in_comment)
		buf_adds(&text, ", in a comment next to this place");
	if (h->chain[0])
		buf_addf(&text, ", behind %s", h->chain);
	if (h->reason[0] && h->confidence > CONFIDENCE_PLACEHOLDER && h->length)
		buf_addf(&text, "; told by %s, %zu characters, confidence %s", h->reason, h->length,
			 confidence_word(h->confidence));
	else if (h->reason[0])
		buf_addf(&text, " (%s)", h->reason);
	buf_addf(&text, "; %s", verdict);
	f->message = arena_str(&g->arena, buf_slice(&text));
	if (text.failed)
		g->arena.failed = true;
	buf_release(&text);
	return f;
}
