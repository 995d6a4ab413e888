#include "report/markup.h"

#include "report/chars.h"

static const char *entity_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Tags of languages, variation selectors and what is not a character are as invisible as their kin in the first plane.
 */
static bool is_hidden_beyond(uint32_t c)
{
	return (c >= 0xe0000 && c <= 0xe0fff) || (c & 0xfffe) == 0xfffe;
}

static void put(struct slice text, bool lines, struct buf *out)
{
	for (size_t i = 0, n; i < text.n; i += n) {
		bool bad = false;
		uint32_t c;
		const char *entity;

		n = utf8_next(slice_from(text, i), &c, &bad);
		entity = entity_of(c);
		if (entity)
			buf_adds(out, entity);
		else if (lines && (c == '\n' || c == '\t'))
			buf_addc(out, (char)c);
		else if (c > 0xffff && is_hidden_beyond(c))
			buf_addf(out, "\\U%08x", (unsigned)c);
		else if (c > 0xffff)
			buf_add(out, slice_of(text.p + i, n));
		else
			char_put(c, out);
	}
}

void markup_put(struct slice text, struct buf *out)
{
	put(text, false, out);
}

void markup_lines_put(struct slice text, struct buf *out)
{
	put(text, true, out);
}
