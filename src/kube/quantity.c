#include "kube/quantity.h"

/* In billionths, the smallest unit that a quantity can hold: 2^63 of them times 10^9 need 93 bits. */
__extension__ typedef unsigned __int128 wide;

enum { NANO_DIGITS = 9, MAX_DIGITS = 28 };

static wide power(unsigned base, unsigned n)
{
	wide v = 1;

	while (n--)
		v *= base;
	return v;
}

/* "", "Ki", "M", "e3", "E-2". False: no suffix of a quantity. */
static bool read_suffix(struct slice s, unsigned *twos, int *tens)
{
	static const struct {
		const char *text;
		unsigned twos;
		int tens;
	} suffixes[] = {{"", 0, 0},    {"Ki", 10, 0}, {"Mi", 20, 0}, {"Gi", 30, 0}, {"Ti", 40, 0}, {"Pi", 50, 0},
			{"Ei", 60, 0}, {"n", 0, -9},  {"u", 0, -6},  {"m", 0, -3},  {"k", 0, 3},   {"M", 0, 6},
			{"G", 0, 9},   {"T", 0, 12},  {"P", 0, 15},  {"E", 0, 18}};
	size_t i = 1;
	int sign = 1;

	*twos = 0;
	*tens = 0;
	for (size_t k = 0; k < ARRAY_SIZE(suffixes); k++) {
		if (!slice_is(s, suffixes[k].text))
			continue;
		*twos = suffixes[k].twos;
		*tens = suffixes[k].tens;
		return true;
	}
	if (s.p[0] != 'e' && s.p[0] != 'E')
		return false;
	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		sign = s.p[i++] == '-' ? -1 : 1;
	if (i == s.n || s.n - i > 2)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*tens = *tens * 10 + (s.p[i] - '0');
	}
	*tens *= sign;
	return true;
}

static bool parse(struct slice s, wide *out)
{
	const wide most = power(2, 63) * power(10, NANO_DIGITS);
	unsigned digits = 0, fraction = 0, twos;
	bool point = false, any = false;
	int tens;
	wide v = 0;
	size_t i = s.n && s.p[0] == '+';

	for (; i < s.n; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			break;
		any = true;
		v = v * 10 + (unsigned)(s.p[i] - '0');
		digits += v > 0;
		fraction += point;
		if (digits > MAX_DIGITS || fraction > MAX_DIGITS)
			return false;
	}
	if (!any || !read_suffix(slice_from(s, i), &twos, &tens))
		return false;
	tens += NANO_DIGITS - (int)fraction;
	for (; twos && v <= most; twos--)
		v *= 2;
	for (; tens > 0 && v <= most; tens--)
		v *= 10;
	for (; tens < 0; tens++)
		v = v / 10 + (v % 10 != 0); /* rounded up, as the API machinery does */
	*out = v;
	return v <= most;
}

bool quantity_valid(struct slice text)
{
	wide v;

	return parse(text, &v);
}

int quantity_cmp(struct slice a, struct slice b)
{
	wide x = 0, y = 0;
	bool ok_a = parse(a, &x), ok_b = parse(b, &y);

	if (!ok_a || !ok_b)
		return ok_a != ok_b ? (ok_a ? 1 : -1) : slice_cmp(a, b);
	return x < y ? -1 : x > y;
}
