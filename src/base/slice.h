/*
 * slice.h: a run of bytes that somebody else owns. Input may hold NUL, so nothing here relies on one.
 *
 * An empty slice may have no address (p == NULL): zeroed memory is full of them, and slice_cut() says so that nothing
 * is left. Everything here takes such a slice. Adding to a null pointer is undefined even where the sum is 0, so code
 * that needs an address inside a slice asks slice_from(), which is the one place that adds.
 */
#ifndef PXB_SLICE_H
#define PXB_SLICE_H

#include "base/setup.h"

struct slice {
	const char *p;
	size_t n; /* bytes */
};

#define SLICE(lit)   ((struct slice){("" lit), sizeof(lit) - 1})
#define SLICE_EMPTY  ((struct slice){"", 0})
#define SLICE_FMT    "%.*s"
#define SLICE_ARG(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).p ? (s).p : "")

static inline struct slice slice_of(const char *p, size_t n)
{
	return (struct slice){p, n};
}

/* The bytes of a C string; NULL gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
	return s ? (struct slice){s, strlen(s)} : SLICE_EMPTY;
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

static inline bool slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

static inline bool slice_ends(struct slice a, const char *suffix)
{
	size_t n = strlen(suffix);
	return a.n >= n && (n == 0 || memcmp(a.p + a.n - n, suffix, n) == 0);
}

static inline struct slice slice_from(struct slice a, size_t at)
{
	if (at > a.n)
		at = a.n;
	return at ? (struct slice){a.p + at, a.n - at} : a;
}

static inline struct slice slice_to(struct slice a, size_t n)
{
	return (struct slice){a.p, n < a.n ? n : a.n};
}

/* Byte order, then length: a total order that does not depend on the locale. */
int slice_cmp(struct slice a, struct slice b);

/* Offset of the first occurrence, or SIZE_MAX. */
size_t slice_find(struct slice a, const char *what);
size_t slice_chr(struct slice a, char c);
size_t slice_rchr(struct slice a, char c);

/* Without blanks, tabs and line ends on either side. */
struct slice slice_trim(struct slice a);

/* Without the byte order mark that some editors put before a text. */
static inline struct slice slice_without_bom(struct slice a)
{
	return slice_starts(a, "\xef\xbb\xbf") ? slice_from(a, 3) : a;
}

/* Equal when ASCII case is ignored. */
bool slice_eq_nocase(struct slice a, struct slice b);
bool slice_is_nocase(struct slice a, const char *s);

/* The part before the first sep; *rest gets what follows it, or the empty slice with p == NULL when there was none. */
struct slice slice_cut(struct slice a, char sep, struct slice *rest);

/* Number of single-byte insertions, deletions, replacements and swaps of neighbours between a and b;
   anything above max counts as max + 1. Only the first 64 bytes are examined. */
unsigned slice_distance(struct slice a, struct slice b, unsigned max);

/* The nearest of n names within distance 2 (1 for names of three bytes or less), or NULL. */
const char *slice_nearest(struct slice a, const char *const *names, size_t n);

#endif
