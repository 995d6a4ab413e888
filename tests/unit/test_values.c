/*
 * test_values.c: values files: reading, merging, truth, and keys that the chart does not know.
 */
#include "base/file.h"
#include "policy/policy_text.h"

#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

static char dir[] = "/tmp/test_values.XXXXXX";

/* Names stay alive: messages and files refer to them. */
static const char *put(unsigned i, const char *text)
{
	static char paths[8][64];
	struct err err = ERR_INIT;

	snprintf(paths[i], sizeof(paths[i]), "%s/v%u.yaml", dir, i);
	if (file_write_atomic(paths[i], slice_str(text), 0600, &err) < 0)
		fail_msg("%s", err.text);
	return paths[i];
}

/* Adds up to three files. */
static void load(struct values *v, const char *a, const char *b, const char *c)
{
	const char *texts[] = {a, b, c};
	struct err err = ERR_INIT;

	values_init(v);
	for (unsigned i = 0; i < 3; i++)
		if (texts[i] && values_add(v, put(i, texts[i]), &err) < 0)
			fail_msg("%s", err.text);
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static void test_faults(void **state)
{
	static const struct {
		const char *text, *message;
	} faults[] = {
		{"a: [b\n", "2:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence"},
		{"a:\n\tb: c\n", "2:1: not YAML: a tab indents the line; YAML takes spaces only"},
		{"- a\n", "1:1: values must be a mapping, not a list"},
		{"# c\ntext\n", "2:1: values must be a mapping, not a string"},
		{"a: b\n---\nc: d\n", "3:1: a second document; a file of this kind has one"},
		{"a: \xff\n", "1:4: invalid UTF-8"},
		{"%YAML 1.1\n---\na: b\n",
		 "1:1: a line that begins with '%': a directive to some readers, text to others"},
	};
	char want[256];
	struct values v;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		const char *path = put(0, faults[i].text);

		values_init(&v);
		assert_int_equal(STATUS_USAGE, values_add(&v, path, &err));
		snprintf(want, sizeof(want), "%s:%s", path, faults[i].message);
		assert_string_equal(err.text, want);
		values_release(&v);
	}
	values_init(&v);
	assert_int_equal(STATUS_USAGE, values_add(&v, "/nonexistent/v.yaml", &err));
	assert_string_equal(err.text, "values: cannot open '/nonexistent/v.yaml': No such file or directory");
	assert_int_equal(STATUS_USAGE, values_add(&v, "/", &err));
	assert_string_equal(err.text, "values: '/' is a directory");
	values_release(&v);
}

static void test_empty(void **state)
{
	struct values v;

	(void)state;
	load(&v, "", "# only a comment\n", "{}\n");
	assert_null(v.files.v[0]->root);
	assert_null(values_get(&v, "pxbackup.federated", NULL));
	values_release(&v);
	load(&v, "{\"pxbackup\": {\"federated\": true}}", "---\n", NULL);
	assert_true(values_is_true(values_get(&v, "pxbackup.federated", NULL)));
	values_release(&v);
}

/* --- merging as Helm does -------------------------------------------------------------------------------------- */

/* Threads of 'check' share the values: what is made on first use must have been made before. */
static void test_shared(void **state)
{
	struct values v;

	(void)state;
	load(&v, "a: b\n", "c: d\n", NULL);
	for (size_t i = 0; i < v.files.n; i++)
		assert_non_null(v.files.v[i]->stream.inputs.v[0]->line_starts);
	values_release(&v);
}

