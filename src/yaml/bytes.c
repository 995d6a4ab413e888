/*
 * bytes.c: what may stand in an input at all. The set is the one that libyaml's and go-yaml's readers accept; NUL and
 * bad UTF-8 make some readers stop without a word, so they are searched for before any parser runs.
 */
#include "yaml/stream.h"

#include "base/sixteen.h"

/* Length of the valid, printable character at p, 0 if there is none. */
static size_t char_length(const unsigned char *p, size_t n, const char **why)
{
	unsigned char c = p[0];
	uint32_t u;
	size_t len;

	if (c < 0x80) {
		if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r')
			return 1;
		*why = c == 0 ? "a NUL byte" : "a control character";
		return 0;
	}
	*why = "invalid UTF-8";
	len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || n < len)
		return 0;
	u = c & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		u = u << 6 | (p[i] & 0x3fu);
	}
	if ((len == 3 && u < 0x800) || (len == 4 && u < 0x10000) || u > 0x10ffff)
		return 0;
	if (u >= 0xd800 && u <= 0xdfff) {
		*why = "a UTF-16 surrogate";
		return 0;
	}
	if ((u >= 0x80 && u < 0xa0 && u != 0x85) || u == 0xfffe || u == 0xffff) {
		*why = "a control character";
		return 0;
	}
	if (u == 0xfeff) {
		*why = "a byte order mark inside the stream";
		return 0;
	}
	return len;
}

/* NEL, LS, PS, or a carriage return: some reader may end a line there. */
static bool may_break_line(const unsigned char *p, size_t len)
{
	if (len == 1)
		return p[0] == '\r';
	return (len == 2 && p[0] == 0xc2 && p[1] == 0x85) ||
	       (len == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9));
}

bool bytes_valid(struct slice bytes, bool *odd_breaks, size_t *at, const char **why)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t i = 0;

	*odd_breaks = false;
	if (!bytes.n)
		return true;
	if (bytes.n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))) {
		*at = 0;
		*why = "UTF-16; the stream must be UTF-8";
		return false;
	}
	if (bytes.n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while ((i += text_run(bytes.p + i, bytes.n - i)) < bytes.n) {
		size_t len = char_length(p + i, bytes.n - i, why);

		if (len == 0) {
			*at = i;
			return false;
		}
		*odd_breaks |= may_break_line(p + i, len);
		i += len;
	}
	return true;
}
