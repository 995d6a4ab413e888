#include "credentials/detect.h"

#include "credentials/checks.h"
#include "credentials/literals.h"

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

const struct detector *detector_of(enum detector_id id)
{
	return &detectors[id];
}

struct forward {
	literal_fn fn;
	void *arg;
};

static enum hit_kind kind_of(unsigned literal)
{
	size_t g = 0;

	for (; g + 1 < LITERAL_GROUPS && literal >= literal_groups[g].n; g++)
		literal -= (unsigned)literal_groups[g].n;
	return literal_groups[g].kind;
}

static void forward(void *arg, unsigned literal, size_t end)
{
	const struct forward *f = arg;
	struct literal_hit hit = {.end = end, .kind = kind_of(literal), .index = literal};

	f->fn(f->arg, &hit);
}

void literals_scan(struct slice text, literal_fn fn, void *arg)
{
	struct forward f = {fn, arg};

	automaton_scan(&literals_automaton, text, forward, &f);
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

/* The run of d's tail at `at`, no longer than one more than it may be. */
static size_t tail_run(const struct detector *d, struct slice text, size_t at, struct runs_seen *seen)
{
	enum { LONG = 512 };
	size_t slot = d->tail % ARRAY_SIZE(seen->run), n;

	if (d->max < LONG)
		return run_forward(text, at, d->tail, d->max + 1);
	if (seen->run[slot].class != d->tail || at < seen->run[slot].from || at > seen->run[slot].end) {
		seen->run[slot].class = d->tail;
		seen->run[slot].from = at;
		seen->run[slot].end = at + run_forward(text, at, d->tail, text.n);
	}
	n = seen->run[slot].end - at;
	return n > d->max ? d->max + 1 : n;
}

bool detector_match(const struct detector *d, struct slice text, size_t end, struct runs_seen *seen, struct match *m)
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
	run = tail_run(d, text, at + literal, seen);
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
	if (d->entropy && entropy_of(slice_to(m->secret, 512)) < d->entropy)
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

struct slice match_around(const struct match *m, struct slice text, size_t far)
{
	size_t at = (size_t)(m->secret.p - text.p);
	size_t from = at > far ? at - far : 0;

	return slice_to(slice_from(text, from), at - from + m->secret.n + far);
}

void match_public(const struct match *m, struct slice text, struct buf *out)
{
	struct slice shown, near = match_around(m, text, 4096);
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
		shown = value_after(near, "AccountName=", CLASS_LOWER);
		break;
	case PUBLIC_EMAIL:
		shown = value_after(near, "client_email", CLASS_ENTRA);
		if (shown.n && shown.p + shown.n < near.p + near.n && shown.p[shown.n] == '@')
			shown.n += 1 + run_forward(near, (size_t)(shown.p - near.p) + shown.n + 1, CLASS_ENTRA, 100);
		break;
	}
	if (shown.n >= 3)
		buf_add(out, shown);
}

struct first_match {
	struct slice text;
	struct match match;
	struct runs_seen runs;
	bool found;
};

static void take_first(void *arg, const struct literal_hit *hit)
{
	struct first_match *f = arg;

	if (!f->found && hit->kind == HIT_DETECTOR)
		f->found = detector_match(&detectors[hit->index], f->text, hit->end, &f->runs, &f->match);
}

static bool is_short_lived(enum detector_id id)
{
	return id == DETECTOR_JWT_TYP || id == DETECTOR_JWT_ALG || id == DETECTOR_JWT_KID || id == DETECTOR_JWT_X5T ||
	       id == DETECTOR_GCP_OAUTH_TOKEN || id == DETECTOR_AZURE_REFRESH;
}

bool credential_in_value(struct slice value, struct detection *d)
{
	struct first_match f = {.text = value};

	if (value.n < 16)
		return false;
	literals_scan(value, take_first, &f);
	if (f.found)
		*d = (struct detection){provider_of(f.match.provider)->name, f.match.what,
					provider_of(f.match.provider)->remedy, is_short_lived(f.match.detector)};
	return f.found;
}
