/*
 * test_formats.c: the forms of a report for browsers, CI and pull requests. Views are made by hand; what real readers
 * make of the output is tested in tests/cli, tests/html and tests/sarif.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/outline.h"
#include "report/uri.h"
#include "rules/docs.h"

#include <setjmp.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

enum { MANY = 3000 };

static const struct view_object config = {"v1", "ConfigMap", "central", "ui"},
				stateful = {"apps/v1", "StatefulSet", "central", "mongodb"};

/* A view over findings of the caller. */
static struct report_view view_of(enum verdict verdict, struct view_finding *findings, size_t n)
{
	struct report_view v = {.arena = ARENA_INIT((size_t)64 << 20),
				.program = "pxb-fed",
				.verdict = verdict,
				.exit_code = verdict_exit_code(verdict),
				.flavour = FLAVOUR_TEMPLATE,
				.hooks_visible = true,
				.objects = 7,
				.documents = 8,
				.milliseconds = -1,
				.findings = findings,
				.findings_n = n};

	memset(v.ran, true, sizeof(v.ran));
	return v;
}

static struct view_finding finding(enum rule_id rule, enum severity severity, const char *message)
{
	return (struct view_finding){.rule = rule_infos[rule].id,
				     .rank = rule,
				     .severity = severity,
				     .source = "",
				     .path = "",
				     .input = "",
				     .message = message,
				     .found = "",
				     .expected = "",
				     .fingerprint = "0123",
				     .cause = ""};
}

static struct view_finding at(struct view_finding f, const struct view_object *o, const char *path, const char *input,
			      size_t line, size_t column, size_t end)
{
	f.object = o;
	f.path = path;
	f.input = input;
	f.line = line;
	f.column = column;
	f.end_column = end;
	return f;
}

static const char *render(const char *format, struct report_view *v, struct buf *out)
{
	struct err err = ERR_INIT;

	buf_reuse(out);
	if (report_format_find(slice_str(format))->render(v, out, &err) < 0)
		fail_msg("%s: %s", format, err.text);
	return buf_str(out);
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%.4000s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%.4000s", part, text);
}

