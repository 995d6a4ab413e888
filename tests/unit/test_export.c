/*
 * test_export.c: the texts that admission policies are made of. What the policies do is tried on an API server.
 */
#include "base/base64.h"
#include "export/cel.h"
#include "export/vap.h"
#include "export/yaml.h"

#include <setjmp.h>

#include <cmocka.h>

static void assert_text(const struct buf *have, const char *want)
{
	assert_false(have->failed);
	if (!slice_is(buf_slice(have), want))
		fail_msg("have <%s>, want <%s>", buf_str(have), want);
}

static void test_quote(void **state)
{
	static const struct {
		struct slice text;
		const char *cel;
	} cases[] = {
		{SLICE(""), "\"\""},
		{SLICE("a.b-c_d/e:f"), "\"a.b-c_d/e:f\""},
		{SLICE("say \"x\\y\""), "\"say \\\"x\\\\y\\\"\""},
		{SLICE("a\tb\nc\x7f"), "\"a\\u0009b\\u000ac\\u007f\""},
		{SLICE("\xc3\xa9 \xe2\x80\xa8 \xf0\x9f\x98\x80"), "\"\\u00e9 \\u2028 \\U0001f600\""},
		{SLICE("\xe2\x80"), "\"\\ufffd\\ufffd\""}, /* cut off */
		{SLICE("\x80x"), "\"\\ufffdx\""},
		{SLICE("a\0b"), "\"a\\u0000b\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		cel_quote(cases[i].text, &out);
		assert_text(&out, cases[i].cel);
	}
}

/* The published alignments of a literal, and where it would stand. */
static void test_base64_known(void **state)
{
	static const struct {
		const char *text, *encoded;
		size_t at, first;
	} cases[] = {
		{"AKIA", "QUtJQ", 0, 0},
		{"AKIA", "FLSU", 1, 2},
		{"AKIA", "BS0lB", 2, 3},
		{"7Q~", "N1F+", 3, 4},
		{"aws_secret_access_key", "YXdzX3NlY3JldF9hY2Nlc3Nfa2V5", 0, 0},
		{"aws_secret_access_key", "F3c19zZWNyZXRfYWNjZXNzX2tle", 1, 2},
		{"aws_secret_access_key", "hd3Nfc2VjcmV0X2FjY2Vzc19rZX", 2, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		assert_int_equal(cel_base64_at(slice_str(cases[i].text), cases[i].at, &out), cases[i].first);
		assert_text(&out, cases[i].encoded);
	}
}

/* Whatever stands around it, the text is there. */
static void test_base64_anywhere(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		cleanup_buf struct buf bytes = BUF_TEXT, encoded = BUF_TEXT, want = BUF_TEXT;
		size_t at = round % 97, n = 1 + round % 31, first;

		for (size_t i = 0; i < at + n + round % 5; i++) {
			seed = seed * 1664525u + 1013904223u;
			buf_addc(&bytes, (char)(seed >> 24));
		}
		base64_encode(buf_slice(&bytes), &encoded);
		first = cel_base64_at(slice_of(bytes.p + at, n), at, &want);
		assert_true(first + want.n <= encoded.n);
		assert_memory_equal(encoded.p + first, buf_str(&want), want.n);
		/* No character less than there could be: the one before and the one behind depend on neighbours. */
		assert_true(first * 6 < at * 8 + 6 && (first + want.n + 1) * 6 > (at + n) * 8);
	}
}

static void test_expand(void **state)
{
	static const struct set pods = {"pods", "", "", ".spec", ".metadata", true};
	static const struct set jobs = {"workloads", "", "", ".spec.template.spec", ".spec.template.metadata", true};
	static const struct set binary = {"binary", "", "", "", "", false};
	static const struct {
		const char *text;
		const struct set *set;
		const char *object, *want;
	} cases[] = {
		{"{o}{pod}.x", &jobs, "oldObject", "oldObject.spec.template.spec.x"},
		{"{o}{meta}.labels", &pods, "object", "object.metadata.labels"},
		{"object.{data}", &binary, "object", "object.binaryData"},
		{"object.{data}", &pods, "object", "object.data"},
		{"f ? x : {}", &pods, "object", "f ? x : {}"},
		{"{unknown} {", &pods, "object", "{unknown} {"},
		{"a{ephemeral images}", &jobs, "object", "a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		cel_expand(cases[i].text, cases[i].set, cases[i].object, &out);
		assert_text(&out, cases[i].want);
	}
}

static void test_comment(void **state)
{
	cleanup_buf struct buf out = BUF_TEXT;

	(void)state;
	yaml_comment(&out, 0, 2,
		     "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen");
	assert_text(&out, "# one two three four five six seven eight nine ten eleven twelve thirteen\n"
			  "#   fourteen fifteen\n");
	buf_reuse(&out);
	yaml_comment(&out, 4, 0, "a\nb\x1b[1m \xe2\x80\xa8");
	assert_text(&out, "    # a?b?[1m ???\n");
	buf_reuse(&out);
	yaml_comment(&out, 0, 0, "data[\"schl\xc3\xbcssel\"] \xc3");
	assert_text(&out, "# data[\"schl\xc3\xbcssel\"] ?\n");
	buf_reuse(&out);
	yaml_block(&out, 2, "expression", SLICE("a &&\n\nb"));
	assert_text(&out, "  expression: |-\n    a &&\n\n    b\n");
}

/* rules.def says that the cluster holds a rule exactly where checks.def has a check of it. */
static void test_cluster_column(void **state)
{
	(void)state;
	for (size_t r = 0; r < RULE_COUNT; r++) {
		size_t rows = 0;

		for (size_t i = 0; i < checks_n; i++)
			rows += checks[i].rule == (enum rule_id)r;
		if ((rows > 0) != (rule_infos[r].cluster != CLUSTER_NO))
			fail_msg("%s has %zu checks", rule_infos[r].id, rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote),		cmocka_unit_test(test_base64_known),
		cmocka_unit_test(test_base64_anywhere), cmocka_unit_test(test_expand),
		cmocka_unit_test(test_comment),		cmocka_unit_test(test_cluster_column),
	};

	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
