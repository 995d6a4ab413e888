/*
 * test_values_edit.c: assignments written into values files: the smallest edit, and what is refused.
 */
#include "values/values_edit.h"

#include <setjmp.h>

#include <cmocka.h>

#define FLAG                                   \
	{                                      \
		SET, "pxbackup.federated=true" \
	}
#define CLASS                                                    \
	{                                                        \
		SET, "persistentStorage.storageClassName=px-csi" \
	}

struct row {
	const char *text;
	struct value_set set;
	const char *result; /* NULL: refused with `says` */
	const char *says;
};

static const struct row rows[] = {
	/* a value that is there */
	{"pxbackup:\n  federated: false # soon\n", FLAG, "pxbackup:\n  federated: true # soon\n", NULL},
	{"pxbackup:\n  federated:\n", FLAG, "pxbackup:\n  federated: true\n", NULL},
	{"pxbackup:\n  federated: # none\n  a: b\n", FLAG, "pxbackup:\n  federated: true # none\n  a: b\n", NULL},
	{"pxbackup: {federated: 'false'}\n", FLAG, "pxbackup: {federated: true}\n", NULL},
	{"persistentStorage:\n  storageClassName: 'gp3'\n", CLASS, "persistentStorage:\n  storageClassName: 'px-csi'\n",
	 NULL},
	{"persistentStorage:\n  storageClassName: \"gp3\"\n", CLASS,
	 "persistentStorage:\n  storageClassName: \"px-csi\"\n", NULL},
	{"a: 1\na: 2\n", {SET, "a=3"}, "a: 1\na: 3\n", NULL},
	/* a text that looks like another type stays a text */
	{"a: x\n", {SET_STRING, "a=true"}, "a: \"true\"\n", NULL},
	{"a: x\n", {SET_STRING, "a=12"}, "a: \"12\"\n", NULL},
	{"a: 1\n", {SET, "a=null"}, "a: null\n", NULL},
	/* a key that is missing */
	{"", FLAG, "pxbackup:\n  federated: true\n", NULL},
	{"# mine\n", FLAG, "# mine\npxbackup:\n  federated: true\n", NULL},
	{"# mine", FLAG, "# mine\npxbackup:\n  federated: true\n", NULL},
	{"{}\n", FLAG, "{\"pxbackup\": {\"federated\": true}}\n", NULL},
	{"istio:\n  enabled: true\n", FLAG, "istio:\n  enabled: true\npxbackup:\n  federated: true\n", NULL},
	{"istio:\n  enabled: true", FLAG, "istio:\n  enabled: true\npxbackup:\n  federated: true\n", NULL},
	{"pxbackup:\n    enabled: true\n    # more\nistio: {}\n", FLAG,
	 "pxbackup:\n    enabled: true\n    federated: true\n    # more\nistio: {}\n", NULL},
	{"pxbackup:\n  b: |\n    text\n\nistio: {}\n", FLAG,
	 "pxbackup:\n  b: |\n    text\n  federated: true\n\nistio: {}\n", NULL},
	{"pxbackup: {enabled: true}\n", FLAG, "pxbackup: {enabled: true, federated: true}\n", NULL},
	{"pxbackup: {enabled: true,}\n", FLAG, "pxbackup: {enabled: true, federated: true,}\n", NULL},
	{"pxbackup: {}\n", FLAG, "pxbackup: {federated: true}\n", NULL},
	{"pxbackup:\n  a:\n    b: c # last\n", FLAG, "pxbackup:\n  a:\n    b: c # last\n  federated: true\n", NULL},
	{"---\na: b\n", FLAG, "---\na: b\npxbackup:\n  federated: true\n", NULL},
	/* the line ends of the file */
	{"a: b\r\n", FLAG, "a: b\r\npxbackup:\r\n  federated: true\r\n", NULL},
	/* JSON */
	{"{\"pxbackup\": {\"enabled\": true}}", FLAG, "{\"pxbackup\": {\"enabled\": true, \"federated\": true}}", NULL},
	{"{\"a\": {\"b\": \"c\"}}", {SET, "a.b=d"}, "{\"a\": {\"b\": \"d\"}}", NULL},
	/* lists */
	{"images:\n  pullSecrets:\n  - a\n",
	 {SET, "images.pullSecrets[0]=b"},
	 "images:\n  pullSecrets:\n  - b\n",
	 NULL},
	{"images:\n  pullSecrets:\n  - a\n",
	 {SET, "images.pullSecrets[1]=b"},
	 "images:\n  pullSecrets:\n  - a\n  - b\n",
	 NULL},
	{"images:\n  pullSecrets: []\n", {SET, "images.pullSecrets[0]=b"}, "images:\n  pullSecrets: [\"b\"]\n", NULL},
	{"images:\n  pullSecrets: [a]\n",
	 {SET, "images.pullSecrets[1]=b"},
	 "images:\n  pullSecrets: [a, \"b\"]\n",
	 NULL},
	{"images:\n  repo: x\n",
	 {SET, "images.pullSecrets[0]=b"},
	 "images:\n  repo: x\n  pullSecrets:\n    - b\n",
	 NULL},
	{"images:\n  pullSecrets: []\n", {SET, "images.pullSecrets[2]=b"}, NULL, "the list is too short"},
	/* a mistyped key is the same key */
	{"pxbackup:\n  federted: true # yes\n", FLAG, "pxbackup:\n  federated: true # yes\n", NULL},
	{"pxbackup:\n  federted: false\n", FLAG, "pxbackup:\n  federated: true\n", NULL},
	{"pxbackup:\n  'federted': true\n", FLAG, "pxbackup:\n  'federated': true\n", NULL},
	{"pxbakup:\n  federted: true\n", FLAG, "pxbackup:\n  federated: true\n", NULL},
	{"pxbackup:\n  federted: true\n  federatd: true\n", FLAG,
	 "pxbackup:\n  federted: true\n  federatd: true\n  federated: true\n", NULL},
	/* what one edit cannot do */
	{"pxbackup: &a\n  federated: false\nother: *a\n", FLAG, NULL,
	 "v.yaml:1:11: pxbackup.federated cannot be set here: an anchor"},
	{"a: &a {federated: false}\npxbackup: *a\n", FLAG, NULL, "v.yaml:2:11: "},
	{"pxbackup:\n  federated: !!str false\n", FLAG, NULL, "a tag"},
	{"pxbackup:\n  federated: |\n    x\n", FLAG, NULL, "block text"},
	{"pxbackup:\n  federated: {}\n", FLAG, NULL, "a collection is here"},
	{"pxbackup: yes\n", FLAG, NULL, "no key below that"},
	{"pxbackup:\n", FLAG, NULL, "no key below that"},
	{"pxbackup: []\n", FLAG, NULL, "no key below that"},
	{"a: b\n...\n", {SET, "c=d"}, "a: b\nc: d\n...\n", NULL},
	{"a: b\n", {SET, "a=c,d=e"}, NULL, "not set to one value"},
	{"a: b\n", {SET, "a\\.b=c"}, NULL, "not a path of plain keys"},
	{"a: [\n", FLAG, NULL, "v.yaml:"},
	/* a merge brings the key: written out, it wins */
	{"x: &x {federated: false}\npxbackup:\n  <<: *x\n", FLAG,
	 "x: &x {federated: false}\npxbackup:\n  <<: *x\n  federated: true\n", NULL},
	{"x: &x {pxbackup: {federated: false}}\n<<: *x\n", FLAG, NULL, "a merge brings this key"},
};