static void test_get(void **state)
{
	static const struct {
		const char *a, *b, *c, *key, *want; /* NULL: no file says it; "null": deleted */
		int file;
	} cases[] = {
		{"isArgoCD: yes\n", NULL, NULL, "isArgoCD", "yes", 0},
		{"istio: {enabled: true}\n", "istio: {hostName: a}\n", NULL, "istio.enabled", "true", 0},
		{"istio: {hostName: a}\n", "istio: {hostName: b}\n", "istio: {enabled: true}\n", "istio.hostName", "b",
		 1},
		{"istio: {hostName: a}\n", "istio: {hostName: b}\n", "istio: {hostName: c}\n", "istio.hostName", "c",
		 2},
		{"istio: {hostName: a, hostName: b}\n", NULL, NULL, "istio.hostName", "b", 0},
		/* null deletes the key, or the whole mapping */
		{"istio: {hostName: a}\n", "istio: {hostName: null}\n", NULL, "istio.hostName", "null", 1},
		{"istio: {hostName: a}\n", "istio: ~\n", NULL, "istio.hostName", "null", 1},
		{"istio: {hostName: a}\n", "istio:\n", "istio: {enabled: true}\n", "istio.hostName", NULL, -1},
		{"istio: {hostName: a}\n", "istio:\n", "isArgoCD: true\n", "istio.hostName", "null", 1},
		{"istio: {hostName: a}\n", "istio: {hostName: }\n", "istio: {enabled: true}\n", "istio.hostName",
		 "null", 1},
		{"istio: {hostName: a}\n", "istio:\n", "istio: {hostName: c}\n", "istio.hostName", "c", 2},
		/* a value that is no mapping replaces one */
		{"istio: {hostName: a}\n", "istio: off\n", NULL, "istio.hostName", NULL, -1},
		{"istio: {hostName: a}\n", "istio: [a]\n", NULL, "istio.hostName", NULL, -1},
		/* silence */
		{"istio: {}\n", "", NULL, "istio.hostName", NULL, -1},
		{"istio: {hostName: a}\n", "istio: {}\n", NULL, "istio.hostName", "a", 0},
		{"istio.hostName: a\n", NULL, NULL, "istio.hostName", NULL, -1},
		{"persistentStorage: {storageClassName: ''}\n", NULL, NULL, "persistentStorage.storageClassName", "",
		 0},
		/* aliases and merge keys */
		{"x: &x {hostName: a}\nistio: *x\n", NULL, NULL, "istio.hostName", "a", 0},
		{"x: &x {hostName: a}\nistio:\n  <<: *x\n  enabled: true\n", NULL, NULL, "istio.hostName", "a", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct values_file *file;
		const struct node *n;
		struct values v;

		load(&v, cases[i].a, cases[i].b, cases[i].c);
		n = values_get(&v, cases[i].key, &file);
		if (!cases[i].want)
			assert_null(n);
		else if (strcmp(cases[i].want, "null") == 0)
			assert_true(n && node_is_null(n));
		else
			assert_true(n && slice_is(node_text(node_real(n)), cases[i].want));
		assert_ptr_equal(file, cases[i].file < 0 ? NULL : v.files.v[cases[i].file]);
		values_release(&v);
	}
}

static void test_truth(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{"true", true},
		{"yes", true},
		{"on", true},
		{"false", false},
		{"no", false},
		{"~", false},
		{"", false},
		{"null", false},
		{"'false'", true},
		{"'0'", true},
		{"''", false},
		{"text", true},
		{"0", false},
		{"1", true},
		{"-1", true},
		{"0.0", false},
		{"-0.0", false},
		{"0.1", true},
		{"0x0", false},
		{"0b0", false},
		{"1e-3", true},
		{"0e5", false},
		{".nan", false},
		{".inf", true},
		{"[]", false},
		{"[0]", true},
		{"{}", false},
		{"{a: null}", true},
		{"18446744073709551615", true},
		{"!!str 0", true},
		{"!!float 0", false},
		{"!!int 0", false},
		{"{<<: {}}", false},
		{"{<<: {a: b}}", true},
	};
	char text[64];

	(void)state;
	assert_false(values_is_true(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct values v;

		snprintf(text, sizeof(text), "a: &x %s\nb: *x\n", cases[i].text);
		load(&v, cases[i].text[0] == '!' || !cases[i].text[0] ? NULL : text, NULL, NULL);
		if (v.files.n && values_is_true(values_get(&v, "b", NULL)) != cases[i].want)
			fail_msg("alias of %s", cases[i].text);
		values_release(&v);
		snprintf(text, sizeof(text), "a: %s\n", cases[i].text);
		load(&v, text, NULL, NULL);
		if (values_is_true(values_get(&v, "a", NULL)) != cases[i].want)
			fail_msg("%s", cases[i].text);
		values_release(&v);
	}
}

/* --- unknown keys ---------------------------------------------------------------------------------------------- */

static void collect(void *arg, const struct unknown_key *u)
{
	static const char *const kinds[] = {"", "(other version) ", "(outer) "};

	assert_true(u->key->flags & NODE_KEY);
	assert_non_null(u->file->root);
	buf_addf(arg, "%s%s", kinds[u->kind], u->path);
	if (u->near)
		buf_addf(arg, " -> %s %u", u->near, u->distance);
	buf_addc(arg, '|');
}

static void test_unknown(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"pxbackup: {enabled: true, federated: true, nfs: {enabled: false}}\n", ""},
		{"pxbackup: {federted: true}\n", "pxbackup.federted -> pxbackup.federated 1|"},
		{"pxbackup: {fedrated: true, Federated: true}\n",
		 "pxbackup.fedrated -> pxbackup.federated 1|pxbackup.Federated -> pxbackup.federated 1|"},
		{"pxBackup: {federated: true}\n", "pxBackup -> pxbackup 1|"},
		{"px-backup: {x: y}\n", "px-backup -> pxbackup 1|"},
		{"pxbakcup: {x: y}\n", "pxbakcup -> pxbackup 1|"},
		{"federated: true\n", "federated -> pxbackup.federated 0|"},
		{"federatd: true\n", "federatd -> pxbackup.federated 1|"},
		{"telemetry: {federated: true}\n", "telemetry.federated -> pxbackup.federated 0|"},
		{"pxbackup.federated: true\n", "[\"pxbackup.federated\"] -> pxbackup.federated 0|"},
		{"images: {pxBackupImage.tag: x}\n", "images[\"pxBackupImage.tag\"] -> images.pxBackupImage.tag 0|"},
		{"hostName: x\n", "hostName -> istio.hostName 0|"},
		{"istio: {hostname: x, host: y}\n",
		 "istio.hostname -> istio.hostName 1|istio.host -> istio.hostName 4|"},
		{"persistentStorage: {storageClass: x}\n",
		 "persistentStorage.storageClass -> persistentStorage.storageClassName 4|"},
		{"persistentStorage: {storage_class_name: x}\n",
		 "persistentStorage.storage_class_name -> persistentStorage.storageClassName 1|"},
		{"registry: x\n", "registry -> images.registry 0|"},
		{"enabled: true\n", "enabled|"},
		{"ISTIO: {enabled: true}\n", "ISTIO -> istio 1|"},
		{"isArgocd: true\nisArgoCd: true\n", "isArgocd -> isArgoCD 1|isArgoCd -> isArgoCD 1|"},
		{"isArgoCD: {enabled: true}\n", "isArgoCD.enabled|"},
		{"oidc: {externalOIDC: {clientId: x}}\n",
		 "oidc.externalOIDC.clientId -> oidc.externalOIDC.clientID 1|"},
		{"telemetry: {logCollector: {enabled: true}}\n",
		 "telemetry.logCollector -> telemetry.logsCollector 1|"},
		{"completely: {other: thing}\n", "completely|"},
		/* free maps, lists, Helm's own */
		{"service: {pxBackupUIServiceAnnotations: {a.b/c: d, anything: e}}\n", ""},
		{"tolerations: [{anything: a}]\nimages: {pullSecrets: [a]}\nproxy: {includeNoProxyList: [b]}\n", ""},
		{"tolerations: {anything: a}\n", ""},
		{"global: {anything: a}\nistio: {global: x}\n", "istio.global|"},
		{"serviceAccount: {create: true, names: x}\n", "serviceAccount.names -> serviceAccount.name 1|"},
		{"fullnameOverride: x\nnameOverride: y\n", ""},
		/* nothing that a key holds can disturb the reader of a message, or the search */
		{"\"a\\e[31m\\u0000b\": x\n", "[\"a?[31m?b\"]|"},
		{"pxbackup: {\"federated\\u0000\": x, \"\": y, 1: z}\n",
		 "pxbackup[\"federated?\"] -> pxbackup.federated 1|pxbackup[\"\"]|pxbackup.1|"},
		{"pxbackup: {on: x}\n", "pxbackup.true|"},
		{"x: &x {federted: true}\npxbackup: {<<: *x}\n", "x|pxbackup.federted -> pxbackup.federated 1|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf got = BUF_TEXT;
		struct values v;

		load(&v, cases[i].text, NULL, NULL);
		values_unknown_keys(&v, "", collect, &got);
		if (strcmp(buf_str(&got), cases[i].want) != 0)
			fail_msg("%s  got  %s\n  want %s", cases[i].text, buf_str(&got), cases[i].want);
		values_release(&v);
	}
}

