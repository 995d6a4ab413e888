#include "credentials/placeholder.h"

#include "credentials/chars.h"

static const struct {
	const char *text;
	bool strong;
} vocabulary[] = {
#define STRONG(w) {(w), true},
#define WEAK(w)	  {(w), false},
#include "credentials/placeholder.def"
#undef STRONG
#undef WEAK
};

/* Values that are one of these and nothing else. */
static const char *const stand_ins[] = {"nil", "n/a", "***", "****",   "~",	"-",	   "test", "testing",
					"foo", "bar", "baz", "foobar", "test1", "test123", "x",	   "secret-here"};

/* --- chance ---------------------------------------------------------------------------------------------------- */

static unsigned class_of(char c)
{
	return char_bits[(unsigned char)c] & CLASS_ALNUM;
}

bool looks_chance(struct slice t)
{
	size_t turns = 0, digits = 0;

	if (t.n < 8 || t.n > 4096)
		return t.n > 4096;
	for (size_t i = 0; i < t.n; i++) {
		digits += class_of(t.p[i]) == CHAR_DIGIT;
		turns += i && class_of(t.p[i]) != class_of(t.p[i - 1]);
	}
	return digits && digits < t.n && turns >= 3 && turns * 6 >= t.n;
}

/* The next run of letters and digits at or after *from. */
static struct slice next_token(struct slice v, size_t *from)
{
	size_t at = *from, n;

	while (at < v.n && !char_in(v.p[at], CLASS_ALNUM))
		at++;
	n = run_forward(v, at, CLASS_ALNUM, v.n);
	*from = at + n;
	return slice_of(v.p + at, n);
}

/* Letters, digits and signs that take turns faster than in anything written. */
static bool looks_typed_at_random(struct slice v)
{
	unsigned seen = 0, last = 0;
	size_t turns = 0, n = 0;

	if (v.n < 12 || v.n > 400)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned class = class_of(v.p[i]);

		if (!class && strchr("-_./: ", v.p[i]))
			continue;
		class = class ? class : CHAR_STD;
		turns += n++ && class != last;
		seen |= class;
		last = class;
	}
	return turns * 3 >= n && n >= 12 && (seen & (CLASS_ALNUM | CHAR_STD)) == seen && __builtin_popcount(seen) >= 3;
}

bool holds_chance(struct slice v)
{
	struct slice t;

	for (size_t from = 0; (t = next_token(v, &from)).n;)
		if (looks_chance(t))
			return true;
	return looks_typed_at_random(v);
}

bool is_words(struct slice v)
{
	struct slice t;
	size_t words = 0;

	if (v.n > 200)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!char_in(v.p[i], CHAR_UPPER | CHAR_LOWER | CHAR_SPACE) && !strchr("-_.", v.p[i]))
			return false;
	for (size_t from = 0; (t = next_token(v, &from)).n; words++)
		if (t.n > 16)
			return false;
	return words >= 3;
}

static bool is_request(struct slice v);

/* --- templates ------------------------------------------------------------------------------------------------- */

/* Up to `close`, on one line. 0: it is not there. */
static size_t closed(struct slice v, size_t inner, const char *close)
{
	size_t at = slice_find(slice_to(slice_from(v, inner), 400), close);

	return at == SIZE_MAX || at == 0 ? 0 : inner + at + strlen(close);
}

static bool has_any(struct slice s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(set, s.p[i]))
			return true;
	return false;
}

/* What stands inside a template: ${KEY:-default} may have more than a name, but nothing made by chance. */
static bool is_label(struct slice s)
{
	return s.n && (char_in(s.p[0], CHAR_UPPER | CHAR_LOWER | CHAR_URL | CHAR_DOT) || s.p[0] == '/') &&
	       !has_any(s, "<=+~*%^") && !holds_chance(s);
}

