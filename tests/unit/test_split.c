/*
 * test_split.c: where documents begin and end. Source of the rule: apimachinery pkg/util/yaml, YAMLReader.Read.
 */
#include "reading.h"

static const struct split_case {
	const char *text;
	const char *bodies[6]; /* NULL: no more */
	size_t problem_at;     /* 0: none (a separator's own problem is never at 0) */
} cases[] = {
	{"", {NULL}, 0},
	{"\n", {"\n"}, 0},
	{"a: 1\n", {"a: 1\n"}, 0},
	{"a: 1", {"a: 1"}, 0},
	{"a: 1\n---\nb: 2\n", {"a: 1\n", "b: 2\n"}, 0},
	{"---\na: 1\n---\nb: 2", {"a: 1\n", "b: 2"}, 0},
	/* the first separator belongs to its document, later ones are dropped; two in a row leave an empty one */
	{"---", {""}, 0},
	{"---\n", {""}, 0},
	{"---\n---\n", {"", ""}, 0},
	{"---\n---\n---\na: 1\n---\n", {"", "a: 1\n", ""}, 0},
	{"a: 1\n---\n---\n---\nb: 2\n", {"a: 1\n", "", "b: 2\n"}, 0},
	{"\n---\na: 1\n", {"\n", "a: 1\n"}, 0},
	{"# c\n---\na: 1\n", {"# c\n", "a: 1\n"}, 0},
	{"a: 1\n---", {"a: 1\n", ""}, 0},
	/* what may follow the dashes */
	{"a: 1\n---  \nb: 2\n", {"a: 1\n", "b: 2\n"}, 0},
	{"a: 1\n---\t\nb: 2\n", {"a: 1\n", "b: 2\n"}, 0},
	{"a: 1\n--- # c\nb: 2\n", {"a: 1\n", "b: 2\n"}, 0},
	{"a: 1\n---\t# c\nb: 2\n", {"a: 1\n", "b: 2\n"}, 0},
	{"a: 1\n---\r\nb: 2\r\n", {"a: 1\n", "b: 2\r\n"}, 0},
	/* and what may not: text is refused, the cut is made all the same */
	{"a: 1\n---b\nc: 2\n", {"a: 1\n", "c: 2\n"}, 8},
	{"a: 1\n--- b\nc: 2\n", {"a: 1\n", "c: 2\n"}, 8},
	{"a: 1\n--- {b: 2}\n", {"a: 1\n", ""}, 8},
	{"a: 1\n--- |\n  x\n", {"a: 1\n", "  x\n"}, 8},
	{"a: 1\n----\nb: 2\n", {"a: 1\n", "b: 2\n"}, 8},
	{"a: 1\n---#c\nb: 2\n", {"a: 1\n", "b: 2\n"}, 8}, /* a comment to the API machinery, text to YAML */
	{"---x", {""}, 3},
	/* no separators */
	{"a: 1\n ---\nb: 2\n", {"a: 1\n ---\nb: 2\n"}, 0},
	{"a: 1\n--\nb: 2\n", {"a: 1\n--\nb: 2\n"}, 0},
	{"a: 1\n...\nb: 2\n", {"a: 1\n...\nb: 2\n"}, 0},
	{"a: 1\r---\rb: 2\r", {"a: 1\r---\rb: 2\r"}, 0}, /* a lone CR ends no line here */
	{"a: |\n  x\n  ---\n  y\n", {"a: |\n  x\n  ---\n  y\n"}, 0},
	/* inside a scalar it cuts too: the cluster knows nothing of scalars here */
	{"a: |\n---\nb: 2\n", {"a: |\n", "b: 2\n"}, 0},
	{"a: \"x\n---\ny\"\n", {"a: \"x\n", "y\"\n"}, 0},
	{"\xef\xbb\xbf---\na: 1\n", {"\xef\xbb\xbf---\na: 1\n"}, 0}, /* the line begins with the mark */
};

static void check_case(const struct split_case *c)
{
	struct input in = {.name = "split", .bytes = slice_str(c->text)};
	struct limits limits = LIMITS_DEFAULT;
	struct err err = ERR_INIT;
	struct stream s;
	size_t n = 0;

	stream_init(&s, &limits);
	assert_int_equal(stream_split(&s, &in, 0, &err), 0);
	for (; c->bodies[n]; n++) {
		const struct document *d = &s.documents.v[n];
		struct slice head;

		if (n >= s.documents.n)
			fail_msg("only %zu documents in <%s>", s.documents.n, c->text);
		assert_slice(slice_of(c->text + d->body, d->end - d->body), c->bodies[n]);
		head = slice_of(c->text + d->start, d->body - d->start);
		assert_true(head.n == 0 || slice_starts(head, "---"));
		assert_true(n == 0 || d[-1].end <= d->start);
	}
	if (n != s.documents.n)
		fail_msg("%zu documents, not %zu, in <%s>", s.documents.n, n, c->text);
	assert_int_equal(s.problems.n, c->problem_at != 0);
	if (s.problems.n) {
		assert_int_equal(s.problems.v[0].at, c->problem_at);
		assert_int_equal(s.problems.v[0].kind, PROBLEM_STREAM);
	}
	stream_release(&s);
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_case(&cases[i]);
}

/* From an offset, as after a JSON value. */
static void test_cut_from(void **state)
{
	struct input in = {.name = "split", .bytes = SLICE("{}\n---\nb: 2\n---\n")};
	struct limits limits = LIMITS_DEFAULT;
	struct err err = ERR_INIT;
	struct stream s;

	(void)state;
	stream_init(&s, &limits);
	assert_int_equal(stream_split(&s, &in, 3, &err), 0);
	assert_int_equal(s.documents.n, 2);
	assert_int_equal(s.documents.v[0].start, 3);
	assert_int_equal(s.documents.v[0].body, 7);
	assert_int_equal(s.documents.v[1].start, 12);
	stream_release(&s);
}

/* What a document without content is, and that its bytes are kept. */
static void test_empty_documents(void **state)
{
	static const struct {
		const char *text;
		size_t documents;
		bool empty;
	} empties[] = {
		{"", 0, false},
		{"\n\n", 1, true},
		{"# only a comment\n", 1, true},
		{"---\n# c\n", 1, true},
		{"---\nnull\n", 1, true},
		{"~\n", 1, true},
		{"null\n---\nNULL\n", 2, true},
		{"!!null ~\n", 1, true},
		{"\"\"\n", 1, false},
		{"{}\n", 1, false},
		{"a: 1\n", 1, false},
		{"\xef\xbb\xbf", 1, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(empties); i++) {
		struct reading r;

		reading_of(&r, empties[i].text);
		if (r.s.problems.n)
			fail_msg("%s: %s", empties[i].text, r.s.problems.v[0].message);
		assert_int_equal(r.s.documents.n, empties[i].documents);
		for (size_t k = 0; k < r.s.documents.n; k++) {
			if (r.s.documents.v[k].empty != empties[i].empty)
				fail_msg("<%s> document %zu", empties[i].text, k);
			assert_true(r.s.documents.v[k].empty == !r.s.documents.v[k].root);
		}
		reading_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_from),
		cmocka_unit_test(test_empty_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
