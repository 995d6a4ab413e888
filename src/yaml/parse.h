/*
 * parse.h: the state of one document's parse. Internal to src/yaml: parse.c follows the events, parse_scalar.c makes
 * scalars of them.
 */
#ifndef PXB_YAML_PARSE_H
#define PXB_YAML_PARSE_H

#include <yaml.h>

#include "yaml/tree.h"

struct anchor {
	struct slice name;
	struct node *node;
};

struct parse {
	struct stream *stream;
	struct document *doc;
	struct err *err;
	struct slice text; /* what the parser is given, without a BOM */
	size_t base;	   /* offset of text in the input */
	bool ascii;
	size_t cursor_char, cursor_byte;
	struct open_node *stack; /* limits.depth entries */
	unsigned depth;
	struct node *root;
	VEC(struct anchor) anchors;
	bool has_alias, has_merge;
	size_t nodes;
	struct event_digest *digest;
	struct buf respelled; /* the document up to `copied`, with scalars in another spelling */
	size_t copied;	      /* offset in the input */
	bool refused;	      /* a problem was recorded */
};

/* Records a problem at a byte offset and marks the document refused. Always 0: a refusal is not an error. */
int parse_refuse(struct parse *p, enum problem_kind kind, size_t at, const char *what);

/* A node under the open collection; NULL after a limit (refused) or without memory (err). */
struct node *parse_node(struct parse *p, enum node_kind kind, const yaml_event_t *e);

int parse_anchor(struct parse *p, struct node *n, const yaml_char_t *name);

static inline bool parse_in_flow(const struct parse *p)
{
	return p->depth && p->stack[p->depth - 1].node->style == STYLE_FLOW;
}

/* parse_scalar.c */
int parse_scalar(struct parse *p, const yaml_event_t *e);
bool parse_tag_in_flow(const struct parse *p, const struct node *n);

#endif
