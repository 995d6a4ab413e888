/*
 * utf8.h: characters of a text that may be no UTF-8 at all.
 */
#ifndef PXB_UTF8_H
#define PXB_UTF8_H

#include "base/slice.h"

enum { UTF8_REPLACEMENT = 0xfffd, UTF8_LONGEST = 4 };

/* Bytes of the first character of s (which is not empty); *c gets it. Bytes that are no UTF-8 come one at a time as
   U+FFFD with *bad set; *bad is never cleared and may be NULL. Overlong forms and surrogates are no UTF-8. */
size_t utf8_next(struct slice s, uint32_t *c, bool *bad);

/* Writes one character; returns its bytes. */
size_t utf8_write(uint32_t c, char out[UTF8_LONGEST]);

/* Shows as itself in a line of text: no control character, no line end of any reader, nothing invisible, nothing that
   turns the writing direction. */
bool utf8_shows(uint32_t c);

/* The value of a hexadecimal digit, -1 for all else. */
int hex_digit(char c);

#endif
