#include "export/yaml.h"

#include "base/utf8.h"
#include "yaml/stream.h"

enum { WIDTH = 80 };

static void put_word(struct buf *out, struct slice word)
{
	while (word.n) {
		bool bad = false;
		uint32_t c;
		size_t n = utf8_next(word, &c, &bad);

		if (bad || !utf8_shows(c))
			buf_fill(out, '?', n);
		else
			buf_add(out, slice_to(word, n));
		word = slice_from(word, n);
	}
}

void yaml_comment(struct buf *out, size_t indent, size_t hang, const char *text)
{
	struct slice rest = slice_str(text);
	size_t column = 0;

	while (rest.n) {
		struct slice word = slice_cut(rest, ' ', &rest);

		if (column && column + 1 + word.n > WIDTH) {
			buf_addc(out, '\n');
			column = 0;
		}
		if (column == 0) {
			buf_fill(out, ' ', indent);
			buf_addc(out, '#');
			column = indent + 1;
			if (word.p != text) {
				buf_fill(out, ' ', hang);
				column += hang;
			}
		}
		buf_addc(out, ' ');
		put_word(out, word);
		column += 1 + word.n;
		if (!rest.p)
			break;
	}
	buf_addc(out, '\n');
}

void yaml_text(struct buf *out, size_t indent, const char *key, struct slice text)
{
	buf_fill(out, ' ', indent);
	buf_addf(out, "%s: ", key);
	scalar_write(text, STYLE_PLAIN, out);
	buf_addc(out, '\n');
}

void yaml_block(struct buf *out, size_t indent, const char *key, struct slice text)
{
	buf_fill(out, ' ', indent);
	buf_addf(out, "%s: |-\n", key);
	for (struct slice rest = text; rest.p && rest.n;) {
		struct slice line = slice_cut(rest, '\n', &rest);

		if (line.n)
			buf_fill(out, ' ', indent + 2);
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}
