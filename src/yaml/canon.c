/*
 * canon.c: mappings as the cluster ends up with them.
 *
 * The API machinery turns every key into a string (sigs.k8s.io/yaml): `y` becomes "true", 0x10 becomes "16". Equal
 * keys of one Go type: the last wins. Equal strings of different types: Go's map order decides, at random.
 */
#include <math.h>

#include <xxhash.h>

#include "yaml/tree.h"

static int problem_at(struct stream *s, const struct document *doc, enum problem_kind kind, const struct node *n,
		      const char *what)
{
	stream_problem(s, kind, doc->input, n->start, "%s", what);
	return 0;
}

/* Spells a key as JSON does. False: it has no JSON form. */
static bool key_spell(struct stream *s, struct node *k)
{
	struct resolved r;
	char text[32] = "";

	if (k->type == TYPE_STRING)
		return true;
	if (k->type == TYPE_NULL)
		return false;
	if (k->type == TYPE_BOOL) {
		k->text = k->flags & NODE_TRUE ? "true" : "false";
		k->text_n = k->flags & NODE_TRUE ? 4 : 5;
		return true;
	}
	r = scalar_resolve(NULL, node_text(k));
	/* Not-a-number equals no key, itself included; 0.0 and -0.0 are one key with two spellings. */
	if (r.type == TYPE_FLOAT && (isnan(r.as.f) || r.as.f == 0))
		return false;
	if (k->type == TYPE_FLOAT && r.type == TYPE_INT)
		number_key_text((double)r.as.i, text);
	else if (r.type == TYPE_INT && !r.is_unsigned)
		snprintf(text, sizeof(text), "%lld", (long long)r.as.i);
	else if (r.type == TYPE_FLOAT)
		number_key_text(r.as.f, text);
	else
		return false; /* sigs.k8s.io/yaml knows no key of type uint64 */
	k->text = arena_str(&s->arena, slice_str(text));
	k->text_n = (uint32_t)strlen(text);
	return true;
}

/* The same key to Go: same type and value. Floats that print alike in 32 bits may still differ, so their source text
   must be the same too. */
static bool same_go_key(const struct document *doc, const struct node *a, const struct node *b)
{
	const char *p = doc->input->bytes.p;

	if (a->type != b->type)
		return false;
	if (a->type != TYPE_FLOAT)
		return true;
	return slice_eq(slice_of(p + a->start, a->end - a->start), slice_of(p + b->start, b->end - b->start));
}

static void note_duplicate(struct document *doc, struct node *earlier, const struct node *later)
{
	earlier->flags |= NODE_SHADOWED;
	doc->duplicate_keys = true;
	doc->duplicates++;
	if (!same_go_key(doc, earlier, later)) {
		earlier->flags |= NODE_RANDOM;
		doc->random_keys = true;
	}
}

/* Seeded with an address that changes from run to run, so that no document can be built to collide. */
static size_t hash_text(const struct node *k, const void *seed)
{
	return (size_t)XXH3_64bits_withSeed(k->text, k->text_n, (uint64_t)(uintptr_t)seed);
}

static bool same_text(const struct node *a, const struct node *b)
{
	return a->text_n == b->text_n && memcmp(a->text, b->text, a->text_n) == 0;
}

enum { SMALL_MAPPING = 12, MERGE_LIST = 64, MERGE_KEYS = 1000, MAX_DUPLICATES = 1000 };

static void find_duplicates_small(struct document *doc, struct node *map)
{
	for (struct node *k = map->child; k; k = k->next->next)
		for (struct node *later = k->next->next; later; later = later->next->next)
			if (same_text(k, later) && !((k->flags | later->flags) & NODE_MERGE)) {
				note_duplicate(doc, k, later);
				break;
			}
}

static int find_duplicates_large(struct document *doc, struct node *map, size_t pairs, struct err *err)
{
	size_t room = 32;
	struct node **slots;

	while (room < pairs * 2)
		room *= 2;
	slots = calloc(room, sizeof(struct node *));
	if (!slots)
		return err_nomem(err);
	for (struct node *k = map->child; k; k = k->next->next) {
		size_t i = hash_text(k, slots) & (room - 1);

		if (k->flags & NODE_MERGE)
			continue;
		while (slots[i] && !same_text(slots[i], k))
			i = (i + 1) & (room - 1);
		if (slots[i])
			note_duplicate(doc, slots[i], k);
		slots[i] = k;
	}
	free(slots);
	return 0;
}

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

/* Explicit keys before a merge of the same key: YAML's own rule keeps the explicit one, go-yaml the merged one. */
static const struct node *overridden_by_merge(const struct node *map, const struct node *merge, const struct node *from)
{
	for (struct map_iter it = map_iter_of(from); map_next(&it);) {
		for (const struct node *k = map->child; k && k != merge; k = k->next->next)
			if (!(k->flags & NODE_MERGE) && same_text(k, it.key))
				return k;
		for (const struct node *k = merge->next->next; k; k = k->next->next)
			if (!(k->flags & NODE_MERGE) && same_text(k, it.key) && k->type != it.key->type)
				return k;
	}
	return NULL;
}

