/*
 * resolve.c: the type of a scalar as go-yaml v2 sees it (resolve.go), whatever YAML's own versions say: `yes` is a
 * boolean, 0777 is octal, 1_000 is a thousand, 190:20:30 is a string.
 */
#include "yaml/stream.h"

#include <errno.h>
#include <math.h>

static const struct word {
	const char *text;
	enum node_type type;
	bool value;
} words[] = {
	{"y", TYPE_BOOL, true},	     {"Y", TYPE_BOOL, true},	  {"yes", TYPE_BOOL, true},
	{"Yes", TYPE_BOOL, true},    {"YES", TYPE_BOOL, true},	  {"true", TYPE_BOOL, true},
	{"True", TYPE_BOOL, true},   {"TRUE", TYPE_BOOL, true},	  {"on", TYPE_BOOL, true},
	{"On", TYPE_BOOL, true},     {"ON", TYPE_BOOL, true},	  {"n", TYPE_BOOL, false},
	{"N", TYPE_BOOL, false},     {"no", TYPE_BOOL, false},	  {"No", TYPE_BOOL, false},
	{"NO", TYPE_BOOL, false},    {"false", TYPE_BOOL, false}, {"False", TYPE_BOOL, false},
	{"FALSE", TYPE_BOOL, false}, {"off", TYPE_BOOL, false},	  {"Off", TYPE_BOOL, false},
	{"OFF", TYPE_BOOL, false},   {"", TYPE_NULL, false},	  {"~", TYPE_NULL, false},
	{"null", TYPE_NULL, false},  {"Null", TYPE_NULL, false},  {"NULL", TYPE_NULL, false},
};

static const struct {
	const char *text;
	int sign; /* 0: not a number */
} special_floats[] = {
	{".nan", 0},  {".NaN", 0},  {".NAN", 0},  {".inf", 1},	 {".Inf", 1},	{".INF", 1},
	{"+.inf", 1}, {"+.Inf", 1}, {"+.INF", 1}, {"-.inf", -1}, {"-.Inf", -1}, {"-.INF", -1},
};

enum hint { HINT_NONE, HINT_WORD, HINT_DOT, HINT_NUMBER };

static enum hint hint_of(char c)
{
	switch (c) {
	case '+':
	case '-':
	case '0' ... '9':
		return HINT_NUMBER;
	case 'y':
	case 'Y':
	case 'n':
	case 'N':
	case 't':
	case 'T':
	case 'f':
	case 'F':
	case 'o':
	case 'O':
	case '~':
		return HINT_WORD;
	case '.':
		return HINT_DOT;
	default:
		return HINT_NONE;
	}
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* strconv.ParseUint of bare digits; false on any other byte, no digits, or overflow. */
static bool parse_digits(struct slice s, int base, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit_value(s.p[i]);

		if (d >= base || __builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)d, &v))
			return false;
	}
	*out = v;
	return true;
}

static bool take_sign(struct slice *s, bool *negative)
{
	*negative = false;
	if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	*negative = s->p[0] == '-';
	*s = slice_from(*s, 1);
	return true;
}

