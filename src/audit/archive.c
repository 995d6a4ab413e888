/*
 * archive.c: one file of a packed chart: a gzipped tar archive, as Helm writes it.
 */
#include "audit/chart.h"

#include <zlib.h>

enum { BLOCK = 512, NAME_ROOM = 1024, MEMBER_MAX = 16 << 20, NAME_FIELD = 100, PREFIX_FIELD = 155 };

struct member {
	char name[NAME_ROOM];
	char type;
	size_t n;
};

static size_t field_length(const char *p, size_t max)
{
	return strnlen(p, max);
}

/* Octal digits, or -1. */
static long long number_of(const char *p, size_t n)
{
	long long value = 0;
	size_t i = 0;

	while (i < n && p[i] == ' ')
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		value = value * 8 + (p[i] - '0');
	return i < n && p[i] && p[i] != ' ' ? -1 : value;
}

/* False at the end, or at what is no header. */
static bool next_header(gzFile in, struct member *m)
{
	char block[BLOCK];
	size_t prefix, name;
	long long size;

	if (gzread(in, block, BLOCK) != BLOCK || !block[0])
		return false;
	size = number_of(block + 124, 12);
	if (size < 0 || memcmp(block + 257, "ustar", 5) != 0)
		return false;
	prefix = field_length(block + 345, PREFIX_FIELD);
	name = field_length(block, NAME_FIELD);
	snprintf(m->name, sizeof(m->name), "%.*s%s%.*s", (int)prefix, block + 345, prefix ? "/" : "", (int)name, block);
	m->type = block[156];
	m->n = (size_t)size;
	return true;
}

static bool skip(gzFile in, size_t n)
{
	char some[BLOCK];

	for (n = (n + BLOCK - 1) / BLOCK; n; n--)
		if (gzread(in, some, BLOCK) != BLOCK)
			return false;
	return true;
}

static bool read_member(gzFile in, size_t n, struct buf *out)
{
	char *at;

	buf_clear(out);
	at = n <= MEMBER_MAX ? buf_reserve(out, n + 1) : NULL;
	if (!at || gzread(in, at, (unsigned)n) != (int)n)
		return false;
	out->n = n;
	return n % BLOCK == 0 || gzseek(in, (z_off_t)(BLOCK - n % BLOCK), SEEK_CUR) >= 0;
}

/* The file of the chart itself is one folder below the root, those of its dependencies are deeper. */
static bool is_wanted(const struct member *m, const char *end)
{
	struct slice rest = slice_str(m->name);

	slice_cut(rest, '/', &rest);
	return (m->type == '0' || m->type == '\0') && rest.p && slice_is(rest, end);
}

int archive_member(const char *path, const char *end, struct buf *out, struct err *err)
{
	gzFile in = gzopen(path, "rbe");
	struct member m;
	bool ok = true;

	if (!in)
		return err_errno(err, STATUS_INPUT, "cannot read the chart '%.200s'", path);
	while (ok && next_header(in, &m)) {
		if (is_wanted(&m, end)) {
			ok = read_member(in, m.n, out);
			break;
		}
		ok = skip(in, m.n);
	}
	gzclose(in);
	if (out->failed)
		return err_nomem(err);
	return ok ? 0 : err_set(err, STATUS_INPUT, "the chart '%.200s' is cut short", path);
}
