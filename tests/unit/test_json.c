/*
 * test_json.c: the strict JSON reader: what it takes, what it leaves to YAML, where one ends and the other begins.
 * The classes of cases are those that JSON test suites use: structure, numbers, strings, white space, the end.
 */
#include "reading.h"

/* Values inside {"a": ...}, and what comes out; NULL: the same text. */
static const struct {
	const char *text, *json;
} accepted[] = {
	{"null", NULL},
	{"true", NULL},
	{"false", NULL},
	{"{}", NULL},
	{"[]", NULL},
	{"\"\"", NULL},
	{"0", NULL},
	/* structure */
	{"[ ]", "[]"},
	{"{ }", "{}"},
	{"[1,2]", NULL},
	{"[1 , 2 ]", "[1,2]"},
	{"[[],[[]]]", NULL},
	{"{\"b\":{\"c\":[{}]}}", NULL},
	{"[null,1,\"x\",{},[],true]", NULL},
	{"{\"\":0}", NULL},
	{"{\"b\":1,\"c\":2}", NULL},
	{"{\"b\":1,\"b\":2}", "{\"b\":2}"},
	{"{\"\\u0062\":1,\"b\":2}", "{\"b\":2}"},
	/* numbers keep their digits */
	{"-0", NULL},
	{"-1", NULL},
	{"1.5", NULL},
	{"1.50", NULL},
	{"1e5", NULL},
	{"1E5", NULL},
	{"1e+5", NULL},
	{"1E-05", NULL},
	{"-0.0e0", NULL},
	{"123456789012345678901234567890", NULL},
	{"0.1000000000000000000001", NULL},
	{"1e400", NULL},
	{"10", NULL},
	/* strings */
	{"\"\\\"\\\\\\/\"", "\"\\\"\\\\/\""},
	{"\"\\b\\f\\n\\r\\t\"", "\"\\u0008\\u000c\\n\\r\\t\""},
	{"\"\\u0041\"", "\"A\""},
	{"\"\\u00e9\"", "\"\xc3\xa9\""},
	{"\"\\u20AC\"", "\"\xe2\x82\xac\""},
	{"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
	{"\"\\u0000\"", NULL},
	{"\"\\u001f\"", NULL},
	{"\"\xc3\xa9\"", NULL},
	{"\"\x7f\"", "\"\\u007f\""},
	{"\"// no comment\"", NULL},
	{"\"yes\"", NULL},
	{"\"\\\\u0041\"", NULL},
	/* white space */
	{" \t\r\n 1 \n", "1"},
	{"\n\n[\n1\n]\n\n", "[1]"},
};

static void assert_json_text(const char *text, const char *want)
{
	cleanup_buf struct buf out = BUF_TEXT;
	const struct node *where;
	const char *why = "";
	struct reading r;

	reading_of(&r, text);
	if (r.s.problems.n)
		fail_msg("<%s>: %s", text, r.s.problems.v[0].message);
	assert_int_equal(r.s.documents.n, 1);
	assert_true(r.s.documents.v[0].json);
	if (!node_to_json(r.s.documents.v[0].root, &out, &why, &where))
		fail_msg("<%s>: %s", text, why);
	assert_slice(buf_slice(&out), want);
	reading_release(&r);
}

static void test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		cleanup_buf struct buf text = BUF_TEXT, want = BUF_TEXT;

		/* A DEL in the input is no printable character of YAML, so the byte check refuses it before. */
		if (strchr(accepted[i].text, 0x7f))
			continue;
		buf_addf(&text, "{\"a\":%s}", accepted[i].text);
		buf_addf(&want, "{\"a\":%s}", accepted[i].json ? accepted[i].json : accepted[i].text);
		assert_json_text(buf_str(&text), buf_str(&want));
	}
}