/* The chart of these tests. */
static bool is_known(void *arg, const char *path)
{
	static const char *const known[] = {"pxbackup",	  "pxbackup.federated", "pxbackup.enabled",
					    "istio",	  "persistentStorage",	"images",
					    "images.repo"};

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i], path) == 0)
			return true;
	return false;
}

static void each_row(void **state)
{
	static const struct values_edit how = {.name = "v.yaml", .known = is_known};

	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		cleanup_buf struct buf out = BUF_TEXT;
		struct err err = ERR_INIT;
		int rc = values_edit(&how, slice_str(r->text), &r->set, 1, &out, &err);

		bool good = r->result ? rc == 0 && strcmp(buf_str(&out), r->result) == 0
				      : rc == STATUS_USAGE && out.n == 0 && strstr(err.text, r->says);

		if (!good)
			print_error("row %zu, %s\n%s--- gives %s\n%s\n", i, r->set.text, r->text,
				    rc < 0 ? err.text : "", buf_str(&out));
		failed += !good;
	}
	assert_int_equal(failed, 0);
}

/* Several at once, and again: the second time nothing changes. */
static void several(void **state)
{
	static const struct value_set sets[] = {FLAG, CLASS, {SET_STRING, "a.b=1"}};
	static const struct values_edit how = {.name = "v.yaml"};
	cleanup_buf struct buf once = BUF_TEXT, twice = BUF_TEXT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(values_edit(&how, SLICE("# top\n\na: {}\n"), sets, ARRAY_SIZE(sets), &once, &err), 0);
	assert_string_equal(buf_str(&once), "# top\n\na: {b: \"1\"}\npxbackup:\n  federated: true\npersistentStorage:\n"
					    "  storageClassName: px-csi\n");
	assert_int_equal(values_edit(&how, buf_slice(&once), sets, ARRAY_SIZE(sets), &twice, &err), 0);
	assert_string_equal(buf_str(&twice), buf_str(&once));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row), cmocka_unit_test(several)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
