/*
 * forms.c: how texts write a name and its value: NAME=V, "NAME": "V", <NAME>V</NAME>,
 * <name>NAME</name><value>V</value>, name="NAME" value="V", NAME V on a line of its own, --name V, set NAME V,
 * f("NAME", "V"), - name: NAME with value: V on the next line.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

enum { NEAR = 200 };

static size_t skip(struct slice t, size_t i, const char *set)
{
	while (i < t.n && t.p[i] && strchr(set, t.p[i]))
		i++;
	return i;
}

/* "value", 'value', \"value\": up to the same quote, with as many backslashes before it. */
static struct slice quoted(struct slice t, size_t i, size_t slashes, size_t far)
{
	char quote = t.p[i];
	size_t from = i + 1;

	for (i = from; i < t.n; i++) {
		size_t back = 0;

		if (i - from > far)
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

/* `seen`: what begins before it was scanned already, and needs no more than its beginning. */
static struct slice value_at(struct slice t, size_t i, size_t seen)
{
	enum { VALUE_FAR = 1 << 16, SEEN_FAR = 512 };
	size_t from, slashes = 0, far = i < seen ? SEEN_FAR : VALUE_FAR;

	while (i < t.n && t.p[i] == '\\' && i + 1 < t.n &&
	       (t.p[i + 1] == '"' || t.p[i + 1] == '\'' || t.p[i + 1] == '\\')) {
		slashes++;
		i++;
	}
	if (i < t.n && (t.p[i] == '"' || t.p[i] == '\'' || t.p[i] == '`')) {
		struct slice v = quoted(t, i, slashes, far);

		/* """ of TOML, and its line end */
		if (v.n == 0 && (slice_starts(slice_from(t, i), "\"\"\"") || slice_starts(slice_from(t, i), "'''")))
			return slice_trim(quoted(t, i + 2, 0, far));
		return v;
	}
	for (from = i; i < t.n && i - from < far && !char_in(t.p[i], CHAR_ENDS); i++)
		;
	/* A template's own signs belong to it. */
	if (i < t.n && (t.p[i] == ')' || t.p[i] == '}') && i > from && (t.p[from] == '$' || t.p[from] == '{'))
		i++;
	/* <your-key>: a placeholder's, too */
	if (i == from && i < t.n && t.p[i] == '<') {
		size_t close = slice_chr(slice_to(slice_from(t, i), NEAR), '>');

		return close == SIZE_MAX ? slice_of(t.p + from, 0) : slice_of(t.p + from, close + 1);
	}
	return slice_of(t.p + from, i - from);
}

/* Up to the next tag. */
static struct slice element(struct slice t, size_t from)
{
	enum { ELEMENT_FAR = 4096 };
	size_t n = 0;

	while (from + n < t.n && n < ELEMENT_FAR && t.p[from + n] != '<')
		n++;
	return slice_trim(slice_of(t.p + from, n));
}

/* The word before `from` on its line: "set" of aws configure set NAME V. */
static struct slice word_before(struct slice t, size_t from)
{
	size_t end = from, n;

	while (end && (t.p[end - 1] == ' ' || t.p[end - 1] == '\t'))
		end--;
	n = run_back(t, end, CHAR_NAME, 40);
	return slice_of(t.p + end - n, n);
}

static bool begins_line(struct slice t, size_t from)
{
	while (from && (t.p[from - 1] == ' ' || t.p[from - 1] == '\t' || t.p[from - 1] == '#'))
		from--;
	return from == 0 || t.p[from - 1] == '\n';
}

/* One word up to the line's end. */
static struct slice last_word(struct slice t, size_t from, size_t seen)
{
	struct slice v = value_at(t, from, seen);
	size_t end = (size_t)(v.p - t.p) + v.n;

	end = skip(t, end, "\"'\\ \t\r");
	return end >= t.n || t.p[end] == '\n' ? v : SLICE_EMPTY;
}

/* <name>NAME</name> ... <value>V</value>; name="NAME" value="V"; "name": "NAME", "value": "V" */
static struct slice partner(struct slice t, size_t end, size_t seen)
{
	static const char *const words[] = {"value", "Value", "VALUE"};
	struct slice near = slice_to(slice_from(t, end), NEAR);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t at = slice_find(near, words[i]), from, k;

		if (at == SIZE_MAX)
			continue;
		/* Nothing but marks, blanks and the name's own closing tag may be between. */
		for (k = 0; k < at && (!char_in(near.p[k], CLASS_ALNUM) || slice_starts(slice_from(near, k), "name>"));
		     k++)
			k += slice_starts(slice_from(near, k), "name>") ? 4 : 0;
		if (k < at)
			return SLICE_EMPTY;
		from = end + at + 5;
		if (from < t.n && t.p[from] == '>')
			return element(t, from + 1);
		from = skip(t, from, "\"' \t");
		if (from < t.n && (t.p[from] == '=' || t.p[from] == ':'))
			return value_at(t, skip(t, from + 1, " \t"), seen);
	}
	return SLICE_EMPTY;
}

/* name: NAME */
static bool is_named(struct slice t, size_t from)
{
	while (from && (t.p[from - 1] == ' ' || t.p[from - 1] == '"' || t.p[from - 1] == '\''))
		from--;
	return from > 4 && memcmp(t.p + from - 5, "name:", 5) == 0;
}

struct slice form_value(struct slice t, size_t from, size_t end, bool option, size_t seen, bool *bare)
{
	size_t i = skip(t, end, "\"'\\]"), blanks = skip(t, i, " \t");

