#include "credentials/names.h"

#include <pthread.h>

#include "credentials/chars.h"

static const struct credential_name rows[] = {
#define NAME(n, p, k, f) {(n), PROVIDER_##p, NAME_##k, (f)},
#include "credentials/names.def"
#undef NAME
};

static const struct context {
	const char *word;
	unsigned families;
} contexts[] = {
#define CONTEXT(w, f) {(w), (f)},
#include "credentials/context.def"
#undef CONTEXT
};

enum { SLOTS = 1024, NAME_MAX_BYTES = 64 };

/* Open addressing; the keys are folded texts. */
struct table {
	struct {
		char key[NAME_MAX_BYTES];
		uint8_t n;
		int16_t row; /* 1-based */
	} slot[SLOTS];
	uint8_t endings[256][256 / 8]; /* pairs of last bytes that some key has: most names end here */
};

static struct table name_table, context_table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

size_t name_fold(struct slice name, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '_' || c == '-' || c == '.')
			continue;
		if (n >= room)
			return 0;
		out[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return n;
}

static uint32_t hash(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h ^ h >> 15;
}

static void put(struct table *t, const char *name, size_t row)
{
	char key[NAME_MAX_BYTES];
	size_t n = name_fold(slice_str(name), key, sizeof(key));
	uint32_t at = hash(key, n) % SLOTS;

	while (t->slot[at].row && !(t->slot[at].n == n && memcmp(t->slot[at].key, key, n) == 0))
		at = (at + 1) % SLOTS;
	if (t->slot[at].row || n < 2)
		return;
	memcpy(t->slot[at].key, key, n);
	t->slot[at].n = (uint8_t)n;
	t->slot[at].row = (int16_t)(row + 1);
	t->endings[(unsigned char)key[n - 2]][(unsigned char)key[n - 1] / 8] |=
		(uint8_t)(1 << ((unsigned char)key[n - 1] & 7));
}

static int get(const struct table *t, const char *key, size_t n)
{
	uint32_t at;

	if (n < 2 || !(t->endings[(unsigned char)key[n - 2]][(unsigned char)key[n - 1] / 8] &
		       1 << ((unsigned char)key[n - 1] & 7)))
		return -1;
	for (at = hash(key, n) % SLOTS; t->slot[at].row; at = (at + 1) % SLOTS)
		if (t->slot[at].n == n && memcmp(t->slot[at].key, key, n) == 0)
			return t->slot[at].row - 1;
	return -1;
}

static void build(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		put(&name_table, rows[i].name, i);
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
		put(&context_table, contexts[i].word, i);
}

const struct credential_name *name_rows(size_t *n)
{
	*n = ARRAY_SIZE(rows);
	return rows;
}

static bool is_separator(char c)
{
	return c == '_' || c == '-' || c == '.' || c == '/';
}

const struct credential_name *name_find(struct slice name)
{
	char key[NAME_MAX_BYTES];
	char last[2];
	size_t n;
	int row;

	if (name.n < 5 || name.n > 120)
		return NULL;
	pthread_once(&once, build);
	/* No key of the table ends like this: true of nearly every name of a manifest. */
	n = name_fold(slice_from(name, name.n - 2), last, 2);
	if (n == 2 && !(name_table.endings[(unsigned char)last[0]][(unsigned char)last[1] / 8] &
			1 << ((unsigned char)last[1] & 7)))
		return NULL;
	n = name_fold(name, key, sizeof(key));
	row = n ? get(&name_table, key, n) : -1;
	if (row >= 0)
		return &rows[row];
	for (size_t i = 0; i + 5 < name.n; i++) {
		if (!is_separator(name.p[i]))
			continue;
		n = name_fold(slice_from(name, i + 1), key, sizeof(key));
		row = n ? get(&name_table, key, n) : -1;
		/* A dotted or slashed path ends in the name itself; an underscore only makes a prefix of a full name.
		 */
		if (row >= 0 && (!rows[row].needs || name.p[i] == '.' || name.p[i] == '/'))
			return &rows[row];
	}
	return NULL;
}

unsigned family_of(struct slice word)
{
	char key[NAME_MAX_BYTES];
	size_t n = 0;
	int row;

	if (word.n < 2 || word.n > 40)
		return 0;
	pthread_once(&once, build);
	for (size_t i = 0; i < word.n && n < sizeof(key); i++) {
		char c = word.p[i];

		if (char_in(c, CLASS_ALNUM))
			key[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	row = get(&context_table, key, n);
	return row >= 0 ? contexts[row].families : 0;
}
