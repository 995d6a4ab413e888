/*
 * test_yaml.c: bytes, spans, positions, mappings as the cluster reads them, and strings written back.
 */
#include "reading.h"

/* --- bytes ----------------------------------------------------------------------------------------------------- */

static const struct {
	const char *bytes;
	size_t n;  /* 0: strlen */
	size_t at; /* SIZE_MAX: valid */
	const char *why;
	bool odd;
} byte_cases[] = {
	{"", 0, SIZE_MAX, NULL, false},
	{"a\tb\nc~ ", 0, SIZE_MAX, NULL, false},
	{"a\r\nb", 0, SIZE_MAX, NULL, true},
	{"0123456789abcdef\r", 0, SIZE_MAX, NULL, true},
	{"a\0b", 3, 1, "a NUL byte", false},
	{"a\x01", 0, 1, "a control character", false},
	{"12345678\x1f", 0, 8, "a control character", false},
	{"1234567\x7f", 0, 7, "a control character", false},
	{"\x0b", 0, 0, "a control character", false},
	/* UTF-8: shortest forms, no surrogates, nothing above U+10FFFF, nothing cut */
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 0, SIZE_MAX, NULL, false},
	{"\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbd", 0, SIZE_MAX, NULL, false},
	{"\x80", 0, 0, "invalid UTF-8", false},
	{"a\xbf", 0, 1, "invalid UTF-8", false},
	{"\xc0\x80", 0, 0, "invalid UTF-8", false},
	{"\xc1\xbf", 0, 0, "invalid UTF-8", false},
	{"\xe0\x9f\xbf", 0, 0, "invalid UTF-8", false},
	{"\xf0\x8f\xbf\xbf", 0, 0, "invalid UTF-8", false},
	{"\xf4\x90\x80\x80", 0, 0, "invalid UTF-8", false},
	{"\xf5\x80\x80\x80", 0, 0, "invalid UTF-8", false},
	{"\xff", 0, 0, "invalid UTF-8", false},
	{"ab\xc3", 0, 2, "invalid UTF-8", false},
	{"ab\xe2\x82", 0, 2, "invalid UTF-8", false},
	{"ab\xf0\x9f\x98", 0, 2, "invalid UTF-8", false},
	{"\xe2\x82z", 0, 0, "invalid UTF-8", false},
	{"\xed\xa0\x80", 0, 0, "a UTF-16 surrogate", false},
	{"\xed\xbf\xbf", 0, 0, "a UTF-16 surrogate", false},
	/* what is no printable character of YAML */
	{"\xc2\x80", 0, 0, "a control character", false},
	{"\xc2\x9f", 0, 0, "a control character", false},
	{"\xef\xbf\xbe", 0, 0, "a control character", false},
	{"\xef\xbf\xbf", 0, 0, "a control character", false},
	/* line ends that not every reader knows */
	{"\xc2\x85", 0, SIZE_MAX, NULL, true},
	{"a\xe2\x80\xa8", 0, SIZE_MAX, NULL, true},
	{"\xe2\x80\xa9", 0, SIZE_MAX, NULL, true},
	{"\xe2\x80\xa7\xe2\x80\xaa\xc2\x86", 0, 6, "a control character", false},
	/* marks */
	{"\xef\xbb\xbf"
	 "a",
	 0, SIZE_MAX, NULL, false},
	{"\xef\xbb\xbf\xef\xbb\xbf", 0, 3, "a byte order mark inside the stream", false},
	{"a\xef\xbb\xbf", 0, 1, "a byte order mark inside the stream", false},
	{"\xff\xfe"
	 "a\0",
	 4, 0, "UTF-16; the stream must be UTF-8", false},
	{"\xfe\xff\0a", 4, 0, "UTF-16; the stream must be UTF-8", false},
};

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(byte_cases); i++) {
		struct slice s =
			slice_of(byte_cases[i].bytes, byte_cases[i].n ? byte_cases[i].n : strlen(byte_cases[i].bytes));
		const char *why = NULL;
		size_t at = SIZE_MAX;
		bool odd, ok = bytes_valid(s, &odd, &at, &why);

		if (ok != (byte_cases[i].at == SIZE_MAX) ||
		    (!ok && (at != byte_cases[i].at || strcmp(why, byte_cases[i].why) != 0)))
			fail_msg("row %zu: valid %d, %zu, %s", i, ok, at, why ? why : "-");
		if (ok && odd != byte_cases[i].odd)
			fail_msg("row %zu: odd %d", i, odd);
	}
}

/* Wherever it stands among others: eight bytes are looked at in one step. */
static void test_bytes_anywhere(void **state)
{
	static const char *const bad[] = {"\x01", "\x7f", "\x80", "\xc2\x80", "\xed\xa0\x80"};
	char text[64];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
		for (size_t pos = 0; pos + 8 < sizeof(text); pos++) {
			const char *why;
			size_t at;
			bool odd;

			for (size_t i = 0; i < sizeof(text); i++)
				text[i] = i % 11 == 10 ? '\n' : 'x';
			assert_true(bytes_valid(slice_of(text, sizeof(text)), &odd, &at, &why));
			assert_false(odd);
			memcpy(text + pos, bad[k], strlen(bad[k]));
			assert_false(bytes_valid(slice_of(text, sizeof(text)), &odd, &at, &why));
			assert_int_equal(at, pos);
			memcpy(text + pos, "\xc2\x85x", 3);
			assert_true(bytes_valid(slice_of(text, sizeof(text)), &odd, &at, &why));
			assert_true(odd);
		}
}

