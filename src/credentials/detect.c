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
static const char *const joints[] = {"\"\"", "''", "\"'", "'\""};
static const char *const urls[] = {"://"};
/* A text that speaks of a cloud: what looks made by chance in it may have a name made of words. */
static const char *const clouds[] = {"azure",  "windows.net", "amazon",	      "aws",	    "google",	  "gcp",
				     "ibm",    "softlayer",   "cloudant",     "minio",	    "alibaba",	  "aliyun",
				     "yandex", "scaleway",    "backblaze",    "tencent",    "oracle",	  "openstack",
				     "huawei", "wasabi",      "digitalocean", "objectstor", "object_stor"};
/* Words of a command line behind which a secret has no name: see commands.def. */
static const char *const commands[] = {
#define COMMAND(literal, words, secret, provider) literal,
#include "credentials/commands.def"
#undef COMMAND
};

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
	for (size_t i = 0; i < ARRAY_SIZE(joints); i++)
		all[n++] = joints[i];
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++)
		all[n++] = urls[i];
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		all[n++] = commands[i];
	for (size_t i = 0; i < ARRAY_SIZE(clouds); i++)
		all[n++] = clouds[i];
	automaton_build(&automaton, all, n);
}

enum {
	STEMS_END = DETECTOR_COUNT + ARRAY_SIZE(stems),
	PERCENTS_END = STEMS_END + ARRAY_SIZE(percents),
	ESCAPES_END = PERCENTS_END + ARRAY_SIZE(escapes),
	CONTINUED_END = ESCAPES_END + ARRAY_SIZE(continuations),
	JOINTS_END = CONTINUED_END + ARRAY_SIZE(joints),
	URLS_END = JOINTS_END + ARRAY_SIZE(urls),
	COMMANDS_END = URLS_END + ARRAY_SIZE(commands),
	ALL_END = COMMANDS_END + ARRAY_SIZE(clouds),
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

static enum hit_kind kind_of(unsigned literal)
{
	static const struct {
		unsigned end;
		enum hit_kind kind;
	} ranges[] = {{DETECTOR_COUNT, HIT_DETECTOR},
		      {STEMS_END, HIT_STEM},
		      {PERCENTS_END, HIT_PERCENT},
		      {ESCAPES_END, HIT_ESCAPE},
		      {CONTINUED_END, HIT_CONTINUED},
		      {JOINTS_END, HIT_JOINED},
		      {URLS_END, HIT_URL},
		      {COMMANDS_END, HIT_COMMAND},
		      {ALL_END, HIT_CLOUD}};
	size_t i = 0;

	while (literal >= ranges[i].end)
		i++;
	return ranges[i].kind;
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
