/*
 * test_stored.c: what is known of a chart and of its installed releases without asking Helm: the files of a chart, as
 * Helm's loader would find them, and Helm's own objects in the cluster.
 */
#include "reading.h"

#include "base/base64.h"
#include "base/child.h"
#include "base/file.h"
#include "helm/chart_files.h"
#include "helm/storage.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* --- the files of a chart -------------------------------------------------------------------------------------- */

enum { FILES = 8, PATH_ROOM = 512 };

struct chart {
	const char *what;
	struct {
		const char *name, *text; /* a text that begins with "->" is a link */
	} files[FILES];
	bool known;
	const char *values, *crds; /* of what is known */
};

#define CHART_YAML                        \
	{                                 \
		"Chart.yaml", "name: c\n" \
	}
#define CRD(name)	       "kind: CustomResourceDefinition # " name
#define DOCUMENT(text)	       "---\n" text "\n"
#define NOTHING_BUT_VALUES(is) .known = true, .values = (is), .crds = ""

static const struct chart charts[] = {
	{"values alone", {CHART_YAML, {"values.yaml", "a: 1\n"}}, NOTHING_BUT_VALUES("a: 1\n")},
	{"neither values nor kinds", {CHART_YAML}, NOTHING_BUT_VALUES("")},
	{"the mark of UTF-8 goes",
	 {CHART_YAML,
	  {"values.yaml", "\xef\xbb\xbf"
			  "a: 1\n"}},
	 NOTHING_BUT_VALUES("a: 1\n")},
	{"a file that is no chart", {{"values.yaml", "a: 1\n"}}, false, NULL, NULL},
	{"values of a dependency are not the chart's",
	 {CHART_YAML, {"charts/sub/Chart.yaml", "name: sub\n"}, {"charts/sub/values.yaml", "b: 2\n"}},
	 NOTHING_BUT_VALUES("")},
	{"a template is none of both", {CHART_YAML, {"templates/crds/a.yaml", CRD("t")}}, NOTHING_BUT_VALUES("")},
	{"kinds", {CHART_YAML, {"crds/a.yaml", CRD("a")}}, true, "", DOCUMENT(CRD("a"))},
	{"kinds in folders below", {CHART_YAML, {"crds/deep/a.yml", CRD("a")}}, true, "", DOCUMENT(CRD("a"))},
	{"kinds as JSON", {CHART_YAML, {"crds/a.json", "{}"}}, true, "", DOCUMENT("{}")},
	{"a text beside the kinds", {CHART_YAML, {"crds/README.md", "kinds"}}, NOTHING_BUT_VALUES("")},
	{"kinds of a dependency",
	 {CHART_YAML, {"charts/sub/charts/two/crds/a.yaml", CRD("two")}},
	 true,
	 "",
	 DOCUMENT(CRD("two"))},
	{"a dependency that Helm passes over",
	 {CHART_YAML, {"charts/_sub/crds/a.yaml", CRD("a")}},
	 NOTHING_BUT_VALUES("")},
	{"one that is hidden", {CHART_YAML, {"charts/.sub/crds/a.yaml", CRD("a")}}, NOTHING_BUT_VALUES("")},
	{"a packed dependency", {CHART_YAML, {"charts/sub-1.0.0.tgz", "any bytes"}}, false, NULL, NULL},
	{"an archive that is no dependency",
	 {CHART_YAML, {"files/sub-1.0.0.tgz", "any bytes"}},
	 NOTHING_BUT_VALUES("")},
	{"a folder of that name in a dependency's name",
	 {CHART_YAML, {"charts/a.tgz/Chart.yaml", "name: a\n"}},
	 NOTHING_BUT_VALUES("")},
};

/* What only a folder can have. */
static const struct chart folders[] = {
	{"a link", {CHART_YAML, {"values.yaml", "->other"}}, false, NULL, NULL},
	{"a link anywhere", {CHART_YAML, {"files/x", "->other"}}, false, NULL, NULL},
	{"what is ignored is nothing of this",
	 {CHART_YAML, {"values.yaml", "a: 1\n"}, {".helmignore", "# all\n*.swp\n/docs/\n!x\n"}},
	 NOTHING_BUT_VALUES("a: 1\n")},
	{"the values may be ignored",
	 {CHART_YAML, {"values.yaml", "a: 1\n"}, {".helmignore", "values*\n"}},
	 false,
	 NULL,
	 NULL},
	{"every YAML file may be",
	 {CHART_YAML, {"values.yaml", "a: 1\n"}, {".helmignore", "*.yaml\n"}},
	 false,
	 NULL,
	 NULL},
	{"the kinds may be", {CHART_YAML, {".helmignore", "/crds/old\n"}}, false, NULL, NULL},
	{"dependencies may be", {CHART_YAML, {".helmignore", "charts/\n"}}, false, NULL, NULL},
	{"anything may be", {CHART_YAML, {".helmignore", "*\n"}}, false, NULL, NULL},
};

