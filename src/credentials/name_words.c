/*
 * name_words.c: what the words of a name say together: IBM_PLATFORM_KEY is a key of IBM's, AZURE_SECRET_NAME is none.
 */
#include "credentials/chars.h"
#include "credentials/names.h"

#include <pthread.h>

enum word_kind { WORD_CLOUD, WORD_HINT, WORD_PART, WORD_SECRET, WORD_KEY, WORD_ID, WORD_AFTER, WORD_OFF };

#define PROVIDER_OTHER PROVIDER_UNKNOWN

static const struct word {
	const char *text;
	enum word_kind kind;
	enum provider_id provider;
	unsigned families;
} words[] = {
#define CLOUD(t, p, f) {(t), WORD_CLOUD, PROVIDER_##p, (f)},
#define HINT(t, p, f)  {(t), WORD_HINT, PROVIDER_##p, (f)},
#define PART(t)	       {(t), WORD_PART, PROVIDER_NONE, 0},
#define SECRET(t)      {(t), WORD_SECRET, PROVIDER_NONE, 0},
#define KEY(t)	       {(t), WORD_KEY, PROVIDER_NONE, 0},
#define ID(t)	       {(t), WORD_ID, PROVIDER_NONE, 0},
#define AFTER(t)       {(t), WORD_AFTER, PROVIDER_NONE, 0},
#define OFF(t)	       {(t), WORD_OFF, PROVIDER_NONE, 0},
#include "credentials/words.def"
#undef CLOUD
#undef HINT
#undef PART
#undef SECRET
#undef KEY
#undef ID
#undef AFTER
#undef OFF
};

enum { WORD_SLOTS = 1024, WORD_MAX = 16, WORDS_MAX = 24 };

static int16_t slots[WORD_SLOTS];	   /* 1-based rows, by hash */
static uint8_t endings[256][256 / 8];	   /* last two letters of the words that may end a secret's name */
static uint8_t copy_endings[256][256 / 8]; /* and of those that may follow it */
static struct credential_name rows[PROVIDER_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t hash(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return (h ^ h >> 15) % WORD_SLOTS;
}

static void build(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *t = words[i].text;
		size_t n = strlen(t);
		uint32_t at = hash(t, n);

		while (slots[at])
			at = (at + 1) % WORD_SLOTS;
		slots[at] = (int16_t)(i + 1);
		if (words[i].kind == WORD_AFTER)
			copy_endings[(unsigned char)t[n - 2]][(unsigned char)t[n - 1] / 8] |=
				(uint8_t)(1 << ((unsigned char)t[n - 1] & 7));
		if (words[i].kind == WORD_SECRET || words[i].kind == WORD_KEY || words[i].kind == WORD_AFTER)
			endings[(unsigned char)t[n - 2]][(unsigned char)t[n - 1] / 8] |=
				(uint8_t)(1 << ((unsigned char)t[n - 1] & 7));
	}
	for (size_t i = 0; i < PROVIDER_COUNT; i++)
		rows[i] = (struct credential_name){"of a cloud's secret", (enum provider_id)i, NAME_SECRET, 0,
						   ASKS_CHANCE};
}

static const struct word *word_of(const char *p, size_t n)
{
	if (n < 1 || n > WORD_MAX)
		return NULL;
	for (uint32_t at = hash(p, n); slots[at]; at = (at + 1) % WORD_SLOTS) {
		const struct word *w = &words[slots[at] - 1];

		if (strlen(w->text) == n && memcmp(w->text, p, n) == 0)
			return w;
	}
	return NULL;
}

struct cut {
	const struct word *word[WORDS_MAX]; /* NULL: a word nobody knows */
	size_t n;
};

static void push(struct cut *c, const struct word *w)
{
	if (c->n == WORDS_MAX) { /* the end of a name counts */
		memmove(c->word, c->word + 1, (WORDS_MAX - 1) * sizeof(c->word[0]));
		c->n--;
	}
	c->word[c->n++] = w;
}

