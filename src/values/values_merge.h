/*
 * values_merge.h: values merged as Helm merges them. Internal to src/policy.
 *
 * A tree of what holds after all sources so far. Whole mappings and lists stay folded (`node` alone tells what they
 * hold) until something is written into them. The tree lives in the arena of the values; nodes are borrowed.
 */
#ifndef PXB_VALUES_VALUES_MERGE_H
#define PXB_VALUES_VALUES_MERGE_H

#include "values/values.h"

struct merged {
	struct slice key;	  /* in a mapping */
	const struct node *node;  /* what the last source said here; with `open` only a part of what holds */
	struct values_file *file; /* that source */
	uint8_t kind;		  /* enum node_kind, never an alias */
	bool open;		  /* a collection whose members are the children */
	struct merged *child, *next;
};

/* NULL when memory is short, as everywhere here; the arena knows. */
struct merged *merged_new(struct values *v, const struct node *n, struct values_file *f);
struct merged *merged_new_collection(struct values *v, enum node_kind kind);

/* The member of a mapping, NULL if there is none. */
struct merged *merged_get(struct values *v, struct merged *map, struct slice key);
void merged_set(struct values *v, struct merged *map, struct slice key, struct merged *value);

/* The item of a list, NULL beyond its end; setting beyond the end fills up with nulls. */
struct merged *merged_item(struct values *v, struct merged *list, size_t index);
void merged_set_item(struct values *v, struct merged *list, size_t index, struct merged *value);

/* Lays the mapping `n` of `f` over the mapping `into`, as Helm does with files. */
void merged_lay(struct values *v, struct merged *into, const struct node *n, struct values_file *f);

/* A node that says what `m` holds. */
struct node *merged_node(struct values *v, struct merged *m);

/* Nodes made here, without a place in any text. */
struct node *made_scalar(struct values *v, enum node_type type, struct slice text);
struct node *made_collection(struct values *v, enum node_kind kind);
void made_append(struct node *collection, struct node *key_or_item);

static inline bool merged_is_null(const struct merged *m)
{
	return m->kind == NODE_SCALAR && m->node->type == TYPE_NULL;
}

#endif
