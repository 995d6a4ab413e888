/*
 * references.c: what aliases and merge keys make of a document, checked once all of it is read.
 */
#include "yaml/tree.h"

enum { MERGE_LIST = 64, MERGE_KEYS = 1000 };

/* --- merges ---------------------------------------------------------------------------------------------------- */

/* What a merging mapping has under one text. */
struct held {
	const struct node *key;
	const struct node *from; /* the merged mapping that brings it; NULL: written in the mapping itself */
	bool before;		 /* written before the merge */
	bool mixed;		 /* written behind it, with more than one type */
};

struct merging {
	struct stream *s;
	const struct document *doc;
	struct node *map;
	const struct node *merge; /* the key */
	struct held *slots;
	size_t mask;
	const struct node **keys; /* that the merge brings, in order */
	size_t keys_n;
	bool refused;
};

/* A mapping without a merge of its own. Merges inside merges, and one mapping merged twice, are more than anybody needs
   and more than readers agree on. */
static bool is_flat_mapping(const struct node *n)
{
	n = node_real(n);
	return n->kind == NODE_MAPPING && !(n->flags & NODE_HAS_MERGE);
}

static bool merge_shape(const struct node *value)
{
	if (node_real(value)->kind == NODE_MAPPING)
		return is_flat_mapping(value);
	/* An alias of a sequence is refused by go-yaml, a sequence of mappings is not. */
	if (value->kind != NODE_SEQUENCE)
		return false;
	for (const struct node *i = value->child; i; i = i->next) {
		if (!is_flat_mapping(i))
			return false;
		for (const struct node *j = value->child; j != i; j = j->next)
			if (node_real(i) == node_real(j))
				return false;
	}
	return true;
}

static int refuse_merge(struct merging *m, enum problem_kind kind, const struct node *at, const char *what)
{
	m->refused = true;
	return problem_at(m->s, m->doc, kind, at, what);
}

/* The merge key of the mapping, if it is one that readers agree on. */
static int find_merge(struct merging *m)
{
	size_t pairs = 0;

	for (const struct node *k = m->map->child; k && k->next; k = k->next->next, pairs++) {
		const struct node *from = k->next;

		if (!(k->flags & NODE_MERGE))
			continue;
		if (m->merge)
			return refuse_merge(m, PROBLEM_AMBIGUOUS, k, "two merge keys in one mapping");
		m->merge = k;
		if (node_count(from) > (node_real(from)->kind == NODE_MAPPING ? MERGE_KEYS : MERGE_LIST))
			return refuse_merge(m, PROBLEM_STREAM, k, "a merge key with too many entries");
		if (!merge_shape(from))
			return refuse_merge(m, PROBLEM_STREAM, from,
					    "a merge key whose value is neither a plain mapping nor a list of "
					    "different plain mappings");
	}
	if (pairs > MERGE_KEYS)
		return refuse_merge(m, PROBLEM_STREAM, m->map, "a merge key in a mapping of more than 1000 keys");
	return 0;
}

static struct held *held_slot(const struct merging *m, const struct node *k)
{
	size_t i = hash_text(k, m->slots) & m->mask;

