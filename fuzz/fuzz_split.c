/*
 * fuzz_split.c: the cut into documents against the API machinery's loop (pkg/util/yaml, YAMLReader.Read), written down
 * once more with a plain buffer.
 */
#include "fuzz.h"

struct reference {
	struct slice chunk; /* the buffer's bytes, as they stand in the input */
	size_t at;
	bool refused;
};

static bool next_chunk(struct reference *r, struct slice in)
{
	for (r->chunk = SLICE_EMPTY; r->at < in.n;) {
		size_t nl = slice_chr(slice_from(in, r->at), '\n');
		struct slice line = slice_to(slice_from(in, r->at), nl == SIZE_MAX ? in.n : nl + 1);
		struct slice rest = slice_trim(slice_from(line, 3));
		bool separator = slice_starts(line, "---");

		r->refused |= separator && rest.n && rest.p[0] != '#';
		r->at += line.n;
		if (separator && r->chunk.n)
			return true;
		r->chunk = slice_of(r->chunk.n ? r->chunk.p : line.p, r->chunk.n + line.n);
	}
	return r->chunk.n > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_stream struct stream s;
	struct input in = {.name = "fuzz", .bytes = slice_of((const char *)data, size)};
	struct reference r = {0};
	struct err err = ERR_INIT;
	size_t n = 0;

	stream_init(&s, &FUZZ_LIMITS);
	if (stream_split(&s, &in, 0, &err) < 0)
		return 0;
	for (size_t i = 0; i < s.documents.n; i++) {
		const struct document *d = &s.documents.v[i];

		PROMISE(d->start <= d->body && d->body <= d->end && d->end <= size, "document %zu: %u %u %u", i,
			d->start, d->body, d->end);
		PROMISE(i == 0 || d[-1].end <= d->start, "documents %zu and %zu meet", i - 1, i);
	}
	/* A dropped separator at the very end opens a document that the API machinery never sees: it is empty here. */
	for (; next_chunk(&r, in.bytes); n++) {
		const struct document *d = &s.documents.v[n];

		PROMISE(n < s.documents.n, "chunk %zu is no document", n);
		PROMISE(in.bytes.p + d->end == r.chunk.p + r.chunk.n, "document %zu ends at %u", n, d->end);
		PROMISE(in.bytes.p + d->start == r.chunk.p || in.bytes.p + d->body == r.chunk.p,
			"document %zu begins at %u", n, d->start);
	}
	PROMISE(s.documents.n <= n + 1, "%zu documents of %zu chunks", s.documents.n, n);
	PROMISE(!r.refused || s.problems.n, "a separator with text behind it was taken");
	return 0;
}
