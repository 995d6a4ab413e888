#include "credentials/automaton.h"

enum { ENDS = 0x8000, STATE = 0x7fff, CLASS_OTHER = 0, CLASS_SKIP = 1 };

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static bool is_separator(unsigned char c)
{
	return c == '_' || c == '-' || c == '.';
}

/* Every byte that some literal holds gets a class of its own; all others share class 0. */
static void make_classes(struct automaton *a, const char *const *literals, size_t n)
{
	unsigned classes = 2;

	for (const char *c = "_-."; *c; c++)
		a->class_of[(unsigned char)*c] = CLASS_SKIP;
	for (size_t i = 0; i < n; i++)
		for (const unsigned char *p = (const unsigned char *)literals[i]; *p; p++) {
			unsigned char c = fold(*p);

			if (a->class_of[c])
				continue;
			a->failed |= classes >= AUTOMATON_CLASSES;
			a->class_of[c] = (uint8_t)(classes++ % AUTOMATON_CLASSES);
		}
	for (unsigned c = 'a'; c <= 'z'; c++)
		a->class_of[c - 0x20] = a->class_of[c];
}

static void add_literal(struct automaton *a, const char *literal, unsigned id)
{
	unsigned s = 0;

	for (const unsigned char *p = (const unsigned char *)literal; *p; p++) {
		uint16_t *slot = &a->next[s << 6 | a->class_of[*p]];

		if (is_separator(*p))
			continue;
		if (!*slot) {
			if (a->states >= AUTOMATON_STATES) {
				a->failed = true;
				return;
			}
			*slot = (uint16_t)a->states++;
		}
		s = *slot;
	}
	a->same[id] = a->literal[s];
	a->literal[s] = (uint16_t)(id + 1);
}

/* Breadth first: a missing edge becomes the edge of the longest suffix that is also a prefix. */
static void close_edges(struct automaton *a)
{
	static _Thread_local uint16_t queue[AUTOMATON_STATES], fail[AUTOMATON_STATES];
	unsigned head = 0, tail = 0;

	memset(fail, 0, sizeof(fail));
	for (unsigned c = 0; c < AUTOMATON_CLASSES; c++)
		if (a->next[c])
			queue[tail++] = a->next[c];
	while (head < tail) {
		unsigned s = queue[head++], f = fail[s];

		a->shorter[s] = a->literal[f] ? (uint16_t)f : a->shorter[f];
		for (unsigned c = 0; c < AUTOMATON_CLASSES; c++) {
			unsigned to = a->next[s << 6 | c];

			if (to) {
				fail[to] = a->next[f << 6 | c];
				queue[tail++] = (uint16_t)to;
			} else {
				a->next[s << 6 | c] = a->next[f << 6 | c];
			}
		}
	}
}

void automaton_build(struct automaton *a, const char *const *literals, size_t n)
{
	memset(a, 0, sizeof(*a));
	a->states = 1;
	a->literals = (unsigned)n;
	if (n > AUTOMATON_LITERALS) {
		a->failed = true;
		return;
	}
	make_classes(a, literals, n);
	for (size_t i = 0; i < n; i++)
		add_literal(a, literals[i], (unsigned)i);
	close_edges(a);
	for (unsigned s = 0; s < a->states; s++)
		for (unsigned c = 0; c < AUTOMATON_CLASSES; c++) {
			uint16_t *edge = &a->next[s << 6 | c];

			if (a->literal[*edge] || a->shorter[*edge])
				*edge |= ENDS;
		}
	for (unsigned s = 0; s < a->states; s++)
		a->next[s << 6 | CLASS_SKIP] = (uint16_t)s; /* stays, and reports nothing twice */
}

static void report(const struct automaton *a, unsigned s, size_t end, automaton_fn fn, void *arg)
{
	for (; s; s = a->shorter[s])
		for (unsigned l = a->literal[s]; l; l = a->same[l - 1])
			fn(arg, l - 1, end);
}

/* The state is the address of its row: one byte costs a class, an edge, and a shift. */
/* The state is the address of its row: a byte costs its class, an edge, and a shift. */
void automaton_scan(const struct automaton *a, struct slice text, automaton_fn fn, void *arg)
{
	const unsigned char *p = (const unsigned char *)text.p;
	const uint16_t *row = a->next;

#pragma GCC unroll 4
	for (size_t i = 0; i < text.n; i++) {
		unsigned edge = row[a->class_of[p[i]]];

		if (edge & ENDS) {
			edge &= STATE;
			report(a, edge, i + 1, fn, arg);
		}
		row = a->next + ((size_t)edge << 6);
	}
}