static size_t occurrences(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

/* --- the table ------------------------------------------------------------------------------------------------- */

static void the_table_of_formats(void **state)
{
	const char *choices = report_format_choices;

	(void)state;
	for (size_t i = 0; i < report_formats_n; i++) {
		const struct report_format *f = &report_formats[i];
		size_t n = strlen(f->name);

		assert_ptr_equal(report_format_find(slice_str(f->name)), f);
		assert_true(f->help[0] && f->help[strlen(f->help) - 1] != '.');
		assert_int_equal(choices[0], '|');
		assert_memory_equal(choices + 1, f->name, n);
		choices += n + 1;
	}
	assert_string_equal(choices, "");
	assert_null(report_format_find(SLICE("yaml")));
	assert_null(report_format_find(SLICE("")));
	assert_null(report_format_find(SLICE("Text")));
}

/* --- parts ----------------------------------------------------------------------------------------------------- */

static void addresses_of_files(void **state)
{
	static const struct {
		const char *path, *uri;
		enum uri_kind kind;
	} cases[] = {
		{"out.yaml", "out.yaml", URI_BELOW},
		{"./out.yaml", "out.yaml", URI_BELOW},
		{"a//b/./c.yaml", "a/b/c.yaml", URI_BELOW},
		{"a b/ä%.yaml", "a%20b/%C3%A4%25.yaml", URI_BELOW},
		{"a:b.yaml", "a%3Ab.yaml", URI_BELOW},
		{"x?y#z[0].yaml", "x%3Fy%23z%5B0%5D.yaml", URI_BELOW},
		{"../out.yaml", "../out.yaml", URI_OUTSIDE},
		{"a/../../b", "a/../../b", URI_OUTSIDE},
		{"/tmp/out.yaml", "file:///tmp/out.yaml", URI_ABSOLUTE},
		{"//host/x", "file:///host/x", URI_ABSOLUTE},
		{"/a/../b", "file:///a/../b", URI_ABSOLUTE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		assert_int_equal(uri_of_path(slice_str(cases[i].path), &out), cases[i].kind);
		assert_string_equal(buf_str(&out), cases[i].uri);
	}
}

static void markup_is_escaped(void **state)
{
	static const struct {
		struct slice text;
		const char *want;
	} cases[] = {
		{SLICE("plain ä €"), "plain ä €"},
		{SLICE("<a href=\"x\">&amp;'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;amp;&#39;&lt;/a&gt;"},
		{SLICE("]]>"), "]]&gt;"},
		{SLICE("\x01\x0b\x1f\x7f"), "\\x01\\x0b\\x1f\\x7f"},
		{SLICE("a\tb\r\nc"), "a\\tb\\r\\nc"},
		{SLICE("\xe2\x80\xae\xef\xbb\xbf\xc2\x85"), "\\u202e\\ufeff\\u0085"},
		{SLICE("\xef\xbf\xbe"), "\\ufffe"},
		{SLICE("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80"},
		{SLICE("\xf3\xa0\x80\x81\xf0\x9f\xbf\xbf"), "\\U000e0001\\U0001ffff"},
		{SLICE("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd"},
		{SLICE("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{SLICE("a\0b"), "a\\x00b"},
	};
	cleanup_buf struct buf lines = BUF_TEXT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		markup_put(cases[i].text, &out);
		assert_string_equal(buf_str(&out), cases[i].want);
	}
	markup_lines_put(SLICE("a\tb\r\n<"), &lines);
	assert_string_equal(buf_str(&lines), "a\tb\\r\n&lt;");
}

static void pages_of_rules(void **state)
{
	static const char page[] =
		"# id\n\nFirst\nparagraph.\n\nSecond.\n\n## Why\n\nBecause.\n\nAnd.\n\n## Other\n\nx\n";

	(void)state;
	assert_true(slice_is(page_demand(page), "First\nparagraph."));
	assert_true(slice_is(page_section(page, "Why"), "Because.\n\nAnd."));
	assert_true(slice_is(page_section(page, "Other"), "x"));
	assert_int_equal(page_section(page, "None").n, 0);
	assert_int_equal(page_demand("# id\n").n, 0);
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		const char *text = rule_page(rule_infos[i].id);

		assert_non_null(text);
		assert_true(page_demand(text).n > 20 && page_section(text, "Why").n > 20);
	}
	assert_null(rule_page("no-such-rule"));
}

/* --- all forms ------------------------------------------------------------------------------------------------- */

static void the_same_view_gives_the_same_bytes(void **state)
{
	const char *fixes[] = {"--set a=b", "Do it."};
	struct view_finding f[3] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "one"), &config, "data.x", "a.yaml", 3, 4, 9),
		at(finding(RULE_NAMESPACE, SEVERITY_NOTE, "two"), &stateful, "", "", 0, 0, 0),
		finding(RULE_STREAM, SEVERITY_WARNING, "three"),
	};
	struct report_view v = view_of(VERDICT_REFUSED, f, 3);
	cleanup_buf struct buf a = BUF_TEXT, b = BUF_TEXT;

	(void)state;
	f[0].fixes = fixes;
	f[0].fixes_n = 2;
	for (size_t i = 0; i < report_formats_n; i++) {
		render(report_formats[i].name, &v, &a);
		render(report_formats[i].name, &v, &b);
		assert_string_equal(buf_str(&a), buf_str(&b));
		assert_contains(buf_str(&a), "--set a=b");
		assert_int_equal(a.p[a.n - 1], '\n');
	}
	view_release(&v);
}

static void every_verdict_without_findings(void **state)
{
	(void)state;
	for (unsigned verdict = VERDICT_COMPLIANT; verdict <= VERDICT_UNREADABLE; verdict++) {
		struct report_view v = view_of((enum verdict)verdict, NULL, 0);
		cleanup_buf struct buf out = BUF_TEXT;

		for (size_t i = 0; i < report_formats_n; i++)
			assert_true(strlen(render(report_formats[i].name, &v, &out)) > 10);
		view_release(&v);
	}
}

static void inputs_that_were_not_read(void **state)
{
	const char *unread[] = {"'a<b>.yaml' is larger than the limit of 1 MiB", "second"};
	struct report_view v = view_of(VERDICT_UNREADABLE, NULL, 0);
	cleanup_buf struct buf out = BUF_TEXT;

	(void)state;
	v.unread = unread;
	v.unread_n = 2;
	assert_contains(render("text", &v, &out), "unreadable: 2 inputs not read in 8 documents");
	assert_contains(render("json", &v, &out), "'a<b>.yaml' is larger");
	assert_contains(render("sarif", &v, &out), "\"executionSuccessful\":\tfalse");
	assert_contains(buf_str(&out), "'a<b>.yaml' is larger");
	assert_contains(render("junit", &v, &out),
			"<error type=\"unread\" message=\"&#39;a&lt;b&gt;.yaml&#39; is larger");
	assert_contains(buf_str(&out), "errors=\"2\"");
	assert_contains(render("html", &v, &out), "<li>&#39;a&lt;b&gt;.yaml&#39; is larger");
	assert_contains(render("github", &v, &out), "::error title=unread input::'a<b>.yaml' is larger");
	assert_contains(render("markdown", &v, &out), "- not read: 'a&lt;b&gt;.yaml' is larger");
	view_release(&v);
}

static void small_buffers_fail_cleanly(void **state)
{
	struct view_finding f[2] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "one"), &config, "data.x", "a.yaml", 3, 4, 9),
		finding(RULE_STREAM, SEVERITY_WARNING, "three"),
	};

	(void)state;
	for (size_t i = 0; i < report_formats_n; i++) {
		struct report_view v = view_of(VERDICT_REFUSED, f, 2);
		cleanup_buf struct buf whole = BUF_TEXT;
		size_t n = strlen(render(report_formats[i].name, &v, &whole));

		for (size_t cap = 0; cap < n; cap += 1 + cap / 8) {
			cleanup_buf struct buf out = BUF_INIT(cap);
			struct err err = ERR_INIT;

			assert_int_equal(report_formats[i].render(&v, &out, &err), STATUS_FAILED);
			assert_true(err.text[0] != '\0');
		}
		view_release(&v);
	}
}

