/*
 * second_explain.c: the words for a document that the two readers see differently.
 */
#include "yaml/second_explain.h"

enum { EVENT_WORDS = 80 };

/* Values are spoken of by their length: they may be secrets. */
static void describe(const struct event *e, const struct event *rival, char out[EVENT_WORDS])
{
	bool alike = rival && e->kind == rival->kind && e->text.n == rival->text.n;

	switch (e->kind) {
	case '{':
	case '[':
		snprintf(out, EVENT_WORDS, "the start of a %s", e->kind == '{' ? "mapping" : "list");
		return;
	case '}':
	case ']':
		snprintf(out, EVENT_WORDS, "the end of a %s", e->kind == '}' ? "mapping" : "list");
		return;
	case '*':
		snprintf(out, EVENT_WORDS, "an alias");
		return;
	case '\0':
		snprintf(out, EVENT_WORDS, "nothing more");
		return;
	default:
		snprintf(out, EVENT_WORDS, "%s %stext of %zu byte%s",
			 alike		  ? "another"
			 : e->kind == 'p' ? "an"
					  : "a",
			 e->kind == 'p' ? "unquoted " : "quoted ", e->text.n, e->text.n == 1 ? "" : "s");
	}
}

/* The first event that is not the same; false when there is none, or the document could not be read again. */
static bool first_difference(struct second_opinion *so, const struct stream *s, const struct document *d, size_t *at,
			     struct event *ours, struct event *theirs, struct buf *mine, struct buf *yours)
{
	cleanup_buf struct buf marks = BUF_INIT((size_t)1 << 31);
	struct slice a, b;

	if (!document_events(s, d, mine, &marks) || !second_opinion_events(so, d, yours))
		return false;
	a = buf_slice(mine);
	b = buf_slice(yours);
	for (size_t i = 0; a.n || b.n; i++) {
		*ours = event_next(&a);
		*theirs = event_next(&b);
		if (ours->kind == theirs->kind && slice_eq(ours->name, theirs->name) &&
		    slice_eq(ours->text, theirs->text))
			continue;
		*at = d->body;
		if ((i + 1) * sizeof(uint32_t) <= marks.n)
			*at = ((const uint32_t *)(const void *)marks.p)[i];
		return true;
	}
	return false;
}

void second_explain(struct second_opinion *so, struct stream *s, const struct doubt *doubt)
{
	static const char hint[] = "'secondOpinion: false' in the policy takes libyaml's reading, as the cluster does";
	const struct document *d = &s->documents.v[doubt->document];
	cleanup_buf struct buf mine = BUF_INIT((size_t)1 << 31), yours = BUF_INIT((size_t)1 << 31);
	char ours[EVENT_WORDS], theirs[EVENT_WORDS];
	struct event a, b;
	size_t at = d->body;

	if (!first_difference(so, s, d, &at, &a, &b, &mine, &yours)) {
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "%s; %s",
			       doubt->refused ? "libfyaml refuses this document, libyaml reads it"
					      : "libfyaml and libyaml read this document differently",
			       hint);
		return;
	}
	describe(&a, NULL, ours);
	describe(&b, &a, theirs);
	if (doubt->refused && !b.kind)
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "libyaml reads %s here, libfyaml refuses it; %s",
			       a.kind ? ours : "the document to its end", hint);
	else
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "libyaml reads %s here, libfyaml %s; %s", ours,
			       theirs, hint);
}
