#include "values/values_merge.h"

#include <xxhash.h>

/* --- nodes ------------------------------------------------------------------------------------------------------ */

struct node *made_scalar(struct values *v, enum node_type type, struct slice text)
{
	struct node *n = ARENA_NEW(&v->arena, struct node);

	if (!n)
		return NULL;
	n->kind = NODE_SCALAR;
	n->type = (uint8_t)type;
	n->style = type == TYPE_STRING ? STYLE_DOUBLE : STYLE_PLAIN;
	n->flags = NODE_JSON;
	if (type == TYPE_BOOL && slice_is(text, "true"))
		n->flags |= NODE_TRUE;
	n->text = text.p;
	n->text_n = (uint32_t)text.n;
	return n;
}

struct node *made_collection(struct values *v, enum node_kind kind)
{
	struct node *n = ARENA_NEW(&v->arena, struct node);

	if (!n)
		return NULL;
	n->kind = (uint8_t)kind;
	n->type = TYPE_COLLECTION;
	n->style = STYLE_FLOW;
	n->flags = NODE_JSON;
	return n;
}

void made_append(struct node *collection, struct node *key_or_item)
{
	struct node **at;

	if (!collection || !key_or_item)
		return;
	for (at = &collection->child; *at;)
		at = &(*at)->next;
	*at = key_or_item;
	for (struct node *n = key_or_item; n; n = n->next)
		n->parent = collection;
}

/* Members that belong to another parent are shown through an alias. */
static struct node *made_alias(struct values *v, const struct node *of)
{
	struct node *n = of ? ARENA_NEW(&v->arena, struct node) : NULL;

	if (!n)
		return NULL;
	n->kind = NODE_ALIAS;
	n->type = TYPE_COLLECTION;
	n->flags = NODE_JSON;
	n->child = (struct node *)(uintptr_t)node_real(of);
	return n;
}

struct node *merged_node(struct values *v, struct merged *m)
{
	struct node *n, **last;

	if (!m)
		return NULL;
	if (!m->open)
		return made_alias(v, m->node);
	n = made_collection(v, m->kind);
	if (!n)
		return NULL;
	last = &n->child;
	for (struct merged *c = m->child; c; c = c->next) {
		struct node *value = merged_node(v, c);

		if (m->kind == NODE_MAPPING) {
			*last = made_scalar(v, TYPE_STRING, c->key);
			if (!*last)
				return NULL;
			(*last)->flags |= NODE_KEY;
			(*last)->parent = n;
			last = &(*last)->next;
		}
		*last = value;
		if (!value)
			return NULL;
		value->parent = n;
		last = &value->next;
	}
	return n;
}

/* --- the tree --------------------------------------------------------------------------------------------------- */

struct merged *merged_new(struct values *v, const struct node *n, struct values_file *f)
{
	struct merged *m;

	n = node_real(n);
	m = n ? ARENA_NEW(&v->arena, struct merged) : NULL;
	if (!m)
		return NULL;
	m->node = n;
	m->file = f;
	m->kind = n->kind;
	return m;
}

struct merged *merged_new_collection(struct values *v, enum node_kind kind)
{
	struct merged *m = ARENA_NEW(&v->arena, struct merged);

	if (!m)
		return NULL;
	m->kind = (uint8_t)kind;
	m->open = true;
	return m;
}

static void append(struct merged *list, struct merged *item)
{
	struct merged **at = &list->child;

	while (*at)
		at = &(*at)->next;
	*at = item;
}

static void unfold(struct values *v, struct merged *m)
{
	struct merged **last = &m->child;

	if (m->open || m->kind == NODE_SCALAR)
		return;
	m->open = true;
	if (m->kind == NODE_MAPPING) {
		for (struct map_iter it = map_iter_of(m->node); map_next(&it);) {
			*last = merged_new(v, it.value, m->file);
			if (!*last)
				return;
			(*last)->key = node_text(it.key);
			last = &(*last)->next;
		}
		return;
	}
	for (struct seq_iter it = seq_iter_of(m->node); seq_next(&it);) {
		*last = merged_new(v, it.item, m->file);
		if (!*last)
			return;
		last = &(*last)->next;
	}
}

struct merged *merged_get(struct values *v, struct merged *map, struct slice key)
{
	unfold(v, map);
	for (struct merged *c = map->kind == NODE_MAPPING ? map->child : NULL; c; c = c->next)
		if (slice_eq(c->key, key))
			return c;
	return NULL;
}

/* `value` stands nowhere else: it takes the place of what is there. */
static void replace(struct merged *old, struct merged *value)
{
	struct merged *next = old->next;
	struct slice key = old->key;

	if (old == value)
		return;
	*old = *value;
	old->next = next;
	old->key = key;
}

void merged_set(struct values *v, struct merged *map, struct slice key, struct merged *value)
{
	struct merged *old = merged_get(v, map, key);

	if (!value)
		return;
	if (old) {
		replace(old, value);
		return;
	}
	value->key = key;
	append(map, value);
}

struct merged *merged_item(struct values *v, struct merged *list, size_t index)
{
	struct merged *m;

	unfold(v, list);
	for (m = list->child; m && index; m = m->next)
		index--;
	return m;
}

void merged_set_item(struct values *v, struct merged *list, size_t index, struct merged *value)
{
	struct merged **at = &list->child;

	unfold(v, list);
	if (!value)
		return;
	for (size_t i = 0; i < index; i++) {
		if (!*at)
			*at = merged_new(v, made_scalar(v, TYPE_NULL, SLICE("null")), NULL);
		if (!*at)
			return;
		at = &(*at)->next;
	}
	if (*at)
		replace(*at, value);
	else
		*at = value;
}

/* The members of a mapping by their keys, for laying many of them over many. */
struct index {
	struct merged **slots;
	size_t mask;
};

static struct merged **index_slot(const struct index *x, struct slice key)
{
	size_t at = (size_t)XXH3_64bits_withSeed(key.p, key.n, (uint64_t)(uintptr_t)x->slots) & x->mask;

	while (x->slots[at] && !slice_eq(x->slots[at]->key, key))
		at = (at + 1) & x->mask;
	return &x->slots[at];
}

/* Half of the slots stay empty. */
static bool index_members(struct values *v, struct index *x, const struct merged *map)
{
	size_t n = 1;

	for (const struct merged *c = map->child; c; c = c->next)
		n++;
	x->mask = 15;
	while (x->mask < 2 * n)
		x->mask = 2 * x->mask + 1;
	x->slots = arena_alloc(&v->arena, (x->mask + 1) * sizeof(*x->slots));
	for (struct merged *c = map->child; x->slots && c; c = c->next)
		*index_slot(x, c->key) = c;
	return x->slots != NULL;
}

/* Each key of `n` comes once, so what is appended need not be found again. */
void merged_lay(struct values *v, struct merged *into, const struct node *n, struct values_file *f)
{
	struct merged **end = &into->child;
	struct index index;

	unfold(v, into);
	into->node = node_real(n);
	into->file = f;
	if (!index_members(v, &index, into))
		return;
	while (*end)
		end = &(*end)->next;
	for (struct map_iter it = map_iter_of(n); map_next(&it) && !arena_failed(&v->arena);) {
		struct merged *old = *index_slot(&index, node_text(it.key)), *value;

		if (old && old->kind == NODE_MAPPING && node_is_mapping(it.value)) {
			merged_lay(v, old, it.value, f);
			continue;
		}
		value = merged_new(v, it.value, f);
		if (!value)
			return;
		value->key = node_text(it.key);
		if (old) {
			replace(old, value);
		} else {
			*end = value;
			end = &value->next;
		}
	}
}
