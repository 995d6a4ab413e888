#include "base/buf.h"

#include "base/ascii.h"

void buf_release(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->cap);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

void buf_reuse(struct buf *b)
{
	buf_clear(b);
	b->failed = false;
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t want;
	char *p;

	if (b->failed || n > b->cap || b->n > b->cap - n) {
		b->failed = true;
		return NULL;
	}
	if (b->p && b->room - b->n > n)
		return b->p + b->n;
	want = b->room ? b->room * 2 : 256;
	while (want <= b->n + n)
		want *= 2;
	p = realloc(b->p, want);
	if (!p) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->room = want;
	b->p[b->n] = '\0';
	return b->p + b->n;
}

void buf_add(struct buf *b, struct slice s)
{
	char *at = buf_reserve(b, s.n);

	if (!at)
		return;
	if (s.n)
		memcpy(at, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, slice_str(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, slice_of(&c, 1));
}

void buf_add_segment(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (ascii_is_alnum(c) || (c && strchr("-_~.", c)))
			buf_addc(b, c);
		else
			buf_addf(b, "%%%02X", (unsigned char)c);
	}
}

void buf_fill(struct buf *b, char c, size_t n)
{
	char *at = buf_reserve(b, n);

	if (!at)
		return;
	memset(at, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char *at;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	at = n < 0 ? NULL : buf_reserve(b, (size_t)n + 1);
	if (at) {
		vsnprintf(at, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	} else {
		b->failed = true;
	}
	va_end(again);
	va_end(ap);
}

bool shell_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("@%_+=:,./-", c));
}

void buf_add_quoted(struct buf *b, struct slice word)
{
	bool plain = word.n > 0;

	for (size_t i = 0; i < word.n; i++)
		plain &= shell_plain(word.p[i]);
	if (plain) {
		buf_add(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, word.p[i]);
	}
	buf_addc(b, '\'');
}
