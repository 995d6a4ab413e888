#include "credentials/detect.h"

#include <pthread.h>

#include "credentials/automaton.h"
#include "credentials/checks.h"

static const struct detector detectors[DETECTOR_COUNT] = {
#define DETECTOR(i, p, w, lit, lead_, lead_n_, tail_, min_, max_, ent, check_, pub) \
	[DETECTOR_##i] = {.id = DETECTOR_##i,                                       \
			  .provider = PROVIDER_##p,                                 \
			  .what = (w),                                              \
			  .literal = (lit),                                         \
			  .lead = (lead_),                                          \
			  .lead_n = (lead_n_),                                      \
			  .tail = (tail_),                                          \
			  .min = (min_),                                            \
			  .max = (max_),                                            \
			  .entropy = (ent),                                         \
			  .check = (check_),                                        \
			  .public = (pub)},
#include "credentials/detectors.def"
#undef DETECTOR
};

/* Parts of the names in names.def and context.def: each of those names holds one of these. */
static const char *const stems[] = {
#define STEM(text) text,
#include "credentials/stems.def"
#undef STEM
};

static const char *const percents[] = {"%2b", "%2f", "%3d", "%26", "&amp;", "&#"};
static const char *const escapes[] = {"\\u00", "\\x"};
static const char *const continuations[] = {"\\\n", "\\\r\n"};

static struct automaton automaton;
static pthread_once_t automaton_once = PTHREAD_ONCE_INIT;

static void build(void)
{
	const char *all[AUTOMATON_LITERALS];
	size_t n = 0;

	for (size_t i = 0; i < DETECTOR_COUNT; i++)
		all[n++] = detectors[i].literal;
	for (size_t i = 0; i < ARRAY_SIZE(stems); i++)
		all[n++] = stems[i];
	for (size_t i = 0; i < ARRAY_SIZE(percents); i++)
		all[n++] = percents[i];
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		all[n++] = escapes[i];
	for (size_t i = 0; i < ARRAY_SIZE(continuations); i++)
		all[n++] = continuations[i];
	automaton_build(&automaton, all, n);
}

enum {
	STEMS_END = DETECTOR_COUNT + ARRAY_SIZE(stems),
	PERCENTS_END = STEMS_END + ARRAY_SIZE(percents),
	ESCAPES_END = PERCENTS_END + ARRAY_SIZE(escapes),
	ALL_END = ESCAPES_END + ARRAY_SIZE(continuations),
};

_Static_assert((int)ALL_END <= (int)AUTOMATON_LITERALS, "more literals than room");

const struct detector *detector_of(enum detector_id id)
{
	return &detectors[id];
}

struct forward {
	literal_fn fn;
	void *arg;
};

static void forward(void *arg, unsigned literal, size_t end)
{
	const struct forward *f = arg;
	struct literal_hit hit = {.end = end};

	if (literal < DETECTOR_COUNT) {
		hit.kind = HIT_DETECTOR;
		hit.index = literal;
	} else if (literal < STEMS_END) {
		hit.kind = HIT_STEM;
		hit.index = literal - DETECTOR_COUNT;
	} else {
		hit.kind = literal < PERCENTS_END ? HIT_PERCENT : literal < ESCAPES_END ? HIT_ESCAPE : HIT_CONTINUED;
	}
	f->fn(f->arg, &hit);
}

void literals_scan(struct slice text, literal_fn fn, void *arg)
{
	struct forward f = {fn, arg};

	pthread_once(&automaton_once, build);
	automaton_scan(&automaton, text, forward, &f);
}

bool literals_fit(void)
{
	pthread_once(&automaton_once, build);
	return !automaton.failed;
}

/* --- one row against one place --------------------------------------------------------------------------------- */

/* The automaton ends at the last letter; the literal may go on with separators, or have some before its first letter.
 */
static bool literal_at(const struct detector *d, struct slice text, size_t end, size_t *at)
{
	size_t n = strlen(d->literal), after = 0;

	while (after < n && (d->literal[n - after - 1] == '_' || d->literal[n - after - 1] == '-' ||
			     d->literal[n - after - 1] == '.'))
		after++;
	if (end + after > text.n || end + after < n)
		return false;
	*at = end + after - n;
	return memcmp(text.p + *at, d->literal, n) == 0;
}

