/*
 * tree.h: what the two readers (parse.c, json.c) share while they build nodes.
 */
#ifndef PXB_YAML_TREE_H
#define PXB_YAML_TREE_H

#include "yaml/stream.h"

/* A collection that is being read, and the last node that it got. */
struct open_node {
	struct node *node;
	struct node *last;
	size_t children;
};

/* Makes n the next key, value or item. */
void open_node_add(struct open_node *top, struct node *n);

/* Called when a mapping is complete: spells its keys as JSON does and marks keys that a later equal one overrides. A
   fault becomes a problem of the stream. */
PXB_MUST_CHECK int mapping_finish(struct stream *s, struct document *doc, struct node *map, struct err *err);

/* Whether the merge of a mapping has a form that readers agree on; if not, a problem. Always 0. */
int merge_check(struct stream *s, const struct document *doc, struct node *map);

/* Called when a sequence is complete: marks the items whose name no other has. Sequences with aliases or merges among
   their items are for the second call alone, by tree_finish() (`expanded`). */
PXB_MUST_CHECK int sequence_finish(struct node *seq, bool expanded, struct err *err);

/* go-yaml's rule against alias bombs, counted on the tree as its decoder counts. After it, following all aliases takes
   time in proportion to the document. */
PXB_MUST_CHECK int aliases_check(struct stream *s, struct document *doc, const struct node *root, struct err *err);

/* Called for a document with aliases or merges that aliases_check() let pass: checks the merges, collects the keys that
   they bring, and does what sequence_finish() left. */
PXB_MUST_CHECK int tree_finish(struct stream *s, struct document *doc, struct node *root, struct err *err);

/* A problem at a node. Always 0. */
int problem_at(struct stream *s, const struct document *doc, enum problem_kind kind, const struct node *n,
	       const char *what);

static inline bool same_text(const struct node *a, const struct node *b)
{
	return a->text_n == b->text_n && memcmp(a->text, b->text, a->text_n) == 0;
}

/* Seeded with an address that changes from run to run, so that no document can be built to collide. */
size_t hash_text(const struct node *n, const void *seed);

/* Shortest decimal text that reads back as the same double (or float when `single`), in Go's 'g' layout for keys and
   encoding/json's layout for values. */
enum { NUMBER_TEXT = 32 };
void number_key_text(double f, char out[NUMBER_TEXT]);
void number_json_text(double f, char out[NUMBER_TEXT]);

#endif
