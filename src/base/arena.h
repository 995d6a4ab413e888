/*
 * arena.h: memory of one run, given back in one call.
 *
 * An arena grows by blocks up to a cap. A failed allocation returns NULL and makes the arena `failed` for good, so a
 * caller that only links small records together may look at arena_failed() once at the end instead of at every step;
 * the helpers below all accept the NULL that an earlier failure left behind.
 */
#ifndef PXB_ARENA_H
#define PXB_ARENA_H

#include "base/err.h"
#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	char *at, *end;
	size_t used; /* bytes asked of malloc */
	size_t cap;
	bool failed;
	bool full; /* failed at the cap */
};

#define ARENA_INIT(max_bytes) ((struct arena){.cap = (max_bytes)})

void arena_release(struct arena *a);

/* About so many bytes will be asked for: if they are millions, they come from huge pages, which cost one page fault
   where others cost 512. Promises nothing; what is never used takes no memory. */
void arena_expect(struct arena *a, size_t n);

/* Zeroed, aligned for any type. NULL when the cap or the machine's memory is reached. */
void *arena_alloc(struct arena *a, size_t n);

/* The same without zeroing and alignment: for text. */
char *arena_bytes(struct arena *a, size_t n);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

struct slice arena_copy(struct arena *a, struct slice s);

/* NUL-terminated; never NULL ("" after a failure). */
const char *arena_str(struct arena *a, struct slice s);
const char *arena_printf(struct arena *a, const char *fmt, ...) PXB_PRINTF(2, 3);
const char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PXB_PRINTF(2, 0);

static inline bool arena_failed(const struct arena *a)
{
	return a->failed;
}

/* What was to be kept here could not be made, for want of memory elsewhere: the same as a failed allocation. */
static inline void arena_fail(struct arena *a)
{
	a->failed = true;
}

/* 0, or the error of the allocation that failed: the cap is reported as the limit it is, all else as missing memory. */
PXB_MUST_CHECK int arena_status(const struct arena *a, struct err *err);

/* A growing array whose items live in the arena: the old copy is left behind when it grows, so items are small. */
#define VEC(type)              \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

/* Appends a zeroed item and returns it; NULL, and the array as it was, when memory is short. */
#define VEC_PUSH(a, vec)                                                          \
	((vec).v = vec_room((a), (vec).v, (vec).n, &(vec).cap, sizeof(*(vec).v)), \
	 (vec).n < (vec).cap ? memset(&(vec).v[(vec).n], 0, sizeof(*(vec).v)), &(vec).v[(vec).n++] : NULL)

/* The array with room for one more item, or the array as it is. */
void *vec_room(struct arena *a, void *v, size_t n, size_t *cap, size_t item);

#endif
