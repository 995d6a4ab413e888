/*
 * text.c: one decoded text: candidates by the automaton, then its encodings, documents and assignments.
 */
#include "credentials/site.h"

/* A text of less says nothing: the shortest name with the shortest value has more. */
enum { TEXT_MIN = 14 };

struct found {
	struct scan *s;
	struct slice text;
	VEC(struct match) match;
	size_t slots; /* placeholders among them: the first few are enough */
	struct runs_seen runs;
	bool stems, percent, escapes, continued, joined, urls, commands, cloud;
	bool done[DETECTOR_COUNT]; /* a check of the whole text has given all it can */
};

/* Rows whose check looks for other parts anywhere in the text: one look is enough, however often the literal comes. */
static bool checks_whole_text(enum detector_id id)
{
	return id == DETECTOR_GCP_SA || id == DETECTOR_GCP_USER || id == DETECTOR_OCI_MARKED || id == DETECTOR_OCI_USER;
}

static void keep(struct found *f, const struct match *m)
{
	enum { SLOTS_ENOUGH = 100, LOOK_BACK = 4 };
	struct match *place;

	/* The same key found by two rows: the first, more special row counts. */
	for (size_t i = f->match.n, n = 0; i && n < LOOK_BACK; i--, n++)
		if (f->match.v[i - 1].secret.p == m->secret.p) {
			if (m->detector < f->match.v[i - 1].detector)
				f->match.v[i - 1] = *m;
			return;
		}
	if (m->confidence == CONFIDENCE_PLACEHOLDER && f->slots++ >= SLOTS_ENOUGH)
		return;
	place = VEC_PUSH(f->s->arena, f->match);
	if (place)
		*place = *m;
	else
		f->s->out->failed = true;
}

static void take(void *arg, const struct literal_hit *hit)
{
	struct found *f = arg;
	struct match m;
	bool whole;

	switch (hit->kind) {
	case HIT_STEM:
		f->stems = true;
		return;
	case HIT_PERCENT:
		f->percent = true;
		return;
	case HIT_ESCAPE:
		f->escapes = true;
		return;
	case HIT_CONTINUED:
		f->continued = true;
		return;
	case HIT_JOINED:
		f->joined |= hit->end > 2 && hit->end < f->text.n && char_in(f->text.p[hit->end - 3], CLASS_ANY64) &&
			     char_in(f->text.p[hit->end], CLASS_ANY64);
		return;
	case HIT_URL:
		f->urls = true;
		return;
	case HIT_COMMAND:
		f->commands = true;
		return;
	case HIT_CLOUD:
		f->cloud = true;
		return;
	case HIT_DETECTOR:
		if (f->done[hit->index])
			return;
		whole = checks_whole_text((enum detector_id)hit->index);
		if (!detector_match(detector_of((enum detector_id)hit->index), f->text, hit->end, &f->runs, &m)) {
			f->done[hit->index] = m.secret.n && whole;
			return;
		}
		f->done[hit->index] = whole;
		keep(f, &m);
		return;
	}
}

/* All private keys of a text that has a service account's or an API user's other half are such keys. */
static void name_keys(struct found *f)
{
	const struct match *owner = NULL;

	for (size_t i = 0; i < f->match.n && !owner; i++)
		if (f->match.v[i].detector == DETECTOR_GCP_SA || f->match.v[i].detector == DETECTOR_OCI_USER ||
		    f->match.v[i].detector == DETECTOR_OCI_MARKED)
			owner = &f->match.v[i];
	for (size_t i = 0; owner && i < f->match.n; i++)
		if (f->match.v[i].detector == DETECTOR_PEM_KEY) {
			struct slice body = f->match.v[i].secret;

			f->match.v[i] = *owner;
			f->match.v[i].secret = body;
		}
}

static void custom_patterns(struct scan *s, const struct site *at, struct slice text)
{
	struct slice secret;

	switch (credential_custom_value(s->out->custom, text, &secret)) {
	case CUSTOM_NO:
		return;
	case CUSTOM_LIMIT:
		hit_unchecked(s, at, "a pattern of the policy reached its limit");
		return;
	case CUSTOM_MATCH:
		hit_add(s, at,
			&(struct hit_say){.class = HIT_VALUE,
					  .provider = PROVIDER_CUSTOM,
					  .confidence = CONFIDENCE_MEDIUM,
					  .what = "a value",
					  .reason = "a pattern of the policy",
					  .secret = secret});
		return;
	}
}