static void make_file(const char *root, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/chart/%s", root, name);
	if (file_make_parents(path, &err) < 0)
		fail_msg("%s", err.text);
	if (strncmp(text, "->", 2) == 0) {
		assert_int_equal(symlink(text + 2, path), 0);
		return;
	}
	if (file_write_atomic(path, slice_str(text), 0644, &err) < 0)
		fail_msg("%s", err.text);
}

static void run(const char *const *words)
{
	struct err err = ERR_INIT;
	struct child_result result;
	cleanup_buf struct buf out = BUF_TEXT;
	char *argv[8] = {0};

	for (size_t i = 0; words[i]; i++)
		argv[i] = (char *)(uintptr_t)words[i];
	if (child_run(&(struct child){.argv = argv, .out = &out, .seconds = 60}, &result, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(result.exit_code, 0);
}

static void check_chart(const struct chart *c, const char *path)
{
	struct chart_facts f = {BUF_TEXT, BUF_TEXT};
	struct err err = ERR_INIT;
	bool known = !c->known;

	if (chart_facts_read(path, &f, &known, &err) < 0)
		fail_msg("%s: %s", c->what, err.text);
	if (known != c->known)
		fail_msg("%s, %s: known is %d", c->what, path, known);
	if (known && strcmp(buf_str(&f.values), c->values) != 0)
		fail_msg("%s, %s: the values are '%s'", c->what, path, buf_str(&f.values));
	if (known && strcmp(buf_str(&f.crds), c->crds) != 0)
		fail_msg("%s, %s: the kinds are '%s'", c->what, path, buf_str(&f.crds));
	buf_release(&f.values);
	buf_release(&f.crds);
}

static void with_chart(const struct chart *c, bool packed)
{
	char root[] = "/tmp/pxb-chart-XXXXXX", folder[PATH_ROOM], archive[PATH_ROOM];

	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < FILES && c->files[i].name; i++)
		make_file(root, c->files[i].name, c->files[i].text);
	snprintf(folder, sizeof(folder), "%s/chart/", root);
	check_chart(c, folder);
	if (packed) {
		snprintf(archive, sizeof(archive), "%s/c-1.0.0.tgz", root);
		run((const char *const[]){"tar", "--format=ustar", "-czf", archive, "-C", root, "chart", NULL});
		check_chart(c, archive);
	}
	run((const char *const[]){"rm", "-r", root, NULL});
}

static void test_chart_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(charts); i++)
		with_chart(&charts[i], true);
}

static void test_chart_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		with_chart(&folders[i], false);
}

/* An archive that ends early is never taken for a chart without kinds. */
static void test_cut_archive(void **state)
{
	static const struct chart cut = {"cut", {{NULL, NULL}}, false, NULL, NULL};
	char root[] = "/tmp/pxb-chart-XXXXXX", archive[PATH_ROOM];
	cleanup_buf struct buf bytes = BUF_TEXT;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(root));
	make_file(root, "Chart.yaml", "name: c\n");
	make_file(root, "values.yaml", "a: 1\n");
	make_file(root, "crds/a.yaml", CRD("a"));
	snprintf(archive, sizeof(archive), "%s/c.tgz", root);
	run((const char *const[]){"tar", "--format=ustar", "-czf", archive, "-C", root, "chart", NULL});
	assert_int_equal(file_read(archive, &bytes, STATUS_INPUT, &err), 0);
	for (size_t n = bytes.n - 8; n > 0; n -= n < 16 ? n : 16) {
		assert_int_equal(file_write_atomic(archive, slice_to(buf_slice(&bytes), n), 0644, &err), 0);
		check_chart(&cut, archive);
	}
	run((const char *const[]){"rm", "-r", root, NULL});
}

