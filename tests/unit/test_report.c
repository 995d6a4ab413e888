/*
 * test_report.c: the text form, the JSON contract, the block scalar for Helm 4, report files and the state of the last
 * run. Findings are made by hand: nothing is parsed here.
 */
#include "base/file.h"
#include "report/chars.h"
#include "report/format.h"
#include "report/helm.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#ifdef TEST_STANDINS /* for a build without src/rules */
const char *verdict_name(enum verdict v)
{
	return (const char *const[]){"compliant", "patched", "refused", "unreadable"}[v];
}

const char *flavour_name(enum flavour f)
{
	return (const char *const[]){"helm3", "helm4", "template", "argocd", "plain"}[f];
}
#endif

/* --- a gate by hand -------------------------------------------------------------------------------------------- */

enum { FINDINGS_MAX = 200 };

struct bench {
	struct gate gate;
	struct release release;
	struct stream stream;
	struct input input, *inputs[1];
	struct document documents[3];
	struct object config, deployment, *objects[2];
	struct finding findings[FINDINGS_MAX], *list[FINDINGS_MAX];
	const char *fixes[FINDINGS_MAX][8];
	struct policy_exception exception;
	struct edit edits[4];
	struct report report;
	struct buf out;
};

static struct object object_named(const char *version, const char *kind, const char *name, const char *source)
{
	return (struct object){.api_version = slice_str(version),
			       .kind = slice_str(kind),
			       .ns = SLICE("central"),
			       .name = slice_str(name),
			       .source = slice_str(source)};
}

static struct bench *bench_new(enum verdict verdict)
{
	struct bench *b = test_calloc(1, sizeof(*b));

	b->input = (struct input){.name = "<stdin>", .bytes = SLICE("0123456789")};
	b->inputs[0] = &b->input;
	b->stream.inputs.v = b->inputs;
	b->stream.inputs.n = 1;
	b->stream.documents.v = b->documents;
	b->stream.documents.n = 3;
	b->documents[2].empty = true;
	b->config = object_named("v1", "ConfigMap", "pxcentral-ui-configmap",
				 "px-central/templates/px-lighthouse/px-central-ui/pxcentral-ui-configmap.yaml");
	b->deployment = object_named("apps/v1", "Deployment", "px-backup",
				     "px-central/templates/px-backup/pxcentral-backup.yaml");
	b->objects[0] = &b->config;
	b->objects[1] = &b->deployment;
	b->release.stream = &b->stream;
	b->release.flavour = FLAVOUR_HELM3;
	b->release.objects.v = b->objects;
	b->release.objects.n = 2;
	b->gate.release = &b->release;
	b->gate.verdict = verdict;
	b->gate.findings.v = b->list;
	b->report = (struct report){
		.gate = &b->gate, .stream = &b->stream, .milliseconds = -1, .program = "pxb-fed", .edits = b->edits};
	b->out = BUF_TEXT;
	return b;
}

static void bench_free(struct bench *b)
{
	buf_release(&b->out);
	test_free(b);
}

static struct finding *add(struct bench *b, enum rule_id rule, enum severity severity, const char *message)
{
	size_t n = b->gate.findings.n++;
	struct finding *f = &b->findings[n];

	assert_true(n < FINDINGS_MAX);
	b->list[n] = f;
	*f = (struct finding){.rule = rule,
			      .severity = severity,
			      .message = message,
			      .path = "",
			      .source = "",
			      .found = "",
			      .expected = "",
			      .cause = ""};
	f->fixes.v = b->fixes[n];
	snprintf(f->fingerprint, sizeof(f->fingerprint), "%032zx", n);
	return f;
}

static void fix(struct finding *f, const char *text)
{
	f->fixes.v[f->fixes.n++] = text;
}

static void place(struct finding *f, const struct object *o, const char *path, size_t line, size_t column,
		  const char *text, size_t length)
{
	f->object = o;
	f->path = path;
	f->source = o->source.p;
	f->place = (struct place){.input = "<stdin>",
				  .line = line,
				  .column = column,
				  .text = slice_str(text),
				  .width = columns_of(slice_str(text)),
				  .length = length};
	f->show_line = text[0] != '\0';
}

/* The flag in Classic mode, as in the documentation. */
static struct finding *add_flag(struct bench *b)
{
	struct finding *f = add(b, RULE_FEDERATED_FLAG, SEVERITY_ERROR,
				"PX_BACKUP_FEDERATED is \"false\"; Federated mode needs \"true\"");

	place(f, &b->config, "data.PX_BACKUP_FEDERATED", 901, 25, "  PX_BACKUP_FEDERATED : \"false\"", 7);
	f->found = "false";
	f->expected = "true";
	f->not_patched = "the hook Jobs carry this value too and Helm 3 does not show hooks to a post-renderer";
	fix(f, "--set pxbackup.federated=true");
	return f;
}

static const char *text_of(struct bench *b)
{
	buf_reuse(&b->out);
	report_text(&b->report, &b->out);
	assert_false(b->out.failed);
	return buf_str(&b->out);
}

