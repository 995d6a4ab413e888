/*
 * yaml.h: block YAML with comments, line by line. Internal to src/export.
 */
#ifndef PXB_EXPORT_YAML_H
#define PXB_EXPORT_YAML_H

#include "base/buf.h"

/* "# text", wrapped at 80 columns, further lines behind `hang` more blanks. Control characters become '?'. */
void yaml_comment(struct buf *out, size_t indent, size_t hang, const char *text);

/* "key: text" as one line, quoted where it must be. */
void yaml_text(struct buf *out, size_t indent, const char *key, struct slice text);

/* "key: |-" and the lines of text. They hold no tab and end without blanks. */
void yaml_block(struct buf *out, size_t indent, const char *key, struct slice text);

#endif
