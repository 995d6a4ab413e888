/*
 * test_credentials.c: the tables fit together, checksums agree with published vectors, judgements and steps one by one.
 * What a whole scan finds is tested by tests/credentials/score.py. No string here looks like a credential: parts are
 * joined at run time.
 */
#include "credentials/automaton.h"
#include "credentials/checks.h"
#include "credentials/custom.h"
#include "credentials/ladder.h"
#include "credentials/literal.h"
#include "credentials/marvin.h"
#include "credentials/path.h"
#include "credentials/scan.h"
#include "reading.h"

#include <zlib.h>

/* --- tables ---------------------------------------------------------------------------------------------------- */

static void test_literals_fit(void **state)
{
	(void)state;
	assert_true(literals_fit());
}

struct stems {
	bool seen;
};

static void see_stem(void *arg, const struct literal_hit *hit)
{
	struct stems *s = arg;

	s->seen |= hit->kind == HIT_STEM;
}

static void test_every_name_holds_a_stem(void **state)
{
	size_t n;
	const struct credential_name *rows = name_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct stems s = {false};

		literals_scan(slice_str(rows[i].name), see_stem, &s);
		if (!s.seen)
			fail_msg("no stem in %s", rows[i].name);
		if (name_find(slice_str(rows[i].name)) == NULL)
			fail_msg("%s is not found", rows[i].name);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *row;
	} cases[] = {
		{"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"},
		{"aws-secret-access-key", "AWS_SECRET_ACCESS_KEY"},
		{"awsSecretAccessKey", "AWS_SECRET_ACCESS_KEY"},
		{"VELERO_AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"},
		{"spring.cloud.aws.credentials.secret-access-key", "secretAccessKey"},
		{"OIDC_CLIENT_SECRET", NULL},
		{"clientSecret", "client_secret"},
		{"AWS_ROLE_ARN", NULL},
		{"AZURE_CLIENT_ID", NULL},
		{"AZURE_FEDERATED_TOKEN_FILE", NULL},
		{"accessModes", NULL},
		{"", NULL},
		{"key", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct credential_name *row = name_find(slice_str(cases[i].name));

		if (cases[i].row ? !row || strcmp(row->name, cases[i].row) != 0 : row != NULL)
			fail_msg("%s gives %s", cases[i].name, row ? row->name : "nothing");
	}
}

/* --- automaton ------------------------------------------------------------------------------------------------- */

struct ends {
	unsigned literal[16];
	size_t end[16], n;
};

static void note_end(void *arg, unsigned literal, size_t end)
{
	struct ends *e = arg;

	assert_in_range(e->n, 0, 15);
	e->literal[e->n] = literal;
	e->end[e->n++] = end;
}

static void test_automaton(void **state)
{
	static const char *const literals[] = {"he", "she", "his", "hers", "a+b"};
	struct automaton *a = test_malloc(sizeof(*a));
	struct ends e = {.n = 0};

	(void)state;
	automaton_build(a, literals, ARRAY_SIZE(literals));
	assert_false(a->failed);
	automaton_scan(a, SLICE("uSH_ers xa+B"), note_end, &e);
	assert_int_equal(e.n, 4); /* she, he, hers, a+b */
	assert_int_equal(e.literal[0], 1);
	assert_int_equal(e.end[0], 5);
	assert_int_equal(e.literal[1], 0);
	assert_int_equal(e.literal[2], 3);
	assert_int_equal(e.end[2], 7);
	assert_int_equal(e.literal[3], 4);
	test_free(a);
}

/* --- checksums ------------------------------------------------------------------------------------------------- */