static const char *json_of(struct bench *b)
{
	struct err err = ERR_INIT;

	buf_reuse(&b->out);
	assert_int_equal(report_json(&b->report, &b->out, &err), 0);
	return buf_str(&b->out);
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

static size_t occurrences(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

/* What every text form must be: short lines but for options, clean, no blanks at line ends, whole characters. */
static void assert_clean(const char *text)
{
	struct slice rest = slice_str(text);

	while (rest.n) {
		struct slice line = slice_cut(rest, '\n', &rest);
		bool bad = false;
		uint32_t c;

		assert_false(slice_ends(line, " "));
		if (slice_find(line, "--set") == SIZE_MAX && columns_of(line) > TEXT_WIDTH)
			fail_msg("longer than %d columns: " SLICE_FMT, TEXT_WIDTH, SLICE_ARG(line));
		for (size_t i = 0; i < line.n;) {
			i += utf8_next(slice_from(line, i), &c, &bad);
			assert_true(c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c <= 0xffff);
		}
		assert_false(bad);
	}
}

/* --- text ------------------------------------------------------------------------------------------------------ */

static void block_layout(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);

	(void)state;
	add_flag(b);
	b->report.milliseconds = 5.2;
	assert_string_equal(text_of(b),
			    "error[federated-flag]: PX_BACKUP_FEDERATED is \"false\"; Federated mode needs\n"
			    "    \"true\"\n"
			    "  --> px-central/templates/px-lighthouse/px-central-ui/\n"
			    "      pxcentral-ui-configmap.yaml, input line 901, column 25\n"
			    "      ConfigMap central/pxcentral-ui-configmap  data.PX_BACKUP_FEDERATED\n"
			    "  901 |   PX_BACKUP_FEDERATED : \"false\"\n"
			    "      |                         ^^^^^^^\n"
			    "  not patched: the hook Jobs carry this value too and Helm 3 does not show hooks\n"
			    "    to a post-renderer\n"
			    "  fix: --set pxbackup.federated=true\n"
			    "pxb-fed: refused: 1 error in 2 objects (5 ms)\n");
	bench_free(b);
}

static void places_of_files_and_of_nothing(void **state)
{
	struct bench *b = bench_new(VERDICT_UNREADABLE);
	struct finding *f = add(b, RULE_STREAM, SEVERITY_ERROR, "a NUL byte");

	(void)state;
	f->place = (struct place){.input = "out/a.yaml", .line = 3, .column = 7};
	fix(f, "Fix the template.");
	f = add(b, RULE_STREAM, SEVERITY_ERROR, "the stream contains no object");
	fix(f, "Check that the chart rendered anything.");
	assert_string_equal(text_of(b), "error[stream]: a NUL byte\n"
					"  --> out/a.yaml:3:7\n"
					"  fix: Fix the template.\n"
					"error[stream]: the stream contains no object\n"
					"  fix: Check that the chart rendered anything.\n"
					"pxb-fed: unreadable: 2 errors in 2 documents\n");
	bench_free(b);
}

static void lines_that_may_not_be_shown(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	struct finding *f = add_flag(b);

	(void)state;
	f->show_line = false;
	assert_lacks(text_of(b), "PX_BACKUP_FEDERATED :");
	assert_lacks(json_of(b), "PX_BACKUP_FEDERATED :");
	bench_free(b);
}

static void long_source_lines_are_cut(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	struct finding *f = add_flag(b);
	char line[301];

	(void)state;
	memset(line, 'x', 300);
	line[300] = '\0';
	memcpy(line + 200, "\tneedle", 7);
	f->place.text = slice_str(line);
	f->place.width = columns_of(f->place.text);
	f->place.column = 202;
	f->place.length = 6;
	assert_contains(text_of(b), "  901 | …xxxxxxxxxxx        needlexxx");
	assert_contains(text_of(b), "      |                     ^^^^^^\n");
	assert_clean(text_of(b));
	/* At the very end, behind it, and in a line of blanks. */
	f->place.column = 301;
	assert_contains(text_of(b), "xxx\n");
	assert_clean(text_of(b));
	f->place.column = 400;
	assert_clean(text_of(b));
	f->place.text = SLICE("   \t ");
	assert_lacks(text_of(b), "901 |");
	bench_free(b);
}

static void excerpts(void **state)
{
	static const struct {
		const char *line;
		size_t column, length;
		const char *text;
		size_t at, n;
	} cases[] = {
		{"a: b", 4, 1, "a: b", 4, 1},
		{"a: b", 4, 50, "a: b", 4, 1},
		{"a: b", 0, 0, "a: b", 1, 1},
		{"a: b", 5, 1, "a: b", 5, 1},
		{"\ta: b  ", 2, 1, "        a: b", 9, 1},
		{"ä: \"ö\"", 4, 3, "ä: \"ö\"", 4, 3},
		{"a: \x1b[31m", 4, 5, "a: \\x1b[31m", 4, 8},
		{"a: \xf0\x9f\x98\x80", 4, 1, "a: \xef\xbf\xbd", 4, 1},
		{"a: \xff\xfe", 4, 2, "a: \xef\xbf\xbd\xef\xbf\xbd", 4, 2},
	};
	struct arena a = ARENA_INIT(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view_excerpt e;

		excerpt_make(&e, &a, slice_str(cases[i].line), cases[i].column, cases[i].length);
		assert_string_equal(e.text, cases[i].text);
		assert_int_equal(e.column, cases[i].at);
		assert_int_equal(e.length, cases[i].n);
	}
	/* Every place of lines around the limit: in the window, and the same when made again from what was made. */
	for (size_t n = EXCERPT_WIDTH - 2; n < EXCERPT_WIDTH * 2; n++) {
		char line[EXCERPT_WIDTH * 2];

		for (size_t i = 0; i < n; i++)
			line[i] = (char)('0' + i % 10);
		for (size_t column = 1; column <= n + 1; column++) {
			struct view_excerpt e, again;

			excerpt_make(&e, &a, slice_of(line, n), column, 3);
			assert_true(columns_of(slice_str(e.text)) <= EXCERPT_WIDTH);
			assert_true(e.column >= 1 && e.column + e.length - 1 <= EXCERPT_WIDTH);
			if (column <= n) {
				struct slice shown = slice_str(e.text);
				uint32_t c = 0;

				for (size_t i = 0; i < e.column; i++)
					shown = slice_from(shown, utf8_next(shown, &c, NULL));
				assert_int_equal(c, line[column - 1]);
			}
			excerpt_make(&again, &a, slice_str(e.text), e.column, e.length);
			assert_string_equal(again.text, e.text);
			assert_int_equal(again.column, e.column);
			assert_int_equal(again.length, e.length);
		}
	}
	assert_false(arena_failed(&a));
	arena_release(&a);
}

static void grouping_and_order(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	const char *text, *last = NULL;
	static const char *const order[] = {"error[image-registry]: image 0 ",
					    "  71 more places:\n",
					    "    … and 69 more (explain --last)\n",
					    "error[federated-flag]: PX_",
					    "warning[duplicate-key]: ",
					    "warning[plain-secret]: ",
					    "pxb-fed: refused: 2 causes (73 errors), 2 warnings, 1 note in 2 "
					    "objects\n"};
	char messages[72][40];

	(void)state;
	fix(add(b, RULE_NAMESPACE, SEVERITY_NOTE, "no namespace"), "Nothing.");
	fix(add(b, RULE_PLAIN_SECRET, SEVERITY_WARNING, "a secret"), "Use a Secret.");
	fix(add(b, RULE_DUPLICATE_KEY, SEVERITY_WARNING, "twice"), "Remove one.");
	for (size_t i = 0; i < 72; i++) {
		snprintf(messages[i], sizeof(messages[i]), "image %zu is from elsewhere", i);
		fix(add(b, RULE_IMAGE_REGISTRY, SEVERITY_ERROR, messages[i]),
		    "--set images.registry=registry.example.com:5000");
		b->list[b->gate.findings.n - 1]->cause = "value images.registry";
	}
	add_flag(b);
	text = text_of(b);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const char *at = strstr(text, order[i]);

		if (!at)
			fail_msg("'%s' is not in:\n%s", order[i], text);
		assert_true(!last || last < at);
		last = at;
	}
	assert_lacks(text, "note[");
	assert_int_equal(occurrences(text, "[image-registry]"), 1);
	assert_clean(text);
	b->report.verbose = true;
	text = text_of(b);
	assert_int_equal(occurrences(text, "[image-registry]"), 1);
	assert_int_equal(occurrences(text, " is from elsewhere"), 72);
	assert_contains(text, "note[namespace]: no namespace\n");
	assert_clean(text);
	bench_free(b);
}