static int check_merges(struct stream *s, const struct document *doc, const struct node *map, size_t pairs)
{
	const struct node *first = NULL, *bad = NULL;

	if (pairs > MERGE_KEYS)
		return problem_at(s, doc, PROBLEM_STREAM, map, "a merge key in a mapping of more than 1000 keys");
	for (const struct node *k = map->child; k; k = k->next->next) {
		const struct node *from = k->next;

		if (!(k->flags & NODE_MERGE))
			continue;
		if (first)
			return problem_at(s, doc, PROBLEM_AMBIGUOUS, k, "two merge keys in one mapping");
		first = k;
		if (!merge_shape(from))
			return problem_at(
				s, doc, PROBLEM_STREAM, from,
				"a merge key whose value is no plain mapping and no list of different plain mappings");
		from = node_real(from);
		if (node_count(from) > (from->kind == NODE_MAPPING ? MERGE_KEYS : MERGE_LIST))
			return problem_at(s, doc, PROBLEM_STREAM, k, "a merge key with too many entries");
		if (from->kind == NODE_MAPPING)
			bad = overridden_by_merge(map, k, from);
		for (const struct node *i = from->kind == NODE_SEQUENCE ? from->child : NULL; i && !bad; i = i->next) {
			bad = overridden_by_merge(map, k, i);
			/* Two merged mappings with one key of two types: the winner is random as well. */
			for (const struct node *j = i->next; j && !bad; j = j->next)
				for (struct map_iter it = map_iter_of(i); !bad && map_next(&it);) {
					const struct node *other = node_get_key(j, node_text(it.key));

					if (other && other->type != it.key->type)
						bad = k;
				}
		}
		if (bad)
			return problem_at(
				s, doc, PROBLEM_AMBIGUOUS, bad,
				"a key that a merge key ('<<') overrides: readers differ on which of the two wins");
	}
	return 0;
}

int mapping_finish(struct stream *s, struct document *doc, struct node *map, struct err *err)
{
	size_t pairs = 0;
	bool merge = false;

	for (struct node *k = map->child; k; k = k->next->next) {
		pairs++;
		if (k->flags & NODE_MERGE)
			merge = true;
		else if (!key_spell(s, k))
			return problem_at(
				s, doc, PROBLEM_STREAM, k,
				"a mapping key without a clear form in JSON (null, 0.0, or a number out of range)");
	}
	if (merge)
		map->flags |= NODE_HAS_MERGE;
	if (pairs <= SMALL_MAPPING)
		find_duplicates_small(doc, map);
	else if (find_duplicates_large(doc, map, pairs, err) < 0)
		return err->status;
	if (doc->duplicates > MAX_DUPLICATES)
		return problem_at(s, doc, PROBLEM_AMBIGUOUS, map, "more than 1000 keys that stand twice");
	return merge ? check_merges(s, doc, map, pairs) : 0;
}

/* --- aliases --------------------------------------------------------------------------------------------------- */

struct budget {
	size_t decodes, aliased;
	unsigned depth;
	bool excessive;
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

static void count_decodes(const struct node *n, struct budget *b)
{
	b->decodes++;
	if (b->depth)
		b->aliased++;
	if (b->aliased > 100 && b->decodes > 1000 &&
	    (double)b->aliased / (double)b->decodes > allowed_ratio(b->decodes))
		b->excessive = true;
	if (b->excessive)
		return;
	if (n->kind == NODE_ALIAS) {
		b->depth++;
		count_decodes(n->child, b);
		b->depth--;
		return;
	}
	if (n->kind == NODE_SEQUENCE)
		for (const struct node *i = n->child; i && !b->excessive; i = i->next)
			count_decodes(i, b);
	if (n->kind != NODE_MAPPING)
		return;
	for (const struct node *k = n->child; k && !b->excessive; k = k->next->next) {
		if (!(k->flags & NODE_MERGE)) {
			count_decodes(k, b);
			count_decodes(k->next, b);
		} else if (k->next->kind == NODE_SEQUENCE) {
			const struct node *items[MERGE_LIST];
			size_t n_items = 0;

			for (const struct node *i = k->next->child; i && n_items < ARRAY_SIZE(items); i = i->next)
				items[n_items++] = i;
			while (n_items)
				count_decodes(items[--n_items], b);
		} else {
			count_decodes(k->next, b);
		}
	}
}

/* Nested aliases multiply depth as well; the tree itself is no deeper than the limit, the expansion may be. */
static unsigned expanded_depth(const struct node *n, unsigned depth, unsigned limit)
{
	unsigned deepest = depth;

	if (depth > limit)
		return depth;
	if (n->kind == NODE_ALIAS)
		return expanded_depth(n->child, depth, limit);
	if (n->kind == NODE_SCALAR)
		return depth;
	for (const struct node *i = n->child; i && deepest <= limit; i = i->next) {
		unsigned d = i->kind == NODE_SCALAR ? depth : expanded_depth(i, depth + 1, limit);

		if (d > deepest)
			deepest = d;
	}
	return deepest;
}

int aliases_check(struct stream *s, struct document *doc, const struct node *root, struct err *err)
{
	struct budget b = {.decodes = 1}; /* go-yaml counts the document node */

	(void)err;
	if (!root)
		return 0;
	count_decodes(root, &b);
	if (b.excessive)
		return problem_at(s, doc, PROBLEM_STREAM, root,
				  "excessive aliasing: the document multiplies when its aliases are followed");
	if (expanded_depth(root, 0, s->limits.depth) > s->limits.depth)
		return problem_at(s, doc, PROBLEM_STREAM, root,
				  "collections nested deeper than the limit when aliases are followed");
	return 0;
}
