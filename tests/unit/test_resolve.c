/*
 * test_resolve.c: what go-yaml v2 makes of plain and tagged scalars. Every row was taken from its resolve.go, or from
 * what sigs.k8s.io/yaml printed.
 */
#include <math.h>

#include "reading.h"
#include "yaml/tree.h"

#define YAML "tag:yaml.org,2002:"

static const struct {
	const char *text;
	enum node_type type;
	const char *json; /* as a value: what the cluster gets; NULL: no JSON form */
} plain[] = {
	/* booleans: all of YAML 1.1's, in three cases, no others */
	{"y", TYPE_BOOL, "true"},
	{"Y", TYPE_BOOL, "true"},
	{"yes", TYPE_BOOL, "true"},
	{"Yes", TYPE_BOOL, "true"},
	{"YES", TYPE_BOOL, "true"},
	{"on", TYPE_BOOL, "true"},
	{"On", TYPE_BOOL, "true"},
	{"ON", TYPE_BOOL, "true"},
	{"true", TYPE_BOOL, "true"},
	{"True", TYPE_BOOL, "true"},
	{"TRUE", TYPE_BOOL, "true"},
	{"n", TYPE_BOOL, "false"},
	{"N", TYPE_BOOL, "false"},
	{"no", TYPE_BOOL, "false"},
	{"No", TYPE_BOOL, "false"},
	{"NO", TYPE_BOOL, "false"},
	{"off", TYPE_BOOL, "false"},
	{"Off", TYPE_BOOL, "false"},
	{"OFF", TYPE_BOOL, "false"},
	{"false", TYPE_BOOL, "false"},
	{"False", TYPE_BOOL, "false"},
	{"FALSE", TYPE_BOOL, "false"},
	{"tRue", TYPE_STRING, "\"tRue\""},
	{"yEs", TYPE_STRING, "\"yEs\""},
	{"oN", TYPE_STRING, "\"oN\""},
	{"yess", TYPE_STRING, "\"yess\""},
	{"truee", TYPE_STRING, "\"truee\""},
	{"t", TYPE_STRING, "\"t\""},
	/* null */
	{"", TYPE_NULL, "null"},
	{"~", TYPE_NULL, "null"},
	{"null", TYPE_NULL, "null"},
	{"Null", TYPE_NULL, "null"},
	{"NULL", TYPE_NULL, "null"},
	{"nULL", TYPE_STRING, "\"nULL\""},
	{"nil", TYPE_STRING, "\"nil\""},
	{"~~", TYPE_STRING, "\"~~\""},
	/* integers: the base by prefix, underscores anywhere */
	{"0", TYPE_INT, "0"},
	{"-0", TYPE_INT, "0"},
	{"+12", TYPE_INT, "12"},
	{"-12", TYPE_INT, "-12"},
	{"0777", TYPE_INT, "511"},
	{"-012", TYPE_INT, "-10"},
	{"0o17", TYPE_INT, "15"},
	{"0O17", TYPE_INT, "15"},
	{"0b11", TYPE_INT, "3"},
	{"0B11", TYPE_INT, "3"},
	{"-0b11", TYPE_INT, "-3"},
	{"0x1F", TYPE_INT, "31"},
	{"0X1f", TYPE_INT, "31"},
	{"-0x10", TYPE_INT, "-16"},
	{"0_7", TYPE_INT, "7"},
	{"1_000", TYPE_INT, "1000"},
	{"1__0_", TYPE_INT, "10"},
	{"1_", TYPE_INT, "1"},
	{"9223372036854775807", TYPE_INT, "9223372036854775807"},
	{"9223372036854775808", TYPE_INT, "9223372036854775808"},
	{"-9223372036854775808", TYPE_INT, "-9223372036854775808"},
	{"12345678901234567890", TYPE_INT, "12345678901234567890"},
	{"18446744073709551615", TYPE_INT, "18446744073709551615"},
	{"0xffffffffffffffff", TYPE_INT, "18446744073709551615"},
	/* too large for integers: floats */
	{"18446744073709551616", TYPE_FLOAT, "18446744073709552000"},
	{"-9223372036854775809", TYPE_FLOAT, "-9223372036854776000"},
	{"+9223372036854775808", TYPE_FLOAT, "9223372036854776000"},
	{"123456789012345678901234567890", TYPE_FLOAT, "1.2345678901234568e+29"},
	/* floats: a shape of their own */
	{"1.", TYPE_FLOAT, "1"},
	{".5", TYPE_FLOAT, "0.5"},
	{"-.5", TYPE_FLOAT, "-0.5"},
	{"+.5", TYPE_FLOAT, "0.5"},
	{"1.5", TYPE_FLOAT, "1.5"},
	{"-1.5e-3", TYPE_FLOAT, "-0.0015"},
	{"1E3", TYPE_FLOAT, "1000"},
	{"1e+3", TYPE_FLOAT, "1000"},
	{"089", TYPE_FLOAT, "89"},
	{"012e3", TYPE_FLOAT, "12000"},
	{"1_0.5", TYPE_FLOAT, "10.5"},
	{"0.0", TYPE_FLOAT, "0"},
	{"-0.0", TYPE_FLOAT, "-0"},
	{"1e400", TYPE_STRING, "\"1e400\""},
	{"-1e400", TYPE_STRING, "\"-1e400\""},
	{"1e-400", TYPE_FLOAT, "0"},
	{"1e", TYPE_STRING, "\"1e\""},
	{"1e+", TYPE_STRING, "\"1e+\""},
	{".", TYPE_STRING, "\".\""},
	{"1.2.3", TYPE_STRING, "\"1.2.3\""},
	{".e1", TYPE_STRING, "\".e1\""},
	{"5e-324", TYPE_FLOAT, "5e-324"},
	{"1.7976931348623157e308", TYPE_FLOAT, "1.7976931348623157e+308"},
	{".inf", TYPE_FLOAT, NULL},
	{".Inf", TYPE_FLOAT, NULL},
	{".INF", TYPE_FLOAT, NULL},
	{"+.inf", TYPE_FLOAT, NULL},
	{"-.INF", TYPE_FLOAT, NULL},
	{".nan", TYPE_FLOAT, NULL},
	{".NaN", TYPE_FLOAT, NULL},
	{".NAN", TYPE_FLOAT, NULL},
	{".iNf", TYPE_STRING, "\".iNf\""},
	{"inf", TYPE_STRING, "\"inf\""},
	{"NaN", TYPE_STRING, "\"NaN\""},
	{"+.nan", TYPE_STRING, "\"+.nan\""},
	/* what other readers take for numbers or times */
	{"190:20:30", TYPE_STRING, "\"190:20:30\""},
	{"0x1.8p3", TYPE_STRING, "\"0x1.8p3\""},
	{"2001-12-14", TYPE_STRING, "\"2001-12-14\""},
	{"2001-12-14t21:59:43.10-05:00", TYPE_STRING, "\"2001-12-14t21:59:43.10-05:00\""},
	{"0x", TYPE_STRING, "\"0x\""},
	{"0xg", TYPE_STRING, "\"0xg\""},
	{"0b", TYPE_STRING, "\"0b\""},
	{"0b12", TYPE_STRING, "\"0b12\""},
	{"0o8", TYPE_STRING, "\"0o8\""},
	{"08x", TYPE_STRING, "\"08x\""},
	{"--1", TYPE_STRING, "\"--1\""},
	{"+-1", TYPE_STRING, "\"+-1\""},
	{"1 2", TYPE_STRING, "\"1 2\""},
	{"-", TYPE_STRING, "\"-\""},
	{"+", TYPE_STRING, "\"+\""},
	{"-_", TYPE_STRING, "\"-_\""},
	{"1k", TYPE_STRING, "\"1k\""},
	{"0x_", TYPE_STRING, "\"0x_\""},
	{"٣", TYPE_STRING, "\"٣\""},
};

