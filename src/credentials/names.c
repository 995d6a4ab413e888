#include "credentials/names.h"

#include <pthread.h>

#include "credentials/chars.h"

static const struct credential_name rows[] = {
#define NAME(n, p, k, f)     {(n), PROVIDER_##p, NAME_##k, (f), ASKS_NOTHING},
#define MAYBE(n, p, k, f, a) {(n), PROVIDER_##p, NAME_##k, (f), ASKS_##a},
#include "credentials/names.def"
#undef NAME
#undef MAYBE
};

static const struct context {
	const char *word;
	unsigned families;
} contexts[] = {
#define CONTEXT(w, f) {(w), (f)},
#include "credentials/context.def"
#undef CONTEXT
};

enum { SLOTS = 2048, NAME_MAX_BYTES = 64 };

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

bool name_is_row(struct slice name)
{
	char key[NAME_MAX_BYTES];
	size_t n = name_fold(name, key, sizeof(key));

	pthread_once(&once, build);
	return n && get(&name_table, key, n) >= 0;
}

/* A word begins at i: behind a separator, or at a hump. */
static bool begins_word(struct slice name, size_t i)
{
	return i == 0 || is_separator(name.p[i - 1]) ||
	       (char_in(name.p[i], CHAR_UPPER) && char_in(name.p[i - 1], CHAR_LOWER));
}

/* The whole name, or its end from some word on. */
static const struct credential_name *find_end(struct slice name)
{
	char key[NAME_MAX_BYTES];
	char last[2];
	size_t n;

	if (name.n < 5)
		return NULL;
	/* No key of the table ends like this: true of nearly every name of a manifest. */
	n = name_fold(slice_from(name, name.n - 2), last, 2);
	if (n == 2 && !(name_table.endings[(unsigned char)last[0]][(unsigned char)last[1] / 8] &
			1 << ((unsigned char)last[1] & 7)))
		return NULL;
	for (size_t i = name.n > 120 ? name.n - 120 : 0; i + 5 <= name.n; i++) {
		const struct credential_name *row;
		int at;

		if (!begins_word(name, i))
			continue;
		n = name_fold(slice_from(name, i), key, sizeof(key));
		at = n ? get(&name_table, key, n) : -1;
		if (at < 0)
			continue;
		row = &rows[at];
		/* A dotted or slashed path ends in the name itself; an underscore only makes a prefix of a full name,
		   unless the prefix says whose it is. */
		if (i == 0 || !row->needs || name.p[i - 1] == '.' || name.p[i - 1] == '/' ||
		    (row->kind == NAME_SECRET && row->needs & name_words_of(slice_to(name, i)).families))
			return row;
	}
	return NULL;
}

/* fs.azure.account.key.ACCOUNT.dfs.core.windows.net: the name goes on as a host's. */
static const struct credential_name *find_before_host(struct slice name)
{
	static const char *const ends[] = {".net", ".com", ".cn", ".de", ".us"};
	bool host = false;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		host |= slice_ends(name, ends[i]);
	for (size_t i = 5; host && i < name.n && i < 200; i++) {
		const struct credential_name *row = name.p[i] == '.' ? find_end(slice_to(name, i)) : NULL;

		if (row)
			return row;
	}
	return NULL;
}

/* AWS_SECRET_ACCESS_KEY_PROD, AZURE_STORAGE_KEY_2: without its last word, if that says which of several it is. */
static struct slice without_copy(struct slice name)
{
	size_t n = name.n, end;
	char word[16];

	if (!name_ends_in_copy(name))
		return SLICE_EMPTY;
	while (n && char_in(name.p[n - 1], CLASS_ALNUM))
		n--;
	end = n;
	n = name_fold(slice_from(name, n), word, sizeof(word));
	if (end < 5 || !is_separator(name.p[end - 1]) || !name_word_is_copy(slice_of(word, n)))
		return SLICE_EMPTY;
	return slice_to(name, end - 1);
}

static const struct credential_name *look_up(struct slice name)
{
	const struct credential_name *row;
	struct slice less;

	if (name.n > 400)
		name = slice_from(name, name.n - 400);
	pthread_once(&once, build);
	row = find_end(name);
	if (row)
		return row;
	if (name.n > 20 && slice_chr(slice_from(name, name.n - 4), '.') != SIZE_MAX)
		return find_before_host(name);
	less = without_copy(name);
	return less.n ? find_end(less) : NULL;
}

/* A release says the same few hundred names over and over: what was asked last is kept, each name in the one place that
   its bytes give it. */
struct answer {
	char name[31];
	unsigned char n; /* 0: free */
	const struct credential_name *row;
};

enum { ANSWER_BITS = 8 };

static size_t place_of(struct slice name)
{
	uint64_t head = 0, tail = 0;
	size_t n = name.n < sizeof(head) ? name.n : sizeof(head);

	memcpy(&head, name.p, n);
	memcpy(&tail, name.p + name.n - n, n);
	return (size_t)(((head ^ (tail * 31 + name.n)) * 0x9e3779b97f4a7c15u) >> (64 - ANSWER_BITS));
}

const struct credential_name *name_find(struct slice name)
{
	static _Thread_local struct answer answers[1 << ANSWER_BITS];
	struct answer *a;

	if (name.n < 5)
		return NULL;
	if (name.n > sizeof(a->name))
		return look_up(name);
	a = &answers[place_of(name)];
	if (a->n != name.n || memcmp(a->name, name.p, name.n) != 0) {
		a->row = look_up(name);
		a->n = (unsigned char)name.n;
		memcpy(a->name, name.p, name.n);
	}
	return a->row;
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