static size_t allocations_left;

static void *counted_malloc(size_t n)
{
	return allocations_left && allocations_left-- ? malloc(n) : NULL;
}

static void sarif_without_memory(void **state)
{
	struct view_finding f[1] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "one"), &config, "data.x", "a.yaml", 3, 4, 9)};
	cJSON_Hooks hooks = {counted_malloc, free};
	size_t n = 0;

	(void)state;
	cJSON_InitHooks(&hooks);
	for (int rc = -1; rc < 0; n += 1 + n / 40) {
		struct report_view v = view_of(VERDICT_REFUSED, f, 1);
		cleanup_buf struct buf out = BUF_TEXT;
		struct err err = ERR_INIT;

		allocations_left = n;
		rc = view_to_sarif(&v, &out, &err);
		assert_true(rc == 0 || rc == STATUS_FAILED);
		view_release(&v);
	}
	cJSON_InitHooks(NULL);
	assert_true(n > 300);
}

/* --- SARIF ----------------------------------------------------------------------------------------------------- */

/* "results/0/level" and the like: keys and indices. */
static const cJSON *member(const cJSON *in, const char *path)
{
	struct slice rest = slice_str(path), key;

	while (rest.p && in) {
		char name[64];

		key = slice_cut(rest, '/', &rest);
		snprintf(name, sizeof(name), SLICE_FMT, SLICE_ARG(key));
		in = cJSON_IsArray(in) ? cJSON_GetArrayItem(in, (int)strtol(name, NULL, 10))
				       : cJSON_GetObjectItemCaseSensitive(in, name);
	}
	return in;
}

static void assert_member(const cJSON *run, const char *path, const char *want)
{
	char *got = cJSON_PrintUnformatted(member(run, path));

	if (!got || strcmp(got, want) != 0)
		fail_msg("%s is %s, wanted %s", path, got ? got : "absent", want);
	cJSON_free(got);
}

