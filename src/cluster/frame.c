#include "cluster/frame.h"

static void put32(struct buf *out, size_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(out, (char)(n >> shift & 0xff));
}

static size_t get32(const char *p)
{
	size_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

void frame_write_head(struct buf *out, enum frame_kind kind, struct slice head, size_t body)
{
	if (head.n > FRAME_MAX || body > FRAME_MAX || head.n + body + FRAME_LEAST > FRAME_MAX) {
		out->failed = true;
		return;
	}
	put32(out, FRAME_LEAST + head.n + body);
	buf_addc(out, (char)kind);
	put32(out, head.n);
	buf_add(out, head);
}

void frame_write(struct buf *out, enum frame_kind kind, struct slice head, struct slice body)
{
	frame_write_head(out, kind, head, body.n);
	buf_add(out, body);
}

long frame_read(struct slice bytes, struct frame *f)
{
	size_t size, head;

	if (bytes.n < FRAME_PREFIX)
		return 0;
	size = get32(bytes.p);
	if (size < FRAME_LEAST || size > FRAME_MAX)
		return -1;
	if (bytes.n < FRAME_PREFIX + size)
		return 0;
	head = get32(bytes.p + FRAME_PREFIX + 1);
	if (head > size - FRAME_LEAST)
		return -1;
	f->kind = (enum frame_kind)bytes.p[FRAME_PREFIX];
	f->head = slice_of(bytes.p + FRAME_PREFIX + FRAME_LEAST, head);
	f->body = slice_of(f->head.p + head, size - FRAME_LEAST - head);
	return (long)(FRAME_PREFIX + size);
}