static void test_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		struct resolved r = scalar_resolve(NULL, slice_str(plain[i].text));

		if (r.type != plain[i].type || r.failed)
			fail_msg("'%s' is %d, not %d", plain[i].text, (int)r.type, (int)plain[i].type);
	}
}

/* The same through the reader: in block and flow context, as a value of the document. */
static void test_plain_in_document(void **state)
{
	static const char *const frames[] = {"k: %s\n", "{k: %s }\n", "k: %s # c\n", "k:\n  %s\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		for (size_t f = 0; f < ARRAY_SIZE(frames); f++) {
			cleanup_buf struct buf out = BUF_TEXT, want = BUF_TEXT;
			const struct node *root, *where = NULL;
			const char *why = NULL;
			struct reading r;
			char text[200];
			bool ok;

			if (strcmp(plain[i].text, "-") == 0)
				continue; /* an indicator */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof(text), frames[f], plain[i].text);
#pragma GCC diagnostic pop
			root = reading_root(&r, text);
			ok = node_to_json(root, &out, &why, &where);
			if (!plain[i].json) {
				assert_false(ok);
				assert_non_null(why);
				assert_ptr_equal(where, node_lookup(root, "k"));
			} else {
				assert_true(ok);
				buf_addf(&want, "{\"k\":%s}", plain[i].json);
				assert_slice(buf_slice(&out), buf_str(&want));
			}
			reading_release(&r);
		}
}

