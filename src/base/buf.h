/*
 * buf.h: a growing run of bytes on the heap with a cap given at birth.
 *
 * A failure (memory, cap) makes the buffer `failed`: later appends do nothing, and the caller looks once, before it
 * uses the bytes. The bytes are always followed by a NUL that does not count.
 */
#ifndef PXB_BUF_H
#define PXB_BUF_H

#include "base/slice.h"

struct buf {
	char *p;
	size_t n, room;
	size_t cap;
	bool failed;
};

#define BUF_INIT(max_bytes) ((struct buf){.cap = (max_bytes)})
#define BUF_TEXT	    BUF_INIT((size_t)64 << 20)
#define cleanup_buf	    PXB_CLEANUP(buf_release)

void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* empties it; a failure and the memory stay */
void buf_reuse(
	struct buf *b); /* the same for a text that has nothing to do with the one before: a failure is forgotten */

void buf_add(struct buf *b, struct slice s);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PXB_PRINTF(2, 3);
void buf_fill(struct buf *b, char c, size_t n);

/* As one segment of a URL's path: what RFC 3986 calls unreserved stays, all else is percent-encoded. */
void buf_add_segment(struct buf *b, struct slice text);

/* A word for a POSIX shell: in single quotes where it must be; '' when it is empty. */
bool shell_plain(char c); /* a shell takes it as it is written */
void buf_add_quoted(struct buf *b, struct slice word);

/* Makes room for n more bytes; returns where they go, NULL on failure. The caller adds to b->n what it wrote. */
char *buf_reserve(struct buf *b, size_t n);

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->p ? b->p : "", b->n);
}

static inline const char *buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

#endif