/* --- spans ----------------------------------------------------------------------------------------------------- */

/* The source of every scalar and alias, in the order of the document. */
static const struct {
	const char *text;
	const char *sources[12];
} span_cases[] = {
	{"a: b\n", {"a", "b"}},
	{"a: b", {"a", "b"}},
	{"a:   b c   # d\n", {"a", "b c"}},
	{"a:\n", {"a", ""}},
	{"a:\nb: 1\n", {"a", "", "b", "1"}},
	{"\"a\": 'b''c'\n", {"\"a\"", "'b''c'"}},
	{"a: \"b\\\"c\" \n", {"a", "\"b\\\"c\""}},
	{"a: \"b\n  c\"\nd: e\n", {"a", "\"b\n  c\"", "d", "e"}},
	{"a: b\n  c\nd: e\n", {"a", "b\n  c", "d", "e"}},
	{"a: |\n  b\n  c\nd: e\n", {"a", "|\n  b\n  c\n", "d", "e"}},
	{"a: >-  # x\n  b\n\n\nd: e\n", {"a", ">-  # x\n  b\n\n\n", "d", "e"}},
	{"a: |+\n  b\n\n\nd: e\n", {"a", "|+\n  b\n\n\n", "d", "e"}},
	{"a: |2\n   b\n", {"a", "|2\n   b\n"}},
	{"a: |\n  b", {"a", "|\n  b"}},
	{"- a\n-  b\n- - c\n  - d\n", {"a", "b", "c", "d"}},
	{"- \n- x\n", {"", "x"}},
	{"[a, 'b', \"c\", {d: e}]\n", {"a", "'b'", "\"c\"", "d", "e"}},
	{"{a: , b: 1, c}\n", {"a", "", "b", "1", "c", ""}},
	{"k: &x !!str v\nl: *x\n", {"k", "&x !!str v", "l", "*x"}},
	{"k: !!str &x v\n", {"k", "!!str &x v"}},
	{"k: &x\nl: 1\n", {"k", "&x", "l", "1"}},
	{"? a\n: b\n", {"a", "b"}},
	{"é: \"ü😀\"\nk: x\n", {"é", "\"ü😀\"", "k", "x"}},
	{"é: |\n  ü\n  😀\nk: x\n", {"é", "|\n  ü\n  😀\n", "k", "x"}},
	{"a: b\r\nc: |\r\n  d\r\ne: 'f'\r\n", {"a", "b", "c", "|\r\n  d\r\n", "e", "'f'"}},
	{"# é\na: b # ü\nc: d\n", {"a", "b", "c", "d"}},
	{"\xef\xbb\xbf"
	 "a: b\n",
	 {"a", "b"}},
	{"\xef\xbb\xbf"
	 "é: ü\n",
	 {"é", "ü"}},
	{"---\na: b\n", {"a", "b"}},
	{"a: http://x/y?z#w\n", {"a", "http://x/y?z#w"}},
	{"a: -1\nb: '-1'\n", {"a", "-1", "b", "'-1'"}},
};

static void check_span(const struct reading *r, const struct node *n, const char *const **want, const char *text)
{
	if (n->kind == NODE_SCALAR || n->kind == NODE_ALIAS) {
		if (!**want)
			fail_msg("more scalars than expected in <%s>", text);
		if (!slice_is(source_of(r, n), **want))
			fail_msg("<" SLICE_FMT ">, not <%s>, in <%s>", SLICE_ARG(source_of(r, n)), **want, text);
		++*want;
		return;
	}
	for (const struct node *c = n->child; c; c = c->next) {
		assert_ptr_equal(c->parent, n);
		assert_true(n->start <= c->start && c->end <= n->end);
		assert_true(!c->next || c->end <= c->next->start);
		check_span(r, c, want, text);
	}
}

static void test_spans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(span_cases); i++) {
		const char *const *want = span_cases[i].sources;
		struct reading r;

		check_span(&r, reading_root(&r, span_cases[i].text), &want, span_cases[i].text);
		if (*want)
			fail_msg("no scalar <%s> in <%s>", *want, span_cases[i].text);
		reading_release(&r);
	}
}

