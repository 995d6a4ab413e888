/*
 * literals.h: everything that the automaton looks for in one pass. tools/automaton.c makes the automaton when the
 * program is built; a unit test makes it again and compares.
 */
#ifndef PXB_CREDENTIALS_LITERALS_H
#define PXB_CREDENTIALS_LITERALS_H

#include "credentials/automaton.h"
#include "credentials/detect.h"

struct literal_group {
	const char *const *v;
	size_t n;
	enum hit_kind kind;
};

/* Literals are numbered through the groups in this order; detectors come first, by enum detector_id. */
enum { LITERAL_GROUPS = 9 };
extern const struct literal_group literal_groups[LITERAL_GROUPS];

/* All of them in a row, and how many: AUTOMATON_LITERALS at most, more are left out. */
size_t literals_all(const char *all[AUTOMATON_LITERALS]);

/* build/gen/automaton.c */
extern const struct automaton literals_automaton;

#endif
