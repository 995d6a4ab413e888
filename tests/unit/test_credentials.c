/*
 * test_credentials.c: the tables fit together, checksums agree with published vectors, judgements and steps one by one.
 * What a whole scan finds is tested by tests/credentials/score.py. No string here looks like a credential: parts are
 * joined at run time.
 */
#include "credentials/literals.h"
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

/* The tables that were made with the program are those of the literals as they are. */
static void test_literals_automaton(void **state)
{
	struct automaton *a = test_malloc(sizeof(*a));
	const char *all[AUTOMATON_LITERALS];
	size_t n = literals_all(all);

	(void)state;
	automaton_build(a, all, n);
	assert_false(a->failed);
	assert_memory_equal(a, &literals_automaton, sizeof(*a));
	test_free(a);
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
		{"myAwsSecretAccessKey", "AWS_SECRET_ACCESS_KEY"},
		{"AWS_SECRET_ACCESS_KEY_PROD", "AWS_SECRET_ACCESS_KEY"},
		{"AZURE_STORAGE_KEY_2", "AZURE_STORAGE_KEY"},
		{"AZURE_STORAGE_KEY_VAULT", NULL},
		{"spark.hadoop.fs.s3a.secret.key", "secret_key"},
		{"fs.azure.account.key.acc1.dfs.core.windows.net", "AZURE_ACCOUNT_KEY"},
		{"AWS_SECRET_ACCESS_KEY_FILE", NULL},
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

/* Words of a provider and of a secret, in any order and spelling. */
static void test_name_words(void **state)
{
	static const struct {
		const char *name;
		enum provider_id provider; /* PROVIDER_NONE: no secret of a cloud's */
	} cases[] = {
		{"IBM_PLATFORM_KEY", PROVIDER_IBM},   {"ibmcloudiamapikey", PROVIDER_IBM},
		{"ALIBABA_SECRET", PROVIDER_ALIBABA}, {"azureBlobPassword", PROVIDER_AZURE},
		{"gcp-sa-key-prod", PROVIDER_GCP},    {"yandexStorageSecret", PROVIDER_YANDEX},
		{"AZURE_SECRET_NAME", PROVIDER_NONE}, {"azure-key-vault", PROVIDER_NONE},
		{"GOOGLE_MAPS_KEY", PROVIDER_NONE},   {"AWS_KMS_KEY", PROVIDER_NONE},
		{"AWS_SECRET_ARN", PROVIDER_NONE},    {"keycloak-azure-secret", PROVIDER_NONE},
		{"SCW_ACCESS_KEY", PROVIDER_NONE},    {"monkey", PROVIDER_NONE},
		{"AZURE_CLIENT_ID", PROVIDER_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct credential_name *row = name_by_words(slice_str(cases[i].name));

		if ((row ? row->provider : PROVIDER_NONE) != cases[i].provider)
			fail_msg("%s is of %s", cases[i].name, row ? provider_of(row->provider)->name : "nobody");
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
		const char *name, *value;
		enum literal judged;
	} cases[] = {
		{"MINIO_ROOT_PASSWORD", "", LITERAL_SLOT},
		{"MINIO_ROOT_PASSWORD", "  \n", LITERAL_SLOT},
		{"MINIO_ROOT_PASSWORD", "minio123", LITERAL_VALUE},
		{"MINIO_ROOT_PASSWORD", "'minio123'", LITERAL_VALUE},
		{"MINIO_ROOT_PASSWORD", "my-minio-secret-key", LITERAL_VALUE},
		{"MINIO_ROOT_PASSWORD", "correct horse battery staple", LITERAL_VALUE},
		{"MINIO_ROOT_PASSWORD", "short", LITERAL_SLOT},
		{"MINIO_ROOT_USER", "abc", LITERAL_VALUE},
		/* Templates: the whole of the value, not a part of it. */
		{"AWS_SECRET_ACCESS_KEY", "${X}", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "$(SECRET_KEY)", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "$SECRET_KEY", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "{{ .Values.key }}", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "{{ .Values.prefix }}-secret", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "$__file{/etc/secrets/key}", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "%(key)s", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "@SECRET_KEY@", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "q7Rb2LkX9mZt4WvN8sYc$(EMPTY)", LITERAL_VALUE},
		{"AWS_SECRET_ACCESS_KEY", "${EMPTY}q7Rb2LkX9mZt4WvN8sYc", LITERAL_VALUE},
		{"AWS_SECRET_ACCESS_KEY", "q7Rb[[2LkX9mZt4WvN8sYc", LITERAL_VALUE},
		{"AWS_SECRET_ACCESS_KEY", "q7Rb%(2LkX9mZt4WvN8sYc", LITERAL_VALUE},
		{"OS_PASSWORD", "k#9$Lp!x2@Qw&z7^Rt*v4Ym5", LITERAL_VALUE},
		{"OS_PASSWORD", "q7Rb2LkX9mZt<4WvN8sYcPd", LITERAL_VALUE},
		{"OS_PASSWORD", "<q7Rb2LkX9mZt4WvN8sYc>", LITERAL_VALUE},
		{"OS_PASSWORD", "q7Rb2LkX 9mZt4WvN8sYc", LITERAL_VALUE},
		/* Words that ask for a value, and fillers. */
		{"AWS_SECRET_ACCESS_KEY", "<your-key-here>", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "<insert your key here>", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "YOURSECRETKEYHERE", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "replace-with-your-64-char-key", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "xxxxxxxxxxxx", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "abcd...", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "CHANGEME", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "test", LITERAL_SLOT},
		{"AZURE_CLIENT_SECRET", "my-service-principal-client-secret", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "q7Rb2LkX9mZtexample4WvN8sYc", LITERAL_VALUE},
		{"AWS_SECRET_ACCESS_KEY", "q7Rb2LkX9mZt...4WvN8sYc", LITERAL_VALUE},
		{"MINIO_ROOT_PASSWORD", "s3cr3t-example", LITERAL_VALUE},
		/* Where the value really is. */
		{"AWS_SECRET_ACCESS_KEY", "vault:secret/data/x#y", LITERAL_POINTER},
		{"AWS_SECRET_ACCESS_KEY", "arn:aws:secretsmanager:eu:1:secret:x", LITERAL_POINTER},
		{"AWS_SECRET_ACCESS_KEY", "ENC[AES256_GCM,data:x]", LITERAL_NOTHING},
		{"AWS_SECRET_ACCESS_KEY", "false", LITERAL_NOTHING},
		{"AWS_SECRET_ACCESS_KEY", "[A-Za-z0-9/+]{40}", LITERAL_NOTHING},
		{"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "/etc/keys/secret.key", LITERAL_SLOT},
		{"AWS_SECRET_ACCESS_KEY", "the key of the bucket", LITERAL_NOTHING},
		/* Names that others use ask for more. */
		{"S3_SECRET", "s3-credentials", LITERAL_NOTHING},
		{"S3_SECRET", "q7Rb2LkX9mZt", LITERAL_VALUE},
		{"AWS_SHARED_CREDENTIALS_FILE", "/etc/x/y", LITERAL_SLOT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct credential_name *row = name_find(slice_str(cases[i].name));

		assert_non_null(row);
		if (literal_judge(slice_str(cases[i].value), row) != cases[i].judged)
			fail_msg("<%s> is judged %d", cases[i].value,
				 (int)literal_judge(slice_str(cases[i].value), row));
	}
	assert_int_equal(literal_judge_plain(SLICE("s3cr3t-example")), LITERAL_VALUE);
	assert_int_equal(literal_judge_plain(SLICE("${PASSWORD}")), LITERAL_SLOT);
	assert_int_equal(literal_judge_plain(SLICE("$__file{/etc/secrets/password}")), LITERAL_SLOT);
}

/* Of random printable passwords none is a placeholder, whatever signs they hold. */
static void test_random_passwords(void **state)
{
	const struct credential_name *row = name_find(SLICE("OS_PASSWORD"));
	uint32_t x = 12345;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char p[24];

		for (size_t k = 0; k < sizeof(p); k++) {
			x = x * 1664525 + 1013904223;
			p[k] = (char)('!' + (x >> 16) % 94);
		}
		if (literal_judge(slice_of(p, sizeof(p)), row) != LITERAL_VALUE)
			fail_msg("<%.24s> is judged %d", p, (int)literal_judge(slice_of(p, sizeof(p)), row));
	}
}

/* --- ladder ---------------------------------------------------------------------------------------------------- */

static void test_steps(void **state)
{
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(step_percent(SLICE("a%2Bb&amp;c&#61;%zz%2"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "a+b&c=%zz%2");
	buf_reuse(&out);
	assert_int_equal(step_escapes(SLICE("a\\u002bb\\/\\x41\\q"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "a+b/A\\q");
	buf_reuse(&out);
	assert_int_equal(step_continued(SLICE("ab\\\ncd \\\r\n  e\\f"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "abcd   e\\f");
	buf_reuse(&out);
	assert_int_equal(step_continued(SLICE("\"ab\\\n   cd\""), &out), STEP_OK);
	assert_slice(buf_slice(&out), "\"abcd\"");
	buf_reuse(&out);
	assert_int_equal(step_joined(SLICE("X=\"ab\"'cd'\"\" y"), &out), STEP_OK);
	assert_slice(buf_slice(&out), "X=\"abcd'\"\" y");
	buf_reuse(&out);
	assert_int_equal(step_clean(SLICE("a\xfc"
					  "b\x1bz\n"),
				    &out),
			 STEP_OK);
	assert_slice(buf_slice(&out), "a?b?z\n");
	buf_reuse(&out);
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

/* Members of gzip one behind the other, and what follows the last. */
static void test_inflate_members(void **state)
{
	Bytef packed[256];
	size_t n = 0;
	struct buf out = BUF_INIT(1 << 20);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		z_stream z = {0};

		assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
		z.next_in = (Bytef *)(i ? "second" : "first ");
		z.avail_in = 6;
		z.next_out = packed + n;
		z.avail_out = (uInt)(sizeof(packed) - n);
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		n = sizeof(packed) - z.avail_out;
		deflateEnd(&z);
	}
	memcpy(packed + n, "tail", 4);
	assert_int_equal(step_inflate(slice_of((char *)packed, n + 4), &out), STEP_OK);
	assert_slice(buf_slice(&out), "first second\ntail");
	buf_release(&out);
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
	buf_reuse(&small);
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
	assert_int_equal(s.hits.v[0].class, HIT_UNDECODED);
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
		cmocka_unit_test(test_literals_automaton),
		cmocka_unit_test(test_every_name_holds_a_stem),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_words),
		cmocka_unit_test(test_automaton),
		cmocka_unit_test(test_marvin),
		cmocka_unit_test(test_aws_account),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_random_passwords),
		cmocka_unit_test(test_inflate_members),
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