/* What stands between two signs of one byte each: letters, digits, marks and blanks that say something. */
static size_t between(struct slice v, const char *signs, bool first, bool blanks)
{
	size_t end = 1;

	while (end < v.n && end < 120 && (char_in(v.p[end], CHAR_NAME) || (blanks && strchr(" /:'", v.p[end]))))
		end++;
	if (end >= v.n || v.p[end] != signs[1] || end < 3 || holds_chance(slice_of(v.p + 1, end - 1)))
		return 0;
	/* Beside something else only words that ask for a value are one. */
	return (first && end + 1 == v.n) || is_request(slice_of(v.p + 1, end - 1)) ? end + 1 : 0;
}

/* Two signs, a label, and the closing sign. */
static size_t labelled(struct slice v, const char *close)
{
	size_t n = closed(v, 2, close);

	return n && is_label(slice_trim(slice_of(v.p + 2, n - 2 - strlen(close)))) ? n : 0;
}

static size_t dollar(struct slice v, bool first)
{
	size_t n;

	if (slice_starts(v, "${"))
		return labelled(v, "}");
	if (slice_starts(v, "$("))
		return labelled(v, ")");
	if (slice_starts(v, "$__")) { /* Grafana: $__file{path}, $__vault{...} */
		n = 3 + run_forward(v, 3, CHAR_LOWER, 20);
		return n < v.n && v.p[n] == '{' ? closed(v, n + 1, "}") : 0;
	}
	/* $name is one where nothing else is; $NAME also beside something. */
	n = run_forward(v, 1, CLASS_ALNUM | CHAR_URL, v.n);
	if (!first || n + 1 != v.n)
		n = run_forward(v, 1, CLASS_CAPS | CHAR_URL, v.n);
	return n >= 1 && is_label(slice_of(v.p + 1, n)) ? n + 1 : 0;
}

/* The length of the template that v begins with, 0 for none. */
static size_t template_of(struct slice v, bool first)
{
	if (v.n < 2)
		return 0;
	switch (v.p[0]) {
	case '$':
		return dollar(v, first);
	case '{':
		return slice_starts(v, "{{") ? closed(v, 2, "}}") : 0;
	case '[':
		return slice_starts(v, "[[") ? labelled(v, "]]") : 0;
	case '(':
		return slice_starts(v, "((") ? labelled(v, "))") : 0;
	case '#':
		return slice_starts(v, "#{") ? labelled(v, "}") : 0;
	case '%':
		if (slice_starts(v, "%s"))
			return 2;
		return slice_starts(v, "%(") ? labelled(v, ")s") : between(v, "%%", first, false);
	case '@':
		return between(v, "@@", first, false);
	case '<':
		return between(v, "<>", first, true);
	default:
		return 0;
	}
}

struct slice placeholder_variable(struct slice v, size_t *from)
{
	for (size_t i = *from; i + 1 < v.n; i++) {
		size_t head, n;

		if (v.p[i] != '$')
			continue;
		head = v.p[i + 1] == '(' || v.p[i + 1] == '{' ? i + 2 : i + 1;
		n = run_forward(v, head, CLASS_ALNUM | CHAR_URL, 200);
		if (n == 0)
			continue;
		*from = head + n;
		return slice_of(v.p + head, n);
	}
	*from = v.n;
	return SLICE_EMPTY;
}

/* What is left beside templates: a few characters, or words and the marks between them. */
static bool is_plain_rest(struct slice v)
{
	struct slice t;
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++)
		n += !char_in(v.p[i], CHAR_SPACE);
	if (n < 8)
		return true;
	if (looks_typed_at_random(v))
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!char_in(v.p[i], CHAR_NAME | CHAR_SPACE) && !strchr("/:=,;?&\"'", v.p[i]))
			return false;
	for (size_t from = 0; (t = next_token(v, &from)).n;) {
		size_t turns = 0;

		for (size_t i = 1; i < t.n; i++)
			turns += (class_of(t.p[i]) == CHAR_DIGIT) != (class_of(t.p[i - 1]) == CHAR_DIGIT);
		if ((t.n >= 4 && turns >= 2) || looks_chance(t) || t.n > 40)
			return false;
	}
	return true;
}

