/*
 * assign.c: names and values in running text. One reader for dotenv, INI, properties, TOML, HCL, XML, shell, options,
 * query strings and comments: a name that the automaton has found, and the value that its form gives it.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

/* No section is scanned further: a hostile text stays cheap. */
enum { SECTION_FAR = 1 << 13 };

struct assignments {
	struct scan *s;
	const struct site *at;
	struct slice text;
	size_t done;	  /* names that begin before this have been examined */
	size_t value_end; /* values that begin before this were scanned as a part of another */
	bool parsed;
	struct sections sections;
};

/* The section around `at`: from the last line that begins with a bracket to the next; of a long one a window that is
   the same for all names of a block, so that it is read once. */
void section_enter(struct sections *a, struct slice t, size_t at)
{
	size_t low = at / SECTION_FAR * SECTION_FAR, high = low + 2 * SECTION_FAR;
	size_t from, to;

	if (at >= a->from && at < a->to)
		return;
	low = low < SECTION_FAR ? 0 : low - SECTION_FAR;
	high = high < t.n ? high : t.n;
	for (from = at; from > low && !(t.p[from] == '[' && t.p[from - 1] == '\n'); from--)
		;
	for (to = at + 1; to < high && !(t.p[to] == '[' && t.p[to - 1] == '\n'); to++)
		;
	a->name = SLICE_EMPTY;
	if (t.p[from] == '[') {
		size_t close = slice_chr(slice_of(t.p + from, to - from), ']');

		if (close != SIZE_MAX && close < 80)
			a->name = slice_of(t.p + from + 1, close - 1);
	}
	a->families = families_in_lines(slice_of(t.p + from, to - from));
	a->from = from;
	/* The next block has a window of its own. */
	a->to = to < low + 2 * SECTION_FAR ? to : (at / SECTION_FAR + 1) * SECTION_FAR;
}

static void assigned_value(struct assignments *a, const struct site *at, struct slice name, struct slice value)
{
	struct buf plain = BUF_INIT(LADDER_TEXT);
	size_t from = (size_t)(value.p - a->text.p);
	enum step unquoted;

	/* What was scanned as a part of the value before is only judged by its name. */
	if (from < a->value_end) {
		scan_named(a->s, at, name, value);
		return;
	}
	a->value_end = from + value.n;
	unquoted = memchr(value.p, '%', value.n) ? step_percent(value, &plain) : STEP_NO;
	/* In a query string the value is written with percents. */
	if (unquoted == STEP_MEMORY)
		a->s->out->failed = true;
	scan_value(a->s, at, name, unquoted == STEP_OK ? buf_slice(&plain) : value);
	buf_release(&plain);
}

static void take(void *arg, const struct literal_hit *hit)
{
	struct assignments *a = arg;
	struct slice t = a->text, name, value;
	const struct credential_name *known;
	struct site inner;
	size_t from, end;
	bool option, bare;

	if (hit->kind != HIT_STEM)
		return;
	from = hit->end - run_back(t, hit->end, CHAR_NAME, 200);
	end = hit->end + run_forward(t, hit->end, CHAR_NAME, 200);
	if (from < a->done)
		return;
	a->done = end;
	option = t.p[from] == '-' && from + 1 < end && t.p[from + 1] == '-';
	while (from < end && (t.p[from] == '-' || t.p[from] == '.'))
		from++;
	/* -Dname=value of Java */
	if (t.p[from] == 'D' && from && t.p[from - 1] == '-' && from + 1 < end && (from == 1 || t.p[from - 2] != '-'))
		from++;
	name = slice_of(t.p + from, end - from);
	known = name_find(name);
	if (!known && !credential_custom_name(a->s->out->custom, name))
		return;
	if (known && known->needs && a->parsed)
		return; /* the document's own structure has judged it */
	value = form_value(t, from, end, option, a->value_end, &bare);
	if (value.n == 0 && value.p == SLICE_EMPTY.p)
		return;
	inner = (struct site){
		.outer = a->at, .depth = a->at->depth + 1, .key = name, .assigned = true, .bare = bare || a->at->bare};
	if (known && known->needs) {
		section_enter(&a->sections, t, from);
		inner.families = a->sections.families;
		inner.section = a->sections.name;
	}
	/* An option belongs to a program that knows it. */
	if (option)
		inner.families |= FAMILY_KEYS | FAMILY_FILE;
	if (inner.depth < LADDER_STEPS)
		assigned_value(a, &inner, name, value);
	else
		hit_unchecked(a->s, a->at, "texts are encoded inside one another more often than the limit");
}

void scan_assignments(struct scan *s, const struct site *at, struct slice text, bool parsed)
{
	struct assignments a = {.s = s, .at = at, .text = text, .parsed = parsed};

	literals_scan(text, take, &a);
}

static bool speaks_of_azure(struct slice text)
{
	return slice_find(text, "azure") != SIZE_MAX || slice_find(text, "Azur") != SIZE_MAX ||
	       slice_find(text, "AZURE") != SIZE_MAX || slice_find(text, "windows.net") != SIZE_MAX;
}

void scan_shaped(struct scan *s, const struct site *at, struct slice text)
{
	struct sections sections = {.from = 0, .to = 0};
	unsigned families = speaks_of_azure(text) ? FAMILY_AZURE : 0;
	struct slice run;

	for (size_t from = 0; next_run(text, &from, &run);) {
		struct slice value = first_line(run);
		struct site inner = {.outer = at, .depth = at->depth + 1, .assigned = true};
		size_t start = (size_t)(value.p - text.p);

		if (value.n > 200)
			continue;
		inner.key = form_name(text, start);
		if (!shapes_of(value) && !(looks_chance(value) && name_by_words(inner.key)))
			continue;
		section_enter(&sections, text, start);
		inner.families = sections.families | families;
		inner.section = sections.name;
		scan_named(s, &inner, inner.key, value);
	}
}
