/*
 * test_cluster.c: frames, reduction, versions, actions and scopes, as tables.
 */
#include "checks/role.h"
#include "cluster/frame.h"
#include "cluster/reduce.h"
#include "cluster/secret_facts.h"
#include "kube/version.h"
#include "yaml/stream.h"

#include <setjmp.h>

#include <cmocka.h>

static void test_versions(void **state)
{
	static const struct {
		const char *a, *b;
		int order; /* 2: one of them is not known */
	} cases[] = {
		{"3.6.1", "3.6.1", 0},
		{"v3.6.1", "3.6.1", 0},
		{"3.6.1-0c88aa6", "3.6.1", 0},
		{"26.3.0-rc1", "26.3.0", 0},
		{"1.31.0+rke2r1", "1.31", 0},
		{"1.30", "1.30.0", 0},
		{"3.6.1.3", "3.6.1", 1},
		{"3.10.0", "3.9.9", 1},
		{"3.5.99", "3.6.0", -1},
		{"0c88aa6_802944f", "3.6.1", 2},
		{"3", "3.6.1", 2},
		{"", "3.6.1", 2},
		{"latest", "3.6.1", 2},
		{"3.6.", "3.6.1", 2},
		{"3..6", "3.6.1", 2},
		{"1.2.3.4.5", "3.6.1", 2},
		{"3.6.1 ", "3.6.1", 2},
		{"1234567890.1", "3.6.1", 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct version a = version_parse(slice_str(cases[i].a)), b = version_parse(slice_str(cases[i].b));

		if ((a.known && b.known) != (cases[i].order != 2))
			fail_msg("'%s' is %sknown", cases[i].a, a.known ? "" : "not ");
		if (cases[i].order != 2 && version_compare(a, b) != cases[i].order)
			fail_msg("'%s' against '%s'", cases[i].a, cases[i].b);
	}
}

static void test_tags(void **state)
{
	static const char *const cases[][2] = {
		{"stork:26.3.0", "26.3.0"},
		{"reg.example.com:5000/a/stork:26.3.0", "26.3.0"},
		{"reg.example.com:5000/a/stork", ""},
		{"reg:5000/stork:1.2@sha256:00", "1.2"},
		{"stork@sha256:00", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (!slice_is(image_tag(slice_str(cases[i][0])), cases[i][1]))
			fail_msg("the tag of '%s'", cases[i][0]);
}

/* --- frames ---------------------------------------------------------------------------------------------------- */

static void test_frames(void **state)
{
	static const char *const bad[] = {"\0\0\0\4A\0\0\0", "\xff\xff\xff\xff....", "\0\0\0\5A\0\0\0\1",
					  "\0\0\0\0....."};
	cleanup_buf struct buf out = BUF_TEXT;
	struct frame f;

	(void)state;
	frame_write(&out, FRAME_ASK, SLICE("{}"), SLICE("body"));
	frame_write(&out, FRAME_ANSWER, SLICE(""), SLICE_EMPTY);
	for (size_t n = 0; n < 15; n++)
		assert_int_equal(frame_read(slice_to(buf_slice(&out), n), &f), 0);
	assert_int_equal(frame_read(buf_slice(&out), &f), 15);
	assert_int_equal(f.kind, FRAME_ASK);
	assert_true(slice_is(f.head, "{}"));
	assert_true(slice_is(f.body, "body"));
	assert_int_equal(frame_read(slice_from(buf_slice(&out), 15), &f), 9);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(frame_read(slice_of(bad[i], 9), &f), -1);
}

/* --- reduction ------------------------------------------------------------------------------------------------- */

static void reduced(const char *json, const char *const *fields, const char *want)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_reduction struct reduction r = REDUCTION_INIT;
	cleanup_buf struct buf out = BUF_TEXT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;

	stream_init(&s, &limits);
	assert_int_equal(stream_add(&s, "test", slice_str(json), &err), 0);
	assert_int_equal(s.problems.n, 0);
	for (; *fields; fields++)
		assert_true(reduction_add(&r, slice_str(*fields)));
	reduce_write(&r, s.documents.v[0].root, &out);
	if (strcmp(buf_str(&out), want) != 0)
		fail_msg("have %s, want %s", buf_str(&out), want);
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_reduction(void **state)
{
	(void)state;
	reduced("{\"b\":1.50,\"a\":[true,null,\"x\\u00e9\"]}", FIELDS(NULL),
		"{\"a\":[true,null,\"x\xc3\xa9\"],\"b\":1.50}");
	reduced("{\"a\":{\"b\":1,\"c\":2},\"d\":3}", FIELDS("a/b"), "{\"a\":{\"b\":1}}");
	reduced("{\"a\":{\"b\":1,\"c\":2},\"d\":3}", FIELDS("a", "a/b"), "{\"a\":{\"b\":1,\"c\":2}}");
	reduced("{\"l\":[{\"a\":1,\"b\":2},{\"a\":3}]}", FIELDS("l/*/a"), "{\"l\":[{\"a\":1},{\"a\":3}]}");
	reduced("{\"m\":{\"x\":{\"a\":1},\"y\":{\"b\":2}}}", FIELDS("m/*/a"), "{\"m\":{\"x\":{\"a\":1},\"y\":{}}}");
	reduced("{\"m\":{\"a/b\":1,\"a\":2}}", FIELDS("m/a~1b"), "{\"m\":{\"a/b\":1}}");
	reduced("{\"m\":{\"a~b\":1}}", FIELDS("m/a~0b"), "{\"m\":{\"a~b\":1}}");
	reduced("{\"a\":\"a secret in the place of a mapping\"}", FIELDS("a/b"), "{\"a\":false}");
	reduced("{\"a\":{\"s\":\"12345\",\"n\":null,\"l\":[1,2]}}", FIELDS("a/s@size", "a/n@size", "a/l@size"),
		"{\"a\":{\"l\":2,\"n\":0,\"s\":5}}");
	reduced("{\"e\":[{\"name\":\"AZURE_CLIENT_ID\",\"value\":\"i\"},{\"name\":\"PASSWORD\",\"value\":\"1234\"},"
		"{\"name\":\"X\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]}",
		FIELDS("e@env"),
		"{\"e\":[{\"name\":\"AZURE_CLIENT_ID\",\"value\":\"i\"},{\"name\":\"PASSWORD\",\"valueSize\":4},"
		"{\"name\":\"X\",\"valueFrom\":{\"secretKeyRef\":{\"key\":\"k\",\"name\":\"s\"}}}]}");
	reduced("{\"d\":{\"k\":\"not base64!\"}}", FIELDS("d@secret"), "{\"d\":{\"k\":{\"base64\":false}}}");
	reduced("{\"d\":{\"k\":\"x\"}}", FIELDS("d@keys"), "{\"d\":{\"k\":true}}");
	reduced("{\"d\":{\"k\":\"plain\"}}", FIELDS("d@cloud"), "{\"d\":{\"k\":{}}}");
}

static void test_wrong_fields(void **state)
{
	static const char *const bad[] = {"", "/a", "a//b", "a@nothing", "a/"};
	cleanup_reduction struct reduction r = REDUCTION_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (reduction_add(&r, slice_str(bad[i])))
			fail_msg("'%s' is taken", bad[i]);
}

static void test_secret_facts(void **state)
{
	static const struct {
		const char *value, *facts;
	} cases[] = {
		{"abc123", "{\"bytes\":6,\"alphanumeric\":true,\"base64Set\":true,\"lineEnd\":false,\"uriSpecial\":"
			   "false,\"printable\":true}"},
		{"a+/=", "{\"bytes\":4,\"alphanumeric\":false,\"base64Set\":true,\"lineEnd\":false,\"uriSpecial\":true,"
			 "\"printable\":true}"},
		{"a@b\n", "{\"bytes\":4,\"alphanumeric\":false,\"base64Set\":false,\"lineEnd\":true,\"uriSpecial\":"
			  "true,\"printable\":false}"},
		{"", "{\"bytes\":0,\"alphanumeric\":true,\"base64Set\":true,\"lineEnd\":false,\"uriSpecial\":false,"
		     "\"printable\":true}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		secret_facts_of(slice_str(cases[i].value), &out);
		assert_string_equal(buf_str(&out), cases[i].facts);
	}
}

/* --- Azure ----------------------------------------------------------------------------------------------------- */

static void test_actions(void **state)
{
	static const struct {
		const char *pattern, *action;
		bool matches;
	} cases[] = {
		{"*", "A/b", true},
		{"A/*", "A/b/c", true},
		{"a/B/C", "A/b/c", true},
		{"A/*/read", "A/b/c/read", true},
		{"A/*/read", "A/read", false},
		{"A", "A/b", false},
		{"A/b/c", "A/b", false},
		{"", "A", false},
		{"*/read", "A/b/write", false},
		{"A/*", "B/c", false},
		{"*b*d", "abcbd", true},
		{"A/b*", "A/b", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (action_matches(slice_str(cases[i].pattern), slice_str(cases[i].action)) != cases[i].matches)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].action);
}

static void test_scopes(void **state)
{
	static const struct {
		const char *scope;
		enum cover cover;
	} cases[] = {
		{"/", COVER_YES},
		{"/subscriptions/S", COVER_YES},
		{"/SUBSCRIPTIONS/s/", COVER_YES},
		{"/subscriptions/s/resourceGroups/g", COVER_YES},
		{"/subscriptions/s/resourceGroups/g/x/a", COVER_YES},
		{"/subscriptions/s/resourceGroups/g/x/a/containers/c", COVER_INSIDE},
		{"/subscriptions/s/resourceGroups/g/x/a2", COVER_NO},
		{"/subscriptions/s/resourceGroups/g/x/", COVER_YES},
		{"/subscriptions/s2", COVER_NO},
		{"/providers/Microsoft.Management/managementGroups/m", COVER_GROUP},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (scope_covers(slice_str(cases[i].scope), SLICE("/subscriptions/s/resourceGroups/g/x/a")) !=
		    cases[i].cover)
			fail_msg("'%s'", cases[i].scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),     cmocka_unit_test(test_tags),
		cmocka_unit_test(test_frames),	     cmocka_unit_test(test_reduction),
		cmocka_unit_test(test_wrong_fields), cmocka_unit_test(test_secret_facts),
		cmocka_unit_test(test_actions),	     cmocka_unit_test(test_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
