#include "checks/secret_words.h"

#include "base/base64.h"
#include "credentials/scan.h"

enum { LEAST = 4, CUT_LEAST = 6 };

static void add(struct secret_words *w, struct slice word, struct arena *a)
{
	struct slice *to = word.n >= LEAST ? VEC_PUSH(a, w->v) : NULL;

	if (to)
		*to = arena_copy(a, word);
}

/* The whole, and each line: a message shows a text of many lines in pieces. */
static void add_lines(struct secret_words *w, struct slice text, struct arena *a)
{
	struct slice rest = text;

	add(w, slice_trim(text), a);
	if (slice_chr(slice_trim(text), '\n') == SIZE_MAX)
		return;
	while (rest.n)
		add(w, slice_trim(slice_cut(rest, '\n', &rest)), a);
}

static void add_secret(struct secret_words *w, const struct object *o, struct arena *a)
{
	for (struct map_iter it = map_iter_of(node_lookup(o->root, "data")); map_next(&it);) {
		cleanup_buf struct buf plain = BUF_TEXT;

		add_lines(w, node_text(node_real(it.value)), a);
		if (base64_decode(node_text(node_real(it.value)), BASE64_ANY, &plain))
			add_lines(w, buf_slice(&plain), a);
	}
	for (struct map_iter it = map_iter_of(node_lookup(o->root, "stringData")); map_next(&it);) {
		cleanup_buf struct buf stored = BUF_TEXT;

		add_lines(w, node_text(node_real(it.value)), a);
		base64_encode(node_text(node_real(it.value)), &stored);
		add(w, buf_slice(&stored), a);
	}
}

bool secret_words_of(struct secret_words *w, const struct release *r, struct arena *a)
{
	struct credential_scan scan = {.arena = a};

	if (!credential_scan_release(&scan, r) || scan.failed)
		return false;
	for (size_t i = 0; i < scan.hits.n; i++)
		if (credential_hit_is_secret(&scan.hits.v[i]))
			add_lines(w, scan.hits.v[i].secret, a);
	for (size_t i = 0; i < r->objects.n; i++)
		if (slice_is(r->objects.v[i]->kind, "Secret"))
			add_secret(w, r->objects.v[i], a);
	return !arena_failed(a);
}

static void hide(struct slice word, char *text, size_t n)
{
	for (size_t i = 0; i + word.n <= n; i++)
		if (memcmp(text + i, word.p, word.n) == 0)
			memset(text + i, '*', word.n);
	for (size_t part = word.n - 1 < n ? word.n - 1 : n; part >= CUT_LEAST; part--)
		if (memcmp(text + n - part, word.p, part) == 0)
			memset(text + n - part, '*', part);
}

/* The length of a secret is nobody's business. */
static void shorten(char *text)
{
	enum { STARS = 3 };
	char *to = text;
	size_t run = 0;

	for (const char *p = text; *p; p++) {
		run = *p == '*' ? run + 1 : 0;
		if (run <= STARS)
			*to++ = *p;
	}
	*to = '\0';
}

void secret_words_hide(const struct secret_words *w, char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < w->v.n; i++)
		hide(w->v.v[i], text, n);
	shorten(text);
}
