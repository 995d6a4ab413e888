/*
 * assign.c: names and values in running text. One reader for dotenv, INI, properties, TOML, HCL, shell, options, query
 * strings and comments: a name that the automaton has found, a sign, a value up to what ends one.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

struct assignments {
	struct scan *s;
	const struct site *at;
	struct slice text;
	size_t done; /* names that begin before this have been looked at */
	bool parsed;
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

		if (t.p[i] == '\n' && i - from > 20000)
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

	while (i < t.n && t.p[i] == '\\' && i + 1 < t.n && (t.p[i + 1] == '"' || t.p[i + 1] == '\'' || t.p[i + 1] == '\\')) {
		slashes++;
		i++;
	}
	if (i < t.n && (t.p[i] == '"' || t.p[i] == '\'' || t.p[i] == '`')) {
		struct slice v = quoted(t, i, slashes);

		/* """ of TOML */
		return v.n == 0 && slice_starts(slice_from(t, i), "\"\"\"") ? quoted(t, i + 2, 0) : v;
	}
	for (from = i; i < t.n && !strchr(" \t\r\n\"'`,;&|<>)}]", t.p[i]); i++)
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
	if (option && blanks > i && blanks < t.n && t.p[blanks] != '-')
		return blanks;
	return 0;
}

/* The lines of the section the name stands in, for names that need to be told whose they are. */
static struct slice section_lines(struct slice t, size_t at, struct slice *title)
{
	size_t from = 0, to = t.n;

	*title = SLICE_EMPTY;
	for (size_t i = at; i > 0; i--)
		if (t.p[i - 1] == '\n' && i < t.n && t.p[i] == '[') {
			from = i;
			break;
		}
	if (t.n && t.p[from] == '[') {
		size_t close = slice_chr(slice_from(t, from), ']');

		if (close != SIZE_MAX && close < 80)
			*title = slice_of(t.p + from + 1, close - 1);
	}
	for (size_t i = at; i + 1 < t.n; i++)
		if (t.p[i] == '\n' && t.p[i + 1] == '[') {
			to = i;
			break;
		}
	if (to - from > 16384) {
		from = at > from + 8192 ? at - 8192 : from;
		to = from + 16384 < to ? from + 16384 : to;
	}
	return slice_of(t.p + from, to - from);
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
	if (known && known->needs)
		inner.families = families_in_lines(section_lines(t, from, &inner.section));
	if (inner.depth < LADDER_STEPS)
		scan_value(a->s, &inner, name, value_at(t, value));
}

void scan_assignments(struct scan *s, const struct site *at, struct slice text, bool parsed)
{
	struct assignments a = {.s = s, .at = at, .text = text, .parsed = parsed};

	literals_scan(text, take, &a);
}