/* As many rules as there are, with as much to say as they like. */
static void fill_with_giants(struct bench *b, char *giant, size_t n)
{
	for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
		for (int i = 0; i < 3; i++) {
			struct finding *f = add(b, (enum rule_id)rule, SEVERITY_ERROR, giant);

			place(f, &b->config, giant, 4000000000u, 3, giant, n);
			f->source = f->place.input = f->not_patched = giant;
			b->config.name = slice_of(giant, n);
			for (int j = 0; j < 8; j++)
				fix(f, j == 0 ? "--set first.fix=survives" : giant);
		}
	}
}

static void cap(void **state)
{
	static const char *const pieces[] = {"x",    "word ", "\xe2\x82\xac", "\xc3\xa4/", "\x1b", "\xf0\x9f\x98\x80",
					     "\xff", "x\n",   "a\tb "};
	enum { GIANT = 20000 };
	char summary[64];
	char *giant = test_malloc(GIANT + 8);

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(pieces); p++) {
		for (int color = 0; color < 2; color++) {
			struct bench *b = bench_new(VERDICT_REFUSED);
			const char *text;
			size_t n = 0;

			while (n < GIANT) {
				memcpy(giant + n, pieces[p], strlen(pieces[p]));
				n += strlen(pieces[p]);
			}
			giant[n] = '\0';
			fill_with_giants(b, giant, n);
			b->findings[0].message = "the first message survives";
			b->report.color = color;
			text = text_of(b);
			assert_true(b->out.n <= REPORT_TEXT_CAP);
			assert_true(b->out.n > REPORT_TEXT_CAP / 2);
			assert_contains(text, "the first message survives");
			assert_contains(text, "--set first.fix=survives");
			assert_contains(text, " more causes (explain --last)");
			snprintf(summary, sizeof(summary), "%d errors in 2 objects\n", 3 * RULE_COUNT);
			assert_contains(text, summary);
			if (!color)
				assert_clean(text);
			bench_free(b);
		}
	}
	test_free(giant);
}

static void every_rule_is_seen_before_one_is_seen_twice(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	const char *text;

	(void)state;
	for (unsigned rule = RULE_FEDERATED_FLAG; rule <= RULE_ARGOCD_MODE; rule++)
		for (int i = 0; i < 4; i++) {
			struct finding *f = add_flag(b);

			f->rule = (enum rule_id)rule;
		}
	text = text_of(b);
	for (unsigned rule = RULE_FEDERATED_FLAG; rule <= RULE_ARGOCD_MODE; rule++)
		assert_contains(text, rule_infos[rule].id);
	assert_true(b->out.n <= REPORT_TEXT_CAP);
	assert_clean(text);
	bench_free(b);
}