static void test_long_key(void **state)
{
	cleanup_buf struct buf text = BUF_TEXT;
	cleanup_buf struct buf got = BUF_TEXT;
	struct values v;

	(void)state;
	buf_adds(&text, "images: {pxBackupImage: {");
	buf_fill(&text, 'k', 1000);
	buf_adds(&text, ": x}}\n");
	load(&v, buf_str(&text), NULL, NULL);
	values_unknown_keys(&v, "", collect, &got);
	assert_true(slice_starts(buf_slice(&got), "images.pxBackupImage.kkkk"));
	assert_true(slice_ends(buf_slice(&got), "kkk...|"));
	assert_in_range(got.n, 50, 150);
	values_release(&v);
}

/* The table is searched by halving, names each parent, and knows the values that the rules speak of. */
static void test_table(void **state)
{
	static const struct {
		const char *path, *shape;
	} keys[] = {
#define CHART_KEY(path, shape) {path, #shape},
#include "chart/chart_keys.def"
#undef CHART_KEY
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct slice path = slice_str(keys[i].path);
		size_t dot = slice_rchr(path, '.');
		bool parent = dot == SIZE_MAX;

		if (i)
			assert_true(strcmp(keys[i - 1].path, keys[i].path) < 0);
		for (size_t j = 0; j < i; j++)
			parent |= slice_is(slice_to(path, dot), keys[j].path) && strcmp(keys[j].shape, "MAP") == 0;
		assert_true(parent);
	}
	for (size_t i = 0; i < VALUE_COUNT; i++) {
		bool known = false;

		for (size_t j = 0; j < ARRAY_SIZE(keys); j++)
			known |= strcmp(chart_value_infos[i].key, keys[j].path) == 0;
		assert_true(known);
	}
}