static bool parse_base(struct slice s, int base, bool sign_allowed, struct resolved *r)
{
	bool negative, had_sign = take_sign(&s, &negative);
	uint64_t v;

	if (had_sign && !sign_allowed)
		return false;
	if (base == 0) { /* Go's base 0: the prefix decides */
		base = 10;
		if (s.n > 1 && s.p[0] == '0') {
			char c = (char)(s.p[1] | 0x20);

			base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
			s = slice_from(s, c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
		}
	}
	if (!parse_digits(s, base, &v))
		return false;
	if (v <= INT64_MAX) {
		r->as.i = negative ? -(int64_t)v : (int64_t)v;
	} else if (negative && v == (uint64_t)INT64_MAX + 1) {
		r->as.i = INT64_MIN;
	} else if (had_sign) {
		return false; /* ParseInt fails, and ParseUint, which is tried next, takes no sign */
	} else {
		r->is_unsigned = true;
		r->as.u = v;
	}
	r->type = TYPE_INT;
	return true;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool float_shape(struct slice s)
{
	size_t i = 0, digits = 0, more = 0;

	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		i++;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++, digits++;
	if (i < s.n && s.p[i] == '.') {
		i++;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++, more++;
	}
	if (digits == 0 && more == 0)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		size_t exp = 0;

		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++, exp++;
		if (exp == 0)
			return false;
	}
	return i == s.n;
}

static bool parse_float(struct slice s, struct resolved *r)
{
	char text[512];

	if (!float_shape(s) || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	r->as.f = strtod(text, NULL); /* the locale is "C": nothing here calls setlocale() */
	if (isinf(r->as.f))
		return false; /* out of range: go-yaml leaves it a string */
	r->type = TYPE_FLOAT;
	return true;
}

static bool parse_number(struct slice text, struct resolved *r)
{
	char plain[512];
	struct slice s = slice_of(plain, 0);

	if (text.n >= sizeof(plain)) {
		/* A number of 512 digits is nobody's intent; a string that only begins like one is common. */
		size_t i = 0;

		while (i < text.n && strchr("0123456789abcdefABCDEFxXoO_+-.", text.p[i]))
			i++;
		r->failed = i == text.n;
		return false;
	}
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '_')
			plain[s.n++] = text.p[i];
	if (parse_base(s, 0, true, r) || parse_float(s, r))
		return true;
	if (slice_starts(s, "0b"))
		return parse_base(slice_from(s, 2), 2, true, r);
	if (slice_starts(s, "-0b")) {
		s = slice_from(s, 2); /* the 'b' is overwritten by the sign, as go-yaml joins them */
		plain[2] = '-';
		return parse_base(s, 2, true, r);
	}
	return false;
}

/* strconv.ParseFloat of a text that begins with a dot: an underscore may stand between two digits. */
static void parse_dotted(struct slice text, struct resolved *r)
{
	char plain[512];
	struct slice s = slice_of(plain, 0);

	if (text.n >= sizeof(plain))
		return;
	for (size_t i = 0; i < text.n; i++) {
		bool between =
			i && i + 1 < text.n && digit_value(text.p[i - 1]) < 10 && digit_value(text.p[i + 1]) < 10;

		if (text.p[i] != '_')
			plain[s.n++] = text.p[i];
		else if (!between)
			return;
	}
	parse_float(s, r);
}

static bool resolvable(const char *tag)
{
	static const char *const core[] = {"str", "bool", "int", "float", "null", "timestamp"};

	if (!tag)
		return true;
	if (strncmp(tag, "tag:yaml.org,2002:", 18) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(core); i++)
		if (strcmp(tag + 18, core[i]) == 0)
			return true;
	return false;
}

static bool resolve_word(struct slice text, struct resolved *r)
{
	for (size_t i = 0; text.n <= 5 && i < ARRAY_SIZE(words); i++) {
		/* Five bytes at most: the first one and the terminator rule nearly all of them out. */
		if (words[i].text[0] == (text.n ? text.p[0] : '\0') && slice_is(text, words[i].text)) {
			r->type = words[i].type;
			r->is_true = words[i].value;
			return true;
		}
	}
	for (size_t i = 0; text.n >= 4 && text.n <= 5 && i < ARRAY_SIZE(special_floats); i++) {
		if (special_floats[i].text[0] == text.p[0] && slice_is(text, special_floats[i].text)) {
			r->type = TYPE_FLOAT;
			r->as.f = special_floats[i].sign == 0 ? NAN : special_floats[i].sign > 0 ? INFINITY : -INFINITY;
			return true;
		}
	}
	return false;
}

static struct resolved resolve_plain(struct slice text)
{
	struct resolved r = {.type = TYPE_STRING};
	enum hint hint = text.n ? hint_of(text.p[0]) : HINT_WORD;

	if (hint == HINT_NONE || resolve_word(text, &r))
		return r;
	if (hint == HINT_NUMBER)
		parse_number(text, &r);
	else if (hint == HINT_DOT && text.n > 1)
		parse_dotted(text, &r);
	return r;
}

struct resolved scalar_resolve(const char *tag, struct slice text)
{
	struct resolved r = {.type = TYPE_STRING};
	const char *want;

	if (!resolvable(tag))
		return r; /* unknown tags and !!binary leave the text a string */
	if (!tag)
		return resolve_plain(text);
	want = tag + 18;
	if (strcmp(want, "str") == 0)
		return r;
	r = resolve_plain(text);
	if (strcmp(want, "float") == 0 && r.type == TYPE_INT && !r.is_unsigned) {
		r.type = TYPE_FLOAT;
		r.as.f = (double)r.as.i;
		return r;
	}
	r.failed = !((strcmp(want, "bool") == 0 && r.type == TYPE_BOOL) ||
		     (strcmp(want, "int") == 0 && r.type == TYPE_INT) ||
		     (strcmp(want, "float") == 0 && r.type == TYPE_FLOAT) ||
		     (strcmp(want, "null") == 0 && r.type == TYPE_NULL));
	return r;
}
