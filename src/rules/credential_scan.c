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

/* --- what else is asked of a scan: sorted once, so that many references stay cheap ---------------------------------
 */

static int by_address(const void *a, const void *b)
{
	const uintptr_t x = (uintptr_t) * (const void *const *)a, y = (uintptr_t) * (const void *const *)b;

	return x < y ? -1 : x > y;
}

static int by_name(const void *a, const void *b)
{
	const struct object *const *x = a, *const *y = b;

	return slice_cmp((*x)->name, (*y)->name);
}

static void push(struct gate *g, struct credential_index *list, const void *item)
{
	const void **place = item ? VEC_PUSH(&g->arena, *list) : NULL;

	if (place)
		*place = item;
}

static bool has(const struct credential_index *list, const void *item)
{
	return list->n && bsearch(&item, list->v, list->n, sizeof(*list->v), by_address);
}

static void make_index(struct gate *g, struct credential_scan *s)
{
	for (size_t i = 0; i < s->hits.n; i++) {
		push(g, &s->objects_hit, s->hits.v[i].object);
		if (s->hits.v[i].class != HIT_SLOT)
			push(g, &s->nodes_hit, s->hits.v[i].node);
	}
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (object_is(g->release->objects.v[i], "Secret", NULL))
			push(g, &s->secrets, g->release->objects.v[i]);
	if (s->objects_hit.n)
		qsort(s->objects_hit.v, s->objects_hit.n, sizeof(*s->objects_hit.v), by_address);
	if (s->nodes_hit.n)
		qsort(s->nodes_hit.v, s->nodes_hit.n, sizeof(*s->nodes_hit.v), by_address);
	if (s->secrets.n)
		qsort(s->secrets.v, s->secrets.n, sizeof(*s->secrets.v), by_name);
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
	make_index(g, s);
	g->credential_scan = s;
	return s;
}

bool credential_was_hit(const struct credential_scan *s, const struct node *n)
{
	return has(&s->nodes_hit, n);
}

const struct object *gate_secret(struct gate *g, const struct object *near, struct slice name)
{
	const struct credential_scan *s = gate_credentials(g);
	size_t low = 0, high = s ? s->secrets.n : 0;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (slice_cmp(((const struct object *)s->secrets.v[mid])->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; s && low < s->secrets.n; low++) {
		const struct object *o = s->secrets.v[low];

		if (!slice_eq(o->name, name))
			return NULL;
		if (!o->ns.n || !near->ns.n || slice_eq(o->ns, near->ns))
			return o;
	}
	return NULL;
}

bool gate_secret_is_clean(struct gate *g, const struct object *near, struct slice name)
{
	const struct object *o = gate_secret(g, near, name);

	return o && !o->owner && !has(&gate_credentials(g)->objects_hit, o) &&
	       (node_count(node_real(node_lookup(o->root, "data"))) ||
		node_count(node_real(node_lookup(o->root, "stringData"))));
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

	f->beside = h->in_comment;
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
		buf_addf(&text, "; recognised by %s, %zu characters, confidence %s", h->reason, h->length,
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
