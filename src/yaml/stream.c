#include "yaml/stream.h"

#include "base/sixteen.h"
#include "yaml/second_opinion.h"

void stream_init(struct stream *s, const struct limits *limits)
{
	memset(s, 0, sizeof(*s));
	s->limits = *limits;
	/* A list of short scalars takes about thirty times its bytes, any real stream less than five. */
	s->arena = ARENA_INIT(limits->bytes > SIZE_MAX / 64 ? SIZE_MAX : limits->bytes * 32 + ((size_t)64 << 20));
}

void stream_release(struct stream *s)
{
	if (s->second.unanswered)
		second_opinion_drop(s);
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

/* --- positions ------------------------------------------------------------------------------------------------- */

enum { STRETCH = 1024 };

/* Characters begin with any byte but a continuation. */
static size_t characters_in(const char *p, size_t n)
{
	size_t count = 0, ascii;

	for (size_t i = 0; i < n; i++) {
		ascii = ascii_run(p + i, n - i);
		count += ascii;
		i += ascii;
		if (i < n)
			count += ((unsigned char)p[i] & 0xc0) != 0x80;
	}
	return count;
}

static void index_lines(struct stream *s, struct input *in)
{
	const char *p = in->bytes.p, *end = slice_from(in->bytes, in->bytes.n).p;
	uint32_t *starts;
	size_t n = 1, i = 0;

	for (const char *q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		n++;
	starts = arena_alloc(&s->arena, n * sizeof(*starts));
	if (!starts)
		return;
	starts[i++] = 0;
	for (const char *q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		starts[i++] = (uint32_t)(q - p + 1);
	in->line_starts = starts;
	in->lines = n;
}

static void index_characters(struct stream *s, struct input *in)
{
	size_t stretches = in->bytes.n / STRETCH, count = 0;
	uint32_t *before = arena_alloc(&s->arena, (stretches + 1) * sizeof(*before));

	for (size_t i = 0; before && i < stretches; i++) {
		before[i] = (uint32_t)count;
		count += characters_in(in->bytes.p + i * STRETCH, STRETCH);
	}
	if (!before)
		return;
	before[stretches] = (uint32_t)count;
	count += characters_in(slice_from(in->bytes, stretches * STRETCH).p, in->bytes.n % STRETCH);
	if (count < in->bytes.n)
		in->characters = before;
}

static size_t characters_before(const struct input *in, size_t at)
{
	size_t stretch = at / STRETCH;

	if (!in->characters)
		return at;
	return in->characters[stretch] + characters_in(in->bytes.p + stretch * STRETCH, at % STRETCH);
}

struct position input_position(const struct input *in, size_t at)
{
	size_t lo = 0, hi = in->lines, start, before;
	struct slice line;

	if (at > in->bytes.n)
		return (struct position){0};
	if (!in->line_starts)
		return (struct position){.line = 1, .column = 1, .text = SLICE_EMPTY};
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
	line = slice_from(in->bytes, start);
	if (lo + 1 < in->lines)
		line = slice_to(line, in->line_starts[lo + 1] - 1 - start);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (at < start)
		at = start;
	before = characters_before(in, start);
	return (struct position){.line = lo + 1,
				 .column = characters_before(in, at) - before + 1,
				 .text = line,
				 .width = characters_before(in, start + line.n) - before};
}

/* What the nodes of a byte of a usual stream take. */
enum { NODE_BYTES = 3 };

/* --- reading --------------------------------------------------------------------------------------------------- */

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
		return arena_status(&s->arena, err);
	}
	arena_expect(&s->arena, bytes.n * NODE_BYTES);
	index_lines(s, in);
	index_characters(s, in);
	if (!bytes_valid(bytes, &odd, &at, &why)) {
		stream_problem(s, PROBLEM_STREAM, in, at, "%s", why);
		return arena_status(&s->arena, err);
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
		return arena_status(&s->arena, err);
	for (size_t i = first; i < s->documents.n; i++) {
		struct document *d = &s->documents.v[i];

		if (d->json)
			continue;
		if (odd && note_odd_breaks(s, d))
			continue;
		if (document_parse(s, d, err) < 0)
			return err->status;
		if (s->second.by)
			second_opinion_offer(s, i + 1);
	}
	return arena_status(&s->arena, err);
}