static void wrapping(void **state)
{
	static const struct {
		const char *text;
		size_t column, indent;
		const char *want;
	} cases[] = {
		{"", 0, 4, ""},
		{"one two", 0, 4, "one two"},
		{"one  two ", 0, 4, "one  two"},
		{" one two", 74, 4, " one\n    two"},
		{" one two", 76, 4, " one\n    two"},
		{" one two", 77, 4, "\n    one two"},
		{"ä ö ü", 76, 2, "ä ö\n  ü"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		wrap_put(slice_str(cases[i].text), cases[i].column, cases[i].indent, &out);
		assert_string_equal(buf_str(&out), cases[i].want);
	}
	for (size_t n = 60; n < 400; n += 7) {
		cleanup_buf struct buf out = BUF_TEXT;
		cleanup_buf struct buf word = BUF_TEXT;

		for (size_t i = 0; i < n; i++)
			buf_adds(&word, i % 31 == 30 ? "/" : "ß");
		wrap_put(buf_slice(&word), 10, 4, &out);
		assert_clean(buf_str(&out));
	}
}

static void exceptions(void **state)
{
	struct bench *b = bench_new(VERDICT_COMPLIANT);
	struct finding *f = add(b, RULE_PLAIN_SECRET, SEVERITY_ERROR, "a client secret in a ConfigMap");

	(void)state;
	place(f, &b->config, "data.EXTERNAL_OIDC_CLIENT_SECRET", 12, 3, "", 1);
	fix(f, "Use a Secret.");
	b->exception = (struct policy_exception){.rule = RULE_PLAIN_SECRET,
						 .reason = SLICE("kept by ticket SEC-123\n"),
						 .expires = "2027-01-31"};
	f->excepted = &b->exception;
	assert_string_equal(text_of(b), "pxb-fed: compliant: 2 objects, 1 excepted\n");
	b->report.verbose = true;
	assert_contains(text_of(b), "excepted[plain-secret]: a client secret in a ConfigMap\n");
	assert_contains(text_of(b), "\n  excepted until 2027-01-31: kept by ticket SEC-123\n");
	bench_free(b);
}

static void patch(struct bench *b)
{
	struct finding *f = add_flag(b);

	f->not_patched = NULL;
	f->patchable = f->patched = true;
	f = add_flag(b);
	f->not_patched = NULL;
	f->object = &b->deployment;
	f->patchable = f->patched = true;
	f = add(b, RULE_STORAGE_CLASS, SEVERITY_ERROR, "the class is gp3");
	place(f, &b->deployment, "spec.x", 30, 1, "x: gp3", 2);
	fix(f, "--set persistentStorage.storageClassName=px-csi-db");
	fix(f, "Ask the platform team for the class.");
	f->patchable = f->patched = true;
	b->edits[0] = (struct edit){RULE_STORAGE_CLASS, &b->deployment, "spec.x", "set", 30};
	b->edits[1] = (struct edit){RULE_FEDERATED_FLAG, &b->config, "data.PX_BACKUP_FEDERATED", "set", 901};
	b->edits[2] = (struct edit){RULE_FEDERATED_FLAG, &b->deployment, "spec.env", "insert", 20};
	b->edits[3] = (struct edit){RULE_FEDERATED_FLAG, &b->config, "data.x", "set", 902};
	b->report.edits_n = 4;
}

static void patched_runs(void **state)
{
	struct bench *b = bench_new(VERDICT_PATCHED);

	(void)state;
	patch(b);
	fix(add(b, RULE_PLAIN_SECRET, SEVERITY_WARNING, "a secret"), "Use a Secret.");
	b->findings[0].not_patched = "the hook Jobs were not seen";
	assert_string_equal(text_of(b), "warning[plain-secret]: a secret\n"
					"  fix: Use a Secret.\n"
					"patched[federated-flag]: 2 set, 1 inserted in 2 objects\n"
					"  not patched: the hook Jobs were not seen\n"
					"patched[storage-class]: 1 set in 1 object\n"
					"set these values, or the next upgrade without the gate undoes the repair:\n"
					"  --set pxbackup.federated=true\n"
					"  --set persistentStorage.storageClassName=px-csi-db\n"
					"pxb-fed: patched: 4 changes in 2 of 2 objects, 1 warning\n");
	b->report.verbose = true;
	assert_contains(text_of(b), "patched[federated-flag]: PX_BACKUP_FEDERATED is");
	assert_clean(text_of(b));
	bench_free(b);
}

static void terminal_note(void **state)
{
	struct bench *b = bench_new(VERDICT_PATCHED);
	cleanup_buf struct buf out = BUF_TEXT;

	(void)state;
	patch(b);
	report_terminal_note(&b->report, &out);
	assert_string_equal(
		buf_str(&out),
		"pxb-fed: patched 4 places in 2 objects; Helm keeps the values as they were\n"
		"pxb-fed: set these values, or the next upgrade without the gate undoes it:\n"
		"pxb-fed: --set pxbackup.federated=true --set persistentStorage.storageClassName=px-csi-db\n");
	buf_reuse(&out);
	for (size_t i = 0; i < b->gate.findings.n; i++)
		b->findings[i].fixes.n = 0;
	report_terminal_note(&b->report, &out);
	assert_int_equal(occurrences(buf_str(&out), "\n"), 3);
	buf_reuse(&out);
	b->gate.verdict = VERDICT_REFUSED;
	report_terminal_note(&b->report, &out);
	assert_string_equal(buf_str(&out), "");
	bench_free(b);
}

static void color(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	cleanup_buf struct buf plain = BUF_TEXT;
	const char *text;

	(void)state;
	add_flag(b);
	fix(add(b, RULE_PLAIN_SECRET, SEVERITY_WARNING, "a secret"), "Use a Secret.");
	buf_adds(&plain, text_of(b));
	assert_lacks(buf_str(&plain), "\x1b");
	b->report.color = true;
	text = text_of(b);
	assert_contains(text, "\x1b[1;31merror[federated-flag]:\x1b[0m\x1b[1m PX_");
	assert_contains(text, "\x1b[1;31m^^^^^^^\x1b[0m\n");
	assert_contains(text, "\x1b[1;33mwarning[plain-secret]:\x1b[0m");
	/* Without the codes it is the same text. */
	for (const char *p = text, *q = buf_str(&plain); *p || *q;) {
		if (*p == '\x1b') {
			p = strchr(p, 'm') + 1;
			continue;
		}
		assert_int_equal(*p++, *q++);
	}
	bench_free(b);
}

static void hostile_texts(void **state)
{
	static const char hostile[] =
		"a\x1b[2J\x07\r\nb\x7f \xc2\x85 \xe2\x80\xae \xef\xbb\xbf \xf0\x9f\x98\x80 \xff \"q\" 'q' \\";
	struct bench *b = bench_new(VERDICT_REFUSED);
	struct finding *f = add(b, RULE_IMAGE_REGISTRY, SEVERITY_ERROR, hostile);
	const char *text;

	(void)state;
	b->config.name = b->config.ns = b->config.kind = slice_str(hostile);
	place(f, &b->config, hostile, 3, 1, "a\x1b[2J", 4);
	f->source = f->place.input = f->not_patched = hostile;
	fix(f, hostile);
	b->report.verbose = true;
	text = text_of(b);
	assert_clean(text);
	assert_contains(text,
			"a\\x1b[2J\\x07\\r\\nb\\x7f \\u0085 \\u202e \\ufeff \xef\xbf\xbd \xef\xbf\xbd \"q\" 'q' \\\n");
	bench_free(b);
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void json_contract(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	cleanup_buf struct buf first = BUF_TEXT;
	struct finding *f;

	(void)state;
	add_flag(b)->patchable = true;
	f = add(b, RULE_PLAIN_SECRET, SEVERITY_WARNING, "tab\there \"quoted\" \xff");
	b->exception = (struct policy_exception){.reason = SLICE("a reason"), .expires = "2027-01-31"};
	f->excepted = &b->exception;
	/* A refused run has no edits and nothing patched, whatever it was handed. */
	b->findings[0].patched = true;
	b->edits[0] = (struct edit){RULE_FEDERATED_FLAG, &b->config, "data.x", "set", 901};
	b->report.edits_n = 1;
	b->gate.ran[RULE_STREAM] = b->gate.ran[RULE_FEDERATED_FLAG] = true;
	assert_string_equal(
		json_of(b),
		"{\n"
		"\t\"schema\":\t2,\n"
		"\t\"tool\":\t{\n"
		"\t\t\"name\":\t\"pxb-fed\",\n"
		"\t\t\"version\":\t\"" PXB_VERSION "\"\n"
		"\t},\n"
		"\t\"verdict\":\t\"refused\",\n"
		"\t\"stream\":\t{\n"
		"\t\t\"flavour\":\t\"helm3\",\n"
		"\t\t\"hooks\":\t\"hidden\",\n"
		"\t\t\"bytes\":\t10,\n"
		"\t\t\"documents\":\t2,\n"
		"\t\t\"objects\":\t2\n"
		"\t},\n"
		"\t\"findings\":\t[{\n"
		"\t\t\t\"rule\":\t\"federated-flag\",\n"
		"\t\t\t\"severity\":\t\"error\",\n"
		"\t\t\t\"patched\":\tfalse,\n"
		"\t\t\t\"patchable\":\ttrue,\n"
		"\t\t\t\"excepted\":\tnull,\n"
		"\t\t\t\"object\":\t{\n"
		"\t\t\t\t\"apiVersion\":\t\"v1\",\n"
		"\t\t\t\t\"kind\":\t\"ConfigMap\",\n"
		"\t\t\t\t\"namespace\":\t\"central\",\n"
		"\t\t\t\t\"name\":\t\"pxcentral-ui-configmap\"\n"
		"\t\t\t},\n"
		"\t\t\t\"source\":\t\"px-central/templates/px-lighthouse/px-central-ui/pxcentral-ui-configmap.yaml\",\n"
		"\t\t\t\"path\":\t\"data.PX_BACKUP_FEDERATED\",\n"
		"\t\t\t\"line\":\t901,\n"
		"\t\t\t\"column\":\t25,\n"
		"\t\t\t\"message\":\t\"PX_BACKUP_FEDERATED is \\\"false\\\"; Federated mode needs \\\"true\\\"\",\n"
		"\t\t\t\"found\":\t\"false\",\n"
		"\t\t\t\"expected\":\t\"true\",\n"
		"\t\t\t\"fix\":\t[\"--set pxbackup.federated=true\"],\n"
		"\t\t\t\"fingerprint\":\t\"00000000000000000000000000000000\",\n"
		"\t\t\t\"input\":\t\"<stdin>\",\n"
		"\t\t\t\"notPatched\":\t\"the hook Jobs carry this value too and Helm 3 does not show hooks to a "
		"post-renderer\",\n"
		"\t\t\t\"excerpt\":\t{\n"
		"\t\t\t\t\"text\":\t\"  PX_BACKUP_FEDERATED : \\\"false\\\"\",\n"
		"\t\t\t\t\"column\":\t25,\n"
		"\t\t\t\t\"length\":\t7\n"
		"\t\t\t},\n"
		"\t\t\t\"endColumn\":\t32,\n"
		"\t\t\t\"chartFault\":\tfalse\n"
		"\t\t}, {\n"
		"\t\t\t\"rule\":\t\"plain-secret\",\n"
		"\t\t\t\"severity\":\t\"warning\",\n"
		"\t\t\t\"patched\":\tfalse,\n"
		"\t\t\t\"patchable\":\tfalse,\n"
		"\t\t\t\"excepted\":\t{\n"
		"\t\t\t\t\"reason\":\t\"a reason\",\n"
		"\t\t\t\t\"expires\":\t\"2027-01-31\"\n"
		"\t\t\t},\n"
		"\t\t\t\"object\":\tnull,\n"
		"\t\t\t\"source\":\t\"\",\n"
		"\t\t\t\"path\":\t\"\",\n"
		"\t\t\t\"line\":\t0,\n"
		"\t\t\t\"column\":\t0,\n"
		"\t\t\t\"message\":\t\"tab\\there \\\"quoted\\\" \xef\xbf\xbd\",\n"
		"\t\t\t\"found\":\t\"\",\n"
		"\t\t\t\"expected\":\t\"\",\n"
		"\t\t\t\"fix\":\t[],\n"
		"\t\t\t\"fingerprint\":\t\"00000000000000000000000000000001\",\n"
		"\t\t\t\"input\":\t\"\",\n"
		"\t\t\t\"notPatched\":\tnull,\n"
		"\t\t\t\"excerpt\":\tnull,\n"
		"\t\t\t\"endColumn\":\t0,\n"
		"\t\t\t\"chartFault\":\tfalse\n"
		"\t\t}],\n"
		"\t\"causes\":\t[{\n"
		"\t\t\t\"rule\":\t\"federated-flag\",\n"
		"\t\t\t\"severity\":\t\"error\",\n"
		"\t\t\t\"message\":\t\"PX_BACKUP_FEDERATED is \\\"false\\\"; Federated mode needs \\\"true\\\"\",\n"
		"\t\t\t\"fix\":\t\"--set pxbackup.federated=true\",\n"
		"\t\t\t\"finding\":\t0,\n"
		"\t\t\t\"findings\":\t[0]\n"
		"\t\t}, {\n"
		"\t\t\t\"rule\":\t\"plain-secret\",\n"
		"\t\t\t\"severity\":\t\"warning\",\n"
		"\t\t\t\"message\":\t\"tab\\there \\\"quoted\\\" \xef\xbf\xbd\",\n"
		"\t\t\t\"fix\":\t\"\",\n"
		"\t\t\t\"finding\":\t1,\n"
		"\t\t\t\"findings\":\t[1]\n"
		"\t\t}],\n"
		"\t\"edits\":\t[],\n"
		"\t\"rules\":\t[\"stream\", \"federated-flag\"],\n"
		"\t\"failOn\":\t\"error\",\n"
		"\t\"unread\":\t[],\n"
		"\t\"exitCode\":\t1\n"
		"}\n");
	buf_adds(&first, json_of(b));
	assert_string_equal(json_of(b), buf_str(&first));
	bench_free(b);
}

static void json_of_patches(void **state)
{
	struct bench *b = bench_new(VERDICT_PATCHED);
	const char *json;

	(void)state;
	patch(b);
	json = json_of(b);
	assert_int_equal(occurrences(json, "\"patched\":\ttrue"), 3);
	assert_contains(json, "\"operation\":\t\"insert\"");
	assert_contains(json, "\"edits\":\t[{\n\t\t\t\"rule\":\t\"storage-class\",\n\t\t\t\"object\":\t{"
			      "\n\t\t\t\t\"apiVersion\":\t\"apps/v1\"");
	bench_free(b);
}

static void errors_always_have_a_fix(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);

	(void)state;
	add(b, RULE_UNVERIFIABLE, SEVERITY_ERROR, "cannot be seen");
	assert_contains(json_of(b), "\"fix\":\t[\"See 'pxb-fed explain unverifiable'.\"]");
	bench_free(b);
}

/* --- block scalar ---------------------------------------------------------------------------------------------- */

static void block_scalar(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"one\ntwo\n", "|\n  one\n  two\n"},
		{"one", "|\n  one\n"},
		{"\n \n\t\n  one\n  two", "|\n  one\n    two\n"},
		{"one\n\n\n two \t\n\n\n", "|\n  one\n\n\n   two\n"},
		{"a\tb\n\tc\r\nd\r\n", "|\n  a       b\n          c\n  d\n"},
		{"\x1b[1;31merror\x1b[0m", "|\n  \\x1b[1;31merror\\x1b[0m\n"},
		{"# no comment\n--- no separator\n%YAML\n...",
		 "|\n  # no comment\n  --- no separator\n  %YAML\n  ...\n"},
		{"\xf0\x9f\x98\x80 \xff \xc2\x85\xe2\x80\xa8\xef\xbb\xbf",
		 "|\n  \xef\xbf\xbd \xef\xbf\xbd \\u0085\\u2028\\ufeff\n"},
		{"", "|\n  (no message)\n"},
		{" \n\t\n\r\n", "|\n  (no message)\n"},
		{NULL, "|\n  (no message)\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_TEXT;

		report_block_scalar(cases[i].text, &out);
		assert_string_equal(buf_str(&out), cases[i].want);
	}
}

