/*
 * node.h: a document as the cluster understands it.
 *
 * A tree of nodes in an arena. Every node knows the bytes it was read from, so a finding has a place and a patch has a
 * span; text is a slice of the input wherever the decoded text stands there as it is, else a copy in the arena.
 *
 * The readers below follow aliases and merge keys and let the last of equal keys win, as the API machinery does
 * (go-yaml v2); the raw children (`child`, `next`) show what was written. Nothing here prints or allocates, except
 * where an arena is passed. All of it takes time in proportion to what it walks: key and number of a node are kept.
 */
#ifndef PXB_YAML_NODE_H
#define PXB_YAML_NODE_H

#include "base/arena.h"
#include "base/buf.h"

enum node_kind {
	NODE_SCALAR,
	NODE_MAPPING,
	NODE_SEQUENCE,
	NODE_ALIAS, /* child is the anchored node, which belongs to another parent */
};

/* What the cluster makes of a scalar. */
enum node_type {
	TYPE_STRING,
	TYPE_NULL,
	TYPE_BOOL,
	TYPE_INT, /* fits int64 or uint64 */
	TYPE_FLOAT,
	TYPE_COLLECTION, /* mappings, sequences, aliases */
};

enum node_style {
	STYLE_PLAIN,
	STYLE_SINGLE,
	STYLE_DOUBLE,
	STYLE_LITERAL,
	STYLE_FOLDED,
	STYLE_BLOCK, /* collections */
	STYLE_FLOW,
};

enum node_flags {
	NODE_KEY = 1 << 0,	 /* is in key position; its text is the key as JSON spells it (`y` is "true") */
	NODE_SHADOWED = 1 << 1,	 /* a key that a later equal key of the same mapping overrides */
	NODE_MERGE = 1 << 2,	 /* the key `<<` in its merging sense */
	NODE_HAS_MERGE = 1 << 3, /* a mapping with such a key */
	NODE_PROPS = 1 << 4,	 /* carries an anchor or a tag; both lie inside the span */
	NODE_JSON = 1 << 5,	 /* read by the JSON reader: a number's text is printed as it is written */
	NODE_TRUE = 1 << 6,	 /* value of a TYPE_BOOL */
	NODE_RANDOM =
		1 << 7, /* a shadowed key of another type than its rival: which one wins is random in the cluster */
};

struct node {
	uint8_t kind;  /* enum node_kind */
	uint8_t type;  /* enum node_type */
	uint8_t style; /* enum node_style */
	uint8_t flags;
	uint32_t start, end; /* bytes of the input, quotes, block header and properties included; end exclusive */
	uint32_t text_n;
	union {
		const char *text;		  /* scalars: decoded text */
		const struct node *const *merged; /* mappings with a merge: the keys that it brings, text_n of them */
	};
	struct node *parent; /* NULL for the root of a document */
	struct node *child;  /* first key of a mapping, first item of a sequence, target of an alias */
	struct node *next;   /* key -> value -> next key ...; next item */
	union {
		struct node *key; /* values of a mapping */
		struct {
			uint32_t number; /* items of a sequence, from 1; 0 in trees that were not read but made */
			bool sole_name;	 /* no other item of the sequence has the same `name` */
		} item;
	};
};

static inline struct slice node_text(const struct node *n)
{
	return n && n->kind == NODE_SCALAR ? slice_of(n->text, n->text_n) : SLICE_EMPTY;
}

/* The node itself, or what the alias stands for. NULL stays NULL. */
static inline const struct node *node_real(const struct node *n)
{
	while (n && n->kind == NODE_ALIAS)
		n = n->child;
	return n;
}

static inline bool node_is(const struct node *n, enum node_kind kind)
{
	n = node_real(n);
	return n && n->kind == kind;
}

static inline bool node_is_mapping(const struct node *n)
{
	return node_is(n, NODE_MAPPING);
}

static inline bool node_is_sequence(const struct node *n)
{
	return node_is(n, NODE_SEQUENCE);
}

/* A scalar that the cluster types as a string. */
static inline bool node_is_string(const struct node *n)
{
	n = node_real(n);
	return n && n->kind == NODE_SCALAR && n->type == TYPE_STRING;
}

/* Missing, or null in any of its spellings. */
static inline bool node_is_null(const struct node *n)
{
	n = node_real(n);
	return !n || (n->kind == NODE_SCALAR && n->type == TYPE_NULL);
}

static inline bool node_is_bool(const struct node *n, bool value)
{
	n = node_real(n);
	return n && n->kind == NODE_SCALAR && n->type == TYPE_BOOL && !!(n->flags & NODE_TRUE) == value;
}

/* The text of a string scalar; the empty slice for all else. */
struct slice node_string(const struct node *n);

/* The string scalar with exactly this text. */
bool node_string_is(const struct node *n, const char *s);

/* The value that the cluster reads at `key` of a mapping, NULL when there is none (or `map` is not a mapping). */
const struct node *node_get(const struct node *map, struct slice key);
const struct node *node_lookup(const struct node *map, const char *key);

/* The key node that belongs to what node_get() returns. */
const struct node *node_get_key(const struct node *map, struct slice key);

/* Follows keys joined by '/' ("spec/template/spec"). */
const struct node *node_at(const struct node *root, const char *path);

/* Walks a mapping as the cluster sees it: every key once, with its winning value. */
struct map_iter {
	const struct node *map, *key, *value;
	const struct node *at; /* the next key that was written here */
	size_t merged;	       /* keys taken of those that a merge brings; they come where the merge is */
	bool merging;
};

struct map_iter map_iter_of(const struct node *map);
bool map_next(struct map_iter *it);

/* Items of a sequence, aliases followed. */
struct seq_iter {
	const struct node *at, *item;
	size_t index;
};

struct seq_iter seq_iter_of(const struct node *seq);
bool seq_next(struct seq_iter *it);

size_t node_count(const struct node *collection); /* raw pairs or items */

/* The item of a list of mappings whose `name` is this string; *count gets how many there are; the last one is returned.
 */
const struct node *node_named(const struct node *seq, struct slice name, size_t *count);

/* For a value of a mapping: its key node. For all else NULL. */
const struct node *node_key_of(const struct node *value);

/* Path of n below root: keys joined by '.', odd keys as ["a.b"], items as [name] where name is unique, else [index];
   a name of digits alone is in quotes, ["1"]. */
void node_path(const struct node *n, struct buf *out);

/* The node at a path as node_path() writes it; an item may also be named by its index. NULL: there is none. */
const struct node *node_find_path(const struct node *root, struct slice path);

/* Same kinds, types and texts in the same order; properties and style are not compared. */
bool node_equal(const struct node *a, const struct node *b);

#endif