	while (m->slots[i].key && !same_text(m->slots[i].key, k))
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

static void hold_written(struct merging *m)
{
	bool before = true;

	for (const struct node *k = m->map->child; k; k = k->next->next) {
		struct held *h;

		if (k->flags & NODE_MERGE) {
			before = false;
			continue;
		}
		h = held_slot(m, k);
		if (h->key && !h->before && h->key->type != k->type)
			h->mixed = true;
		if (!h->key)
			*h = (struct held){.key = k, .before = before};
	}
}

/* YAML's own rule keeps the key that was written before the merge, go-yaml the merged one. Two keys of different types
   with one spelling: which one wins is random in the cluster. */
static int refuse_overridden(struct merging *m, const struct node *at)
{
	return refuse_merge(m, PROBLEM_AMBIGUOUS, at,
			    "a key that a merge key ('<<') overrides: readers differ on which of the two wins");
}

static int hold_merged(struct merging *m, const struct node *from)
{
	for (const struct node *k = from->child; k; k = k->next->next) {
		struct held *h = held_slot(m, k);
		bool shadowed = (k->flags & NODE_SHADOWED) != 0, differs = h->key && h->key->type != k->type;

		if (h->key && !h->from && h->before)
			return refuse_overridden(m, h->key);
		if (h->key && !h->from && !shadowed && (differs || h->mixed))
			return refuse_overridden(m, h->key);
		if (h->key && h->from && h->from != from && !shadowed && differs)
			return refuse_overridden(m, m->merge);
		if (!h->key || (h->from == from && !shadowed))
			*h = (struct held){.key = k, .from = from};
		if (h->from == from)
			m->keys[m->keys_n++] = k;
	}
	return 0;
}

static int collect_merged(struct merging *m, const struct node *from)
{
	if (from->kind == NODE_MAPPING)
		return hold_merged(m, from);
	for (const struct node *i = from->child; i && !m->refused; i = i->next)
		hold_merged(m, node_real(i));
	return 0;
}

static size_t merged_count(const struct node *from)
{
	size_t n = 0;

	if (from->kind == NODE_MAPPING)
		return node_count(from);
	for (const struct node *i = from->child; i; i = i->next)
		n += node_count(i);
	return n;
}

int merge_check(struct stream *s, const struct document *doc, struct node *map)
{
	return find_merge(&(struct merging){.s = s, .doc = doc, .map = map});
}

static int finish_merge(struct stream *s, const struct document *doc, struct node *map, struct err *err)
{
	struct merging m = {.s = s, .doc = doc, .map = map};
	const struct node *from;
	size_t n, room = 32;

	find_merge(&m);
	if (m.refused || !m.merge)
		return 0;
	from = node_real(m.merge->next);
	n = merged_count(from);
	while (room < (node_count(map) + n) * 2)
		room *= 2;
	m.mask = room - 1;
	m.keys = arena_alloc(&s->arena, (n + 1) * sizeof(struct node *));
	m.slots = m.keys ? calloc(room, sizeof(*m.slots)) : NULL;
	if (!m.slots)
		return err_nomem(err);
	hold_written(&m);
	collect_merged(&m, from);
	free(m.slots);
	map->merged = m.keys;
	map->text_n = (uint32_t)m.keys_n;
	return 0;
}

/* --- aliases --------------------------------------------------------------------------------------------------- */

struct budget {
	size_t decodes, aliased;
	unsigned aliases; /* around the node at hand */
	unsigned depth, limit;
	bool excessive, too_deep;
};

/* decode.go: allowedAliasRatio */
static double allowed_ratio(size_t decodes)
{
	const double low = 400000, high = 4000000;

	if ((double)decodes <= low)
		return 0.99;
	if ((double)decodes >= high)
		return 0.10;
	return 0.99 - 0.89 * (((double)decodes - low) / (high - low));
}

static void count_decodes(const struct node *n, struct budget *b);

/* go-yaml merges the mappings of a list from the last to the first. */
static void count_merged_list(const struct node *list, struct budget *b)
{
	const struct node *items[MERGE_LIST];
	size_t n = 0;

	for (const struct node *i = list->child; i && n < ARRAY_SIZE(items); i = i->next)
		items[n++] = i;
	while (n)
		count_decodes(items[--n], b);
}

static void count_members(const struct node *n, struct budget *b)
{
	bool stop = false;

	for (const struct node *i = n->child; i && !stop; i = i->next) {
		bool is_merge = n->kind == NODE_MAPPING && (i->flags & NODE_MERGE);

		if (is_merge)
			i = i->next;
		if (is_merge && i->kind == NODE_SEQUENCE)
			count_merged_list(i, b);
		else
			count_decodes(i, b);
		stop = b->excessive || b->too_deep;
	}
}

/* Nested aliases multiply depth as well as number: the tree itself is no deeper than the limit, its expansion may be.
 */
static void count_decodes(const struct node *n, struct budget *b)
{
	b->decodes++;
	if (b->aliases)
		b->aliased++;
	if (b->aliased > 100 && b->decodes > 1000 &&
	    (double)b->aliased / (double)b->decodes > allowed_ratio(b->decodes))
		b->excessive = true;
	if (b->excessive || n->kind == NODE_SCALAR)
		return;
	if (n->kind == NODE_ALIAS) {
		b->aliases++;
		count_decodes(n->child, b);
		b->aliases--;
		return;
	}
	if (++b->depth > b->limit)
		b->too_deep = true;
	else
		count_members(n, b);
	b->depth--;
}

int aliases_check(struct stream *s, struct document *doc, const struct node *root, struct err *err)
{
	struct budget b = {.decodes = 1, .limit = s->limits.depth + 1}; /* go-yaml counts the document node */

	(void)err;
	if (!root)
		return 0;
	count_decodes(root, &b);
	if (b.excessive)
		return problem_at(s, doc, PROBLEM_STREAM, root,
				  "excessive aliasing: the document multiplies when its aliases are followed");
	if (b.too_deep)
		return problem_at(s, doc, PROBLEM_STREAM, root,
				  "collections nested deeper than the limit when aliases are followed");
	return 0;
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

int tree_finish(struct stream *s, struct document *doc, struct node *root, struct err *err)
{
	if (!root || root->kind == NODE_SCALAR || root->kind == NODE_ALIAS)
		return 0;
	for (struct node *c = root->child; c; c = c->next)
		if (tree_finish(s, doc, c, err) < 0)
			return err->status;
	if (root->flags & NODE_HAS_MERGE)
		return finish_merge(s, doc, root, err);
	return root->kind == NODE_SEQUENCE ? sequence_finish(root, true, err) : 0;
}