static void tell_matches(struct scan *s, const struct site *at, struct found *f)
{
	for (size_t i = 0; i < f->match.n; i++)
		hit_match(s, at, &f->match.v[i], f->text);
}

/* The same text with one kind of escape undone. */
static void look_again(struct scan *s, const struct site *at, struct slice text, const char *step,
		       enum step (*undo)(struct slice, struct buf *))
{
	struct site inner = {.outer = at, .step = step, .depth = at->depth + 1, .assigned = at->assigned};
	struct buf out = BUF_INIT(LADDER_TEXT * 2);
	struct found f = {.s = s};

	switch (undo(text, &out)) {
	case STEP_MEMORY:
		s->out->failed = true;
		break;
	case STEP_CAP:
		hit_unchecked(s, at, "a text is longer than what is decoded");
		break;
	case STEP_NO:
		break;
	case STEP_OK:
		f.text = buf_slice(&out);
		if (slice_eq(f.text, text))
			break;
		literals_scan(f.text, take, &f);
		name_keys(&f);
		tell_matches(s, &inner, &f);
		if (at->assigned)
			break;
		if (f.stems)
			scan_assignments(s, &inner, f.text, false);
		if (decode_would(f.text, f.cloud).shaped)
			scan_shaped(s, &inner, f.text);
		break;
	}
	buf_release(&out);
}

/* What a parsed document does not hold: its comments. */
static void comment_lines(struct scan *s, const struct site *at, struct slice text)
{
	struct site here = *at;

	here.in_comment = true;
	while (text.p && text.n) {
		struct slice line = slice_cut(text, '\n', &text);
		size_t hash = slice_chr(line, '#');

		if (hash != SIZE_MAX && (hash == 0 || char_in(line.p[hash - 1], CHAR_SPACE)))
			scan_text(s, &here, slice_from(line, hash + 1));
	}
}

/* What is read out of a text that was no document: names and values in their many forms. */
static void running_text(struct scan *s, const struct site *at, const struct found *f, bool shaped)
{
	if (f->stems && !f->continued)
		scan_assignments(s, at, f->text, false);
	if (shaped)
		scan_shaped(s, at, f->text);
	if (f->commands && !f->continued)
		scan_command_text(s, at, f->text);
}

enum rank scan_text(struct scan *s, const struct site *at, struct slice text)
{
	enum rank before = s->best, best;
	unsigned logins = s->logins;
	struct found f = {.s = s, .text = text};
	struct runs runs = {false, false};
	bool nested = false, whole;

	s->best = RANK_NOTHING;
	if (s->out->custom)
		custom_patterns(s, at, text);
	if (text.n >= TEXT_MIN) {
		literals_scan(text, take, &f);
		name_keys(&f);
		whole = text.n >= LADDER_BASE64_MIN && is_base64_text(text);
		if (!whole)
			runs = decode_would(text, f.cloud);
		if (f.stems || f.match.n || f.escapes || f.continued || runs.encoded || runs.shaped)
			nested = scan_nested(s, at, text);
		if (whole)
			decode_base64(s, at, text, false);
		else if (runs.encoded && !nested)
			decode_runs(s, at, text);
		/* A login that was told stays told: what else its file has is in the document or in a comment. */
		if (s->logins == logins)
			tell_matches(s, at, &f);
		if (nested)
			comment_lines(s, at, text);
		else if (!at->assigned)
			running_text(s, at, &f, runs.shaped);
		if (f.urls && !nested)
			scan_urls(s, at, SLICE_EMPTY, text);
		if (f.percent && s->logins == logins)
			look_again(s, at, text, "percent", step_percent);
		if (f.escapes && !nested)
			look_again(s, at, text, "escapes", step_escapes);
		if (f.continued && !nested)
			look_again(s, at, text, "continued lines", step_continued);
		if (f.joined && !nested)
			look_again(s, at, text, "joined words", step_joined);
	}
	best = s->best;
	s->best = before > best ? before : best;
	return best;
}

void scan_bytes(struct scan *s, const struct site *at, struct slice bytes)
{
	struct found f = {.s = s, .text = bytes};

	literals_scan(bytes, take, &f);
	name_keys(&f);
	tell_matches(s, at, &f);
}
