#include "base/arena.h"

#include <sys/mman.h>

enum { BLOCK_MIN = 16 * 1024, BLOCK_MAX = 1024 * 1024, HUGE_PAGE = 2 << 20, HUGE_FROM = 3 << 19 };

struct arena_block {
	struct arena_block *next;
	max_align_t data[];
};

void arena_release(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	*a = ARENA_INIT(a->cap);
}

int arena_status(const struct arena *a, struct err *err)
{
	if (!a->failed)
		return 0;
	if (a->full)
		return err_set(err, STATUS_INPUT,
			       "more than %zu MiB of memory needed, which is the limit for input of this size",
			       a->cap >> 20);
	return err_nomem(err);
}

/* Blocks double up to 1 MiB: small runs stay small, large ones waste little. */
static char *arena_more(struct arena *a, size_t n)
{
	size_t want = a->used < BLOCK_MIN ? BLOCK_MIN : a->used;
	struct arena_block *b = NULL;

	if (want > BLOCK_MAX)
		want = BLOCK_MAX;
	if (n > want / 4) /* a large item gets a block of its own, the current one stays in use */
		want = n;
	if (want > a->cap || a->used > a->cap - want)
		a->full |= !a->failed;
	else if (!a->failed)
		b = malloc(sizeof(*b) + want);
	if (!b) {
		arena_fail(a);
		return NULL;
	}
	a->used += want;
	b->next = a->blocks;
	a->blocks = b;
	if (want != n) {
		a->at = (char *)b->data;
		a->end = a->at + want;
	}
	return (char *)b->data;
}

void arena_expect(struct arena *a, size_t n)
{
	struct arena_block *b;
	size_t room;

	if (n < HUGE_FROM || a->failed || n > a->cap || a->used > a->cap - n)
		return;
	room = (n + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
	b = aligned_alloc(HUGE_PAGE, room);
	if (!b)
		return;
	madvise(b, room, MADV_HUGEPAGE);
	a->used += room;
	b->next = a->blocks;
	a->blocks = b;
	a->at = (char *)b->data;
	a->end = (char *)b + room;
}

static void *arena_take(struct arena *a, size_t n, size_t align)
{
	size_t pad = (size_t)(-(uintptr_t)a->at) & (align - 1);
	char *p;

	if (a->at && (size_t)(a->end - a->at) >= pad && (size_t)(a->end - a->at) - pad >= n) {
		p = a->at + pad;
		a->at = p + n;
		return p;
	}
	p = arena_more(a, n);
	if (p && p == a->at)
		a->at = p + n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = arena_take(a, n, sizeof(void *) * 2);

	return p ? memset(p, 0, n) : NULL;
}

char *arena_bytes(struct arena *a, size_t n)
{
	return arena_take(a, n ? n : 1, 1);
}

struct slice arena_copy(struct arena *a, struct slice s)
{
	char *p = arena_bytes(a, s.n);

	if (!p)
		return SLICE_EMPTY;
	if (s.n)
		memcpy(p, s.p, s.n);
	return slice_of(p, s.n);
}

const char *arena_str(struct arena *a, struct slice s)
{
	char *p = arena_bytes(a, s.n + 1);

	if (!p)
		return "";
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

const char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = n < 0 ? NULL : arena_bytes(a, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p ? p : "";
}

const char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void *vec_room(struct arena *a, void *v, size_t n, size_t *cap, size_t item)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *more;

	if (n < *cap)
		return v;
	more = arena_alloc(a, want * item);
	if (!more)
		return v;
	if (n)
		memcpy(more, v, n * item);
	*cap = want;
	return more;
}