static void test_collection_spans(void **state)
{
	static const struct {
		const char *text, *path, *source;
	} rows[] = {
		{"a:\n  b: 1\n  c: 2\n\n\nd: 3\n", "a", "b: 1\n  c: 2"},
		{"a:\n- 1\n- 2\nd: 3\n", "a", "- 1\n- 2"},
		{"a:\n  - b: 1\n    c: 2\nd: 3\n", "a", "- b: 1\n    c: 2"},
		{"a: [1, 2 ]  # c\nd: 3\n", "a", "[1, 2 ]"},
		{"a: {b: [1,\n  2]}\n", "a", "{b: [1,\n  2]}"},
		{"a: &x {b: 1}\n", "a", "&x {b: 1}"},
		{"a: &x\n  b: 1\n", "a", "&x\n  b: 1"},
		{"a: {}\n", "a", "{}"},
		{"a:\n  b: |\n    x\n  c:\nd: 1\n", "a", "b: |\n    x\n  c:"},
		{"a:\n  b: |\n    x\nd: 1\n", "a", "b: |\n    x\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct node *root;
		struct reading r;

		root = reading_root(&r, rows[i].text);
		assert_slice(source_of(&r, node_at(root, rows[i].path)), rows[i].source);
		reading_release(&r);
	}
}

/* Decoded texts, and the input itself where nothing needed decoding. */
static void test_texts(void **state)
{
	static const struct {
		const char *text, *value;
		bool in_place;
	} rows[] = {
		{"k: v w\n", "v w", true},
		{"k: 'v w'\n", "v w", true},
		{"k: \"v w\"\n", "v w", true},
		{"k: 'it''s'\n", "it's", false},
		{"k: \"a\\tb\"\n", "a\tb", false},
		{"k: \"\\u00e9\"\n", "é", false},
		{"k: v\n  w\n", "v w", false},
		{"k: |\n  a\n  b\n", "a\nb\n", false},
		{"k: |-\n  a\n", "a", false},
		{"k: |+\n  a\n\n", "a\n\n", false},
		{"k: >\n  a\n  b\n\n  c\n", "a b\nc\n", false},
		{"k: |\n  a", "a\n", false},
		{"k: |\r\n  a\r\n  b\r\n", "a\nb\n", false},
		{"k: \"a\\\n  b\"\n", "ab", false},
		{"k: é ü\n", "é ü", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct node *v;
		struct reading r;

		v = node_lookup(reading_root(&r, rows[i].text), "k");
		assert_slice(node_text(v), rows[i].value);
		assert_int_equal(v->text >= r.bytes && v->text < r.bytes + strlen(rows[i].text), rows[i].in_place);
		reading_release(&r);
	}
}

/* --- positions ------------------------------------------------------------------------------------------------- */

static void test_positions(void **state)
{
	static const char text[] = "a: 1\r\né: ü😀x\n\n  last";
	static const struct {
		size_t at, line, column;
		const char *text;
	} rows[] = {
		{0, 1, 1, "a: 1"},    {4, 1, 5, "a: 1"},    {5, 1, 6, "a: 1"},	  {6, 2, 1, "é: ü😀x"},
		{8, 2, 2, "é: ü😀x"},  {12, 2, 5, "é: ü😀x"}, {16, 2, 6, "é: ü😀x"}, {18, 3, 1, ""},
		{19, 4, 1, "  last"}, {21, 4, 3, "  last"}, {25, 4, 7, "  last"}, {26, 0, 0, ""},
	};
	struct reading r;

	(void)state;
	assert_int_equal(sizeof(text) - 1, 25);
	reading_init(&r, SLICE("a: 1\r\né: ü😀x\n\n  last"), &LIMITS_DEFAULT);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct position p = input_position(r.s.inputs.v[0], rows[i].at);

		if (p.line != rows[i].line || p.column != rows[i].column)
			fail_msg("byte %zu is %zu:%zu", rows[i].at, p.line, p.column);
		assert_slice(p.text, rows[i].text);
	}
	reading_release(&r);
	reading_of(&r, "");
	assert_int_equal(input_position(r.s.inputs.v[0], 0).line, 1);
	reading_release(&r);
}

/* Long lines of characters of one to four bytes: the same as counting from the line's start. */
static void test_positions_in_long_lines(void **state)
{
	static const char *const characters[] = {"a", "\u00e9", "\u20ac", "\U0001f600"};
	struct random random = {0x9e3779b97f4a7c15};

	(void)state;
	for (size_t plain = 0; plain < 2; plain++) {
		cleanup_buf struct buf text = BUF_TEXT;
		size_t column = 1, line = 1;
		struct reading r;

		buf_adds(&text, "a: \"");
		for (int i = 0; i < 20000; i++)
			buf_adds(&text, plain ? "a" : characters[random_below(&random, 4)]);
		buf_adds(&text, "\"\nb: ");
		buf_fill(&text, 'x', 5000);
		buf_addc(&text, '\n');
		reading_of(&r, buf_str(&text));
		for (size_t at = 0; at < text.n; at++) {
			struct position p = input_position(r.s.inputs.v[0], at);

			if ((text.p[at] & 0xc0) != 0x80 && (p.line != line || p.column != column))
				fail_msg("byte %zu is %zu:%zu, not %zu:%zu", at, p.line, p.column, line, column);
			assert_int_equal(p.width, line == 1 ? 20005 : 5003);
			column += ((unsigned char)text.p[at + 1] & 0xc0) != 0x80;
			if (text.p[at] == '\n') {
				line++;
				column = 1;
			}
		}
		reading_release(&r);
	}
}

/* --- what is refused ------------------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	enum problem_kind kind;
	size_t at;
	const char *message; /* a part of it */
} refused[] = {
	{"a: [1\n", PROBLEM_STREAM, 6, "did not find expected ',' or ']'"},
	{"a: b: c\n", PROBLEM_STREAM, 4, "mapping values are not allowed"},
	{"é: [1\nü: ]\n", PROBLEM_STREAM, 9, "not YAML"},
	{"a:\n\t- 1\n", PROBLEM_STREAM, 3, "a tab indents the line"},
	{"a: *x\n", PROBLEM_STREAM, 3, "an alias without its anchor"},
	{"a: &x [*x]\n", PROBLEM_STREAM, 7, "contains itself"},
	{"&k a: 1\n*k : 2\n", PROBLEM_AMBIGUOUS, 8, "an alias as a mapping key"},
	{"? [a]\n: 1\n", PROBLEM_STREAM, 2, "itself a collection"},
	{"~: 1\n", PROBLEM_STREAM, 0, "without a clear form"},
	{": 1\n", PROBLEM_STREAM, 0, "not YAML"},
	{"18446744073709551615: 1\n", PROBLEM_STREAM, 0, "without a clear form"},
	{".nan: 1\n", PROBLEM_STREAM, 0, "without a clear form"},
	{"{a: !x,y b}\n", PROBLEM_AMBIGUOUS, 4, "a tag inside a flow collection"},
	{"{!, x: 1}\n", PROBLEM_AMBIGUOUS, 1, "a tag inside a flow collection"},
	{"[&x !!int,1]\n", PROBLEM_AMBIGUOUS, 1, "a tag inside a flow collection"},
	{"{a: b?c}\n", PROBLEM_AMBIGUOUS, 4, "a '?' in an unquoted value"},
	{"a: \"\\/\"\n", PROBLEM_STREAM, 4, "the escape"},
	{"a: 1\n...\nb: 2\n", PROBLEM_STREAM, 9, "did not find expected <document start>"},
	{"%YAML 1.1\n", PROBLEM_AMBIGUOUS, 0, "'%'"},
	{"a: b\n%x\n", PROBLEM_AMBIGUOUS, 5, "'%'"},
	{"a: !!int x\n", PROBLEM_STREAM, 3, "its tag does not allow"},
	{"a: !!binary '*'\n", PROBLEM_STREAM, 3, "base64"},
	{"a: !!binary gIE=\n", PROBLEM_STREAM, 3, "base64"},
	{"a: 1\rb: 2\n", PROBLEM_AMBIGUOUS, 4, "carriage return"},
	{"a: 1 # x\xc2\x85y\n", PROBLEM_AMBIGUOUS, 8, "NEL"},
	{"a: |\n  x\xe2\x80\xa8y\n", PROBLEM_AMBIGUOUS, 8, "LS"},
	{"a: x\xe2\x80\xa9y\n", PROBLEM_AMBIGUOUS, 4, "PS"},
	{"a: &x {b: 1}\nc: {<<: *x, <<: *x}\n", PROBLEM_AMBIGUOUS, 25, "two merge keys"},
	{"a: {<<: 1}\n", PROBLEM_STREAM, 8, "a merge key whose value"},
	{"a: {<<: [1]}\n", PROBLEM_STREAM, 8, "a merge key whose value"},
	{"l: &l [{a: 1}]\nb: {<<: *l}\n", PROBLEM_STREAM, 23, "a merge key whose value"},
	{"a: &x {b: 1}\nc: {b: 2, <<: *x}\n", PROBLEM_AMBIGUOUS, 17, "overrides"},
	{"a: 1\n---b\n", PROBLEM_STREAM, 8, "after the document separator"},
	{"a\0b", PROBLEM_STREAM, 1, ""},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_SIZE(refused); i++) {
		struct reading r;

		reading_of(&r, refused[i].text);
		if (!r.s.problems.n)
			fail_msg("nothing found in <%s>", refused[i].text);
		if (r.s.problems.v[0].kind != refused[i].kind || r.s.problems.v[0].at != refused[i].at ||
		    !strstr(r.s.problems.v[0].message, refused[i].message))
			fail_msg("<%s>: kind %d at %zu: %s", refused[i].text, (int)r.s.problems.v[0].kind,
				 r.s.problems.v[0].at, r.s.problems.v[0].message);
		reading_release(&r);
	}
}

