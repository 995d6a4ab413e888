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

static const struct node *merged_key(const struct node *merge_value, struct slice key, int depth);

/*
 * go-yaml assigns pairs in their order and a merge at the place where it stands, so the last assignment wins: the later
 * of equal keys, a merge over the keys before it, and among merged mappings of one list the first.
 */
static const struct node *find_key(const struct node *map, struct slice key, int depth)
{
	const struct node *found = NULL;

	for (const struct node *k = map->child; k; k = k->next->next) {
		if (k->flags & NODE_MERGE) {
			const struct node *m = merged_key(k->next, key, depth);

			if (m)
				found = m;
		} else if (!(k->flags & NODE_SHADOWED) && k->text_n == key.n && memcmp(k->text, key.p, key.n) == 0) {
			found = k;
			if (!(map->flags & NODE_HAS_MERGE))
				break;
		}
	}
	return found;
}

enum { MERGE_DEPTH = 8 };

static const struct node *merged_key(const struct node *merge_value, struct slice key, int depth)
{
	const struct node *from = node_real(merge_value);

	if (!from || depth >= MERGE_DEPTH)
		return NULL;
	if (from->kind == NODE_MAPPING)
		return find_key(from, key, depth + 1);
	if (from->kind != NODE_SEQUENCE)
		return NULL;
	for (const struct node *i = from->child; i; i = i->next) {
		const struct node *real = node_real(i);
		const struct node *k = real->kind == NODE_MAPPING ? find_key(real, key, depth + 1) : NULL;

		if (k)
			return k;
	}
	return NULL;
}

const struct node *node_get_key(const struct node *map, struct slice key)
{
	map = node_real(map);
	return map && map->kind == NODE_MAPPING ? find_key(map, key, 0) : NULL;
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
	return (struct map_iter){.map = map, .at = map->child, .stack[0] = {.map = map}};
}

/* Steps into the mapping(s) behind a merge key; false when there is nothing to step into. */
static bool map_enter(struct map_iter *it, const struct node *merge_value)
{
	const struct node *from = node_real(merge_value);
	const struct node *seq = NULL;

	if (from && from->kind == NODE_SEQUENCE) {
		seq = from->child;
		from = node_real(seq);
	}
	if (!from || from->kind != NODE_MAPPING || it->depth + 1 >= (int)ARRAY_SIZE(it->stack))
		return false;
	it->stack[it->depth].at = it->at;
	it->depth++;
	it->stack[it->depth] = (struct map_frame){.map = from, .seq = seq};
	it->at = from->child;
	return true;
}

static bool map_leave(struct map_iter *it)
{
	struct map_frame *f = &it->stack[it->depth];

	if (f->seq && f->seq->next) {
		f->seq = f->seq->next;
		f->map = node_real(f->seq);
		it->at = f->map->kind == NODE_MAPPING ? f->map->child : NULL;
		return true;
	}
	if (it->depth == 0)
		return false;
	it->depth--;
	it->at = it->stack[it->depth].at;
	return true;
}

bool map_next(struct map_iter *it)
{
	while (it->map) {
		const struct node *k = it->at;

		if (!k) {
			if (!map_leave(it))
				return false;
			continue;
		}
		it->at = k->next->next;
		if (k->flags & NODE_MERGE) {
			map_enter(it, k->next);
			continue;
		}
		if (k->flags & NODE_SHADOWED)
			continue;
		if (it->map->flags & NODE_HAS_MERGE) {
			if (node_get_key(it->map, node_text(k)) != k)
				continue;
		}
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

static void path_item(const struct node *seq, const struct node *item, struct buf *out)
{
	struct slice name = node_string(node_lookup(item, "name"));
	size_t same = 0, index = 0;

	if (name.n)
		node_named(seq, name, &same);
	if (same == 1 && plain_key(name)) {
		buf_addf(out, "[" SLICE_FMT "]", SLICE_ARG(name));
		return;
	}
	for (const struct node *i = seq->child; i && i != item; i = i->next)
		index++;
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
