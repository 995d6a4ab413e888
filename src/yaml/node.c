#include "yaml/node.h"

struct slice node_string(const struct node *n)
{
	n = node_real(n);
	return node_is_string(n) ? node_text(n) : SLICE_EMPTY;
}

bool node_string_is(const struct node *n, const char *s)
{
	return node_is_string(n) && slice_is(node_text(node_real(n)), s);
}

/*
 * go-yaml assigns pairs in their order and a merge at the place where it is, so the last assignment wins. A key
 * that a merge would override is refused (canon.c), so a key that was written here wins over every merged one.
 */
const struct node *node_get_key(const struct node *map, struct slice key)
{
	map = node_real(map);
	if (!map || map->kind != NODE_MAPPING)
		return NULL;
	for (const struct node *k = map->child; k; k = k->next->next)
		if (!(k->flags & (NODE_SHADOWED | NODE_MERGE)) && k->text_n == key.n &&
		    memcmp(k->text, key.p, key.n) == 0)
			return k;
	if (map->flags & NODE_HAS_MERGE)
		for (size_t i = 0; i < map->text_n; i++)
			if (!(map->merged[i]->flags & NODE_SHADOWED) && slice_eq(node_text(map->merged[i]), key))
				return map->merged[i];
	return NULL;
}

const struct node *node_get(const struct node *map, struct slice key)
{
	const struct node *k = node_get_key(map, key);

	return k ? k->next : NULL;
}

const struct node *node_lookup(const struct node *map, const char *key)
{
	return node_get(map, slice_str(key));
}

const struct node *node_at(const struct node *root, const char *path)
{
	struct slice rest = slice_str(path);

	while (root && rest.p) {
		struct slice key = slice_cut(rest, '/', &rest);

		root = node_get(root, key);
	}
	return root;
}

struct map_iter map_iter_of(const struct node *map)
{
	map = node_real(map);
	if (!map || map->kind != NODE_MAPPING)
		return (struct map_iter){0};
	return (struct map_iter){.map = map, .at = map->child};
}

static const struct node *next_merged(struct map_iter *it)
{
	while (it->merging && it->merged < it->map->text_n) {
		const struct node *k = it->map->merged[it->merged++];

		if (!(k->flags & NODE_SHADOWED))
			return k;
	}
	it->merging = false;
	return NULL;
}

static const struct node *next_written(struct map_iter *it)
{
	const struct node *k = it->at;

	if (k)
		it->at = k->next->next;
	return k;
}

bool map_next(struct map_iter *it)
{
	const struct node *k;

	if (!it->map)
		return false;
	while ((k = next_merged(it)) || (k = next_written(it))) {
		if (k->flags & NODE_MERGE) {
			it->merging = (it->map->flags & NODE_HAS_MERGE) != 0;
			continue;
		}
		if (k->flags & NODE_SHADOWED)
			continue;
		it->key = k;
		it->value = k->next;
		return true;
	}
	return false;
}

struct seq_iter seq_iter_of(const struct node *seq)
{
	seq = node_real(seq);
	return (struct seq_iter){.at = seq && seq->kind == NODE_SEQUENCE ? seq->child : NULL, .index = SIZE_MAX};
}

bool seq_next(struct seq_iter *it)
{
	if (!it->at)
		return false;
	it->item = node_real(it->at);
	it->at = it->at->next;
	it->index++;
	return true;
}

size_t node_count(const struct node *collection)
{
	const struct node *c = node_real(collection);
	size_t n = 0;

	if (!c || c->kind == NODE_SCALAR)
		return 0;
	for (const struct node *i = c->child; i; i = i->next)
		n++;
	return c->kind == NODE_MAPPING ? n / 2 : n;
}

const struct node *node_named(const struct node *seq, struct slice name, size_t *count)
{
	const struct node *found = NULL;
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(seq); seq_next(&it);) {
		const struct node *have = node_lookup(it.item, "name");

		if (node_is_string(have) && slice_eq(node_string(have), name)) {
			found = it.item;
			n++;
		}
	}
	if (count)
		*count = n;
	return found;
}

const struct node *node_key_of(const struct node *value)
{
	if (!value->parent || value->parent->kind != NODE_MAPPING || (value->flags & NODE_KEY))
		return NULL;
	if (value->key)
		return value->key;
	for (const struct node *k = value->parent->child; k; k = k->next->next)
		if (k->next == value)
			return k;
	return NULL;
}

static bool plain_key(struct slice key)
{
	if (key.n == 0)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (!(c == '-' || c == '_' || c == '/' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

static void path_key(struct slice key, struct buf *out)
{
	if (plain_key(key)) {
		if (out->n)
			buf_addc(out, '.');
		buf_add(out, key);
		return;
	}
	buf_adds(out, "[\"");
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '"' || key.p[i] == '\\')
			buf_addc(out, '\\');
		if ((unsigned char)key.p[i] < ' ')
			buf_addf(out, "\\u%04x", (unsigned char)key.p[i]);
		else
			buf_addc(out, key.p[i]);
	}
	buf_adds(out, "\"]");
}

static bool is_number(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	return name.n > 0;
}

static void path_item(const struct node *seq, const struct node *item, struct buf *out)
{
	struct slice name = node_string(node_lookup(item, "name"));
	bool sole = item->item.sole_name;
	size_t same, index = item->item.number;

	if (index) {
		index--;
	} else {
		node_named(seq, name, &same);
		sole = same == 1;
		for (const struct node *i = seq->child; i && i != item; i = i->next)
			index++;
	}
	if (sole && is_number(name)) /* without quotes it would be an index */
		buf_addf(out, "[\"" SLICE_FMT "\"]", SLICE_ARG(name));
	else if (sole && plain_key(name))
		buf_addf(out, "[" SLICE_FMT "]", SLICE_ARG(name));
	else
		buf_addf(out, "[%zu]", index);
}

void node_path(const struct node *n, struct buf *out)
{
	const struct node *up = n->parent;

	if (!up)
		return;
	node_path(up, out);
	if (up->kind == NODE_SEQUENCE) {
		path_item(up, n, out);
	} else {
		const struct node *key = n->flags & NODE_KEY ? n : node_key_of(n);

		if (key)
			path_key(node_text(key), out);
	}
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_SCALAR)
		return a->type == b->type && (a->flags & NODE_TRUE) == (b->flags & NODE_TRUE) &&
		       slice_eq(node_text(a), node_text(b));
	if (a->kind == NODE_ALIAS)
		return node_equal(a->child, b->child);
	a = a->child;
	b = b->child;
	while (a && b && node_equal(a, b)) {
		a = a->next;
		b = b->next;
	}
	return !a && !b;
}