static void test_marvin(void **state)
{
	/* dotnet/runtime, MarvinTests: seed 0x004FB61A001BDBCC, collapsed to 32 bits. */
	static const struct {
		struct slice bytes;
		uint64_t hash;
	} cases[] = {
		{{"", 0}, 0x30ED35C100CD3C7D},
		{{"\xAF", 1}, 0x48E73FC77D75DDC1},
		{{"\xE7\x0F", 2}, 0xB5F6E1FC485DBFF8},
		{{"\x37\xF4\x95", 3}, 0xF0B07C789B8CF7E8},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(marvin32(cases[i].bytes, 0x004FB61A001BDBCC),
				 (uint32_t)(cases[i].hash ^ cases[i].hash >> 32));
}

static void test_aws_account(void **state)
{
	char account[13];
	char id[21];

	(void)state;
	/* The published example. */
	snprintf(id, sizeof(id), "%s%s", "ASIAY34FZ", "KBOKMUTVV7A");
	assert_true(aws_account_of(slice_str(id), account));
	assert_string_equal(account, "609629065308");
	id[4] = 'J';
	assert_false(aws_account_of(slice_str(id), account));
}

/* --- judgements ------------------------------------------------------------------------------------------------ */

static void test_literals(void **state)
{
	static const struct {
		const char *value;
		enum name_kind kind;
		enum literal judged;
	} cases[] = {
		{"", NAME_SECRET, LITERAL_SLOT},
		{"  \n", NAME_SECRET, LITERAL_SLOT},
		{"minio123", NAME_SECRET, LITERAL_VALUE},
		{"'minio123'", NAME_SECRET, LITERAL_VALUE},
		{"short", NAME_SECRET, LITERAL_SLOT},
		{"abc", NAME_ID, LITERAL_VALUE},
		{"${X}", NAME_SECRET, LITERAL_SLOT},
		{"$(SECRET_KEY)", NAME_SECRET, LITERAL_SLOT},
		{"{{ .Values.key }}", NAME_SECRET, LITERAL_SLOT},
		{"<your-key-here>", NAME_SECRET, LITERAL_SLOT},
		{"xxxxxxxxxxxx", NAME_SECRET, LITERAL_SLOT},
		{"CHANGEME", NAME_SECRET, LITERAL_SLOT},
		{"false", NAME_SECRET, LITERAL_NOTHING},
		{"vault:secret/data/x#y", NAME_SECRET, LITERAL_NOTHING},
		{"ENC[AES256_GCM,data:x]", NAME_SECRET, LITERAL_NOTHING},
		{"arn:aws:secretsmanager:eu:1:secret:x", NAME_SECRET, LITERAL_NOTHING},
		{"AWS_SECRET_ACCESS_KEY", NAME_SECRET, LITERAL_NOTHING},
		{"secretAccessKey", NAME_SECRET, LITERAL_NOTHING},
		{"/etc/keys/secret.key", NAME_SECRET, LITERAL_SLOT},
		{"two words here", NAME_SECRET, LITERAL_NOTHING},
		{"s3cr3t-example", NAME_PLAIN, LITERAL_VALUE},
		{"/etc/x/y", NAME_PATH, LITERAL_SLOT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (literal_judge(slice_str(cases[i].value), cases[i].kind) != cases[i].judged)
			fail_msg("<%s> is judged %d", cases[i].value,
				 (int)literal_judge(slice_str(cases[i].value), cases[i].kind));
}

/* --- ladder ---------------------------------------------------------------------------------------------------- */

static void test_steps(void **state)
{
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(step_percent(SLICE("a%2Bb&amp;c&#61;%zz%2"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "a+b&c=%zz%2");
	buf_clear(&out);
	assert_int_equal(step_escapes(SLICE("a\\u002bb\\/\\x41\\q"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "a+b/A\\q");
	buf_clear(&out);
	assert_int_equal(step_continued(SLICE("ab\\\ncd \\\r\n  e\\f"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "abcd   e\\f");
	buf_clear(&out);
	assert_int_equal(step_utf16(slice_of("\xff\xfe"
					     "h\0i\0\xe4\0",
					     8),
				    false, &out),
			 STEP_OK);
	assert_slice(buf_slice(&out), "hi\xc3\xa4");
	buf_release(&out);
}

static void test_runs(void **state)
{
	struct slice run;
	size_t from = 0;

	(void)state;
	assert_true(next_run(SLICE("echo QUJDREVGR0hJSktMTU5PUFFSUw== | x"), &from, &run));
	assert_slice(run, "QUJDREVGR0hJSktMTU5PUFFSUw==");
	assert_false(next_run(SLICE("echo QUJDREVGR0hJSktMTU5PUFFSUw== | x"), &from, &run));
	assert_true(is_base64_text(SLICE("QUJDREVGR0hJSktMTU5P\nUFFSUw==")));
	assert_false(is_base64_text(SLICE("some words are here")));
	assert_int_equal(sniff_base64(SLICE("QUJDREVGR0hJSktMTU5P")), SNIFF_TEXT);
	assert_int_equal(sniff_base64(SLICE("H4sIAAAAAAAAA8tIzcnJBwCGphA2")), SNIFF_GZIP);
	assert_int_equal(sniff_base64(SLICE("pxcentralkeycloakpostgresql")), SNIFF_BINARY);
}

/* A megabyte of zeros is a few bytes when packed: both caps hold. */
static void test_inflate_caps(void **state)
{
	enum { PLAIN = 4 << 20 };
	uLongf n = compressBound(PLAIN);
	Bytef *plain = test_calloc(1, PLAIN), *packed = test_malloc(n);
	struct buf small = BUF_INIT(1 << 20), large = BUF_INIT(64 << 20);

	(void)state;
	assert_int_equal(compress(packed, &n, plain, PLAIN), Z_OK);
	assert_int_equal(step_inflate(slice_of((char *)packed, n), &small), STEP_CAP);
	assert_int_equal(step_inflate(slice_of((char *)packed, n), &large), STEP_CAP);
	assert_in_range(large.n, 1 << 20, 2 << 20);
	buf_release(&large);
	buf_clear(&small);
	assert_int_equal(step_inflate(slice_of((char *)packed, 12), &small), STEP_NO);
	buf_release(&small);
	test_free(plain);
	test_free(packed);
}

/* --- the policy's own ------------------------------------------------------------------------------------------ */

static void test_custom(void **state)
{
	struct slice names[] = {SLICE("ACME_TOKEN")}, patterns[] = {SLICE("\\bacme-[0-9]{4}\\b"), SLICE("(a+)+$")};
	struct slice bad[] = {SLICE("(")}, secret;
	struct err err = ERR_INIT;
	struct credential_custom *c = credential_custom_new(names, 1, patterns, 2, &err);

	(void)state;
	assert_non_null(c);
	assert_true(credential_custom_name(c, SLICE("acme-token")));
	assert_false(credential_custom_name(c, SLICE("acme-tokens")));
	assert_int_equal(credential_custom_value(c, SLICE("x acme-1234 y"), &secret), CUSTOM_MATCH);
	assert_slice(secret, "acme-1234");
	assert_int_equal(credential_custom_value(c, SLICE("nothing"), &secret), CUSTOM_NO);
	/* Exponential: the limit is told. */
	assert_int_equal(credential_custom_value(c, SLICE("bbbbbbbbbbaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
						 &secret),
			 CUSTOM_LIMIT);
	credential_custom_free(c);
	assert_null(credential_custom_new(names, 1, bad, 1, &err));
	assert_int_equal(err.status, STATUS_USAGE);
	assert_false(credential_custom_name(NULL, SLICE("x")));
}

/* --- a whole object -------------------------------------------------------------------------------------------- */

static void scan_text_of(struct reading *r, struct release *rel, struct credential_scan *s, struct arena *a,
			 const char *text)
{
	struct err err = ERR_INIT;
	struct limits limits = LIMITS_DEFAULT;

	reading_init(r, slice_str(text), &limits);
	release_init(rel);
	assert_int_equal(release_build(rel, &r->s, &err), 0);
	*a = ARENA_INIT((size_t)1 << 26);
	*s = (struct credential_scan){.arena = a};
	assert_true(credential_scan_release(s, rel));
}

static void test_hit_says_the_way(void **state)
{
	struct reading r;
	struct release rel;
	struct credential_scan s;
	struct arena a;

	(void)state;
	/* [default]\naws_secret_access_key = abcdefgh12 */
	scan_text_of(&r, &rel, &s, &a,
		     "apiVersion: v1\nkind: Secret\nmetadata: {name: demo}\ndata:\n  cloud: "
		     "W2RlZmF1bHRdCmF3c19zZWNyZXRfYWNjZXNzX2tleSA9IGFiY2RlZmdoMTIK\n");
	assert_int_equal(s.hits.n, 1);
	assert_int_equal(s.hits.v[0].class, HIT_VALUE);
	assert_int_equal(s.hits.v[0].provider, PROVIDER_AWS);
	assert_int_equal(s.hits.v[0].length, 10);
	assert_string_equal(s.hits.v[0].chain, "base64 > aws_secret_access_key");
	arena_release(&a);
	release_release(&rel);
	reading_release(&r);
}

static void test_what_cannot_be_read_is_told(void **state)
{
	struct reading r;
	struct release rel;
	struct credential_scan s;
	struct arena a;

	(void)state;
	scan_text_of(&r, &rel, &s, &a,
		     "apiVersion: v1\nkind: Secret\nmetadata: {name: demo}\ndata:\n  x: no base64!\n");
	assert_int_equal(s.hits.n, 1);
	assert_int_equal(s.hits.v[0].class, HIT_UNCHECKED);
	arena_release(&a);
	release_release(&rel);
	reading_release(&r);
}

static void test_secret_keys_are_not_shown(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct reading r;
	struct buf text = BUF_TEXT, path = BUF_TEXT;

	(void)state;
	buf_addf(&text, "a:\n  %s%s:\n    b: 1\n", "AKIA", "QWERTYUIOPASDFGH");
	reading_init(&r, buf_slice(&text), &limits);
	credential_path(r.s.documents.v[0].root->child->next->child->next->child->next, &path);
	assert_slice(buf_slice(&path), "a[\"***\"].b");
	buf_release(&path);
	buf_release(&text);
	reading_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals_fit),
		cmocka_unit_test(test_every_name_holds_a_stem),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_automaton),
		cmocka_unit_test(test_marvin),
		cmocka_unit_test(test_aws_account),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_inflate_caps),
		cmocka_unit_test(test_custom),
		cmocka_unit_test(test_hit_says_the_way),
		cmocka_unit_test(test_what_cannot_be_read_is_told),
		cmocka_unit_test(test_secret_keys_are_not_shown),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