static void sarif_of_a_run(void **state)
{
	static const char *const wanted[][2] = {
		{"columnKind", "\"unicodeCodePoints\""},
		{"invocations/0/exitCode", "1"},
		{"invocations/0/executionSuccessful", "true"},
		{"tool/driver/rules/0/id", "\"stream\""},
		{"results/3/level", "\"error\""},
		{"results/3/message/text", "\"one\\nnot patched: because\\nfix: --set a=b\""},
		{"results/3/locations/0/physicalLocation/artifactLocation",
		 "{\"uriBaseId\":\"%SRCROOT%\",\"uri\":\"a%20b.yaml\",\"index\":3}"},
		{"results/3/locations/0/physicalLocation/region",
		 "{\"startLine\":3,\"startColumn\":4,\"endLine\":3,\"endColumn\":9}"},
		{"results/3/locations/0/logicalLocations/0",
		 "{\"name\":\"ui\",\"fullyQualifiedName\":\"v1/ConfigMap/central/ui\",\"kind\":\"resource\"}"},
		{"results/3/locations/0/logicalLocations/1/fullyQualifiedName", "\"v1/ConfigMap/central/ui#data.x\""},
		{"results/3/partialFingerprints", "{\"pxbFedFinding/v1\":\"0123\"}"},
		{"results/3/suppressions", "[]"},
		/* An exception, on standard input, which has a name of its own. */
		{"results/4/suppressions",
		 "[{\"kind\":\"external\",\"status\":\"accepted\",\"justification\":\"why (until 2027-01-31)\"}]"},
		{"results/4/locations/0/physicalLocation", "{\"artifactLocation\":{\"uriBaseId\":\"%SRCROOT%\",\"uri\":"
							   "\"stdin\",\"index\":0},\"region\":{\"startLine\":9,"
							   "\"startColumn\":1}}"},
		/* Nothing is known of the place: the first input, which code scanning needs. */
		{"results/0/locations",
		 "[{\"physicalLocation\":{\"artifactLocation\":{\"uriBaseId\":\"%SRCROOT%\",\"uri\":\"a%20b.yaml\","
		 "\"index\":3},\"region\":{\"startLine\":1}}}]"},
		/* Outside of the folder and absolute: no base. */
		{"results/1/locations/0/physicalLocation/artifactLocation", "{\"uri\":\"../x.yaml\",\"index\":1}"},
		{"results/2/locations/0/physicalLocation/artifactLocation", "{\"uri\":\"file:///x.yaml\",\"index\":2}"},
		{"artifacts/0", "{\"location\":{\"uriBaseId\":\"%SRCROOT%\",\"uri\":\"stdin\"},"
				"\"description\":{\"text\":\"standard input\"},\"roles\":[\"analysisTarget\"],"
				"\"sourceLanguage\":\"yaml\"}"},
	};
	const char *fixes[] = {"--set a=b"};
	struct view_finding f[5] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "one"), &config, "data.x", "a b.yaml", 3, 4, 9),
		at(finding(RULE_PLAIN_SECRET, SEVERITY_WARNING, "two"), &config, "", "<stdin>", 9, 1, 0),
		finding(RULE_STREAM, SEVERITY_ERROR, "three"),
		at(finding(RULE_STREAM, SEVERITY_ERROR, "four"), NULL, "", "../x.yaml", 1, 1, 1),
		at(finding(RULE_STREAM, SEVERITY_ERROR, "five"), NULL, "", "/x.yaml", 1, 1, 1),
	};
	struct report_view v = view_of(VERDICT_REFUSED, f, 5);
	cleanup_buf struct buf out = BUF_TEXT;
	cJSON *root;

	(void)state;
	f[0].fixes = fixes;
	f[0].fixes_n = 1;
	f[0].not_patched = "because";
	f[1].reason = "why";
	f[1].expires = "2027-01-31";
	root = cJSON_Parse(render("sarif", &v, &out));
	assert_non_null(root);
	assert_member(root, "version", "\"2.1.0\"");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_member(member(root, "runs/0"), wanted[i][0], wanted[i][1]);
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		char path[64];

		snprintf(path, sizeof(path), "runs/0/tool/driver/rules/%u", i);
		assert_string_equal(member(member(root, path), "id")->valuestring, rule_infos[i].id);
		assert_string_equal(member(member(root, path), "help/markdown")->valuestring,
				    rule_page(rule_infos[i].id));
		assert_string_equal(member(member(root, path), "defaultConfiguration/level")->valuestring,
				    severity_name(rule_infos[i].severity));
		assert_null(strchr(member(member(root, path), "shortDescription/text")->valuestring, '\n'));
	}
	cJSON_Delete(root);
	view_release(&v);
}