/* --- report files ---------------------------------------------------------------------------------------------- */

static void targets(void **state)
{
	static const struct {
		const char *arg, *says; /* NULL: accepted */
	} cases[] = {
		{"json=report.json", NULL},
		{"text=a=b", NULL},
		{"json", "names no file"},
		{"", "names no file"},
		{"json=", "names no file"},
		{"jsn=x", "did you mean 'json'?"},
		{"yaml=x", "known are text, json, sarif, junit, html, github and markdown"},
		{"=x", "known are"},
		{"json=-", "stdout"},
		{"text=/dev/stdout", "stdout"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct report_target t = {NULL, NULL};
		struct err err = ERR_INIT;
		int rc = report_target_parse(cases[i].arg, &t, &err);

		assert_int_equal(rc, cases[i].says ? STATUS_USAGE : 0);
		if (cases[i].says)
			assert_contains(err.text, cases[i].says);
		else
			assert_string_equal(t.path, strchr(cases[i].arg, '=') + 1);
	}
}

struct folder {
	char path[PATH_MAX / 2];
};

static void folder_make(struct folder *d)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(d->path, sizeof(d->path), "%s/pxb-fed-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(d->path));
}

static const char *in(const struct folder *d, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	return path;
}

static void folder_remove(const struct folder *d)
{
	static const char *const names[] = {"r.json",
					    "r.txt",
					    "state/pxb-fed/last.json",
					    "state/pxb-fed",
					    "state",
					    ".local/state/pxb-fed/last.json",
					    ".local/state/pxb-fed",
					    ".local/state",
					    ".local"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		remove(in(d, names[i]));
	assert_int_equal(rmdir(d->path), 0);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (unsigned)st.st_mode & 0777;
}

static void report_files(void **state)
{
	struct bench *b = bench_new(VERDICT_REFUSED);
	struct err err = ERR_INIT;
	cleanup_buf struct buf got = BUF_TEXT;
	struct folder d;
	mode_t mask = umask(027);

	(void)state;
	folder_make(&d);
	add_flag(b);
	fix(add(b, RULE_NAMESPACE, SEVERITY_NOTE, "no namespace"), "Nothing.");
	b->report.color = true;
	assert_int_equal(report_write(&b->report,
				      &(struct report_target){report_format_find(SLICE("json")), in(&d, "r.json")},
				      &err),
			 0);
	assert_int_equal(mode_of(in(&d, "r.json")), 0640);
	assert_int_equal(file_read(in(&d, "r.json"), &got, STATUS_INPUT, &err), 0);
	assert_string_equal(buf_str(&got), json_of(b));
	buf_reuse(&got);
	assert_int_equal(report_write(&b->report,
				      &(struct report_target){report_format_find(SLICE("text")), in(&d, "r.txt")},
				      &err),
			 0);
	assert_int_equal(file_read(in(&d, "r.txt"), &got, STATUS_INPUT, &err), 0);
	assert_contains(buf_str(&got), "note[namespace]");
	assert_lacks(buf_str(&got), "\x1b");
	assert_int_equal(report_write(&b->report,
				      &(struct report_target){report_format_find(SLICE("json")), in(&d, "none/r.json")},
				      &err),
			 STATUS_FAILED);
	assert_contains(err.text, "writing the json report: ");
	assert_int_equal(umask(mask), 027);
	folder_remove(&d);
	bench_free(b);
}

/* --- the last run ---------------------------------------------------------------------------------------------- */

static const char *show(struct bench *b, struct err *err, int want)
{
	*err = ERR_INIT;
	buf_reuse(&b->out);
	assert_int_equal(state_show(report_format_find(SLICE("text")), &b->out, false, err), want);
	return buf_str(&b->out);
}

static void state_round_trip(void **state)
{
	static const enum verdict verdicts[] = {VERDICT_COMPLIANT, VERDICT_PATCHED, VERDICT_REFUSED,
						VERDICT_UNREADABLE};
	struct err err;
	struct folder d;

	(void)state;
	folder_make(&d);
	setenv("XDG_STATE_HOME", in(&d, "state"), 1);
	unsetenv("PXB_FED_NO_STATE");
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		struct bench *b = bench_new(verdicts[i]);
		cleanup_buf struct buf want = BUF_TEXT;
		struct finding *f;
		const char *got;

		patch(b);
		f = add(b, RULE_PLAIN_SECRET, SEVERITY_ERROR, "\x1b[2J\"quoted\" \xe2\x82\xac");
		place(f, &b->config, "data[\"a.b\"]", 12, 70,
		      "\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x1b: "
		      "vvvvvvvvvvvvvvvvvvvvvvvv",
		      4);
		f->place.input = "dir/a.yaml";
		b->exception = (struct policy_exception){.reason = SLICE("a reason"), .expires = "2027-01-31"};
		f->excepted = &b->exception;
		fix(add(b, RULE_NAMESPACE, SEVERITY_NOTE, "no namespace"), "Nothing.");
		b->report.verbose = true;
		buf_adds(&want, text_of(b));
		state_save(&b->report);
		got = show(b, &err, 0);
		assert_memory_equal(got, "last run, 20", 12);
		got = strchr(got, '\n') + 1;
		assert_string_equal(got, buf_str(&want));
		assert_int_equal(mode_of(in(&d, "state/pxb-fed/last.json")), 0600);
		assert_int_equal(mode_of(in(&d, "state/pxb-fed")), 0700);
		bench_free(b);
	}
	folder_remove(&d);
}

static void state_places(void **state)
{
	struct bench *b = bench_new(VERDICT_COMPLIANT);
	struct err err;
	struct folder d;

	(void)state;
	folder_make(&d);
	setenv("XDG_STATE_HOME", "relative", 1); /* does not count */
	setenv("HOME", d.path, 1);
	setenv("PXB_FED_NO_STATE", "1", 1);
	state_save(&b->report);
	show(b, &err, STATUS_USAGE);
	assert_contains(err.text, "no report of an earlier run");
	setenv("PXB_FED_NO_STATE", "", 1);
	state_save(&b->report);
	assert_contains(show(b, &err, 0), "pxb-fed: compliant: 2 objects\n");
	assert_int_equal(mode_of(in(&d, ".local/state/pxb-fed/last.json")), 0600);
	unsetenv("HOME");
	state_save(&b->report);
	show(b, &err, STATUS_USAGE);
	assert_contains(err.text, "neither XDG_STATE_HOME nor HOME");
	setenv("HOME", "/dev/null/none", 1); /* cannot be written */
	state_save(&b->report);
	show(b, &err, STATUS_USAGE);
	folder_remove(&d);
	bench_free(b);
}

static void put_state(const struct folder *d, struct slice text)
{
	struct err err = ERR_INIT;

	assert_int_equal(file_make_parents(in(d, "state/pxb-fed/last.json"), &err), 0);
	assert_int_equal(file_write_atomic(in(d, "state/pxb-fed/last.json"), text, 0600, &err), 0);
}

static void damaged_state(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{"\"schema\":\t2", "\"schema\":\t1", "an earlier build"},
		{"\"schema\":\t2", "\"schema\":\t3", "'schema' is not 2"},
		{"\"schema\":\t2", "\"schema\":\t\"1\"", "'schema' is not 2"},
		{"\"verdict\":\t\"patched\"", "\"verdict\":\t\"fine\"", "'verdict'"},
		{"\"verdict\":\t\"patched\"", "\"verdict\":\tnull", "'verdict'"},
		{"\"stream\":\t{", "\"stream\":\t[], \"x\":\t{", "'stream'"},
		{"\"objects\":\t2", "\"objects\":\t-2", "'objects'"},
		{"\"objects\":\t2", "\"objects\":\t1e999", "'objects'"},
		{"\"bytes\":\t10", "\"bytes\":\t{}", "'bytes'"},
		{"\"findings\":\t[", "\"findings\":\t[7, ", "'excepted'"},
		{"\"findings\":\t[", "\"findings\":\t{}, \"x\":\t[", "'findings'"},
		{"\"severity\":\t\"error\"", "\"severity\":\t\"fatal\"", "'severity'"},
		{"\"line\":\t901", "\"line\":\t\"901\"", "'line'"},
		{"\"fix\":\t[", "\"fix\":\t[[], ", "'fix'"},
		{"\"fix\":\t[\"", "\"fix\":\t\"\", \"x\":\t[\"", "'fix'"},
		{"\"object\":\t{", "\"object\":\t7, \"x\":\t{", "'object'"},
		{"\"kind\":\t", "\"kinds\":\t", "'kind'"},
		{"\"operation\":\t\"set\"", "\"operation\":\t\"burn\"", "'operation'"},
		{"\"excerpt\":\t{", "\"excerpt\":\t7, \"x\":\t{", "'text'"},
		{"}\n", "} trailing", "not JSON"},
		{"{", "", "not JSON"},
	};
	struct bench *b = bench_new(VERDICT_PATCHED);
	cleanup_buf struct buf good = BUF_TEXT;
	struct err err;
	struct folder d;

	(void)state;
	folder_make(&d);
	setenv("XDG_STATE_HOME", in(&d, "state"), 1);
	patch(b);
	buf_adds(&good, json_of(b));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf bad = BUF_TEXT;
		size_t at =
			strcmp(cases[i].from, "}\n") == 0 ? good.n - 2 : slice_find(buf_slice(&good), cases[i].from);

		assert_true(at < good.n);
		buf_add(&bad, slice_to(buf_slice(&good), at));
		buf_adds(&bad, cases[i].to);
		buf_add(&bad, slice_from(buf_slice(&good), at + strlen(cases[i].from)));
		put_state(&d, buf_slice(&bad));
		show(b, &err, STATUS_USAGE);
		assert_contains(err.text, "is damaged, the next run writes it again");
		assert_contains(err.text, cases[i].says);
	}
	/* Cut anywhere, or with any byte turned: an error or a report, never a crash. */
	for (size_t i = 0; i + 2 < good.n; i += 13) {
		put_state(&d, slice_to(buf_slice(&good), i));
		show(b, &err, STATUS_USAGE);
	}
	for (size_t i = 0; i < good.n; i++) {
		cleanup_buf struct buf bad = BUF_TEXT;
		struct report_view v;

		buf_add(&bad, buf_slice(&good));
		bad.p[i] = (char)(bad.p[i] ^ (1 << i % 8));
		buf_reuse(&b->out);
		if (view_from_json(&v, &bad, &err) == 0) {
			v.verbose = true;
			for (size_t k = 0; k < report_formats_n; k++)
				assert_int_equal(report_formats[k].render(&v, &b->out, &err), 0);
		}
		view_release(&v);
	}
	put_state(&d, slice_of("{\0}", 3));
	show(b, &err, STATUS_USAGE);
	put_state(&d, SLICE_EMPTY);
	show(b, &err, STATUS_USAGE);
	folder_remove(&d);
	bench_free(b);
}

