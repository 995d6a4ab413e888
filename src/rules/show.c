/*
 * show.c: the one place that decides which value of a manifest may be shown to people.
 */
#include "credentials/detect.h"
#include "rules/gate.h"

enum { SHOW_MAX = 80 };

/* scheme://user:password@host: what stands before the @ is not shown. */
static struct slice userinfo_of(struct slice text)
{
	size_t scheme = slice_find(text, "://");
	struct slice rest, authority;
	size_t at;

	if (scheme == SIZE_MAX)
		return SLICE_EMPTY;
	rest = slice_from(text, scheme + 3);
	authority = rest;
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '/' || rest.p[i] == ' ' || rest.p[i] == '"') {
			authority = slice_to(rest, i);
			break;
		}
	at = slice_rchr(authority, '@');
	return at == SIZE_MAX ? SLICE_EMPTY : slice_to(authority, at);
}

const char *gate_show(struct gate *g, struct slice text)
{
	struct buf out = BUF_TEXT;
	struct slice hidden = userinfo_of(text);
	struct detection d;
	const char *shown;
	size_t i = 0;

	if (credential_in_value(text, &d))
		return "";
	while (i < text.n && i < SHOW_MAX) {
		unsigned char c = (unsigned char)text.p[i];

		if (hidden.n && text.p + i == hidden.p) {
			buf_adds(&out, "***");
			i += hidden.n;
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