bool detector_match(const struct detector *d, struct slice text, size_t end, struct match *m)
{
	size_t at, literal = strlen(d->literal), run;

	m->secret = SLICE_EMPTY;
	if (!literal_at(d, text, end, &at))
		return false;
	if (d->lead_n) {
		size_t lead = run_back(text, at, d->lead, d->lead_n + 2);

		/* A path's slash in front of a key is no part of it. */
		if (lead == d->lead_n + 1 && text.p[at - lead] == '/')
			lead--;
		/* lead_n 1 stands for "some": connection strings and tokens of free length. */
		if (d->lead_n > 1 ? lead != d->lead_n : lead == 0)
			return false;
		if (d->lead_n == 1)
			lead = run_back(text, at, d->lead, 300);
		at -= lead;
		literal += lead;
	} else if (at && char_in(text.p[at - 1], CLASS_ALNUM) && char_in(d->literal[0], CLASS_ALNUM)) {
		return false;
	}
	run = run_forward(text, at + literal, d->tail, d->max + 1);
	if (run < d->min || (run > d->max && d->max))
		return false;
	if (d->max && at + literal + run < text.n && char_in(text.p[at + literal + run], CLASS_ALNUM))
		return false;
	*m = (struct match){.detector = d->id,
			    .provider = d->provider,
			    .what = d->what,
			    .reason = "its shape",
			    .confidence = CONFIDENCE_HIGH,
			    .secret = slice_of(text.p + at, literal + (d->max ? run : 0))};
	if (d->entropy && entropy_of(m->secret) < d->entropy)
		return false;
	return !d->check || d->check(m, text);
}

/* --- what may be shown ----------------------------------------------------------------------------------------- */

/* The value of "key" in text: name, separator, quotes, then the run of `class`. */
static struct slice value_after(struct slice text, const char *key, unsigned class)
{
	size_t at = slice_find(text, key);
	size_t from;

	if (at == SIZE_MAX)
		return SLICE_EMPTY;
	for (from = at + strlen(key); from < text.n && from < at + strlen(key) + 8 && strchr("\"'\\:= ", text.p[from]);
	     from++)
		;
	return slice_of(text.p + from, run_forward(text, from, class, 100));
}

void match_public(const struct match *m, struct slice text, struct buf *out)
{
	struct slice shown;
	char account[13];

	switch (detectors[m->detector].public) {
	case PUBLIC_NONE:
		return;
	case PUBLIC_ID:
		shown = m->secret;
		if (shown.n < 12)
			return;
		buf_add(out, slice_to(shown, 4));
		buf_adds(out, "...");
		buf_add(out, slice_from(shown, shown.n - 4));
		if (m->provider == PROVIDER_AWS && aws_account_of(shown, account))
			buf_addf(out, " of account %s", account);
		return;
	case PUBLIC_ACCOUNT:
		shown = value_after(text, "AccountName=", CLASS_LOWER);
		break;
	case PUBLIC_EMAIL:
		shown = value_after(text, "client_email", CLASS_ENTRA);
		if (shown.n && shown.p + shown.n < text.p + text.n && shown.p[shown.n] == '@')
			shown.n += 1 + run_forward(text, (size_t)(shown.p - text.p) + shown.n + 1, CLASS_ENTRA, 100);
		break;
	}
	if (shown.n >= 3)
		buf_add(out, shown);
}

struct first_match {
	struct slice text;
	struct match match;
	bool found;
};

static void take_first(void *arg, const struct literal_hit *hit)
{
	struct first_match *f = arg;

	if (!f->found && hit->kind == HIT_DETECTOR)
		f->found = detector_match(&detectors[hit->index], f->text, hit->end, &f->match);
}

bool credential_in_value(struct slice value, struct detection *d)
{
	struct first_match f = {.text = value};

	if (value.n < 16)
		return false;
	literals_scan(value, take_first, &f);
	if (f.found)
		*d = (struct detection){provider_of(f.match.provider)->name, f.match.what,
					provider_of(f.match.provider)->remedy};
	return f.found;
}
