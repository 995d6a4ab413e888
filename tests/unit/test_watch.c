/*
 * test_watch.c: what a stranger wrote, made fit to be shown. Everything that looks like a secret is put together here.
 */
#include "reading.h"

#include "watch/clean.h"

/* One line in, one line out; "SECRET" stands for bytes that must not be in it. */
static void check_line(const char *before, const char *secret, const char *after)
{
	cleanup_buf struct buf in = BUF_TEXT, out = BUF_TEXT;
	struct err err = ERR_INIT;

	buf_addf(&in, "%s%s%s", before, secret, after);
	assert_int_equal(clean_lines(buf_slice(&in), 5, "", &out, &err), 0);
	if (strstr(buf_str(&out), secret))
		fail_msg("shown: %s", buf_str(&out));
	if (!strstr(buf_str(&out), "***"))
		fail_msg("nothing is hidden: %s", buf_str(&out));
}

static void test_secrets(void **state)
{
	(void)state;
	check_line("using key ",
		   "AK"
		   "IAQYLPMN5HNM4XTPGR",
		   "");
	check_line("connecting to mongodb://admin:", "s3cr3tpw", "@host:27017/db?x=1");
	check_line("connecting to amqp://", "tokenonly9", "@host");
	check_line("DB_PASSWORD=", "s3cr3tpw", " DB_USER=x");
	check_line("{\"password\": \"", "s3cr3tpw", "\", \"user\": \"x\"}");
	check_line("client_secret: '", "s3cr3tpw", "'");
	check_line("Authorization: Bearer ", "abcdef.ghijkl", "");
	/* colours between the name and the value, as loggers write for a terminal */
	check_line("\033[36mmongo_password\033[0m=\033[32m", "s3cr3tpw", "\033[0m");
	check_line("Authorization: Token ", "abcdef0123456789", "");
	check_line("X-Api-Key: ", "q1w2e3r4t5", "");
	check_line("passphrase: ", "s3cr3t words of mine", "");
	check_line("password='", "s3cr3t pw", "' user=x");
	check_line("--password ", "s3cr3tpw", " --user x");
	check_line("image cannot be pulled: user:", "s3cr3tpw", "@reg.example.com/x");
	check_line("{\"password\":\"zq7\\\"", "Wv9xkk", "\"}");
	check_line("password: zq7abc,", "Wv9xkk", "");
	check_line("password=zq7abc&", "Wv9xkk", "");
	check_line("mongodb://u:zq7/", "Wv9xkk", "@host/db");
	check_line("{\\\"password\\\":\\\"", "zq7Wv9xkk", "\\\"}");
	check_line("Password\t= ", "zq7Wv9xkk", "");
	check_line("token => ", "zq7Wv9xkk", " and more");
	check_line("secret_value=", "zq7Wv9xkk", "");
	check_line("passwordHash: ", "zq7Wv9xkk", "");
	check_line("AccountKey=", "zq7Wv9xkk", "");
	check_line("GET https://a.example.com/c?sv=1&sig=", "zq7Wv9xkk", "&se=2");
	check_line("Cookie: session=", "zq7Wv9xkk", "");
	check_line("jwt eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIi.abc", " end");
}

static void check_same(const char *in, const char *want)
{
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;

	assert_int_equal(clean_lines(slice_str(in), 3, "| ", &out, &err), 0);
	assert_string_equal(buf_str(&out), want);
}

static void test_lines(void **state)
{
	(void)state;
	check_same("", "");
	check_same("one", "| one\n");
	check_same("1\n2\n3\n4\n\n", "| 2\n| 3\n| 4\n");
	check_same("\033[31mred\033[0;1m and \033[2Jgone\033]0;title\a", "| red and \\x1b[2Jgone\\x1b]0;title\\x07\n");
	check_same("a line\r\nand another\r\n", "| a line\n| and another\n");
	check_same("see https://docs.example.com/a@b and user@example.com",
		   "| see https://docs.example.com/a@b and user@example.com\n");
	check_same("pulling registry.example.com/px:3.0.0@sha256:0123",
		   "| pulling registry.example.com/px:3.0.0@sha256:0123\n");
	check_same("docker-pullable://registry.example.com/px@sha256:0123",
		   "| docker-pullable://registry.example.com/px@sha256:0123\n");
	check_same("password: zq7abc; user: x", "| password: ***; user: x\n");
	check_same("token expired; password is wrong", "| token expired; password is wrong\n");
}

/* Anything may be in a log. */
static void test_bytes(void **state)
{
	char text[512];

	(void)state;
	for (unsigned seed = 1; seed < 200; seed++) {
		cleanup_buf struct buf out = BUF_TEXT;
		struct err err = ERR_INIT;
		unsigned x = seed;

		for (size_t i = 0; i < sizeof(text); i++) {
			x = x * 1664525 + 1013904223;
			text[i] = (char)(x >> 24);
		}
		assert_int_equal(clean_lines(slice_of(text, sizeof(text)), 50, "", &out, &err), 0);
		for (size_t i = 0; i < out.n; i++)
			assert_true(out.p[i] == '\n' || ((unsigned char)out.p[i] >= ' ' && out.p[i] != 0x7f));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