/* A document with a problem has no root: nobody reads half of one. */
static void test_refused_has_no_root(void **state)
{
	static const char *const texts[] = {"~: 1\nb: 2\n",	"a: {<<: 1}\n", "a: &x {b: 1}\nc: {b: 2, <<: *x}\n",
					    "a: *x\n",		"a: [\n",	"{\"a\":1,\"b\":\"\\ud800\"}",
					    "a: 1\n...\nb: 2\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct reading r;

		reading_of(&r, texts[i]);
		assert_true(r.s.problems.n > 0);
		for (size_t k = 0; k < r.s.documents.n; k++)
			if (r.s.documents.v[k].root)
				fail_msg("<%s> has a root in spite of: %s", texts[i], r.s.problems.v[0].message);
		reading_release(&r);
	}
}

static void test_limits(void **state)
{
	struct limits limits = {.bytes = 40, .depth = 4, .nodes = 12};
	struct reading r;

	(void)state;
	reading_init(&r, SLICE("a: {b: {c: {}}}\n"), &limits);
	assert_int_equal(r.s.problems.n, 0);
	reading_release(&r);
	reading_init(&r, SLICE("a: {b: {c: {d: {}}}}\n"), &limits);
	assert_non_null(strstr(r.s.problems.v[0].message, "nested deeper"));
	assert_int_equal(r.s.problems.v[0].at, 15);
	reading_release(&r);
	reading_init(&r, SLICE("[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]\n"), &limits);
	assert_int_equal(r.s.problems.n, 0);
	reading_release(&r);
	reading_init(&r, SLICE("[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]\n"), &limits);
	assert_non_null(strstr(r.s.problems.v[0].message, "more nodes"));
	reading_release(&r);
	reading_init(&r, SLICE("{\"a\":[1,2,3,4,5,6,7,8,9]}"), &limits);
	assert_int_equal(r.s.problems.n, 0);
	reading_release(&r);
	reading_init(&r, SLICE("{\"a\":[1,2,3,4,5,6,7,8,9,0]}"), &limits);
	assert_non_null(strstr(r.s.problems.v[0].message, "more nodes"));
	reading_release(&r);
	reading_init(&r, SLICE("a: 0123456789012345678901234567890123456789\n"), &limits);
	assert_non_null(strstr(r.s.problems.v[0].message, "the limit is"));
	assert_int_equal(r.s.documents.n, 0);
	reading_release(&r);
}

