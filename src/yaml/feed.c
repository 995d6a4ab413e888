/*
 * feed.c: two ways to give libyaml a document.
 *
 * The plain way is a read handler: libyaml decodes and checks every character that the handler returns. That takes a
 * third of its time, and bytes_valid() has passed the same bytes by the same rules. libyaml 0.2.5 is therefore given
 * the bytes as its decoded buffer, the state that its reader is in after it has read all of a short input: at the end
 * of the input, everything unread, a NUL behind the last character. Only fields of the public header are set. Any
 * other libyaml, at run time or at compile time, is fed the plain way.
 */
#include "yaml/feed.h"

#include <stddef.h>

/* What the scanner may look ahead from the NUL that ends the text. */
enum { PADDING = 64 };

/* The fields as yaml.h of 0.2.5 lays them out on 64-bit systems. */
static const bool header_is_known = sizeof(yaml_parser_t) == 480 && offsetof(yaml_parser_t, eof) == 128 &&
				    offsetof(yaml_parser_t, buffer) == 136 && offsetof(yaml_parser_t, unread) == 168;

static bool takes_decoded(void)
{
	int major, minor, patch;

	yaml_get_version(&major, &minor, &patch);
	return header_is_known && major == 0 && minor == 2 && patch == 5;
}

static bool lacks_newline(struct slice text)
{
	return text.n && text.p[text.n - 1] != '\n';
}

static int read_handler(void *arg, unsigned char *out, size_t room, size_t *n)
{
	struct feed *f = arg;
	size_t left = f->text.n - f->fed;

	*n = left < room ? left : room;
	if (*n) {
		memcpy(out, f->text.p + f->fed, *n);
		f->fed += *n;
	} else if (!f->newline_added && lacks_newline(f->text)) {
		out[0] = '\n';
		*n = 1;
		f->newline_added = true;
	}
	return 1;
}

/* The copy is for the NUL: the bytes behind a document are those of the next one. */
static bool set_decoded(struct feed *f, yaml_parser_t *y)
{
	size_t n = f->text.n + lacks_newline(f->text), room = n + PADDING;
	yaml_char_t *to = y->buffer.start;

	if ((size_t)(y->buffer.end - y->buffer.start) < room) {
		f->copy = to = malloc(room);
		if (!to)
			return false;
		f->own = y->buffer.start;
		y->buffer.start = to;
		y->buffer.end = to + room;
	}
	if (f->text.n)
		memcpy(to, f->text.p, f->text.n);
	if (lacks_newline(f->text))
		to[f->text.n] = '\n';
	memset(to + n, 0, PADDING);
	y->buffer.pointer = to;
	y->buffer.last = to + n + 1;
	y->unread = n + 1; /* of characters, at least as many as there are: only whether enough are left is asked */
	y->offset = n;
	y->eof = 1;
	return true;
}

bool feed_start(struct feed *f, yaml_parser_t *y)
{
	yaml_parser_set_encoding(y, YAML_UTF8_ENCODING);
	yaml_parser_set_input(y, read_handler, f);
	return !takes_decoded() || set_decoded(f, y);
}

void feed_end(struct feed *f, yaml_parser_t *y)
{
	if (!f->copy)
		return;
	y->buffer.start = y->buffer.pointer = y->buffer.last = f->own;
	free(f->copy);
	f->own = f->copy = NULL;
}
