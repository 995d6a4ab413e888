#include "credentials/chars.h"

#include <math.h>

const uint16_t char_bits[256] = {
	['A' ... 'Z'] = CHAR_UPPER | CHAR_NAME,
	['a' ... 'f'] = CHAR_LOWER | CHAR_NAME | CHAR_HEX,
	['g' ... 'z'] = CHAR_LOWER | CHAR_NAME,
	['0' ... '9'] = CHAR_DIGIT | CHAR_NAME | CHAR_HEX,
	['+'] = CHAR_STD,
	['/'] = CHAR_STD,
	['-'] = CHAR_URL | CHAR_ENTRA | CHAR_NAME,
	['_'] = CHAR_URL | CHAR_ENTRA | CHAR_NAME,
	['.'] = CHAR_ENTRA | CHAR_NAME | CHAR_DOT,
	['~'] = CHAR_ENTRA,
	[' '] = CHAR_SPACE | CHAR_ENDS,
	['\t'] = CHAR_SPACE | CHAR_ENDS,
	['\n'] = CHAR_SPACE | CHAR_ENDS,
	['\r'] = CHAR_SPACE | CHAR_ENDS,
	['"'] = CHAR_ENDS,
	['\''] = CHAR_ENDS,
	['`'] = CHAR_ENDS,
	[','] = CHAR_ENDS,
	[';'] = CHAR_ENDS,
	['&'] = CHAR_ENDS,
	['|'] = CHAR_ENDS,
	['<'] = CHAR_ENDS,
	['>'] = CHAR_ENDS,
	[')'] = CHAR_ENDS,
	['}'] = CHAR_ENDS,
	[']'] = CHAR_ENDS,
};

size_t run_forward(struct slice s, size_t at, unsigned class, size_t max)
{
	size_t n = 0;

	while (n < max && at + n < s.n && char_in(s.p[at + n], class))
		n++;
	return n;
}

size_t run_back(struct slice s, size_t at, unsigned class, size_t max)
{
	size_t n = 0;

	while (n < max && n < at && char_in(s.p[at - n - 1], class))
		n++;
	return n;
}

bool slice_all(struct slice s, unsigned class)
{
	return run_forward(s, 0, class, s.n) == s.n;
}

static unsigned count_bytes(struct slice s, uint32_t counts[256])
{
	unsigned kinds = 0;

	memset(counts, 0, 256 * sizeof(*counts));
	for (size_t i = 0; i < s.n; i++)
		kinds += counts[(unsigned char)s.p[i]]++ == 0;
	return kinds;
}

unsigned entropy_of(struct slice s)
{
	uint32_t counts[256];
	double bits = 0;

	if (s.n == 0)
		return 0;
	count_bytes(s, counts);
	for (size_t i = 0; i < 256; i++) {
		double p = (double)counts[i] / (double)s.n;

		if (counts[i])
			bits -= p * log2(p);
	}
	return (unsigned)(bits * 100);
}

unsigned variety_of(struct slice s)
{
	uint32_t counts[256];

	return count_bytes(s, counts);
}

bool is_mixed(struct slice s)
{
	unsigned seen = 0;

	for (size_t i = 0; i < s.n; i++)
		seen |= char_bits[(unsigned char)s.p[i]];
	return (seen & CLASS_ALNUM) == CLASS_ALNUM;
}
