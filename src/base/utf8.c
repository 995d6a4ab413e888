#include "base/utf8.h"

size_t utf8_next(struct slice s, uint32_t *c, bool *bad)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	bool ok = p[0] < 0x80 || (p[0] >= 0xc2 && p[0] <= 0xf4 && s.n >= len);

	*c = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; ok && i < len; i++) {
		ok = (p[i] & 0xc0) == 0x80;
		*c = *c << 6 | (p[i] & 0x3fu);
	}
	if (ok && *c >= least[len] && *c <= 0x10ffff && !(*c >= 0xd800 && *c <= 0xdfff))
		return len;
	*c = UTF8_REPLACEMENT;
	if (bad)
		*bad = true;
	return 1;
}

size_t utf8_write(uint32_t c, char out[UTF8_LONGEST])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	out[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c >> 6 * (n - 1));
	for (size_t i = 1; i < n; i++)
		out[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	return n;
}

bool utf8_shows(uint32_t c)
{
	if (c < ' ' || (c >= 0x7f && c < 0xa0))
		return false;
	return !(c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		 (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
		 (c >= 0xfff9 && c <= 0xfffb) || c == 0xfffe || c == 0xffff);
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}
