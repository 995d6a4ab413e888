/*
 * feed.h: how libyaml gets the bytes of one document. Internal to src/yaml.
 */
#ifndef PXB_YAML_FEED_H
#define PXB_YAML_FEED_H

#include <yaml.h>

#include "base/slice.h"

struct feed {
	struct slice text; /* checked by bytes_valid(), without a BOM; borrowed */
	size_t fed;	   /* bytes that the read handler has handed over */
	bool newline_added;
	yaml_char_t *own;  /* the parser's own buffer while another is in its place */
	yaml_char_t *copy; /* that other buffer */
};

/* Gives the parser feed->text and, if its last line has no end, the line feed that the API machinery's line reader
   appends. Both feed and text must stay until feed_end(). False: no memory. */
bool feed_start(struct feed *f, yaml_parser_t *y);

/* Takes back what is not the parser's, before yaml_parser_delete(). */
void feed_end(struct feed *f, yaml_parser_t *y);

#endif
