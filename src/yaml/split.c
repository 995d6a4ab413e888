/*
 * split.c: the API machinery's cut. A line that starts with `---` ends a document when something was read before it;
 * else it belongs to the next one. What follows the dashes must be blank or a comment.
 * Source: apimachinery pkg/util/yaml/decoder.go, YAMLReader.Read.
 */
#include "yaml/stream.h"

static bool is_separator(struct slice line)
{
	return slice_starts(line, "---");
}

static bool rest_is_blank(struct slice line)
{
	struct slice rest = slice_trim(slice_from(line, 3));

	/* `---#` ends a document to the API machinery, and is text to a parser of YAML. */
	return rest.n == 0 || (rest.p[0] == '#' && rest.p > line.p + 3);
}

static int push(struct stream *s, struct input *in, size_t start, size_t body, size_t end, struct err *err)
{
	struct document *d = VEC_PUSH(&s->arena, s->documents);

	if (!d)
		return err_nomem(err);
	d->input = in;
	d->start = (uint32_t)start;
	d->body = (uint32_t)body;
	d->end = (uint32_t)end;
	return 0;
}

int stream_split(struct stream *s, struct input *in, size_t from, struct err *err)
{
	struct slice all = in->bytes;
	size_t at = from;
	size_t start = from; /* of the document being read: its separator line, if it has one */
	size_t body = from;
	bool any = false; /* the API machinery's buffer is not empty */

	/* Only lines that begin with dashes are examined: between them lies one document. */
	while (at < all.n) {
		struct slice rest = slice_from(all, at), line;
		size_t next;

		if (!is_separator(rest)) {
			next = slice_find(rest, "\n---");
			any = true;
			at = next == SIZE_MAX ? all.n : at + next + 1;
			continue;
		}
		next = slice_chr(rest, '\n');
		next = next == SIZE_MAX ? all.n : at + next + 1;
		line = slice_of(all.p + at, next - at);
		if (!rest_is_blank(line))
			stream_problem(s, PROBLEM_STREAM, in, at + 3,
				       "text after the document separator '---'; only blanks, or a blank and a "
				       "comment, may follow it");
		if (any && push(s, in, start, body, at, err) < 0)
			return err->status;
		/* The first separator stays in its document, a later one is dropped: both open what follows. */
		start = at;
		body = next;
		any = !any;
		at = next;
	}
	if (any || start < all.n)
		return push(s, in, start, body, all.n, err);
	return 0;
}
