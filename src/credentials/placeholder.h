/*
 * placeholder.h: whether a value replaces a secret. The whole of a value decides: a part that looks like a
 * template or a word proves nothing about the rest.
 */
#ifndef PXB_CREDENTIALS_PLACEHOLDER_H
#define PXB_CREDENTIALS_PLACEHOLDER_H

#include "base/slice.h"

/* A template, a stand-in word, a filler, a sentence that asks for a value. */
bool placeholder_is(struct slice value);

/* The first variable that the value takes by $(X), ${X} or $X; empty when there is none. *from is moved behind it. */
struct slice placeholder_variable(struct slice value, size_t *from);

/* Letters and digits in an order that no word has. */
bool looks_chance(struct slice token);

/* Some run of letters and digits in it looks like chance. */
bool holds_chance(struct slice value);

/* Nothing but words of letters, separated by blanks, dots, dashes or underscores: three or more. */
bool is_words(struct slice value);

#endif
