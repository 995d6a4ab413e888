/*
 * automaton.h: many literals at once (Aho-Corasick as a full DFA).
 *
 * Letters match in either case, and `_ - .` between letters do not count, so that "secretaccesskey" finds
 * SECRET_ACCESS_KEY and secret-access-key. A literal's own separators do not count either: the caller compares exactly
 * where that matters. Made when the program is built (literals.h), read by many threads.
 */
#ifndef PXB_CREDENTIALS_AUTOMATON_H
#define PXB_CREDENTIALS_AUTOMATON_H

#include "base/slice.h"

enum { AUTOMATON_STATES = 2000, AUTOMATON_CLASSES = 64, AUTOMATON_LITERALS = 280 };

struct automaton {
	uint16_t next[AUTOMATON_STATES << 6]; /* high bit: some literal ends there */
	uint16_t literal[AUTOMATON_STATES];   /* 1 + the literal that ends in this state, 0 for none */
	uint16_t same[AUTOMATON_LITERALS];    /* another literal of the same spelling, 1-based */
	uint16_t shorter[AUTOMATON_STATES];   /* the next state down whose literal ends here too */
	uint8_t class_of[256];
	unsigned states, literals;
	bool failed; /* the tables are too small: a build-time mistake that the unit test finds */
};

typedef void (*automaton_fn)(void *arg, unsigned literal, size_t end);

void automaton_build(struct automaton *a, const char *const *literals, size_t n);
void automaton_scan(const struct automaton *a, struct slice text, automaton_fn fn, void *arg);

#endif
