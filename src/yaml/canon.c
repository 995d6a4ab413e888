/*
 * canon.c: mappings as the cluster ends up with them.
 *
 * The API machinery turns every key into a string (sigs.k8s.io/yaml): `y` becomes "true", 0x10 becomes "16". Equal
 * keys of one Go type: the last wins. Equal strings of different types: Go's map order decides, at random.
 */
#include <math.h>

#include <xxhash.h>

#include "yaml/tree.h"

int problem_at(struct stream *s, const struct document *doc, enum problem_kind kind, const struct node *n,
	       const char *what)
{
	stream_problem(s, kind, doc->input, n->start, "%s", what);
	return 0;
}

/* Spells a key as JSON does. False: it has no JSON form. */
static bool key_spell(struct stream *s, struct node *k)
{
	struct resolved r;
	char text[NUMBER_TEXT] = "";

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

size_t hash_text(const struct node *k, const void *seed)
{
	return (size_t)XXH3_64bits_withSeed(k->text, k->text_n, (uint64_t)(uintptr_t)seed);
}

enum { SMALL_MAPPING = 12, MAX_DUPLICATES = 1000 };

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
		return problem_at(s, doc, PROBLEM_AMBIGUOUS, map, "more than 1000 keys that are defined twice");
	return merge ? merge_check(s, doc, map) : 0;
}

/* --- names of items -------------------------------------------------------------------------------------------- */

/* The `name` of an item as the cluster reads it, NULL without one. *twice: written more than once. */
static const struct node *item_name(const struct node *item, bool *twice)
{
	const struct node *name = node_real(node_lookup(item, "name"));

	*twice = false;
	for (const struct node *k = item->kind == NODE_MAPPING ? item->child : NULL; k; k = k->next->next)
		*twice |= (k->flags & NODE_SHADOWED) && slice_is(node_text(k), "name");
	return node_is_string(name) ? name : NULL;
}

static void name_few_items(struct node *seq)
{
	const struct node *names[SMALL_MAPPING];
	struct node *items[SMALL_MAPPING];
	size_t n = 0;

	for (struct node *i = seq->child; i; i = i->next, n++) {
		bool twice;

		items[n] = i;
		names[n] = item_name(i, &twice);
		i->item.sole_name = names[n] && !twice;
		for (size_t k = 0; k < n && names[n]; k++)
			if (names[k] && same_text(names[k], names[n]))
				i->item.sole_name = items[k]->item.sole_name = false;
	}
}

static int name_many_items(struct node *seq, size_t count, struct err *err)
{
	struct named {
		const struct node *name;
		struct node *item;
	} * slots;
	size_t room = 32;

	while (room < count * 2)
		room *= 2;
	slots = calloc(room, sizeof(*slots));
	if (!slots)
		return err_nomem(err);
	for (struct node *i = seq->child; i; i = i->next) {
		bool twice;
		const struct node *name = item_name(i, &twice);
		size_t at = name ? hash_text(name, slots) & (room - 1) : 0;

		i->item.sole_name = name && !twice;
		if (!name)
			continue;
		while (slots[at].name && !same_text(slots[at].name, name))
			at = (at + 1) & (room - 1);
		if (slots[at].name)
			i->item.sole_name = slots[at].item->item.sole_name = false;
		else
			slots[at] = (struct named){name, i};
	}
	free(slots);
	return 0;
}

int sequence_finish(struct node *seq, bool expanded, struct err *err)
{
	bool references = false;
	size_t count = 0;

	for (const struct node *i = seq->child; i; i = i->next, count++)
		references |= i->kind == NODE_ALIAS || (i->flags & NODE_HAS_MERGE);
	if (references != expanded)
		return 0;
	if (count > SMALL_MAPPING)
		return name_many_items(seq, count, err);
	name_few_items(seq);
	return 0;
}

void open_node_add(struct open_node *top, struct node *n)
{
	n->parent = top->node;
	if (top->last)
		top->last->next = n;
	else
		top->node->child = n;
	if (top->node->kind == NODE_SEQUENCE)
		n->item.number = (uint32_t)top->children + 1;
	else if (top->children % 2 == 0)
		n->flags |= NODE_KEY;
	else
		n->key = top->last;
	top->last = n;
	top->children++;
}
