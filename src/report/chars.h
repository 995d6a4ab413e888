/*
 * chars.h: text from manifests made harmless for terminals, logs and YAML readers. Internal to src/report.
 *
 * What comes out are printable characters of the Basic Multilingual Plane, one column each: no tabs, no line ends, no
 * terminal escapes, nothing that turns the writing direction. One character is taken for one column.
 */
#ifndef PXB_REPORT_CHARS_H
#define PXB_REPORT_CHARS_H

#include "base/buf.h"
#include "base/utf8.h"

/* Appends one character, escaped if it must be. Returns the columns it takes. out may be NULL: only counted. */
size_t char_put(uint32_t c, struct buf *out);

/* Appends text as one clean line without blanks at its ends, at most max bytes of it ("…" marks the cut). */
void line_put(struct slice text, size_t max, struct buf *out);

size_t columns_of(struct slice text);

/* The longest prefix of at most n bytes that ends with a whole character. */
struct slice chars_to(struct slice text, size_t n);

/* Wraps clean text into lines of text_width() columns. The cursor is in `column`; further lines begin with `indent`
   blanks. Words longer than a whole line are cut, behind a '/', '.' or ',' where there is one. */
enum { TEXT_WIDTH = 80, TEXT_WIDTH_MIN = 60, TEXT_WIDTH_MAX = 160 };

/* TEXT_WIDTH, unless the text goes to a terminal of another width: set once, by the command that prints. */
size_t text_width(void);
void text_width_set(size_t columns);
void wrap_put(struct slice text, size_t column, size_t indent, struct buf *out);

#endif