/* One run of letters: a word, or words one behind the other, the longest first. */
static void push_run(struct cut *c, const char *p, size_t n)
{
	enum { LONGEST = 40 };
	const struct word *last[LONGEST + 1] = {NULL};
	bool reach[LONGEST + 1] = {true};
	const struct word *back[LONGEST];
	const struct word *whole = word_of(p, n);
	size_t k = 0;

	if (whole || n > LONGEST || n < 4) {
		push(c, whole);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t m = 2; reach[i] && m <= WORD_MAX && i + m <= n; m++) {
			const struct word *w = word_of(p + i, m);

			if (!w || (reach[i + m] && strlen(last[i + m]->text) >= m))
				continue;
			reach[i + m] = true;
			last[i + m] = w;
		}
	if (!reach[n]) {
		push(c, NULL);
		return;
	}
	for (size_t i = n; i; i -= strlen(last[i]->text))
		back[k++] = last[i];
	while (k)
		push(c, back[--k]);
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Cuts a name at its marks and humps: awsSecretKey, AWS_SECRET_KEY, AWSSecretKey. */
static void cut_name(struct slice name, struct cut *c)
{
	char low[64];
	size_t from = 0;

	if (name.n > 200)
		name = slice_from(name, name.n - 200);
	for (size_t i = 0; i <= name.n; i++) {
		bool mark = i == name.n || !char_in(name.p[i], CLASS_ALNUM);
		bool hump = !mark && i > from && is_upper(name.p[i]) &&
			    (!is_upper(name.p[i - 1]) ||
			     (i + 1 < name.n && char_in(name.p[i + 1], CHAR_LOWER) && i - from > 1));

		if (!mark && !hump)
			continue;
		if (i > from && i - from <= sizeof(low)) {
			size_t n = i - from;

			for (size_t k = 0; k < n; k++)
				low[k] =
					(char)(is_upper(name.p[from + k]) ? name.p[from + k] | 0x20 : name.p[from + k]);
			/* SECRET_KEY1: a number at the end of a word counts copies. */
			if (!word_of(low, n))
				while (n > 1 && is_digit(low[n - 1]))
					n--;
			if (!is_digit(low[0]))
				push_run(c, low, n);
		} else if (i > from) {
			push(c, NULL);
		}
		from = mark ? i + 1 : i;
	}
}

struct name_words name_words_of(struct slice name)
{
	struct cut c = {.n = 0};
	struct name_words w = {.provider = PROVIDER_NONE};
	size_t end;

	pthread_once(&once, build);
	cut_name(name, &c);
	for (size_t i = 0; i < c.n; i++) {
		const struct word *word = c.word[i];

		w.unknown |= !word;
		if (!word)
			continue;
		w.families |= word->families;
		/* The first that names one wins: gcs_cos_key is Google's; a word of S3 leaves room for whose it is. */
		if ((word->kind == WORD_CLOUD || word->kind == WORD_HINT) && word->provider != PROVIDER_NONE &&
		    (w.provider == PROVIDER_NONE || w.provider == PROVIDER_S3 || w.hint)) {
			w.provider = word->provider;
			w.hint = word->kind == WORD_HINT;
		}
		w.off |= word->kind == WORD_OFF;
		w.access |= strcmp(word->text, "access") == 0;
	}
	for (end = c.n; end && (!c.word[end - 1] || c.word[end - 1]->kind == WORD_AFTER);)
		end--;
	if (end == 0 || c.n - end > 2)
		return w;
	w.secret = c.word[end - 1]->kind == WORD_SECRET;
	w.key = c.word[end - 1]->kind == WORD_KEY;
	w.id = c.word[end - 1]->kind == WORD_ID;
	return w;
}

bool name_ends_in_copy(struct slice name)
{
	unsigned char a, b;

	pthread_once(&once, build);
	a = (unsigned char)name.p[name.n - 2] | 0x20;
	b = (unsigned char)name.p[name.n - 1] | 0x20;
	return is_digit(name.p[name.n - 1]) || (copy_endings[a][b / 8] & 1 << (b & 7));
}

bool name_word_is_copy(struct slice word)
{
	const struct word *w;

	pthread_once(&once, build);
	if (word.n && word.n <= 3 && slice_all(word, CHAR_DIGIT))
		return true;
	w = word_of(word.p, word.n);
	return w && w->kind == WORD_AFTER;
}

const struct credential_name *name_by_words(struct slice name)
{
	struct name_words w;
	char last[2];
	size_t n = name.n;

	pthread_once(&once, build);
	while (n && (is_digit(name.p[n - 1]) || !char_in(name.p[n - 1], CLASS_ALNUM)))
		n--;
	if (n < 5 || name_fold(slice_of(name.p + n - 2, 2), last, 2) != 2 ||
	    !(endings[(unsigned char)last[0]][(unsigned char)last[1] / 8] & 1 << ((unsigned char)last[1] & 7)))
		return NULL;
	w = name_words_of(name);
	if (w.off || w.id || (!w.secret && !w.key) || w.provider == PROVIDER_NONE || w.hint || w.families & FAMILY_OIDC)
		return NULL;
	/* An access key is half of a pair, and the half that is shown, where its secret has a name of its own. */
	if (w.key && w.access && w.provider != PROVIDER_AZURE)
		return NULL;
	return &rows[w.provider];
}