/* Whole inputs that begin with '{' and are no JSON. Whether YAML can read them is another matter. */
static const char *const rejected[] = {
	/* structure */
	"{",
	"{]",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{\"a\":1,}",
	"{,}",
	"{\"a\":1,,\"b\":2}",
	"{\"a\" 1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\"::1}",
	"{a:1}",
	"{'a':1}",
	"{1:1}",
	"{null:1}",
	"{\"a\":1]",
	"{\"a\":[1}",
	"{\"a\":[1,]}",
	"{\"a\":[,1]}",
	"{\"a\":[1 2]}",
	"{\"a\":[1:2]}",
	"{\"a\":[}",
	"{\"a\":}",
	"{\"a\",}",
	"{[1]:2}",
	"{{}:2}",
	"{\"a\":1;}",
	"{\"a\":=1}",
	/* words */
	"{\"a\":True}",
	"{\"a\":TRUE}",
	"{\"a\":nul}",
	"{\"a\":nullx}",
	"{\"a\":tru}",
	"{\"a\":yes}",
	"{\"a\":undefined}",
	"{\"a\":x}",
	"{\"a\":truefalse}",
	/* numbers */
	"{\"a\":01}",
	"{\"a\":-}",
	"{\"a\":-01}",
	"{\"a\":+1}",
	"{\"a\":.5}",
	"{\"a\":1.}",
	"{\"a\":1.e5}",
	"{\"a\":1e}",
	"{\"a\":1e+}",
	"{\"a\":0x10}",
	"{\"a\":1_000}",
	"{\"a\":--1}",
	"{\"a\":1.2.3}",
	"{\"a\":NaN}",
	"{\"a\":Infinity}",
	"{\"a\":-Infinity}",
	"{\"a\":0e}",
	"{\"a\":1a}",
	"{\"a\":- 1}",
	/* strings */
	"{\"a\":\"}",
	"{\"a\":\"x}",
	"{\"a\":'x'}",
	"{\"a\":\"\\x41\"}",
	"{\"a\":\"\\u12\"}",
	"{\"a\":\"\\u12g4\"}",
	"{\"a\":\"\\'\"}",
	"{\"a\":\"\\\"}",
	"{\"a\":\"x\ny\"}",
	"{\"a\":\"x\ty\"}",
	"{\"a\":\"\\ud800\"}",
	"{\"a\":\"\\udc00\"}",
	"{\"a\":\"\\ud800\\u0041\"}",
	"{\"a\":\"\\ud83d\\ud83d\"}",
	"{\"a\":\"\\U0041\"}",
	"{\"a\":\"\\",
	"{\"a\":\"\\u",
	"{\"\\x\":1}",
	/* what other dialects have */
	"{/* c */\"a\":1}",
	"{\"a\":1 // c\n}",
	"{# c\n\"a\":1}",
	"{\"a\":1}}",
	"{\"a\":1}]",
	"{\"a\":1},",
	"{\"a\":1}x",
	"{\"a\":1} #c",
};

static void test_rejected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rejected); i++) {
		struct input in = {.name = "json", .bytes = slice_str(rejected[i])};
		struct limits limits = LIMITS_DEFAULT;
		struct err err = ERR_INIT;
		struct stream s;
		size_t yaml_from = 0;
		bool head = slice_starts(in.bytes, "{\"a\":1}"); /* a value, and then no JSON */

		stream_init(&s, &limits);
		assert_int_equal(stream_read_json(&s, &in, &yaml_from, &err), 0);
		if (s.documents.n != (head ? 1 : 0))
			fail_msg("%zu documents in <%s>", s.documents.n, rejected[i]);
		if (yaml_from == SIZE_MAX && s.problems.n != 1)
			fail_msg("no YAML and no problem in <%s>", rejected[i]);
		if (yaml_from != SIZE_MAX && (s.problems.n || yaml_from > in.bytes.n))
			fail_msg("YAML from %zu in <%s>", yaml_from, rejected[i]);
		stream_release(&s);
	}
}

/* Where YAML goes on after JSON, as the API machinery's decoder has it. */
static const struct {
	const char *text;
	size_t json, all; /* documents */
	bool problem;
} mixed[] = {
	{"{\"a\":1}{\"b\":2}", 2, 2, false},
	{"{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}", 3, 3, false},
	{"{\"a\":1} null {\"b\":2}", 3, 3, false},
	{"{\"a\":1}\n---\nb: 2\n", 1, 2, false},
	{"{\"a\":1}\n{b: 2}\n", 1, 2, false},
	{"{a: 1}\n", 0, 1, false},
	{"{a: 1}\n---\n{\"b\": 2}\n", 0, 2, false},   /* later chunks are always YAML */
	{"{\"a\":1}\n{\"b\":2}\nc: 3\n", 2, 2, true}, /* two values, and then no JSON */
	{"{\"a\":1}\nx", 1, 1, true},		      /* fewer than four bytes left to look at */
	{"\n \t{\"a\":1}\n", 1, 1, false},
	{" {a: 1}\n", 0, 1, false},
};

static void test_mixed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mixed); i++) {
		struct reading r;
		size_t json = 0;

		reading_of(&r, mixed[i].text);
		for (size_t k = 0; k < r.s.documents.n; k++)
			json += r.s.documents.v[k].json;
		if (json != mixed[i].json || r.s.documents.n != mixed[i].all ||
		    (r.s.problems.n > 0) != mixed[i].problem)
			fail_msg("<%s>: %zu of %zu documents JSON, problem: %s", mixed[i].text, json, r.s.documents.n,
				 r.s.problems.n ? r.s.problems.v[0].message : "none");
		reading_release(&r);
	}
}