/* --- JUnit ----------------------------------------------------------------------------------------------------- */

static void junit_of_a_run(void **state)
{
	struct view_finding f[6] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "first"), &config, "data.x", "a.yaml", 3, 4, 9),
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "second"), &stateful, "", "", 0, 0, 0),
		at(finding(RULE_PLAIN_SECRET, SEVERITY_WARNING, "secret"), &config, "", "", 9, 1, 2),
		at(finding(RULE_DUPLICATE_KEY, SEVERITY_WARNING, "twice"), &config, "", "", 9, 1, 2),
		finding(RULE_NAMESPACE, SEVERITY_NOTE, "no namespace"),
		finding(RULE_STREAM, SEVERITY_ERROR, "of another version"),
	};
	struct report_view v = view_of(VERDICT_REFUSED, f, 6);
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text;
	char counts[80];

	(void)state;
	f[2].reason = "why";
	f[2].expires = "2027-01-31";
	f[5].rule = "rule-of-tomorrow";
	f[5].rank = RULE_COUNT;
	v.ran[RULE_VALUES] = false;
	text = render("junit", &v, &out);
	assert_int_equal(occurrences(text, "<testcase "), RULE_COUNT + 1);
	assert_int_equal(occurrences(text, "<failure "), 2);
	snprintf(counts, sizeof(counts), "tests=\"%d\" failures=\"2\" errors=\"0\" skipped=\"2\"", RULE_COUNT + 1);
	assert_contains(text, counts);
	assert_contains(text,
			"name=\"storage-class\" time=\"0\">\n      <failure type=\"error\" message=\"first (and 1 "
			"more)\">error: first\n  at a.yaml:3:4\n  in ConfigMap central/ui  data.x\nerror: second\n"
			"  in StatefulSet central/mongodb\n</failure>");
	assert_contains(text,
			"name=\"plain-secret\" time=\"0\">\n      <skipped message=\"1 excepted by the policy\"/>\n"
			"      <system-out>excepted: secret\n");
	assert_contains(text, "excepted until 2027-01-31: why");
	assert_contains(text, "name=\"duplicate-key\" time=\"0\">\n      <system-out>warning: twice");
	assert_contains(text, "name=\"values\" time=\"0\">\n      <skipped message=\"not run\"/>");
	assert_contains(text, "name=\"telemetry\" time=\"0\"/>");
	assert_contains(text, "name=\"rule-of-tomorrow\"");
	/* With --fail-on warning a warning is a failure. */
	v.warnings_count = true;
	assert_contains(render("junit", &v, &out),
			"name=\"duplicate-key\" time=\"0\">\n      <failure type=\"warning\"");
	view_release(&v);
}

/* --- GitHub ---------------------------------------------------------------------------------------------------- */

static void github_of_a_run(void **state)
{
	const char *fixes[] = {"--set a=b,c", "Do\nit: 100%."};
	struct view_finding f[5] = {
		at(finding(RULE_STORAGE_CLASS, SEVERITY_ERROR, "50% of a:b,c\r\n::error::x"), &config, "data.x",
		   "./a,b:c%.yaml", 3, 4, 9),
		at(finding(RULE_NAMESPACE, SEVERITY_WARNING, "two"), &config, "", "<stdin>", 9, 1, 2),
		at(finding(RULE_NAMESPACE, SEVERITY_NOTE, "three"), NULL, "", "b.yaml", 0, 0, 0),
		at(finding(RULE_NAMESPACE, SEVERITY_ERROR, "four"), &config, "", "b.yaml", 5, 7, 7),
		at(finding(RULE_PLAIN_SECRET, SEVERITY_ERROR, "excepted one"), &config, "", "b.yaml", 5, 7, 7),
	};
	struct report_view v = view_of(VERDICT_REFUSED, f, 5);
	cleanup_buf struct buf out = BUF_TEXT;

	(void)state;
	f[0].fixes = fixes;
	f[0].fixes_n = 2;
	f[3].patched = true;
	f[4].reason = f[4].expires = "2027-01-31";
	assert_string_equal(
		render("github", &v, &out),
		"::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,endLine=3,endColumn=8,title=storage-class::50%25 of "
		"a:b,c\\r\\n"
		"::error::x%0AConfigMap central/ui  data.x%0Afix: --set a=b,c\n"
		"::warning title=namespace::two%0AConfigMap central/ui\n"
		"::notice file=b.yaml,title=namespace::three\n"
		"::warning file=b.yaml,line=5,col=7,title=namespace (repaired)::four%0AConfigMap central/ui\n"
		"pxb-fed: refused: 1 error, 1 warning, 1 note, 1 excepted in 7 objects\n");
	view_release(&v);
}

