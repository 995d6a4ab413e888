/*
 * reading.h: what the unit tests of reading share. Include it before anything else of a test.
 */
#ifndef PXB_TESTS_READING_H
#define PXB_TESTS_READING_H

#include "yaml/stream.h"

#include <setjmp.h>

#include <cmocka.h>

/* assert_string_equal for slices, with both texts in the message. */
#define assert_slice(have, want) assert_slice_at((have), (want), __FILE__, __LINE__)

static inline void assert_slice_at(struct slice have, const char *want, const char *file, int line)
{
	if (slice_is(have, want))
		return;
	print_error("have: <" SLICE_FMT ">\nwant: <%s>\n", SLICE_ARG(have), want);
	_fail(file, line);
}

/* Reads text into s, which is new. The bytes get a copy of their exact size, so that a sanitizer sees a read past the
   end; it is freed by reading_release(). */
struct reading {
	struct stream s;
	char *bytes;
};

static inline void reading_init(struct reading *r, struct slice text, const struct limits *limits)
{
	struct err err = ERR_INIT;

	stream_init(&r->s, limits);
	r->bytes = test_malloc(text.n + 1);
	memcpy(r->bytes, text.n ? text.p : "", text.n);
	if (stream_add(&r->s, "test", slice_of(r->bytes, text.n), &err) < 0)
		fail_msg("%s", err.text);
}

static inline void reading_of(struct reading *r, const char *text)
{
	reading_init(r, slice_str(text), &LIMITS_DEFAULT);
}

static inline void reading_release(struct reading *r)
{
	stream_release(&r->s);
	test_free(r->bytes);
}

/* The same, and the root of its one document; anything else fails the test. */
static inline const struct node *reading_root(struct reading *r, const char *text)
{
	reading_of(r, text);
	if (r->s.problems.n)
		fail_msg("%s at %zu of:\n%s", r->s.problems.v[0].message, r->s.problems.v[0].at, text);
	if (r->s.documents.n != 1 || !r->s.documents.v[0].root)
		fail_msg("%zu documents in:\n%s", r->s.documents.n, text);
	return r->s.documents.v[0].root;
}

/* The bytes a node was read from. */
static inline struct slice source_of(const struct reading *r, const struct node *n)
{
	return slice_of(r->s.inputs.v[0]->bytes.p + n->start, n->end - n->start);
}

/* The small generator that the tests with random input share: its seed is printed when one fails. */
struct random {
	uint64_t state;
};

static inline uint32_t random_below(struct random *r, uint32_t n)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (uint32_t)(r->state >> 11) % n;
}

#endif