/* Texts that multiply, and texts that only look like it. */
static void test_bombs(void **state)
{
	cleanup_buf struct buf bomb = BUF_TEXT, many = BUF_TEXT, deep = BUF_TEXT, merges = BUF_TEXT;
	struct reading r;

	(void)state;
	buf_adds(&bomb, "l0: &l0 [x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 10; i++)
		buf_addf(&bomb, "l%d: &l%d [*l%d,*l%d,*l%d,*l%d,*l%d,*l%d,*l%d,*l%d,*l%d]\n", i, i, i - 1, i - 1, i - 1,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	reading_of(&r, buf_str(&bomb));
	assert_non_null(strstr(r.s.problems.v[0].message, "excessive aliasing"));
	reading_release(&r);
	buf_adds(&many, "a: &a x\nl:\n");
	for (int i = 0; i < 1500; i++) /* one alias for each plain item: more than enough of the document is its own */
		buf_addf(&many, "- *a\n- p%d\n", i);
	reading_root(&r, buf_str(&many));
	reading_release(&r);
	buf_adds(&deep, "l0: &l0 [[[[[[[[[[x]]]]]]]]]]\n");
	for (int i = 1; i < 40; i++)
		buf_addf(&deep, "l%d: &l%d [[[[[[[[[[*l%d]]]]]]]]]]\n", i, i, i - 1);
	reading_of(&r, buf_str(&deep));
	assert_true(r.s.problems.n > 0);
	reading_release(&r);
	/* Deep ones in a row: refused before they are as deep on the stack. */
	buf_reuse(&deep);
	buf_adds(&deep, "l0: &l0 [x]\n");
	for (int i = 1; i < 60; i++) {
		buf_addf(&deep, "l%d: &l%d ", i, i);
		buf_fill(&deep, '[', 250);
		buf_addf(&deep, "*l%d", i - 1);
		buf_fill(&deep, ']', 250);
		buf_addc(&deep, '\n');
	}
	reading_of(&r, buf_str(&deep));
	assert_non_null(strstr(r.s.problems.v[0].message, "nested deeper"));
	reading_release(&r);
	/* Merges of merges are refused, and nobody follows them afterwards. */
	buf_adds(&merges, "l0: &l0 {x: 1}\n");
	for (int i = 1; i < 8; i++) {
		buf_addf(&merges, "l%d: &l%d {<<: [", i, i);
		for (int k = 0; k < 60; k++)
			buf_addf(&merges, "*l%d, ", i - 1);
		buf_adds(&merges, "]}\n");
	}
	buf_adds(&merges, "<<: *l7\n");
	reading_of(&r, buf_str(&merges));
	assert_true(r.s.problems.n > 0);
	assert_null(r.s.documents.v[0].root);
	reading_release(&r);
}

/* All that one list of merges may bring, and how it is read: each key once, the first of the list wins. */
static void test_many_merged_keys(void **state)
{
	cleanup_buf struct buf text = BUF_TEXT;
	const struct node *all;
	struct reading r;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 64; i++) {
		buf_addf(&text, "a%d: &a%d {same: from%d", i, i, i);
		for (int k = 1; k < 1000; k++)
			buf_addf(&text, ", k%d_%d: v", i, k);
		buf_adds(&text, "}\n");
	}
	buf_adds(&text, "all: {<<: [");
	for (int i = 0; i < 64; i++)
		buf_addf(&text, "%s*a%d", i ? ", " : "", i);
	buf_adds(&text, "], own: x, k3_7: mine}\n");
	all = node_lookup(reading_root(&r, buf_str(&text)), "all");
	for (struct map_iter it = map_iter_of(all); map_next(&it); n++)
		;
	assert_int_equal(n, 64 * 999 + 1 + 1); /* 'same' once, 'own', and k3_7 as written */
	assert_slice(node_string(node_lookup(all, "same")), "from0");
	assert_slice(node_string(node_lookup(all, "k3_7")), "mine");
	assert_slice(node_string(node_lookup(all, "k63_999")), "v");
	assert_null(node_lookup(all, "<<"));
	reading_release(&r);
}

/* Paths of items: a name that no other item has, however many there are, also through aliases and merges. */
static void test_names_of_items(void **state)
{
	static const struct {
		const char *head, *items, *path;
	} rows[] = {
		{"", "- {name: x}", "l[x]"},
		{"", "- {name: x}\n- {name: x}", "l[%zu]"},
		{"b: &b {name: x}\n", "- *b\n- {name: x}", "l[%zu]"},
		{"b: &b {name: x}\n", "- {<<: *b}", "l[x]"},
		{"b: &b {name: x}\n", "- {name: x}\n- {<<: *b}", "l[%zu]"},
		{"", "- {name: y, name: x}", "l[%zu]"},
		{"", "- {name: 7}", "l[%zu]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		size_t others = i % 2 ? 40 : 2;
		cleanup_buf struct buf text = BUF_TEXT, path = BUF_TEXT, want = BUF_TEXT;
		const struct node *item;
		struct reading r;

		buf_addf(&text, "%sl:\n", rows[i / 2].head);
		for (size_t k = 0; k < others; k++)
			buf_addf(&text, "- {name: other%zu}\n", k);
		buf_addf(&text, "%s\n", rows[i / 2].items);
		item = node_lookup(reading_root(&r, buf_str(&text)), "l")->child;
		for (size_t k = 0; k < others; k++)
			item = item->next;
		node_path(item, &path);
		if (slice_find(slice_str(rows[i / 2].path), "%") == SIZE_MAX)
			buf_adds(&want, rows[i / 2].path);
		else
			buf_addf(&want, "l[%zu]", others);
		assert_slice(buf_slice(&path), buf_str(&want));
		reading_release(&r);
	}
}

/* --- mappings -------------------------------------------------------------------------------------------------- */

/* The document as the cluster has it. */
static const struct {
	const char *text, *json;
	bool duplicates, random;
} mappings[] = {
	{"a: 1\nb: 2\n", "{\"a\":1,\"b\":2}", false, false},
	{"a: 1\nb: 2\na: 3\n", "{\"b\":2,\"a\":3}", true, false},
	{"\"a\": 1\na: 2\n", "{\"a\":2}", true, false},
	{"1: x\n1: z\n", "{\"1\":\"z\"}", true, false},
	{"1: x\n\"1\": z\n", "{\"1\":\"z\"}", true, true},
	{"true: x\n\"true\": z\n", "{\"true\":\"z\"}", true, true},
	{"y: x\non: z\n", "{\"true\":\"z\"}", true, false},
	{"1: x\n0x1: z\n", "{\"1\":\"z\"}", true, false},
	{"1: x\n1.0: z\n", "{\"1\":\"z\"}", true, true},
	{"y: 1\nn: 2\n010: 3\n1.5: 4\n0x10: 5\n", "{\"true\":1,\"false\":2,\"8\":3,\"1.5\":4,\"16\":5}", false, false},
	{"{a: 1, b, c: }\n", "{\"a\":1,\"b\":null,\"c\":null}", false, false},
	/* aliases */
	{"a: &x {k: v}\nb: *x\n", "{\"a\":{\"k\":\"v\"},\"b\":{\"k\":\"v\"}}", false, false},
	{"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}", false, false},
	{"a: &x z\nb: [*x, *x]\n", "{\"a\":\"z\",\"b\":[\"z\",\"z\"]}", false, false},
	/* merges: a key after the merge wins, the first of a list of mappings wins */
	{"a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n", "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"l\":2,\"k\":3}}", false, false},
	{"a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc: {<<: [*x, *y]}\n",
	 "{\"a\":{\"k\":1},\"b\":{\"k\":2,\"l\":3},\"c\":{\"k\":1,\"l\":3}}", false, false},
	{"a: {<<: {k: 1}, m: 2}\n", "{\"a\":{\"k\":1,\"m\":2}}", false, false},
	{"a: {\"<<\": {k: 1}}\n", "{\"a\":{\"<<\":{\"k\":1}}}", false, false},
	{"a: <<\n", "{\"a\":\"<<\"}", false, false},
	{"a: {<<: {}, k: 1}\n", "{\"a\":{\"k\":1}}", false, false},
};

static void test_mappings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++) {
		cleanup_buf struct buf out = BUF_TEXT;
		const struct node *root, *where;
		const char *why = "";
		struct reading r;

		root = reading_root(&r, mappings[i].text);
		assert_true(node_to_json(root, &out, &why, &where));
		assert_slice(buf_slice(&out), mappings[i].json);
		if (r.s.documents.v[0].duplicate_keys != mappings[i].duplicates ||
		    r.s.documents.v[0].random_keys != mappings[i].random)
			fail_msg("<%s>: duplicates %d, random %d", mappings[i].text, r.s.documents.v[0].duplicate_keys,
				 r.s.documents.v[0].random_keys);
		/* Looking a key up finds what the walk shows. */
		for (struct map_iter it = map_iter_of(root); map_next(&it);) {
			assert_ptr_equal(node_get_key(root, node_text(it.key)), it.key);
			assert_ptr_equal(node_get(root, node_text(it.key)), it.value);
		}
		reading_release(&r);
	}
}