static void test_no_chart(void **state)
{
	static const struct chart none = {"none", {{NULL, NULL}}, false, NULL, NULL};

	(void)state;
	check_chart(&none, "/nowhere/at/all");
	check_chart(&none, "/dev/null");
}

/* --- Helm's own objects ---------------------------------------------------------------------------------------- */

static void test_driver(void **state)
{
	static const struct {
		const char *told;
		enum helm_driver driver;
	} rows[] = {
		{NULL, HELM_DRIVER_SECRETS},
		{"", HELM_DRIVER_SECRETS},
		{"secret", HELM_DRIVER_SECRETS},
		{"secrets", HELM_DRIVER_SECRETS},
		{"configmap", HELM_DRIVER_CONFIGMAPS},
		{"configmaps", HELM_DRIVER_CONFIGMAPS},
		{"sql", HELM_DRIVER_OTHER},
		{"memory", HELM_DRIVER_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].told)
			setenv("HELM_DRIVER", rows[i].told, 1);
		else
			unsetenv("HELM_DRIVER");
		if (helm_driver() != rows[i].driver)
			fail_msg("HELM_DRIVER=%s: %d", rows[i].told ? rows[i].told : "", (int)helm_driver());
	}
	unsetenv("HELM_DRIVER");
}

#define ITEM(ns, name, number, status)                                                                            \
	"{\"metadata\":{\"name\":\"sh.helm.release.v1." name ".v" number "\",\"namespace\":\"" ns                 \
	"\",\"labels\":{\"name\":\"" name "\",\"owner\":\"helm\",\"status\":\"" status "\",\"version\":\"" number \
	"\"}}}"

