/*
 * text.c: one decoded text: candidates by the automaton, then its encodings, documents and assignments.
 */
#include "credentials/site.h"

enum { MATCHES = 32 };

struct found {
	struct slice text;
	struct match match[MATCHES];
	size_t n;
	bool stems, percent, escapes, continued;
	bool tried[DETECTOR_COUNT]; /* a check of the whole text has failed: it would again */
};

/* Rows whose check looks for other parts anywhere in the text: one look is enough, however often the literal stands. */
static bool checks_whole_text(enum detector_id id)
{
	switch (id) {
	case DETECTOR_GCP_SA:
	case DETECTOR_GCP_USER:
	case DETECTOR_OCI_MARKED:
	case DETECTOR_OCI_USER:
	case DETECTOR_PEM_KEY:
	case DETECTOR_AWS_PRESIGNED:
	case DETECTOR_AZURE_APPCONFIG:
		return true;
	default:
		return false;
	}
}

static void take(void *arg, const struct literal_hit *hit)
{
	struct found *f = arg;
	struct match m;

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
	case HIT_DETECTOR:
		if (f->tried[hit->index])
			return;
		if (!detector_match(detector_of((enum detector_id)hit->index), f->text, hit->end, &m)) {
			f->tried[hit->index] = m.secret.n && checks_whole_text((enum detector_id)hit->index);
			return;
		}
		/* The same key found by two rows (a private key in a service account's file): the first, more special
		 * row counts. */
		for (size_t i = 0; i < f->n; i++)
			if (f->match[i].secret.p == m.secret.p) {
				if (m.detector < f->match[i].detector)
					f->match[i] = m;
				return;
			}
		if (f->n < MATCHES)
			f->match[f->n++] = m;
		return;
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

/* The same text with one kind of escape undone. */
static void look_again(struct scan *s, const struct site *at, struct slice text, const char *step,
		       enum step (*undo)(struct slice, struct buf *))
{
	struct site inner = {.outer = at, .step = step, .depth = at->depth + 1, .assigned = at->assigned};
	struct buf out = BUF_INIT(LADDER_TEXT * 2);
	struct found f = {0};

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
		for (size_t i = 0; i < f.n; i++)
			hit_match(s, &inner, &f.match[i], f.text);
		if (f.stems && !at->assigned)
			scan_assignments(s, &inner, f.text, false);
		break;
	}
	buf_release(&out);
}

/* Descriptions speak of names and mean nothing by it. */
static bool is_prose(const struct scan *s, const struct site *at)
{
	const struct node *key = !at->outer && at->node && !at->is_key ? key_of(s, at->node) : NULL;

	return slice_is(s->object->kind, "CustomResourceDefinition") ||
	       (key && slice_is(node_text(key), "description"));
}

/* What a parsed document does not hold. */
static void comment_lines(struct scan *s, const struct site *at, struct slice text)
{
	while (text.p && text.n) {
		struct slice line = slice_trim(slice_cut(text, '\n', &text));

		if (slice_starts(line, "#"))
			scan_assignments(s, at, line, true);
	}
}

bool scan_text(struct scan *s, const struct site *at, struct slice text)
{
	size_t before = s->out->hits.n;
	unsigned logins = s->logins;
	struct found f = {.text = text};
	bool nested = false, whole, runs;

	if (s->out->custom)
		custom_patterns(s, at, text);
	if (text.n < 16)
		return s->out->hits.n > before;
	literals_scan(text, take, &f);
	whole = text.n >= LADDER_BASE64_MIN && is_base64_text(text);
	runs = !whole && decode_would(text);
	if (f.stems || f.n || f.escapes || runs)
		nested = scan_nested(s, at, text);
	if (whole)
		decode_base64(s, at, text, false);
	else if (runs && !nested)
		decode_runs(s, at, text);
	for (size_t i = 0; i < f.n && s->logins == logins; i++)
		hit_match(s, at, &f.match[i], text);
	if (f.stems && nested)
		comment_lines(s, at, text);
	else if (f.stems && !at->assigned && !f.continued && !is_prose(s, at))
		scan_assignments(s, at, text, false);
	if (f.percent && s->logins == logins)
		look_again(s, at, text, "percent", step_percent);
	if (f.escapes && !nested)
		look_again(s, at, text, "escapes", step_escapes);
	if (f.continued)
		look_again(s, at, text, "continued lines", step_continued);
	return s->out->hits.n > before;
}

void scan_bytes(struct scan *s, const struct site *at, struct slice bytes)
{
	struct found f = {.text = bytes};

	literals_scan(bytes, take, &f);
	for (size_t i = 0; i < f.n; i++)
		hit_match(s, at, &f.match[i], bytes);
}
