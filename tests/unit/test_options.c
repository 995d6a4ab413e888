/*
 * test_options.c: command lines from tables.
 */
#include "cmd/options.h"

#include <setjmp.h>

#include <cmocka.h>

struct first {
	bool quiet, verbose;
	const char *file, *mode;
	struct string_list values;
	size_t jobs;
};

struct second {
	bool any;
	const char *output;
};

static const struct option first_rows[] = {
	{"quiet", 'q', OPTION_FLAG, NULL, "say nothing", NULL, offsetof(struct first, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "say all", NULL, offsetof(struct first, verbose)},
	{"policy", 'p', OPTION_STRING, "FILE",
	 "the policy file, with a help text that is long enough to be wrapped onto a second line of the help", NULL,
	 offsetof(struct first, file)},
	{"patch", 0, OPTION_CHOICE, "MODE", "what may be repaired", "visible|chart|never",
	 offsetof(struct first, mode)},
	{"values", 0, OPTION_LIST, "FILE", "values", NULL, offsetof(struct first, values)},
	{"jobs", 'j', OPTION_NUMBER, "N", "threads", NULL, offsetof(struct first, jobs)},
};
OPTION_TABLE(first_table, first_rows);

static const struct option second_rows[] = {
	{"any", 0, OPTION_FLAG, NULL, "any manifests", NULL, offsetof(struct second, any)},
	{"output-format-with-a-long-name", 'o', OPTION_STRING, "FORMAT", "the form", NULL,
	 offsetof(struct second, output)},
};
OPTION_TABLE(second_table, second_rows);

static const struct option_table *const tables[] = {&first_table, &second_table, NULL};

struct parsed {
	struct first a;
	struct second b;
	struct string_list rest;
	bool help;
	int rc;
	struct err err;
};

/* Parses words that are separated by single blanks; '~' stands for an empty word. The words live until the next call.
 */
static void parse(struct parsed *p, const char *line)
{
	static char words[500];
	void *const into[] = {&p->a, &p->b};
	char *argv[32];
	int argc = 0;

	memset(p, 0, sizeof(*p));
	snprintf(words, sizeof(words), "%s", line);
	for (char *at = words; at && *at;) {
		char *blank = strchr(at, ' ');

		if (blank)
			*blank = '\0';
		argv[argc++] = at[0] == '~' ? at + 1 : at;
		at = blank ? blank + 1 : NULL;
	}
	p->rc = options_parse(tables, into, argc, argv, &p->rest, &p->help, &p->err);
}

static void parsed_release(struct parsed *p)
{
	string_list_release(&p->a.values);
	string_list_release(&p->rest);
}

static const struct {
	const char *line;
	const char *want; /* quiet verbose any | file mode output | jobs | values | rest */
} accepted[] = {
	{"", "--- | - - - | 0 | |"},
	{"--quiet", "q-- | - - - | 0 | |"},
	{"-q -v", "qv- | - - - | 0 | |"},
	{"-qv", "qv- | - - - | 0 | |"},
	{"-vq --any", "qva | - - - | 0 | |"},
	{"--policy x", "--- | x - - | 0 | |"},
	{"--policy=x", "--- | x - - | 0 | |"},
	{"--policy= y", "--- |  - - | 0 | | y"},
	{"--policy ~", "--- |  - - | 0 | |"},
	{"--policy=a=b", "--- | a=b - - | 0 | |"},
	{"-p x", "--- | x - - | 0 | |"},
	{"-px", "--- | x - - | 0 | |"},
	{"-qpx", "q-- | x - - | 0 | |"},
	{"-qp x", "q-- | x - - | 0 | |"},
	{"-p -", "--- | - - - | 0 | |"},
	{"-p --quiet", "--- | --quiet - - | 0 | |"}, /* a value may look like an option */
	{"-p x -p y", "--- | y - - | 0 | |"},
	{"--patch chart", "--- | - chart - | 0 | |"},
	{"--patch=never", "--- | - never - | 0 | |"},
	{"--values a --values=b --values c", "--- | - - - | 0 | a b c |"},
	{"--jobs 2", "--- | - - - | 2 | |"},
	{"-j16", "--- | - - - | 16 | |"},
	{"-j +3", "--- | - - - | 3 | |"},
	{"-o json -q", "q-- | - - json | 0 | |"},
	{"a b", "--- | - - - | 0 | | a b"},
	{"a -q b", "q-- | - - - | 0 | | a b"},
	{"-", "--- | - - - | 0 | | -"},
	{"-- -q --policy", "--- | - - - | 0 | | -q --policy"},
	{"a -- b -- c", "--- | - - - | 0 | | a b -- c"},
	{"~", "--- | - - - | 0 | | "},
};

static void describe(const struct parsed *p, struct buf *out)
{
	buf_addf(out, "%c%c%c | %s %s %s | %zu |", p->a.quiet ? 'q' : '-', p->a.verbose ? 'v' : '-',
		 p->b.any ? 'a' : '-', p->a.file ? p->a.file : "-", p->a.mode ? p->a.mode : "-",
		 p->b.output ? p->b.output : "-", p->a.jobs);
	for (size_t i = 0; i < p->a.values.n; i++)
		buf_addf(out, " %s", p->a.values.v[i]);
	buf_adds(out, " |");
	for (size_t i = 0; i < p->rest.n; i++)
		buf_addf(out, " %s", p->rest.v[i]);
}

static void test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		cleanup_buf struct buf out = BUF_TEXT;
		struct parsed p;

		parse(&p, accepted[i].line);
		if (p.rc < 0)
			fail_msg("<%s>: %s", accepted[i].line, p.err.text);
		describe(&p, &out);
		if (strcmp(buf_str(&out), accepted[i].want) != 0)
			fail_msg("<%s> gives <%s>", accepted[i].line, buf_str(&out));
		assert_false(p.help);
		parsed_release(&p);
	}
}

