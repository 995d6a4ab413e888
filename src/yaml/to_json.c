/*
 * to_json.c: a node as the JSON text that the API machinery would hand on. Numbers keep every digit that Go keeps.
 */
#include <math.h>

#include "yaml/tree.h"

/* Shortest digits that read back as f; *exp10 is the exponent of the first digit. */
static int shortest_digits(double f, bool single, char digits[24], int *exp10)
{
	char text[40];
	int prec, n = 0;
	const char *e;

	for (prec = 0; prec < 17; prec++) {
		snprintf(text, sizeof(text), "%.*e", prec, f);
		if (single ? strtof(text, NULL) == (float)f : strtod(text, NULL) == f)
			break;
	}
	e = strchr(text, 'e');
	*exp10 = (int)strtol(e + 1, NULL, 10);
	for (const char *p = text; p < e; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

struct number_layout {
	int min_exp, max_exp; /* below and from these the exponent form is used */
	bool single;
	bool two_digit_exponent;
};

/* The longest is -0.0000012345678901234567: no memory is needed that could run short. */
static void layout(double f, const struct number_layout *l, char out[NUMBER_TEXT])
{
	char digits[24], sign[] = "-";
	int exp10 = 0, n = 1, at;

	digits[0] = '0';
	if (!signbit(f))
		sign[0] = '\0';
	f = fabs(f);
	if (f != 0)
		n = shortest_digits(f, l->single, digits, &exp10);
	if (f != 0 && (exp10 < l->min_exp || exp10 >= l->max_exp)) {
		snprintf(out, NUMBER_TEXT, l->two_digit_exponent ? "%s%c%s%.*se%c%02d" : "%s%c%s%.*se%c%d", sign,
			 digits[0], n > 1 ? "." : "", n - 1, digits + 1, exp10 < 0 ? '-' : '+', abs(exp10));
		return;
	}
	if (exp10 < 0) {
		snprintf(out, NUMBER_TEXT, "%s0.%.*s%.*s", sign, -exp10 - 1, "000000", n, digits);
		return;
	}
	at = snprintf(out, NUMBER_TEXT, "%s", sign);
	for (int i = 0; i <= exp10 || i < n; i++) {
		if (i == exp10 + 1)
			out[at++] = '.';
		out[at++] = i < n ? digits[i] : '0';
	}
	out[at] = '\0';
}

void number_key_text(double f, char out[NUMBER_TEXT])
{
	/* strconv.FormatFloat(f, 'g', -1, 32) */
	static const struct number_layout key = {.min_exp = -4,
						 .max_exp = 6,
						 .single = true,
						 .two_digit_exponent = true};

	if (isnan(f) || isinf(f)) {
		snprintf(out, NUMBER_TEXT, "%s", isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf");
		return;
	}
	if (isinf((float)f)) {
		snprintf(out, NUMBER_TEXT, "%s", f > 0 ? ".inf" : "-.inf");
		return;
	}
	layout((double)(float)f, &key, out);
}

void number_json_text(double f, char out[NUMBER_TEXT])
{
	/* encoding/json: floatEncoder */
	static const struct number_layout value = {.min_exp = -6, .max_exp = 21};

	layout(f, &value, out);
}

/* Characters that some reader of YAML takes for a line end, or does not take at all: length and code point, 0 for none.
 */
static size_t odd_character(struct slice s, unsigned *u)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 2 && p[0] == 0xc2 && p[1] < 0xa0) {
		*u = p[1];
		return 2;
	}
	if (s.n < 3 || (p[0] != 0xe2 && p[0] != 0xef))
		return 0;
	*u = (unsigned)(p[0] & 0x0f) << 12 | (unsigned)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);
	return *u == 0x2028 || *u == 0x2029 || *u == 0xfeff || *u == 0xfffe || *u == 0xffff ? 3 : 0;
}

void json_quote(struct slice text, struct buf *out)
{
	size_t from = 0;

	buf_addc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		unsigned u = 0;
		size_t odd = c == 0xc2 || c == 0xe2 || c == 0xef ? odd_character(slice_from(text, i), &u) : 0;

		if (odd) {
			buf_add(out, slice_of(text.p + from, i - from));
			buf_addf(out, "\\u%04x", u);
			from = i + odd;
			i += odd - 1;
			continue;
		}
		if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_add(out, slice_of(text.p + from, i - from));
		from = i + 1;
		switch (c) {
		case '\n':
			buf_adds(out, "\\n");
			break;
		case '\t':
			buf_adds(out, "\\t");
			break;
		case '\r':
			buf_adds(out, "\\r");
			break;
		case '"':
		case '\\':
			buf_addc(out, '\\');
			buf_addc(out, (char)c);
			break;
		default:
			buf_addf(out, "\\u%04x", c);
		}
	}
	buf_add(out, slice_from(text, from));
	buf_addc(out, '"');
}

static bool number_to_json(const struct node *n, struct buf *out, const char **why)
{
	struct resolved r;
	char text[NUMBER_TEXT];

	if (n->flags & NODE_JSON) {
		buf_add(out, node_text(n));
		return true;
	}
	r = scalar_resolve(NULL, node_text(n));
	if (n->type == TYPE_INT) {
		if (r.is_unsigned)
			buf_addf(out, "%llu", (unsigned long long)r.as.u);
		else
			buf_addf(out, "%lld", (long long)r.as.i);
		return true;
	}
	if (r.type == TYPE_INT)
		r.as.f = (double)r.as.i; /* !!float 1 */
	if (isnan(r.as.f) || isinf(r.as.f)) {
		*why = "infinity and not-a-number have no form in JSON";
		return false;
	}
	number_json_text(r.as.f, text);
	buf_adds(out, text);
	return true;
}

static bool scalar_to_json(const struct node *n, struct buf *out, const char **why)
{
	switch ((enum node_type)n->type) {
	case TYPE_NULL:
		buf_adds(out, "null");
		return true;
	case TYPE_BOOL:
		buf_adds(out, n->flags & NODE_TRUE ? "true" : "false");
		return true;
	case TYPE_INT:
	case TYPE_FLOAT:
		return number_to_json(n, out, why);
	default:
		json_quote(node_text(n), out);
		return true;
	}
}

bool node_to_json(const struct node *n, struct buf *out, const char **why, const struct node **where)
{
	bool first = true;

	n = node_real(n);
	if (n->kind == NODE_SCALAR) {
		*where = n;
		return scalar_to_json(n, out, why);
	}
	if (n->kind == NODE_SEQUENCE) {
		buf_addc(out, '[');
		for (struct seq_iter it = seq_iter_of(n); seq_next(&it); first = false) {
			if (!first)
				buf_addc(out, ',');
			if (!node_to_json(it.item, out, why, where))
				return false;
		}
		buf_addc(out, ']');
		return true;
	}
	buf_addc(out, '{');
	for (struct map_iter it = map_iter_of(n); map_next(&it); first = false) {
		if (!first)
			buf_addc(out, ',');
		json_quote(node_text(it.key), out);
		buf_addc(out, ':');
		if (!node_to_json(it.value, out, why, where))
			return false;
	}
	buf_addc(out, '}');
	return true;
}