static void test_revisions(void **state)
{
	static const struct {
		const char *items, *newest, *deployed; /* object names; NULL: none */
	} rows[] = {
		{"", NULL, NULL},
		{ITEM("n", "px", "1", "deployed"), "1", "1"},
		{ITEM("n", "px", "9", "superseded") "," ITEM("n", "px", "10", "deployed"), "10", "10"},
		{ITEM("n", "px", "10", "deployed") "," ITEM("n", "px", "9", "superseded"), "10", "10"},
		{ITEM("n", "px", "1", "deployed") "," ITEM("n", "px", "2", "failed"), "2", "1"},
		{ITEM("n", "px", "1", "superseded") "," ITEM("n", "px", "2", "superseded") "," ITEM("n", "px", "3",
												    "failed"),
		 "3", "2"},
		{ITEM("n", "px", "1", "failed"), "1", NULL},
		{ITEM("n", "px", "1", "pending-install"), "1", NULL},
		{ITEM("other", "px", "1", "deployed"), NULL, NULL},
		{ITEM("n", "px2", "1", "deployed"), NULL, NULL},
		{ITEM("n", "px", "0", "deployed"), NULL, NULL},
		{ITEM("n", "px", "x", "deployed"), NULL, NULL},
		{"{\"metadata\":{\"name\":\"sh.helm.release.v1.px.v1\",\"namespace\":\"n\"}}", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena arena = ARENA_INIT((size_t)1 << 20);
		struct revisions all = {0};
		struct err err = ERR_INIT;
		const char *list = arena_printf(&arena, "{\"items\":[%s]}", rows[i].items);
		const struct revision *newest, *deployed;

		if (storage_add(&all, slice_str(list), &arena, &err) < 0)
			fail_msg("%s: %s", list, err.text);
		newest = storage_newest(&all, "n", "px");
		deployed = storage_deployed(&all, "n", "px");
		if (!newest != !rows[i].newest || (newest && newest->number != strtoul(rows[i].newest, NULL, 10)))
			fail_msg("%s: the newest", list);
		if (!deployed != !rows[i].deployed ||
		    (deployed && deployed->number != strtoul(rows[i].deployed, NULL, 10)))
			fail_msg("%s: the deployed one", list);
		arena_release(&arena);
	}
}

static void zip(struct slice text, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p, .avail_in = (uInt)text.n};
	enum { GZIP = MAX_WBITS + 16 };

	assert_int_equal(deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = (Bytef *)buf_reserve(out, deflateBound(&z, text.n));
	z.avail_out = (uInt)deflateBound(&z, text.n);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += z.total_out;
	deflateEnd(&z);
}

static void put_object(enum helm_driver d, bool zipped, struct slice release, struct buf *out)
{
	cleanup_buf struct buf packed = BUF_TEXT, once = BUF_TEXT, twice = BUF_TEXT;

	if (zipped)
		zip(release, &packed);
	else
		buf_add(&packed, release);
	base64_encode(buf_slice(&packed), &once);
	base64_encode(buf_slice(&once), &twice);
	buf_adds(out, "{\"data\":{\"release\":\"");
	buf_add(out, buf_slice(d == HELM_DRIVER_SECRETS ? &twice : &once));
	buf_adds(out, "\"}}");
}

static const char release_json[] = "{\"name\":\"px\",\"version\":3,\"chart\":{\"metadata\":{\"name\":\"px-central\","
				   "\"version\":\"3.0.0\"}},\"manifest\":\"---\\nkind: A\\n\"}";

static void test_open(void **state)
{
	(void)state;
	for (int d = HELM_DRIVER_SECRETS; d <= HELM_DRIVER_CONFIGMAPS; d++)
		for (int zipped = 0; zipped <= 1; zipped++) {
			struct storage_release r = {.manifest = BUF_TEXT};
			struct arena arena = ARENA_INIT((size_t)1 << 20);
			cleanup_buf struct buf object = BUF_TEXT;
			struct err err = ERR_INIT;

			put_object((enum helm_driver)d, zipped, slice_str(release_json), &object);
			if (storage_open((enum helm_driver)d, buf_slice(&object), &arena, &r, &err) < 0)
				fail_msg("%d, %d: %s", d, zipped, err.text);
			assert_string_equal(r.chart, "px-central-3.0.0");
			assert_string_equal(r.version, "3.0.0");
			assert_string_equal(buf_str(&r.manifest), "---\nkind: A\n");
			buf_release(&r.manifest);
			arena_release(&arena);
		}
}

/* The bytes of gzip cut anywhere, and objects that are none of Helm's, are an error and no empty release. */
static void test_open_damaged(void **state)
{
	static const char *const objects[] = {"{}",
					      "{\"data\":{}}",
					      "{\"data\":{\"release\":\"!\"}}",
					      "[]",
					      "",
					      "{\"data\":{\"release\":\"e30=\"}}",
					      "{\"data\":{\"release\":null}}"};
	cleanup_buf struct buf packed = BUF_TEXT;
	struct arena arena = ARENA_INIT((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		struct storage_release r = {.manifest = BUF_TEXT};
		struct err err = ERR_INIT;

		assert_int_equal(storage_open(HELM_DRIVER_SECRETS, slice_str(objects[i]), &arena, &r, &err),
				 STATUS_HELPER);
		buf_release(&r.manifest);
	}
	zip(slice_str(release_json), &packed);
	for (size_t n = 0; n < packed.n; n++) {
		struct storage_release r = {.manifest = BUF_TEXT};
		cleanup_buf struct buf object = BUF_TEXT;
		struct err err = ERR_INIT;

		put_object(HELM_DRIVER_CONFIGMAPS, false, slice_to(buf_slice(&packed), n), &object);
		if (storage_open(HELM_DRIVER_CONFIGMAPS, buf_slice(&object), &arena, &r, &err) == 0)
			fail_msg("cut after %zu of %zu bytes: taken for a release", n, packed.n);
		buf_release(&r.manifest);
	}
	arena_release(&arena);
}

static void test_paths(void **state)
{
	struct arena arena = ARENA_INIT((size_t)1 << 20);
	struct revision r = {.object = "sh.helm.release.v1.px.v1", .ns = "n"};

	(void)state;
	assert_string_equal(storage_list_path(HELM_DRIVER_SECRETS, NULL, NULL, &arena),
			    "/api/v1/secrets?labelSelector=owner%3Dhelm");
	assert_string_equal(storage_list_path(HELM_DRIVER_CONFIGMAPS, "n", "px", &arena),
			    "/api/v1/namespaces/n/configmaps?labelSelector=owner%3Dhelm%2Cname%3Dpx");
	assert_string_equal(storage_path(HELM_DRIVER_SECRETS, &r, &arena),
			    "/api/v1/namespaces/n/secrets/sh.helm.release.v1.px.v1");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chart_files), cmocka_unit_test(test_chart_folders),
		cmocka_unit_test(test_cut_archive), cmocka_unit_test(test_no_chart),
		cmocka_unit_test(test_driver),	    cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_open),	    cmocka_unit_test(test_open_damaged),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