/* Twelve keys and fewer are compared one by one, more with a table: both find the same. */
static void test_duplicates_at_any_size(void **state)
{
	(void)state;
	for (int n = 1; n < 60; n++)
		for (int twice = 0; twice <= n; twice += 1 + n / 7) {
			cleanup_buf struct buf text = BUF_TEXT;
			struct slice key = SLICE("dup");
			const struct node *root;
			struct reading r;

			for (int i = 0; i < n; i++)
				buf_addf(&text, i == twice / 2 ? "dup: %d\n" : "k%d: 0\n", i);
			buf_addf(&text, "dup: last\n");
			root = reading_root(&r, buf_str(&text));
			assert_true(r.s.documents.v[0].duplicate_keys);
			assert_true(node_string_is(node_get(root, key), "last"));
			assert_int_equal(node_count(root), n + 1);
			reading_release(&r);
		}
}

static void test_node_readers(void **state)
{
	const struct node *root, *list, *alias;
	struct reading r;
	size_t n = 0, count;

	(void)state;
	root = reading_root(&r, "s: text\ni: 1\nz: ~\nt: yes\nf: no\nl: &l\n- name: a\n- name: b\n  v: 1\n- name: b\n  "
				"v: 2\n- x\nal: *l\n");
	assert_true(node_string_is(node_lookup(root, "s"), "text") && !node_string_is(node_lookup(root, "i"), "1"));
	assert_slice(node_string(node_lookup(root, "s")), "text");
	assert_slice(node_string(node_lookup(root, "i")), "");
	assert_slice(node_string(NULL), "");
	assert_true(node_is_null(NULL) && node_is_null(node_lookup(root, "z")) &&
		    !node_is_null(node_lookup(root, "s")));
	assert_true(node_is_bool(node_lookup(root, "t"), true) && node_is_bool(node_lookup(root, "f"), false));
	assert_false(node_is_bool(node_lookup(root, "t"), false) || node_is_bool(node_lookup(root, "s"), true) ||
		     node_is_bool(NULL, false));
	list = node_lookup(root, "l");
	alias = node_lookup(root, "al");
	assert_int_equal(alias->kind, NODE_ALIAS);
	assert_ptr_equal(node_real(alias), list);
	assert_true(node_is_sequence(alias) && !node_is_mapping(alias));
	assert_int_equal(node_count(alias), 4);
	assert_int_equal(node_count(root), 7);
	assert_int_equal(node_count(node_lookup(root, "s")), 0);
	for (struct seq_iter it = seq_iter_of(alias); seq_next(&it); n++)
		assert_int_equal(it.index, n);
	assert_int_equal(n, 4);
	assert_non_null(node_named(list, SLICE("a"), &count));
	assert_int_equal(count, 1);
	assert_slice(node_text(node_lookup(node_named(list, SLICE("b"), &count), "v")), "2"); /* the last */
	assert_int_equal(count, 2);
	assert_null(node_named(list, SLICE("c"), NULL));
	assert_null(node_named(root, SLICE("a"), NULL));
	assert_null(node_at(root, "l/x"));
	assert_null(node_at(root, "s/x/y"));
	assert_ptr_equal(node_key_of(list)->next, list);
	assert_null(node_key_of(list->child));
	assert_null(node_key_of(root));
	assert_true(node_equal(alias, alias) && node_equal(root, root) && !node_equal(root, list));
	reading_release(&r);
}

