/*
 * show.c: the one place that decides which value of a manifest may be shown to people.
 */
#include "credentials/detect.h"
#include "rules/hide.h"

enum { SHOW_MAX = 80 };

static bool ends_word(char c)
{
	return c == ' ' || c == ',' || c == '"' || c == '\'' || c == '\n' || c == '\t';
}

/* How many bytes of the word that begins here are "scheme://user:password" or "user:password" before an '@'. A digest
   (name:tag@sha256:...) is none. */
static size_t userinfo_here(struct slice text)
{
	struct slice word = text;
	size_t at, colon, scheme;

	for (size_t i = 0; i < text.n; i++) {
		if (ends_word(text.p[i])) {
			word = slice_to(text, i);
			break;
		}
	}
	at = slice_rchr(word, '@');
	if (at == SIZE_MAX || slice_starts(slice_from(word, at + 1), "sha256:") ||
	    slice_starts(slice_from(word, at + 1), "sha512:"))
		return 0;
	scheme = slice_find(word, "://");
	/* "token@registry.example/image": a path follows, which an address of mail has not. */
	if (scheme != SIZE_MAX ? scheme + 3 <= at : slice_chr(slice_from(word, at), '/') != SIZE_MAX)
		return at;
	colon = slice_chr(slice_from(word, scheme == SIZE_MAX ? 0 : scheme + 3), ':');
	return colon == SIZE_MAX || (scheme == SIZE_MAX ? 0 : scheme + 3) + colon > at ? 0 : at;
}

static const char *show(struct gate *g, struct slice text, size_t max)
{
	struct buf out = BUF_TEXT;
	bool word = true; /* at the beginning of a word */
	struct detection d;
	const char *shown;
	size_t i = 0, from, to;

	if (credential_in_value(text, &d) || hidden_find(gate_hidden(g), text, 8, &from, &to))
		return "";
	while (i < text.n && i < max) {
		unsigned char c = (unsigned char)text.p[i];

		size_t hidden = word ? userinfo_here(slice_from(text, i)) : 0;

		word = ends_word((char)c);
		if (hidden) {
			buf_adds(&out, "***");
			i += hidden;
			continue;
		}
		buf_addc(&out, c < ' ' || c == 0x7f ? ' ' : (char)c);
		i++;
	}
	/* Never half a character. */
	while (i < text.n && ((unsigned char)text.p[i] & 0xc0) == 0x80)
		buf_addc(&out, text.p[i++]);
	if (i < text.n)
		buf_adds(&out, "...");
	shown = arena_str(&g->arena, buf_slice(&out));
	if (out.failed)
		g->arena.failed = true;
	buf_release(&out);
	return shown;
}

const char *gate_show(struct gate *g, struct slice text)
{
	return show(g, text, SHOW_MAX);
}

const char *gate_show_all(struct gate *g, struct slice text)
{
	return show(g, text, SIZE_MAX);
}
