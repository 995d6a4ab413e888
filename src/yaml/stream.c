#include "yaml/stream.h"

void stream_init(struct stream *s, const struct limits *limits)
{
	memset(s, 0, sizeof(*s));
	s->limits = *limits;
	/* Nodes and decoded texts: eight times the largest input is far above what any real stream takes. */
	s->arena = ARENA_INIT(limits->bytes > SIZE_MAX / 16 ? SIZE_MAX : limits->bytes * 12 + ((size_t)64 << 20));
}

void stream_release(struct stream *s)
{
	for (size_t i = 0; i < s->inputs.n; i++)
		free(s->inputs.v[i]->line_starts);
	arena_release(&s->arena);
	memset(s, 0, sizeof(*s));
}

void stream_problem(struct stream *s, enum problem_kind kind, const struct input *in, size_t at, const char *fmt, ...)
{
	struct problem *p = VEC_PUSH(&s->arena, s->problems);
	va_list ap;

	if (!p)
		return;
	va_start(ap, fmt);
	*p = (struct problem){.kind = kind, .input = in, .at = at, .message = arena_vprintf(&s->arena, fmt, ap)};
	va_end(ap);
}

static bool note_odd_breaks(struct stream *s, const struct document *d)
{
	/* In quotes go-yaml and libyaml fold them alike, but libfyaml does not take them even there. */
	const struct input *in = d->input;
	const unsigned char *p = (const unsigned char *)in->bytes.p;
	size_t end = d->end;

	for (size_t i = d->start; i < end; i++) {
		const char *what = NULL;

		if (p[i] == '\r' && !(i + 1 < in->bytes.n && p[i + 1] == '\n'))
			what = "a carriage return without a line feed";
		else if (p[i] == 0xc2 && i + 1 < end && p[i + 1] == 0x85)
			what = "NEL (U+0085)";
		else if (p[i] == 0xe2 && i + 2 < end && p[i + 1] == 0x80 && (p[i + 2] == 0xa8 || p[i + 2] == 0xa9))
			what = p[i + 2] == 0xa8 ? "LS (U+2028)" : "PS (U+2029)";
		if (what) {
			stream_problem(s, PROBLEM_AMBIGUOUS, in, i, "%s: some readers end the line here, others do not",
				       what);
			return true;
		}
	}
	return false;
}

int stream_add(struct stream *s, const char *name, struct slice bytes, struct err *err)
{
	struct input *in = ARENA_NEW(&s->arena, struct input);
	struct input **slot = VEC_PUSH(&s->arena, s->inputs);
	size_t first = s->documents.n, yaml_from = 0, at = 0, problems = s->problems.n;
	const char *why = NULL;
	enum json_guess guess;
	bool odd;

	if (!in || !slot)
		return err_nomem(err);
	*slot = in;
	in->name = name;
	in->bytes = bytes;
	if (bytes.n > s->limits.bytes || bytes.n >= UINT32_MAX) {
		stream_problem(s, PROBLEM_STREAM, in, 0, "the input has %zu MiB, the limit is %zu MiB", bytes.n >> 20,
			       s->limits.bytes >> 20);
		return arena_failed(&s->arena) ? err_nomem(err) : 0;
	}
	if (!bytes_valid(bytes, &odd, &at, &why)) {
		stream_problem(s, PROBLEM_STREAM, in, at, "%s", why);
		return arena_failed(&s->arena) ? err_nomem(err) : 0;
	}
	guess = json_guess(bytes);
	if (guess == JSON_UNCLEAR)
		stream_problem(s, PROBLEM_AMBIGUOUS, in, 0,
			       "blanks of Unicode before '{': JSON to some readers, YAML to others");
	if (guess == JSON_MAYBE && stream_read_json(s, in, &yaml_from, err) < 0)
		return err->status;
	if (yaml_from != SIZE_MAX && stream_split(s, in, yaml_from, err) < 0)
		return err->status;
	if (s->problems.n > problems) /* no use in reading documents that are cut wrong */
		return arena_failed(&s->arena) ? err_nomem(err) : 0;
	for (size_t i = first; i < s->documents.n; i++) {
		struct document *d = &s->documents.v[i];

		if (d->json)
			continue;
		if (odd && note_odd_breaks(s, d))
			continue;
		if (document_parse(s, d, err) < 0)
			return err->status;
	}
	return arena_failed(&s->arena) ? err_nomem(err) : 0;
}

static void index_lines(struct input *in)
{
	size_t n = 1, i = 0;
	const char *p = in->bytes.p, *end = p + in->bytes.n;

	for (const char *q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		n++;
	in->line_starts = malloc(n * sizeof(*in->line_starts));
	if (!in->line_starts)
		return;
	in->line_starts[i++] = 0;
	for (const char *q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		in->line_starts[i++] = (uint32_t)(q - p + 1);
	in->lines = n;
}

struct position input_position(struct stream *s, const struct input *in, size_t at)
{
	struct input *mut = NULL;
	size_t lo = 0, hi, start, end, column = 1;
	struct slice rest;

	for (size_t i = 0; i < s->inputs.n && !mut; i++)
		if (s->inputs.v[i] == in)
			mut = s->inputs.v[i];
	if (!mut || at > in->bytes.n)
		return (struct position){0};
	if (!mut->line_starts)
		index_lines(mut);
	if (!mut->line_starts)
		return (struct position){0};
	hi = in->lines;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (in->line_starts[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	start = in->line_starts[lo];
	if (start == 0 && slice_starts(in->bytes, "\xef\xbb\xbf"))
		start = 3; /* a byte order mark is no character of the line */
	for (size_t i = start; i < at; i++)
		if (((unsigned char)in->bytes.p[i] & 0xc0) != 0x80)
			column++;
	rest = slice_from(in->bytes, start);
	end = slice_chr(rest, '\n');
	rest = slice_to(rest, end == SIZE_MAX ? rest.n : end);
	if (rest.n && rest.p[rest.n - 1] == '\r')
		rest.n--;
	return (struct position){.line = lo + 1, .column = column, .text = rest};
}