static void test_paths(void **state)
{
	static const struct {
		const char *text, *at, *path; /* the value of the key 'at', anywhere */
	} rows[] = {
		{"a: {b: {X: 1}}\n", "X", "a.b.X"},
		{"\"a.b\": {X: 1}\n", "X", "[\"a.b\"].X"},
		{"\"a\\\"\\\\b\": {X: 1}\n", "X", "[\"a\\\"\\\\b\"].X"},
		{"\"a\\n\": {X: 1}\n", "X", "[\"a\\u000a\"].X"},
		{"\"\": {X: 1}\n", "X", "[\"\"].X"},
		{"a/b-c_d: {X: 1}\n", "X", "a/b-c_d.X"},
		{"l:\n- name: one\n  X: 1\n- name: two\n", "X", "l[one].X"},
		{"l:\n- name: same\n- name: same\n  X: 1\n", "X", "l[1].X"},
		{"l:\n- name: \"o.o\"\n  X: 1\n", "X", "l[0].X"},
		{"l:\n- [a, {X: 1}]\n", "X", "l[0][1].X"},
		{"l:\n- name: 1\n  X: 1\n", "X", "l[0].X"},
		{"y: {X: 1}\n", "X", "true.X"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf path = BUF_TEXT;
		const struct node *n;
		struct reading r;

		n = reading_root(&r, rows[i].text);
		while (!(n->flags & NODE_KEY) ||
		       !slice_is(node_text(n), rows[i].at)) /* the last leaf's key, going down the right side */
			n = n->child ? n->child : n->next ? n->next : n->parent->next;
		node_path(n->next, &path);
		assert_slice(buf_slice(&path), rows[i].path);
		buf_reuse(&path);
		node_path(n, &path);
		assert_slice(buf_slice(&path), rows[i].path);
		reading_release(&r);
	}
}

static void test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"a: b\n", "{\"a\": 'b'}\n", true}, {"a: 1\n", "a: \"1\"\n", false},
		{"a: yes\n", "a: true\n", false},   {"a: [1, 2]\n", "a: [1]\n", false},
		{"a: [1]\n", "a: [1, 2]\n", false}, {"a: {}\n", "a: []\n", false},
		{"a: b # c\n", "a:   b\n", true},   {"a: b\nc: d\n", "c: d\na: b\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading a, b;

		if (node_equal(reading_root(&a, rows[i].a), reading_root(&b, rows[i].b)) != rows[i].equal)
			fail_msg("<%s> and <%s>", rows[i].a, rows[i].b);
		reading_release(&a);
		reading_release(&b);
	}
}