static void test_guess(void **state)
{
	static const struct {
		const char *text;
		enum json_guess want;
	} rows[] = {
		{"", JSON_NO},
		{"{", JSON_MAYBE},
		{" \n\t\r{", JSON_MAYBE},
		{"[1]", JSON_NO},
		{"a: {}", JSON_NO},
		{"# c\n{}", JSON_NO},
		{"---\n{}", JSON_NO},
		{"\"x\"", JSON_NO},
		{"\xc2\xa0{}", JSON_UNCLEAR},
		{" \xe3\x80\x80 {}", JSON_UNCLEAR},
		{"\xc2\xa0 a: 1", JSON_NO},
	};
	static char far[5000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (json_guess(slice_str(rows[i].text)) != rows[i].want)
			fail_msg("<%s> is %d", rows[i].text, (int)json_guess(slice_str(rows[i].text)));
	/* The API machinery looks at the first 4096 bytes. */
	memset(far, ' ', sizeof(far));
	far[4095] = '{';
	assert_int_equal(json_guess(slice_of(far, sizeof(far))), JSON_MAYBE);
	far[4095] = ' ';
	far[4096] = '{';
	assert_int_equal(json_guess(slice_of(far, sizeof(far))), JSON_NO);
}

static void test_depth(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	static char text[2000];
	struct reading r;
	size_t n;

	(void)state;
	for (int over = 0; over < 2; over++) {
		n = (size_t)snprintf(text, sizeof(text), "{\"a\":");
		for (unsigned i = 0; i < limits.depth - 1 + (unsigned)over; i++)
			text[n++] = '[';
		for (unsigned i = 0; i < limits.depth - 1 + (unsigned)over; i++)
			text[n++] = ']';
		text[n++] = '}';
		reading_init(&r, slice_of(text, n), &limits);
		assert_int_equal(r.s.problems.n, over);
		if (over)
			assert_non_null(strstr(r.s.problems.v[0].message, "nested deeper"));
		reading_release(&r);
	}
}

/* Spans: keys and values with their quotes, collections with their brackets. */
static void test_spans(void **state)
{
	const struct node *root, *k, *list;
	struct reading r;

	(void)state;
	root = reading_root(&r, " {\"a\" : \"x\\ty\" , \"b\":[ 1.50, {\"c\":null} ]}\n");
	assert_slice(source_of(&r, root), "{\"a\" : \"x\\ty\" , \"b\":[ 1.50, {\"c\":null} ]}");
	k = root->child;
	assert_slice(source_of(&r, k), "\"a\"");
	assert_slice(source_of(&r, k->next), "\"x\\ty\"");
	assert_slice(node_text(k->next), "x\ty");
	list = node_lookup(root, "b");
	assert_slice(source_of(&r, list), "[ 1.50, {\"c\":null} ]");
	assert_slice(source_of(&r, list->child), "1.50");
	assert_int_equal(list->child->type, TYPE_FLOAT);
	assert_slice(source_of(&r, list->child->next), "{\"c\":null}");
	assert_true(node_is_null(node_lookup(list->child->next, "c")));
	reading_release(&r);
}

/* Keys are strings here, whatever they look like: `1` and `"1"` cannot meet, "<<" merges nothing. */
static void test_keys(void **state)
{
	const struct node *root;
	struct reading r;

	(void)state;
	root = reading_root(&r, "{\"1\":\"a\",\"true\":\"b\",\"<<\":{\"c\":\"d\"},\"\":\"e\"}");
	assert_true(node_string_is(node_lookup(root, "1"), "a"));
	assert_true(node_string_is(node_lookup(root, "true"), "b"));
	assert_true(node_string_is(node_lookup(root, ""), "e"));
	assert_null(node_lookup(root, "c"));
	assert_true(node_is_mapping(node_lookup(root, "<<")));
	assert_false(r.s.documents.v[0].duplicate_keys);
	reading_release(&r);
	reading_of(&r, "{\"a\":1,\"a\":\"x\"}");
	assert_true(r.s.documents.v[0].duplicate_keys);
	assert_false(r.s.documents.v[0].random_keys);
	assert_true(node_string_is(node_lookup(r.s.documents.v[0].root, "a"), "x"));
	reading_release(&r);
}

static void test_quote(void **state)
{
	cleanup_buf struct buf out = BUF_TEXT;

	(void)state;
	json_quote(slice_of("a\"\\\n\r\t\0\x01\x1f\x7f/\xc3\xa9", 13), &out);
	assert_slice(buf_slice(&out), "\"a\\\"\\\\\\n\\r\\t\\u0000\\u0001\\u001f\\u007f/\xc3\xa9\"");
	buf_reuse(&out);
	json_quote(SLICE_EMPTY, &out);
	assert_slice(buf_slice(&out), "\"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted), cmocka_unit_test(test_rejected), cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_guess),	 cmocka_unit_test(test_depth),	  cmocka_unit_test(test_spans),
		cmocka_unit_test(test_keys),	 cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