	*bare = false;
	if (i < t.n && t.p[i] == '>' && from && t.p[from - 1] == '<')
		return element(t, i + 1);
	if (blanks < t.n && (t.p[blanks] == '=' || t.p[blanks] == ':')) {
		size_t sign = blanks + 1;

		if (t.p[blanks] == ':' && slice_starts(slice_from(t, sign), "//"))
			return SLICE_EMPTY; /* a URL's scheme */
		/* A key of YAML, quoted perhaps, whose value is a block of lines: the document's reader has it. */
		return value_at(t, skip(t, skip(t, sign, "=>"), " \t"), seen);
	}
	if (is_named(t, from) && partner(t, i, seen).n)
		return partner(t, i, seen);
	if (i < t.n && (slice_starts(slice_from(t, i), "</") || (i > end && partner(t, i, seen).n)))
		return partner(t, i, seen);
	/* f("NAME", "V"), NAME("V") */
	if (blanks < t.n && (t.p[blanks] == ',' || t.p[blanks] == '(')) {
		size_t v = skip(t, blanks + 1, " \t");

		if ((i > end || t.p[blanks] == '(') && v < t.n && (t.p[v] == '"' || t.p[v] == '\''))
			return value_at(t, v, seen);
		return SLICE_EMPTY;
	}
	if (blanks == i || blanks >= t.n)
		return SLICE_EMPTY;
	/* The next word, if it is no option itself; a secret may begin with a dash. */
	if (option)
		return t.p[blanks] != '-' || run_forward(t, blanks, CLASS_ENTRA | CHAR_STD, 100) >= 30
			       ? value_at(t, blanks, seen)
			       : SLICE_EMPTY;
	*bare = true;
	if (slice_is(word_before(t, from), "set"))
		return value_at(t, blanks, seen);
	return begins_line(t, from) ? last_word(t, blanks, seen) : SLICE_EMPTY;
}

/* --- the other way round --------------------------------------------------------------------------------------- */

static size_t back_over(struct slice t, size_t i, const char *set)
{
	while (i && t.p[i - 1] && strchr(set, t.p[i - 1]))
		i--;
	return i;
}

/* <value>V: NAME of <name>NAME</name> before it; <NAME>V: NAME. `i` is behind the tag. */
static struct slice name_of_tag(struct slice t, size_t i)
{
	size_t n = run_back(t, i - 1, CHAR_NAME, 120), at;
	struct slice tag = slice_of(t.p + i - 1 - n, n);

	if (!slice_eq_nocase(tag, SLICE("value")))
		return tag;
	at = back_over(t, i - n - 2, " \t\r\n");
	if (!slice_ends(slice_to(t, at), "</name>"))
		return tag;
	at -= strlen("</name>");
	n = run_back(t, at, CHAR_NAME, 120);
	return slice_of(t.p + at - n, n);
}

/* var NAME string = V: a type is no name. */
static bool is_type(struct slice s)
{
	return slice_eq_nocase(s, SLICE("string")) || slice_eq_nocase(s, SLICE("str")) || slice_is(s, "[]byte");
}

struct slice form_name(struct slice t, size_t value)
{
	size_t i = back_over(t, value, "\"'`\\"), tag = back_over(t, i, " \t\r\n"), sign, n;
	struct slice name;

	if (tag > 1 && t.p[tag - 1] == '>' && char_in(t.p[tag - 2], CHAR_NAME))
		return name_of_tag(t, tag);
	sign = back_over(t, back_over(t, i, " \t"), "=>:,(?.|");
	n = back_over(t, back_over(t, sign, " \t"), "\"'\\]");
	if (sign == i && sign == n)
		return SLICE_EMPTY; /* something stands right before it */
	i = n;
	n = run_back(t, i, CHAR_NAME, 120);
	name = slice_of(t.p + i - n, n);
	if (!is_type(name))
		return name;
	i = back_over(t, i - n, " \t");
	n = run_back(t, i, CHAR_NAME, 120);
	return n ? slice_of(t.p + i - n, n) : name;
}
