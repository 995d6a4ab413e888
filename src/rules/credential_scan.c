#include "rules/credential_scan.h"

/* The policy's own names and patterns, compiled for the time of the scan; NULL when it has none. */
static bool add_custom(const struct gate *g, struct credential_custom **custom)
{
	const struct policy *p = g->policy;
	struct err err = ERR_INIT;

	*custom = NULL;
	if (!p || (!p->credential_names.n && !p->credential_patterns.n))
		return true;
	*custom = credential_custom_new(p->credential_names.v, p->credential_names.n, p->credential_patterns.v,
					p->credential_patterns.n, &err);
	return *custom != NULL;
}

const struct credential_scan *gate_credentials(struct gate *g)
{
	struct credential_scan *s = g->credential_scan;
	struct credential_custom *custom;
	bool ok;

	if (s)
		return s;
	s = ARENA_NEW(&g->arena, struct credential_scan);
	if (!s)
		return NULL;
	s->arena = &g->arena;
	if (!add_custom(g, &custom)) {
		g->arena.failed = true;
		return NULL;
	}
	s->custom = custom;
	ok = credential_scan_release(s, g->release);
	s->custom = NULL;
	credential_custom_free(custom);
	if (!ok) {
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

/* A list's own fields and comments outside objects belong to no object: the finding has a line and no path. */
static void place_in_document(struct finding *f, const struct document *d, const struct node *at)
{
	struct position pos = input_position(d->input, at ? at->start : d->body);

	f->place = (struct place){.input = d->input->name, .line = pos.line, .column = pos.column, .length = 1};
}

struct finding *credential_find(struct gate *g, const struct credential_hit *h, const char *verdict)
{
	/* A key that holds a secret would stand in its own path: the finding is about the mapping around it. */
	const struct node *at = h->in_key && h->node && h->node->parent ? h->node->parent : h->node;
	struct finding *f = gate_find(g, h->object, h->object ? at : NULL);
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
	if (!h->object)
		place_in_document(f, h->document, at);
	f->message = arena_str(&g->arena, buf_slice(&text));
	if (text.failed)
		g->arena.failed = true;
	buf_release(&text);
	return f;
}
