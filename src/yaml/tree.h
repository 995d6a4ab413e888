/*
 * tree.h: what the two readers (parse.c, json.c) share while they build nodes.
 */
#ifndef PXB_YAML_TREE_H
#define PXB_YAML_TREE_H

#include "yaml/stream.h"

/* Called when a mapping is complete: spells its keys as JSON does, marks keys that a later equal one overrides, and
   checks merge keys. A fault becomes a problem of the stream. */
int mapping_finish(struct stream *s, struct document *doc, struct node *map, struct err *err);

/* go-yaml's rule against alias bombs, counted on the tree as its decoder counts. */
int aliases_check(struct stream *s, struct document *doc, const struct node *root, struct err *err);

/* Shortest decimal text that reads back as the same double (or float when `single`), in Go's 'g' layout for keys and
   encoding/json's layout for values. Room for 32 bytes. */
void number_key_text(double f, char out[32]);
void number_json_text(double f, char out[32]);

#endif