/* A report of another version of the program: unknown members, an unknown rule, terminal escapes, a caret far away. */
static void strange_but_readable_state(void **state)
{
	static const char json[] = "{\"schema\":2,\"verdict\":\"refused\",\"later\":[1],\"stream\":{\"flavour\":"
				   "\"helm5\",\"hooks\":\"hidden\",\"bytes\":1,"
				   "\"documents\":1,\"objects\":1},\"findings\":[{\"rule\":\"later-\\u001b[2J\","
				   "\"severity\":\"error\",\"patched\":false,"
				   "\"patchable\":false,\"excepted\":null,\"object\":null,\"source\":\"\",\"path\":"
				   "\"\",\"line\":1,\"column\":1,"
				   "\"message\":\"m\\u001b[2J\",\"found\":\"\",\"expected\":\"\",\"fix\":[\"Do "
				   "it.\"],\"fingerprint\":\"\","
				   "\"excerpt\":{\"text\":\"\\u001b\\tx\",\"column\":4000000000,\"length\":"
				   "9007199254740991}}],\"edits\":[]}";
	struct bench *b = bench_new(VERDICT_COMPLIANT);
	struct err err;
	struct folder d;
	const char *text;

	(void)state;
	folder_make(&d);
	setenv("XDG_STATE_HOME", in(&d, "state"), 1);
	put_state(&d, slice_str(json));
	text = show(b, &err, 0);
	assert_clean(text);
	assert_contains(text, "error[later-\\x1b[2J]: m\\x1b[2J\n  --> input line 1, column 1\n  1 | \\x1b    x\n    | "
			      "         ^\n  fix: Do it.\n");
	folder_remove(&d);
	bench_free(b);
}

