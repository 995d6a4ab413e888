#include "base/slice.h"

#include "base/sixteen.h"

int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

size_t slice_find(struct slice a, const char *what)
{
	/* Up to here the search by first and last bytes stays quick even where both are everywhere. */
	enum { SHORT = 64 };
	size_t n = strlen(what);
	const char *at;

	if (n == 0)
		return 0;
	if (a.n < n)
		return SIZE_MAX;
	if (n == 1)
		return slice_chr(a, what[0]);
	if (n <= SHORT)
		return find_bytes(a.p, a.n, what, n);
	at = memmem(a.p, a.n, what, n);
	return at ? (size_t)(at - a.p) : SIZE_MAX;
}

size_t slice_chr(struct slice a, char c)
{
	const char *at = a.n ? memchr(a.p, c, a.n) : NULL;

	return at ? (size_t)(at - a.p) : SIZE_MAX;
}

size_t slice_rchr(struct slice a, char c)
{
	const char *at = a.n ? memrchr(a.p, c, a.n) : NULL;

	return at ? (size_t)(at - a.p) : SIZE_MAX;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
	while (a.n && is_space(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool slice_is_nocase(struct slice a, const char *s)
{
	return slice_eq_nocase(a, slice_str(s));
}

struct slice slice_cut(struct slice a, char sep, struct slice *rest)
{
	size_t at = slice_chr(a, sep);

	if (at == SIZE_MAX) {
		*rest = (struct slice){NULL, 0};
		return a;
	}
	*rest = slice_from(a, at + 1);
	return slice_to(a, at);
}

unsigned slice_distance(struct slice a, struct slice b, unsigned max)
{
	enum { CAP = 64 };
	unsigned rows[3][CAP + 1];
	unsigned *two_ago = rows[0], *last = rows[1], *now = rows[2];

	a = slice_to(a, CAP);
	b = slice_to(b, CAP);
	for (size_t j = 0; j <= b.n; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = a.p[i - 1] == b.p[j - 1];
			unsigned best = last[j - 1] + (same ? 0 : 1);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
			    two_ago[j - 2] + 1 < best)
				best = two_ago[j - 2] + 1;
			now[j] = best;
		}
		unsigned *free_row = two_ago;

		two_ago = last;
		last = now;
		now = free_row;
	}
	return last[b.n] > max ? max + 1 : last[b.n];
}

const char *slice_nearest(struct slice a, const char *const *names, size_t n)
{
	unsigned best = a.n <= 3 ? 1 : 2;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = slice_distance(a, slice_str(names[i]), best);

		if (d <= best && (!found || d < best)) {
			best = d;
			found = names[i];
		}
	}
	/* A longer word cut short or run on (storageClass, storageClassName) is the other common slip. */
	for (size_t i = 0; !found && a.n >= 4 && i < n; i++) {
		struct slice name = slice_str(names[i]);

		if (slice_eq(slice_to(name, a.n), a) || slice_eq(slice_to(a, name.n), name))
			found = names[i];
	}
	return found;
}