/* --- writing back ---------------------------------------------------------------------------------------------- */

static void test_write(void **state)
{
	static const struct {
		const char *text;
		enum node_style like;
		const char *want;
	} rows[] = {
		{"abc", STYLE_PLAIN, "abc"},
		{"abc", STYLE_SINGLE, "'abc'"},
		{"abc", STYLE_DOUBLE, "\"abc\""},
		{"true", STYLE_PLAIN, "\"true\""},
		{"true", STYLE_SINGLE, "'true'"},
		{"Yes", STYLE_PLAIN, "\"Yes\""},
		{"NaN", STYLE_PLAIN, "\"NaN\""},
		{"", STYLE_PLAIN, "\"\""},
		{"", STYLE_SINGLE, "''"},
		{"1", STYLE_PLAIN, "\"1\""},
		{"a b", STYLE_PLAIN, "\"a b\""},
		{"a: b", STYLE_SINGLE, "'a: b'"},
		{"it's", STYLE_SINGLE, "\"it's\""},
		{"a\nb", STYLE_SINGLE, "\"a\\nb\""},
		{"px-csi-db", STYLE_PLAIN, "px-csi-db"},
		{"docker.io/x", STYLE_PLAIN, "docker.io/x"},
		{"é", STYLE_SINGLE, "\"é\""},
		{"-x", STYLE_PLAIN, "\"-x\""},
		{"abc", STYLE_LITERAL, "\"abc\""},
		{"e1", STYLE_PLAIN, "e1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		scalar_write(slice_str(rows[i].text), rows[i].like, &out);
		assert_slice(buf_slice(&out), rows[i].want);
	}
}

/* A random text: words that mean something to YAML, odd characters, and letters. */
static void random_text(struct random *r, struct buf *out)
{
	static const char *const pieces[] = {"yes",  "no",   "null",	   "~",		"1",   "0x1F", "1e3", ".inf",
					     ": ",   " #",   "- ",	   "? ",	"'",   "\"",   "\\",  "\n",
					     "\t",   "{",    "}",	   "[",		"]",   ",",    "&a",  "*a",
					     "!t",   "|",    ">",	   "%",		"@",   "`",    "---", "...",
					     " ",    "é",    "😀",	   "x",		"ab",  "<<",   "=",   "\r",
					     "\x01", "\x7f", "2001-01-01", "190:20:30", "0b1", "_",    "+",   "/",
					     "name", "true", "\n\n",	   "  \n"};
	uint32_t n = random_below(r, 7);

	for (uint32_t i = 0; i < n; i++)
		buf_adds(out, pieces[random_below(r, ARRAY_SIZE(pieces))]);
}

static void test_write_comes_back(void **state)
{
	static const char *const frames[] = {"k: %s\n", "k: %s # c\nl: 1\n", "{k: %s, l: 1}\n", "- k: %s\n",
					     "? %s\n: v\n"};
	struct random rnd = {0x2545f4914f6cdd1du};

	(void)state;
	for (int i = 0; i < 4000; i++) {
		cleanup_buf struct buf want = BUF_TEXT;

		random_text(&rnd, &want);
		for (int like = STYLE_PLAIN; like <= STYLE_FOLDED; like++) {
			cleanup_buf struct buf written = BUF_TEXT, text = BUF_TEXT;
			size_t f = (size_t)(i + like) % ARRAY_SIZE(frames);
			const struct node *v;
			struct reading r;

			scalar_write(buf_slice(&want), (enum node_style)like, &written);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			buf_addf(&text, frames[f], buf_str(&written));
#pragma GCC diagnostic pop
			v = reading_root(&r, buf_str(&text));
			v = node_is_sequence(v) ? v->child : v;
			v = f == 4 ? v->child : node_lookup(v, "k");
			if (!node_is_string(v) || !slice_eq(node_string(v), buf_slice(&want)))
				fail_msg("text %d in style %d: <%s>", i, like, buf_str(&written));
			reading_release(&r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_anywhere),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_collection_spans),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_positions_in_long_lines),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_has_no_root),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_many_merged_keys),
		cmocka_unit_test(test_names_of_items),
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_duplicates_at_any_size),
		cmocka_unit_test(test_node_readers),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
