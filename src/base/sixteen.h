/*
 * sixteen.h: loops over every byte of an input, sixteen bytes a step where the processor has SSE2 (every x86-64).
 *
 * Each loop has a plain form for other processors. Both give the same answer for every input; a unit test compares
 * them. Bytes are read inside [p, p + n) only.
 */
#ifndef PXB_SIXTEEN_H
#define PXB_SIXTEEN_H

#include "base/setup.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Printable ASCII, a tab or a line feed. */
static inline bool byte_is_text(char c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n';
}

/* How many bytes at the start are text in that sense. */
static inline size_t text_run_plain(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && byte_is_text(p[i]))
		i++;
	return i;
}

/* How many bytes at the start are ASCII. */
static inline size_t ascii_run_plain(const char *p, size_t n)
{
	static const uint64_t HIGHS = 0x8080808080808080u;
	size_t i = 0;

	for (uint64_t w; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if (w & HIGHS)
			break;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

/* Offset of the first `what` of `m` bytes, 2 or more, or SIZE_MAX. From byte to byte like the first one. */
static inline size_t find_plain(const char *p, size_t n, const char *what, size_t m)
{
	size_t i = 0;

	while (n - i >= m) {
		const char *at = memchr(p + i, what[0], n - i - m + 1);

		if (!at)
			break;
		i = (size_t)(at - p);
		if (at[m - 1] == what[m - 1] && memcmp(at + 1, what + 1, m - 2) == 0)
			return i;
		i++;
	}
	return SIZE_MAX;
}

#ifdef __SSE2__

static inline __m128i sixteen_at(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline size_t text_run_sixteen(const char *p, size_t n)
{
	const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t'), feed = _mm_set1_epi8('\n'),
		      del = _mm_set1_epi8(0x7f);
	size_t i = 0;

	for (; n - i >= 16; i += 16) {
		__m128i v = sixteen_at(p + i);
		__m128i blank = _mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, feed));
		/* Signed: the bytes of other characters are below the space as well. */
		__m128i odd = _mm_or_si128(_mm_andnot_si128(blank, _mm_cmplt_epi8(v, space)), _mm_cmpeq_epi8(v, del));
		unsigned mask = (unsigned)_mm_movemask_epi8(odd);

		if (mask)
			return i + (size_t)__builtin_ctz(mask);
	}
	return i + text_run_plain(p + i, n - i);
}

static inline size_t ascii_run_sixteen(const char *p, size_t n)
{
	size_t i = 0;

	for (; n - i >= 16; i += 16) {
		unsigned mask = (unsigned)_mm_movemask_epi8(sixteen_at(p + i));

		if (mask)
			return i + (size_t)__builtin_ctz(mask);
	}
	return i + ascii_run_plain(p + i, n - i);
}

/* Sixteen places at once whose first and last bytes are right. */
static inline size_t find_sixteen(const char *p, size_t n, const char *what, size_t m)
{
	const __m128i first = _mm_set1_epi8(what[0]), last = _mm_set1_epi8(what[m - 1]);
	size_t i = 0, rest;

	for (; n - i >= m + 15; i += 16) {
		__m128i both = _mm_and_si128(_mm_cmpeq_epi8(sixteen_at(p + i), first),
					     _mm_cmpeq_epi8(sixteen_at(p + i + m - 1), last));

		for (unsigned mask = (unsigned)_mm_movemask_epi8(both); mask; mask &= mask - 1) {
			size_t at = i + (size_t)__builtin_ctz(mask);

			if (memcmp(p + at + 1, what + 1, m - 2) == 0)
				return at;
		}
	}
	rest = find_plain(p + i, n - i, what, m);
	return rest == SIZE_MAX ? SIZE_MAX : i + rest;
}

#define text_run   text_run_sixteen
#define ascii_run  ascii_run_sixteen
#define find_bytes find_sixteen
#else
#define text_run   text_run_plain
#define ascii_run  ascii_run_plain
#define find_bytes find_plain
#endif

#endif