/* --- a policy from values -------------------------------------------------------------------------------------- */

static void test_policy(void **state)
{
	struct policy p;
	struct values v;
	struct err err = ERR_INIT;

	(void)state;
	policy_init(&p);
	load(&v,
	     "persistentStorage: {storageClassName: gp3}\ntelemetry: {enabled: false}\nistio: {enabled: true, "
	     "hostName: pxb.example.com}\n"
	     "images: {registry: 'registry.example.com:5000', repo: pxb, pullSecrets: [docregistry-secret]}\n",
	     "persistentStorage: {storageClassName: px-csi-db}\nisArgoCD: true\n", NULL);
	assert_int_equal(0, policy_from_values(&p, &v, &err));
	assert_true(slice_is(p.storage_class, "px-csi-db"));
	assert_string_equal(p.origin[POLICY_STORAGE_CLASS].file, v.files.v[1]->name);
	assert_int_equal(p.origin[POLICY_STORAGE_CLASS].line, 1);
	assert_int_equal(p.telemetry, TELEMETRY_FORBIDDEN);
	assert_int_equal(p.origin[POLICY_TELEMETRY].line, 2);
	assert_int_equal(p.mesh_mode, MESH_ISTIO);
	assert_true(slice_is(p.host_name, "pxb.example.com"));
	assert_true(slice_is(p.registry_host, "registry.example.com:5000"));
	assert_true(slice_is(p.registry_repository, "pxb"));
	assert_true(slice_is(p.registry_pull_secret, "docregistry-secret"));
	assert_int_equal(p.argo_cd, ARGO_TRUE);
	assert_null(p.origin[POLICY_NAMESPACE].file);
	assert_int_equal(0, policy_check(&p, &err));
	values_release(&v);
	policy_release(&p);

	/* What is doubtful, invalid or deleted is no fact. */
	policy_init(&p);
	load(&v,
	     "persistentStorage: {storageClassName: null}\nistio: {enabled: true, hostName: '*'}\nlinkerd: {enabled: "
	     "true}\n"
	     "images: {repo: pxb, pullSecrets: [a]}\ntelemetry: 1\n",
	     NULL, NULL);
	assert_int_equal(0, policy_from_values(&p, &v, &err));
	for (unsigned i = 0; i < POLICY_FIELDS; i++)
		assert_null(p.origin[i].file);
	values_release(&v);
	load(&v, "linkerd: {enabled: false}\ntelemetry: {enabled: 'false'}\n", NULL, NULL);
	assert_int_equal(0, policy_from_values(&p, &v, &err));
	assert_int_equal(p.mesh_mode, MESH_NONE);
	assert_int_equal(p.telemetry, TELEMETRY_REQUIRED); /* a string is true to a template */
	values_release(&v);
	/* What is set already stays. */
	load(&v, "linkerd: {enabled: true}\n", NULL, NULL);
	assert_int_equal(0, policy_from_values(&p, &v, &err));
	assert_int_equal(p.mesh_mode, MESH_NONE);
	values_release(&v);
	policy_release(&p);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/v%u.yaml", dir, i);
		unlink(path);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),	 cmocka_unit_test(test_shared), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_get),	 cmocka_unit_test(test_truth),	cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_long_key), cmocka_unit_test(test_table),	cmocka_unit_test(test_policy),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