static void github_shows_ten_of_a_kind(void **state)
{
	struct view_finding f[25];
	struct report_view v = view_of(VERDICT_REFUSED, f, 25);
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text, *group;

	(void)state;
	for (size_t i = 0; i < 25; i++)
		f[i] = at(finding(RULE_NAMESPACE, i < 12 ? SEVERITY_ERROR : SEVERITY_WARNING,
				  "\n::error::late ##[error]x ##[##[y"),
			  &config, "", "b.yaml", i + 1, 1, 2);
	text = render("github", &v, &out);
	assert_int_equal(occurrences(text, "\n::error") + 1, 10);
	assert_int_equal(occurrences(text, "\n::warning"), 10);
	group = strstr(text, "::group::5 more causes\n");
	assert_non_null(group);
	assert_int_equal(occurrences(group, "\n::"), 1); /* its end */
	assert_lacks(group, "##[");
	assert_contains(
		text, "::endgroup::\npxb-fed: refused: 12 errors, 13 warnings in 7 objects; 5 without an annotation\n");
	view_release(&v);
}

/* --- Markdown -------------------------------------------------------------------------------------------------- */

static void markdown_is_escaped(void **state)
{
	const char *fixes[] = {"--set a=```b````c", "Ask @team|now."};
	struct view_finding f[2] = {
		at(finding(RULE_NAMESPACE, SEVERITY_ERROR, "*a* [b](c) <i> @me #1 http://x www.y |"), &config,
		   "data[\"`x`\"]", "a`", 3, 4, 9),
		at(finding(RULE_VALUES, SEVERITY_ERROR, "other"), &config, "data.b", "a`", 5, 4, 9)};
	struct report_view v = view_of(VERDICT_REFUSED, f, 2);
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text;

	(void)state;
	f[0].fixes = &fixes[0];
	f[1].fixes = &fixes[1];
	f[0].fixes_n = f[1].fixes_n = 1;
	f[0].excerpt = (struct view_excerpt){"a: ```", 1, 1};
	text = render("markdown", &v, &out);
	assert_contains(text, "\\*a\\* \\[b\\](c) &lt;i&gt; @&#8203;me \\#&#8203;1 http:&#8203;//x www&#8203;.y \\|");
	assert_contains(text, "``data[\"`x`\"]``");
	assert_contains(text, "``a`:3:4``");
	assert_contains(text, "\n````yaml\na: ```\n````\n");
	assert_contains(text, "\n`````sh\n--set a=```b````c\n`````\n");
	assert_contains(text, "To fix: Ask @&#8203;team\\|now.");
	view_release(&v);
}

static struct view_finding *many(size_t n)
{
	static char long_text[20000];
	struct view_finding *f = test_calloc(n, sizeof(*f));

	memset(long_text, '`', sizeof(long_text) - 1);
	for (size_t i = 0; i < n; i++) {
		f[i] = at(finding((enum rule_id)(i % RULE_COUNT), SEVERITY_ERROR, long_text), &config, long_text,
			  "b.yaml", i + 1, 1, 2);
		f[i].excerpt = (struct view_excerpt){"x: y", 1, 1};
	}
	return f;
}