static void test_numbers(void **state)
{
	struct resolved r;

	(void)state;
	r = scalar_resolve(NULL, SLICE("-9223372036854775808"));
	assert_true(!r.is_unsigned && r.as.i == INT64_MIN);
	r = scalar_resolve(NULL, SLICE("18446744073709551615"));
	assert_true(r.is_unsigned && r.as.u == UINT64_MAX);
	r = scalar_resolve(NULL, SLICE("-.inf"));
	assert_true(isinf(r.as.f) && r.as.f < 0);
	r = scalar_resolve(NULL, SLICE(".nan"));
	assert_true(isnan(r.as.f));
	r = scalar_resolve(NULL, SLICE("0.1"));
	assert_true(r.as.f == 0.1);
	r = scalar_resolve(NULL, slice_of("12\0003", 4)); /* a NUL is no end */
	assert_int_equal(r.type, TYPE_STRING);
}

/* Numbers of hundreds of digits are refused rather than guessed; texts that only begin like one are texts. */
static void test_long_texts(void **state)
{
	static char digits[600], text[600];
	struct resolved r;

	(void)state;
	memset(digits, '7', sizeof(digits));
	memcpy(text, digits, sizeof(text));
	text[599] = ' ';
	r = scalar_resolve(NULL, slice_of(digits, 511));
	assert_int_equal(r.type, TYPE_STRING); /* above the largest double */
	assert_false(r.failed);
	r = scalar_resolve(NULL, slice_of(digits, 600));
	assert_true(r.failed);
	r = scalar_resolve(NULL, slice_of(text, 600));
	assert_false(r.failed);
	assert_int_equal(r.type, TYPE_STRING);
	r = scalar_resolve(NULL, slice_of(digits, 300));
	assert_int_equal(r.type, TYPE_FLOAT);
}

static const struct {
	const char *tag, *text;
	enum node_type type;
	bool failed;
} tagged[] = {
	{YAML "str", "1", TYPE_STRING, false},	{YAML "str", "", TYPE_STRING, false},
	{YAML "int", "1", TYPE_INT, false},	{YAML "int", "0x1F", TYPE_INT, false},
	{YAML "int", "x", TYPE_STRING, true},	{YAML "int", "1.5", TYPE_FLOAT, true},
	{YAML "float", "1", TYPE_FLOAT, false}, {YAML "float", "1.5", TYPE_FLOAT, false},
	{YAML "float", "x", TYPE_STRING, true}, {YAML "bool", "yes", TYPE_BOOL, false},
	{YAML "bool", "1", TYPE_INT, true},	{YAML "null", "~", TYPE_NULL, false},
	{YAML "null", "x", TYPE_STRING, true},	{YAML "binary", "aGk=", TYPE_STRING, false},
	{"!foo", "1", TYPE_STRING, false},	{"!", "12", TYPE_STRING, false},
	{YAML "set", "1", TYPE_STRING, false},
};

