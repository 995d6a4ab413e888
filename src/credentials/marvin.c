#include "credentials/marvin.h"

static uint32_t rotl(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void block(uint32_t *p0, uint32_t *p1)
{
	*p1 ^= *p0;
	*p0 = rotl(*p0, 20);
	*p0 += *p1;
	*p1 = rotl(*p1, 9);
	*p1 ^= *p0;
	*p0 = rotl(*p0, 27);
	*p0 += *p1;
	*p1 = rotl(*p1, 19);
}

uint32_t marvin32(struct slice bytes, uint64_t seed)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	uint32_t p0 = (uint32_t)seed, p1 = (uint32_t)(seed >> 32), last = 0x80;
	size_t i = 0;

	for (; bytes.n - i >= 4; i += 4) {
		p0 += (uint32_t)p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
		block(&p0, &p1);
	}
	for (size_t j = bytes.n; j > i; j--)
		last = last << 8 | p[j - 1];
	p0 += last;
	block(&p0, &p1);
	block(&p0, &p1);
	return p0 ^ p1;
}