static const struct {
	const char *line, *message;
} refused[] = {
	{"--quite", "unknown option '--quite'; did you mean '--quiet'?"},
	{"--polcy=x", "unknown option '--polcy'; did you mean '--policy'?"},
	{"--hepl", "unknown option '--hepl'; did you mean '--help'?"},
	{"--zzzzzzz", "unknown option '--zzzzzzz'"},
	{"--=x", "unknown option '--'"},
	{"-x", "unknown option '-x'"},
	{"-qx", "unknown option '-x'"},
	{"-\x01", "unknown option '-?'"},
	{"--policy", "option '--policy' needs a value: FILE"},
	{"-p", "option '-p' needs a value: FILE"},
	{"-qp", "option '-p' needs a value: FILE"},
	{"--quiet=yes", "option '--quiet' takes no value"},
	{"--patch all", "option '--patch' takes visible|chart|never, not 'all'"},
	{"--patch=", "option '--patch' takes visible|chart|never, not ''"},
	{"--patch visible|chart", "option '--patch' takes visible|chart|never, not 'visible|chart'"},
	{"--jobs 0", "option '--jobs' needs a whole number from 1, not '0'"},
	{"--jobs=-1", "option '--jobs' needs a whole number from 1, not '-1'"},
	{"-j x", "option '--jobs' needs a whole number from 1, not 'x'"},
	{"-j 2x", "option '--jobs' needs a whole number from 1, not '2x'"},
	{"-j ~", "option '--jobs' needs a whole number from 1, not ''"},
	{"-j 99999999999999999999", "option '--jobs' needs a whole number from 1, not '99999999999999999999'"},
	{"-j ~\t-2", "option '--jobs' needs a whole number from 1, not '\t-2'"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct parsed p;

		parse(&p, refused[i].line);
		if (p.rc != STATUS_USAGE || strcmp(p.err.text, refused[i].message) != 0)
			fail_msg("<%s>: %d %s", refused[i].line, p.rc, p.err.text);
		parsed_release(&p);
	}
}

static void test_help_ends(void **state)
{
	static const char *const lines[] = {"--help", "-h", "-qh", "-q --help --nonsense", "a -h --policy"};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		parse(&p, lines[i]);
		assert_int_equal(p.rc, 0);
		assert_true(p.help);
		parsed_release(&p);
	}
	parse(&p, "-- --help");
	assert_false(p.help);
	parsed_release(&p);
}

/* Every option stands in the help, no line is wider than a terminal. */
static void test_help_text(void **state)
{
	cleanup_buf struct buf out = BUF_TEXT;
	struct slice rest;

	(void)state;
	options_help(&first_table, &out);
	options_help(&second_table, &out);
	for (size_t i = 0; i < ARRAY_SIZE(first_rows); i++)
		assert_non_null(strstr(buf_str(&out), first_rows[i].name));
	assert_non_null(strstr(buf_str(&out), "  -p, --policy FILE         the policy file"));
	assert_non_null(
		strstr(buf_str(&out),
		       "  -o, --output-format-with-a-long-name FORMAT\n                            the form\n"));
	for (rest = buf_slice(&out); rest.p && rest.n;) {
		struct slice line = slice_cut(rest, '\n', &rest);

		assert_true(line.n < 80);
		assert_false(slice_ends(line, " "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help_ends),
		cmocka_unit_test(test_help_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
