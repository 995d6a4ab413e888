/*
 * assign.c: names and values in running text. One reader for dotenv, INI, properties, TOML, HCL, shell, options, query
 * strings and comments: a name that the automaton has found, a sign, a value up to what ends one.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

/* No value is longer, no section is looked through further: a hostile text stays cheap. */
enum { VALUE_FAR = 1 << 16, SECTION_FAR = 1 << 13 };

struct assignments {
	struct scan *s;
	const struct site *at;
	struct slice text;
	size_t done; /* names that begin before this have been looked at */
	bool parsed;
	size_t section_from, section_to; /* the section looked at last */
	struct slice section;
	unsigned families;
};

static size_t skip(struct slice t, size_t i, const char *set)
{
	while (i < t.n && t.p[i] && strchr(set, t.p[i]))
		i++;
	return i;
}

/* "value", 'value', \"value\": up to the same quote, with as many backslashes before it. */
static struct slice quoted(struct slice t, size_t i, size_t slashes)
{
	char quote = t.p[i];
	size_t from = i + 1;

	for (i = from; i < t.n; i++) {
		size_t back = 0;

		if (i - from > VALUE_FAR)
			break;
		if (t.p[i] != quote)
			continue;
		while (back < i - from && t.p[i - back - 1] == '\\')
			back++;
		if (back <= slashes)
			return slice_of(t.p + from, i - back - from);
	}
	return slice_of(t.p + from, i - from);
}

static struct slice value_at(struct slice t, size_t i)
{
	size_t from, slashes = 0;

	while (i < t.n && t.p[i] == '\\' && i + 1 < t.n &&
	       (t.p[i + 1] == '"' || t.p[i + 1] == '\'' || t.p[i + 1] == '\\')) {
		slashes++;
		i++;
	}
	if (i < t.n && (t.p[i] == '"' || t.p[i] == '\'' || t.p[i] == '`')) {
		struct slice v = quoted(t, i, slashes);

		/* """ of TOML */
		return v.n == 0 && slice_starts(slice_from(t, i), "\"\"\"") ? quoted(t, i + 2, 0) : v;
	}
	for (from = i; i < t.n && i - from < VALUE_FAR && !strchr(" \t\r\n\"'`,;&|<>)}]", t.p[i]); i++)
		;
	/* A template's own signs belong to it. */
	if (i < t.n && (t.p[i] == ')' || t.p[i] == '}') && i > from && (t.p[from] == '$' || t.p[from] == '{'))
		i++;
	return slice_of(t.p + from, i - from);
}

/* Where the value begins, behind = : := => or, for an option, a blank. 0: this is no assignment. */
static size_t value_start(struct slice t, size_t end, bool option)
{
	size_t i = end, blanks;

	while (i < t.n && (t.p[i] == '"' || t.p[i] == '\'' || t.p[i] == '\\' || t.p[i] == ']'))
		i++;
	blanks = skip(t, i, " \t");
	if (blanks < t.n && (t.p[blanks] == '=' || t.p[blanks] == ':')) {
		size_t sign = blanks + 1;

		if (sign < t.n && t.p[blanks] == ':' && t.p[sign] == '/' && sign + 1 < t.n && t.p[sign + 1] == '/')
			return 0; /* a URL's scheme */
		sign = skip(t, sign, "=>");
		return skip(t, sign, " \t");
	}
	/* The next word, if it is no option itself; a secret may begin with a dash. */
	if (option && blanks > i && blanks < t.n &&
	    (t.p[blanks] != '-' || run_forward(t, blanks, CLASS_ENTRA | CHAR_STD, 100) >= 30))
		return blanks;
	return 0;
}

/* The section around `at`: from the last line that begins with a bracket to the next; of a long one a window that is
   the same for all names of a block, so that it is read once. */
static void enter_section(struct assignments *a, size_t at)
{
	struct slice t = a->text;
	size_t low = at / SECTION_FAR * SECTION_FAR, high = low + 2 * SECTION_FAR;
	size_t from, to;

	if (at >= a->section_from && at < a->section_to)
		return;
	low = low < SECTION_FAR ? 0 : low - SECTION_FAR;
	high = high < t.n ? high : t.n;
	for (from = at; from > low && !(t.p[from] == '[' && t.p[from - 1] == '\n'); from--)
		;
	for (to = at + 1; to < high && !(t.p[to] == '[' && t.p[to - 1] == '\n'); to++)
		;
	a->section = SLICE_EMPTY;
	if (t.p[from] == '[') {
		size_t close = slice_chr(slice_of(t.p + from, to - from), ']');

		if (close != SIZE_MAX && close < 80)
			a->section = slice_of(t.p + from + 1, close - 1);
	}
	a->families = families_in_lines(slice_of(t.p + from, to - from));
	a->section_from = from;
	/* The next block has a window of its own. */
	a->section_to = to < low + 2 * SECTION_FAR ? to : (at / SECTION_FAR + 1) * SECTION_FAR;
}

static void assigned_value(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	struct buf plain = BUF_INIT(LADDER_TEXT);
	enum step unquoted = memchr(value.p, '%', value.n) ? step_percent(value, &plain) : STEP_NO;

	/* In a query string the value is written with percents. */
	if (unquoted == STEP_MEMORY)
		s->out->failed = true;
	scan_value(s, at, name, unquoted == STEP_OK ? buf_slice(&plain) : value);
	buf_release(&plain);
}

static void take(void *arg, const struct literal_hit *hit)
{
	struct assignments *a = arg;
	struct slice t = a->text, name;
	const struct credential_name *known;
	struct site inner;
	size_t from, end, value;
	bool option;

	if (hit->kind != HIT_STEM)
		return;
	from = hit->end - run_back(t, hit->end, CHAR_NAME, 120);
	end = hit->end + run_forward(t, hit->end, CHAR_NAME, 120);
	if (from < a->done)
		return;
	a->done = end;
	option = t.p[from] == '-' && from + 1 < end && t.p[from + 1] == '-';
	while (from < end && (t.p[from] == '-' || t.p[from] == '.'))
		from++;
	name = slice_of(t.p + from, end - from);
	known = name_find(name);
	if (!known && !credential_custom_name(a->s->out->custom, name))
		return;
	value = value_start(t, end, option);
	if (!value)
		return;
	if (known && known->needs && a->parsed)
		return; /* the document's own structure has judged it */
	inner = (struct site){.outer = a->at, .depth = a->at->depth + 1, .key = name, .assigned = true};
	if (known && known->needs) {
		enter_section(a, from);
		inner.families = a->families;
		inner.section = a->section;
	}
	/* An option belongs to a program that knows it. */
	if (option)
		inner.families |= FAMILY_KEYS | FAMILY_FILE;
	if (inner.depth < LADDER_STEPS)
		assigned_value(a->s, &inner, name, value_at(t, value));
}

void scan_assignments(struct scan *s, const struct site *at, struct slice text, bool parsed)
{
	struct assignments a = {.s = s, .at = at, .text = text, .parsed = parsed};

	literals_scan(text, take, &a);
}