/* Templates, and nothing beside them that could be a secret. */
static bool is_template(struct slice v)
{
	char rest[256];
	size_t n = 0, templates = 0;

	for (size_t i = 0; i < v.n;) {
		size_t skip = template_of(slice_from(v, i), i == 0);

		if (skip) {
			templates++;
			i += skip;
			if (n < sizeof(rest))
				rest[n++] = ' ';
			continue;
		}
		if (n >= sizeof(rest))
			return false;
		rest[n++] = v.p[i++];
	}
	return templates && is_plain_rest(slice_of(rest, n));
}

/* --- words ----------------------------------------------------------------------------------------------------- */

/* A run of letters as words of the vocabulary, one behind the other. */
static bool spelled(struct slice t, bool *strong)
{
	enum { LONGEST = 48 };
	bool reach[LONGEST + 1] = {true}, strong_to[LONGEST + 1] = {false};

	if (t.n > LONGEST)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		for (size_t w = 0; reach[i] && w < ARRAY_SIZE(vocabulary); w++) {
			size_t n = strlen(vocabulary[w].text);

			if (i + n > t.n || !slice_eq_nocase(slice_of(t.p + i, n), slice_of(vocabulary[w].text, n)))
				continue;
			strong_to[i + n] |= strong_to[i] | vocabulary[w].strong;
			reach[i + n] = true;
		}
	}
	*strong |= reach[t.n] && strong_to[t.n];
	return reach[t.n];
}

/* Words that ask for a value; a digit or two may follow. A word nobody knows is let through beside one that asks as a
   word of its own, while nothing mixes letters and digits. */
static bool is_request(struct slice v)
{
	bool strong = false, unknown = false;
	struct slice t;

	if (v.n > 200)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!char_in(v.p[i], CHAR_NAME | CHAR_SPACE) && !strchr("<>[]{}()!'\"/,:", v.p[i]))
			return false;
	for (size_t from = 0; (t = next_token(v, &from)).n;) {
		size_t letters = run_forward(t, 0, CHAR_UPPER | CHAR_LOWER, t.n);
		size_t digits = run_forward(t, letters, CHAR_DIGIT, t.n);

		if (letters + digits != t.n) {
			bool none = false;

			if (!spelled(t, &none))
				return false;
			continue;
		}
		if (letters && !spelled(slice_to(t, letters), &strong)) {
			unknown = true;
			if (digits)
				return false;
		}
	}
	return strong && (!unknown || v.n <= 80);
}

/* --- fillers --------------------------------------------------------------------------------------------------- */

static bool is_filler(struct slice v)
{
	size_t most = 0;

	if (v.n < 4)
		return false;
	if (v.n <= 400 && variety_of(v) <= 2)
		return true;
	for (const char *c = "xX*.0#?_-"; *c; c++) {
		size_t n = 0;

		for (size_t i = 0; i < v.n && i < 400; i++)
			n += v.p[i] == *c;
		most = n > most ? n : most;
	}
	return v.n >= 6 && v.n <= 400 && most * 2 >= v.n;
}

/* "AKIA...": the beginning of something, cut off. */
static bool is_cut(struct slice v)
{
	struct slice rest = v;

	if (slice_ends(v, "..."))
		rest = slice_to(v, v.n - 3);
	else if (slice_starts(v, "..."))
		rest = slice_from(v, 3);
	return rest.n < v.n && rest.n <= 20 && !(rest.n > 12 && looks_chance(rest));
}

/* Documentation marks its keys: ids of 20 and secrets of 40 characters that end in EXAMPLE or EXAMPLEKEY. */
static bool is_documented(struct slice v)
{
	return (v.n >= 38 && v.n <= 42 && slice_find(v, "EXAMPLE") != SIZE_MAX) ||
	       ((v.n == 20 || v.n == 21) && slice_ends(v, "EXAMPLE"));
}

bool placeholder_is(struct slice v)
{
	if (v.n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(stand_ins); i++)
		if (slice_eq_nocase(v, slice_str(stand_ins[i])))
			return true;
	return is_filler(v) || is_cut(v) || is_documented(v) || is_template(v) || is_request(v);
}