static void a_comment_has_an_end(void **state)
{
	struct view_finding *f = many(MANY);
	struct report_view v = view_of(VERDICT_REFUSED, f, MANY);
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text;

	(void)state;
	text = render("markdown", &v, &out);
	assert_true(strlen(text) <= 65536 && strlen(text) > 50000);
	assert_int_equal(occurrences(text, "<details"), occurrences(text, "</details>"));
	assert_contains(text, " of 3000 causes are shown here");
	view_release(&v);
	test_free(f);
}

/* --- HTML ------------------------------------------------------------------------------------------------------ */

static void a_page_has_an_end(void **state)
{
	struct view_finding *f = many(MANY);
	struct report_view v = view_of(VERDICT_REFUSED, f, MANY);
	cleanup_buf struct buf out = BUF_INIT((size_t)256 << 20);
	const char *text;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		f[i].message = f[i].path = "short";
		f[i].rank = i < 2900 ? RULE_NAMESPACE : RULE_VALUES;
		f[i].rule = rule_infos[f[i].rank].id;
	}
	text = render("html", &v, &out);
	assert_int_equal(occurrences(text, "<article "), FINDINGS_SHOWN);
	assert_contains(text, "The first 2000 of 3000");
	/* None of the rarer rule is missing for the sake of the other. */
	assert_contains(text, "And 950 more of this rule");
	assert_contains(text, "And 50 more of this rule");
	view_release(&v);
	test_free(f);
}

static void a_page_names_the_hashes_of_its_texts(void **state)
{
	struct report_view v = view_of(VERDICT_COMPLIANT, NULL, 0);
	cleanup_buf struct buf out = BUF_TEXT;
	const char *text = render("html", &v, &out);

	(void)state;
	assert_int_equal(strlen(html_css_hash), 44);
	assert_contains(text, html_css_hash);
	assert_contains(text, html_js_hash);
	assert_contains(text, html_css);
	assert_contains(text, html_js);
	assert_lacks(text, " style=");
	assert_lacks(text, "http://");
	assert_lacks(text, "https://");
	view_release(&v);
}

static void the_excerpt_is_marked(void **state)
{
	static const struct {
		struct view_excerpt excerpt;
		const char *want;
	} cases[] = {
		{{"a: \"b\"", 4, 3}, "</span>a: <mark>&quot;b&quot;</mark></pre>"},
		{{"ä: <é>", 4, 3}, "</span>ä: <mark>&lt;é&gt;</mark></pre>"},
		{{"abc", 1, 1}, "</span><mark>a</mark>bc</pre>"},
		{{"abc", 4, 1}, "</span>abc<mark></mark></pre>"},
		{{"abc", 9, 9}, "</span>abc<mark></mark></pre>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view_finding f[1] = {
			at(finding(RULE_NAMESPACE, SEVERITY_ERROR, "m"), &config, "", "b.yaml", 7, 1, 2)};
		struct report_view v = view_of(VERDICT_REFUSED, f, 1);
		cleanup_buf struct buf out = BUF_TEXT;

		f[0].excerpt = cases[i].excerpt;
		assert_contains(render("html", &v, &out), cases[i].want);
		view_release(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_formats),
		cmocka_unit_test(addresses_of_files),
		cmocka_unit_test(markup_is_escaped),
		cmocka_unit_test(pages_of_rules),
		cmocka_unit_test(the_same_view_gives_the_same_bytes),
		cmocka_unit_test(every_verdict_without_findings),
		cmocka_unit_test(inputs_that_were_not_read),
		cmocka_unit_test(small_buffers_fail_cleanly),
		cmocka_unit_test(sarif_without_memory),
		cmocka_unit_test(sarif_of_a_run),
		cmocka_unit_test(junit_of_a_run),
		cmocka_unit_test(github_of_a_run),
		cmocka_unit_test(github_shows_ten_of_a_kind),
		cmocka_unit_test(markdown_is_escaped),
		cmocka_unit_test(a_comment_has_an_end),
		cmocka_unit_test(a_page_has_an_end),
		cmocka_unit_test(a_page_names_the_hashes_of_its_texts),
		cmocka_unit_test(the_excerpt_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