static void test_tagged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tagged); i++) {
		struct resolved r = scalar_resolve(tagged[i].tag, slice_str(tagged[i].text));

		if (r.failed != tagged[i].failed || (!r.failed && r.type != tagged[i].type))
			fail_msg("%s '%s': type %d, failed %d", tagged[i].tag, tagged[i].text, (int)r.type, r.failed);
	}
}

static void test_tagged_in_document(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"a: !!str 1\n", "{\"a\":\"1\"}"},	  {"a: !!int \"1\"\n", "{\"a\":1}"},
		{"a: !!float 1\n", "{\"a\":1}"},	  {"a: !!bool yes\n", "{\"a\":true}"},
		{"a: !!binary aGk=\n", "{\"a\":\"hi\"}"}, {"a: !foo bar\n", "{\"a\":\"bar\"}"},
		{"a: ! 12\n", "{\"a\":\"12\"}"},	  {"a: !!str\n", "{\"a\":\"\"}"},
		{"a: \"yes\"\n", "{\"a\":\"yes\"}"},	  {"a: 'null'\n", "{\"a\":\"null\"}"},
		{"a: |\n  1\n", "{\"a\":\"1\\n\"}"},	  {"a: >-\n  1\n", "{\"a\":\"1\"}"},
		{"!!str 1: x\n", "{\"1\":\"x\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_TEXT;
		const struct node *where;
		const char *why = "";
		struct reading r;

		if (!node_to_json(reading_root(&r, rows[i].text), &out, &why, &where))
			fail_msg("%s: %s", rows[i].text, why);
		assert_slice(buf_slice(&out), rows[i].json);
		reading_release(&r);
	}
}

/* Go's encoding/json for values, strconv 'g' with 32 bits for keys. */
static void test_number_texts(void **state)
{
	static const struct {
		double f;
		const char *json, *key;
	} rows[] = {
		{0, "0", "0"},
		{1, "1", "1"},
		{-1.5, "-1.5", "-1.5"},
		{0.1, "0.1", "0.1"},
		{1e6, "1000000", "1e+06"},
		{123456, "123456", "123456"},
		{1e20, "100000000000000000000", "1e+20"},
		{1e21, "1e+21", "1e+21"},
		{1e-6, "0.000001", "1e-06"},
		{1e-7, "1e-7", "1e-07"},
		{1.5e-9, "1.5e-9", "1.5e-09"},
		{0.0001, "0.0001", "0.0001"},
		{0.00001, "0.00001", "1e-05"},
		{1.0 / 3, "0.3333333333333333", "0.33333334"},
		{123456789, "123456789", "1.2345679e+08"},
		{1e100, "1e+100", ".inf"},
		{-1e100, "-1e+100", "-.inf"},
		{INFINITY, NULL, ".inf"},
		{-INFINITY, NULL, "-.inf"},
		{2097152.5, "2097152.5", "2.0971525e+06"},
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].json) {
			number_json_text(rows[i].f, text);
			assert_string_equal(text, rows[i].json);
		}
		number_key_text(rows[i].f, text);
		assert_string_equal(text, rows[i].key);
	}
}

static void test_number_texts_come_back(void **state)
{
	struct random r = {0x9e3779b97f4a7c15u};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = (uint64_t)random_below(&r, UINT32_MAX) << 32 | random_below(&r, UINT32_MAX);
		char text[32];
		double f;

		memcpy(&f, &bits, sizeof(f));
		if (!isfinite(f))
			continue;
		number_json_text(f, text);
		if (strtod(text, NULL) != f)
			fail_msg("%.17g is written as %s", f, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	     cmocka_unit_test(test_plain_in_document),
		cmocka_unit_test(test_numbers),	     cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_tagged),	     cmocka_unit_test(test_tagged_in_document),
		cmocka_unit_test(test_number_texts), cmocka_unit_test(test_number_texts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