/* --- memory ---------------------------------------------------------------------------------------------------- */

static void small_buffers_fail_cleanly(void **state)
{
	struct bench *b = bench_new(VERDICT_PATCHED);
	struct err err = ERR_INIT;

	(void)state;
	patch(b);
	add_flag(b);
	for (size_t n = 0; n < 600; n++) {
		cleanup_buf struct buf text = BUF_INIT(n);
		cleanup_buf struct buf json = BUF_INIT(n);
		cleanup_buf struct buf scalar = BUF_INIT(n);

		report_text(&b->report, &text);
		assert_true(text.failed);
		assert_int_equal(report_json(&b->report, &json, &err), STATUS_FAILED);
		report_block_scalar("one\ntwo\n", &scalar);
		assert_int_equal(scalar.failed, n < strlen("|\n  one\n  two\n"));
	}
	bench_free(b);
}

static size_t allocations_left;

static void *scarce(size_t n)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return malloc(n);
}

/* Every allocation of cJSON fails in turn: an error each time, and under a leak checker nothing is left behind. */
static void json_without_memory(void **state)
{
	cJSON_Hooks hooks = {.malloc_fn = scarce, .free_fn = free};
	struct bench *b = bench_new(VERDICT_PATCHED);
	cleanup_buf struct buf json = BUF_TEXT;
	size_t writing = 0, reading = 0;

	(void)state;
	patch(b);
	place(add(b, RULE_PLAIN_SECRET, SEVERITY_WARNING, "m"), &b->config, "data.x", 3, 1, "x: y", 1);
	b->exception = (struct policy_exception){.reason = SLICE("a reason"), .expires = "2027-01-31"};
	b->findings[3].excepted = &b->exception;
	cJSON_InitHooks(&hooks);
	for (int rc = -1; rc < 0; writing++) {
		struct err err = ERR_INIT;

		buf_reuse(&json);
		allocations_left = writing;
		rc = report_json(&b->report, &json, &err);
		assert_true(rc == 0 || rc == STATUS_FAILED);
	}
	for (int rc = -1; rc < 0; reading++) {
		struct report_view v;
		struct err err = ERR_INIT;

		allocations_left = reading;
		rc = view_from_json(&v, &json, &err);
		assert_true(rc == 0 || err.text[0] != '\0');
		view_release(&v);
	}
	cJSON_InitHooks(NULL);
	assert_true(writing > 100 && reading > 100);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_layout),
		cmocka_unit_test(places_of_files_and_of_nothing),
		cmocka_unit_test(lines_that_may_not_be_shown),
		cmocka_unit_test(long_source_lines_are_cut),
		cmocka_unit_test(excerpts),
		cmocka_unit_test(grouping_and_order),
		cmocka_unit_test(cap),
		cmocka_unit_test(every_rule_is_seen_before_one_is_seen_twice),
		cmocka_unit_test(wrapping),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(patched_runs),
		cmocka_unit_test(terminal_note),
		cmocka_unit_test(color),
		cmocka_unit_test(hostile_texts),
		cmocka_unit_test(json_contract),
		cmocka_unit_test(json_of_patches),
		cmocka_unit_test(errors_always_have_a_fix),
		cmocka_unit_test(block_scalar),
		cmocka_unit_test(targets),
		cmocka_unit_test(report_files),
		cmocka_unit_test(state_round_trip),
		cmocka_unit_test(state_places),
		cmocka_unit_test(damaged_state),
		cmocka_unit_test(strange_but_readable_state),
		cmocka_unit_test(small_buffers_fail_cleanly),
		cmocka_unit_test(json_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
