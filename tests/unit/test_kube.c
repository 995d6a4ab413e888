/*
 * test_kube.c: documents as objects: lists, nested documents and their places, hooks, sources, containers, env, claims.
 */
#include "reading.h"

#include "kube/release.h"

struct built {
	struct reading r;
	struct release rel;
};

static void build(struct built *b, const char *text)
{
	struct err err = ERR_INIT;

	reading_of(&b->r, text);
	for (size_t i = 0; i < b->r.s.problems.n; i++)
		fail_msg("%s in:\n%s", b->r.s.problems.v[i].message, text);
	release_init(&b->rel);
	if (release_build(&b->rel, &b->r.s, &err) < 0)
		fail_msg("%s", err.text);
}

static void built_release(struct built *b)
{
	release_release(&b->rel);
	reading_release(&b->r);
}

#define META(name)   "metadata: {name: " name ", namespace: central}\n"
#define CONFIG(name) "apiVersion: v1\nkind: ConfigMap\n" META(name)

/* --- objects --------------------------------------------------------------------------------------------------- */

static void test_objects(void **state)
{
	struct built b;
	const struct object *o;

	(void)state;
	build(&b, CONFIG("a") "---\n# nothing\n---\nkind: x\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  "
			      "name: b\n"
			      "  labels: {app.kubernetes.io/instance: px-central, other: '1'}\n---\nnull\n---\n[a]\n");
	assert_int_equal(b.rel.objects.n, 2);
	o = b.rel.objects.v[0];
	assert_slice(o->api_version, "v1");
	assert_slice(o->kind, "ConfigMap");
	assert_slice(o->ns, "central");
	assert_slice(o->name, "a");
	assert_string_equal(object_title(&b.rel, o), "ConfigMap central/a");
	assert_string_equal(object_title(&b.rel, b.rel.objects.v[1]), "Deployment b");
	assert_slice(b.rel.name, "px-central");
	assert_slice(object_label(b.rel.objects.v[1], "other"), "1");
	assert_slice(object_label(o, "other"), "");
	assert_ptr_equal(release_find(&b.rel, "ConfigMap", "a"), o);
	assert_ptr_equal(release_find(&b.rel, "Deployment", NULL), b.rel.objects.v[1]);
	assert_null(release_find(&b.rel, "ConfigMap", "b"));
	assert_int_equal(b.rel.flavour, FLAVOUR_PLAIN);
	assert_false(b.rel.hooks_visible);
	built_release(&b);
}

/* A kind is what its group makes it. */
static void test_groups(void **state)
{
	static const struct {
		const char *api_version, *kind;
		bool is, cluster;
	} rows[] = {
		{"v1", "ConfigMap", true, false},
		{"apps/v1", "Deployment", true, false},
		{"apps/v1beta2", "Deployment", true, false},
		{"extensions/v1", "Deployment", false, false},
		{"v1", "Deployment", false, false},
		{"example.com/v1", "ConfigMap", false, false},
		{"v1", "Namespace", true, true},
		{"rbac.authorization.k8s.io/v1", "ClusterRole", true, true},
		{"example.com/v1", "ClusterRole", false, false},
		{"monitoring.coreos.com/v1", "Prometheus", true, false},
		{"example.com/v1", "Own", true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[300];
		struct built b;

		snprintf(text, sizeof(text), "apiVersion: %s\nkind: %s\nmetadata: {name: x}\n", rows[i].api_version,
			 rows[i].kind);
		build(&b, text);
		if (object_is(b.rel.objects.v[0], rows[i].kind, "x") != rows[i].is ||
		    object_is_cluster_scoped(b.rel.objects.v[0]) != rows[i].cluster)
			fail_msg("%s %s", rows[i].api_version, rows[i].kind);
		assert_false(object_is(b.rel.objects.v[0], rows[i].kind, "y"));
		built_release(&b);
	}
}

static void test_faults(void **state)
{
	static const struct {
		const char *text, *fault;
		size_t at;
	} rows[] = {
		{"[a]\n", "a list, not an object", 0},
		{"text\n", "a scalar, not an object", 0},
		{"kind: x\n", "apiVersion is missing", 0},
		{"apiVersion: v1\n", "kind is missing", 0},
		{"apiVersion: 1\nkind: x\n", "apiVersion is not a string", 12},
		{"apiVersion: v1\nkind: ~\n", "kind is missing", 21},
		{"apiVersion: v1\nkind: ''\n", "kind is missing", 21},
		{"apiVersion: v1\nkind: yes\n", "kind is not a string", 21},
		{"apiVersion: v1\nkind: x\n", "metadata is missing", 0},
		{"apiVersion: v1\nkind: x\nmetadata: y1\n", "metadata is not a mapping", 33},
		{"apiVersion: v1\nkind: x\nmetadata: {}\n", "metadata.name is missing", 0},
		{"apiVersion: v1\nkind: x\nmetadata: {name: 1}\n", "metadata.name is not a string", 40},
		{"apiVersion: v1\nkind: x\nmetadata: {name: a}\n", NULL, 0},
		{"apiVersion: v1\nkind: x\nmetadata: {generateName: a-}\n", NULL, 0},
		{"{\"apiVersion\": \"v1\", \"kind\": \"x\", \"metadata\": {\"name\": \"a\"}}", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct node *at;
		const char *fault;
		struct reading r;

		fault = release_object_fault(reading_root(&r, rows[i].text), &at);
		if (rows[i].fault ? !fault || strcmp(fault, rows[i].fault) != 0 || at->start != rows[i].at
				  : fault != NULL)
			fail_msg("<%s>: %s", rows[i].text, fault ? fault : "none");
		reading_release(&r);
	}
}

static void test_lists(void **state)
{
	struct built b;

	(void)state;
	build(&b,
	      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: a}\n- "
	      "{apiVersion: v1, kind: "
	      "ConfigMap, metadata: {name: b}}\n- x\n---\napiVersion: v1\nkind: ConfigMapList\nitems: []\n---\n" CONFIG(
		      "c"));
	assert_int_equal(b.rel.objects.n, 3);
	assert_slice(b.rel.objects.v[0]->name, "a");
	assert_ptr_equal(b.rel.objects.v[1]->doc, &b.r.s.documents.v[0]);
	assert_true(b.rel.objects.v[1]->root != b.rel.objects.v[1]->doc->root);
	assert_slice(b.rel.objects.v[2]->name, "c");
	built_release(&b);
}

/* --- where objects come from ----------------------------------------------------------------------------------- */

static void test_sources(void **state)
{
	struct built b;

	(void)state;
	build(&b,
	      "---\n# Source: c/templates/a.yaml\n" CONFIG("a") "---\n# Source: c/templates/b.yaml\n---\n" CONFIG(
		      "b") "---\n# Source: c/templates/c.yaml \r\n# more\n" CONFIG("c") "---\n" CONFIG("d") "---\n# no "
													    "Source: "
													    "x"
													    "\n" CONFIG(
														    "e"));
	assert_int_equal(b.rel.objects.n, 5);
	assert_slice(b.rel.objects.v[0]->source, "c/templates/a.yaml");
	assert_slice(b.rel.objects.v[1]->source, "c/templates/b.yaml"); /* from a document of comments only */
	assert_slice(b.rel.objects.v[2]->source, "c/templates/c.yaml");
	assert_slice(b.rel.objects.v[3]->source, "");
	assert_slice(b.rel.objects.v[4]->source, "");
	assert_int_equal(b.rel.flavour, FLAVOUR_HELM3);
	built_release(&b);
}

static void test_flavours(void **state)
{
	static const struct {
		const char *text;
		enum flavour flavour;
		bool hooks;
	} rows[] = {
		{CONFIG("a"), FLAVOUR_PLAIN, false},
		{"# Source: x\n" CONFIG("a"), FLAVOUR_HELM3, false},
		{"# Source: x\n" CONFIG("a") "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: "
					     "{helm.sh/hook: test}}\n",
		 FLAVOUR_TEMPLATE, true},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {helm.sh/hook: "
		 "'pre-install,post-upgrade'}}\n",
		 FLAVOUR_PLAIN, true},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {helm.sh/hook: crd-install}}\n",
		 FLAVOUR_PLAIN, false},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {helm.sh/hook: 'crd-install, "
		 "pre-install'}}\n",
		 FLAVOUR_PLAIN, false},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {helm.sh/hook: ' PRE-install , Test "
		 "'}}\n",
		 FLAVOUR_PLAIN, true},
		{"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n"
		 "  metadata: {name: p, annotations: {helm.sh/hook: test}}\n",
		 FLAVOUR_PLAIN, false},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {helm.sh/hook: ''}}\n", FLAVOUR_PLAIN,
		 false},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: "
		 "{postrenderer.helm.sh/postrender-filename: c/t/a.yaml}}\n",
		 FLAVOUR_HELM4, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct built b;

		build(&b, rows[i].text);
		if (b.rel.flavour != rows[i].flavour || b.rel.hooks_visible != rows[i].hooks)
			fail_msg("row %zu: flavour %d, hooks %d", i, (int)b.rel.flavour, b.rel.hooks_visible);
		if (rows[i].flavour == FLAVOUR_HELM4)
			assert_slice(b.rel.objects.v[0]->source, "c/t/a.yaml");
		built_release(&b);
	}
}

/* --- pods ------------------------------------------------------------------------------------------------------ */

#define POD_SPEC                                                                                                 \
	"{initContainers: [{name: i, env: [{name: A, value: '1'}]}], containers: [{name: c, env: ["              \
	"{name: B, value: x}, {name: C, valueFrom: {}}, {value: nameless}, {name: 5, value: y1}]}, {name: d}], " \
	"ephemeralContainers: [{name: e}]}"

static void test_containers(void **state)
{
	static const struct {
		const char *api_version, *kind, *open, *close;
		size_t containers;
	} rows[] = {
		{"v1", "Pod", "", "", 4},
		{"apps/v1", "Deployment", "{template: {spec: ", "}}", 4},
		{"apps/v1", "StatefulSet", "{template: {spec: ", "}}", 4},
		{"apps/v1", "DaemonSet", "{template: {spec: ", "}}", 4},
		{"batch/v1", "Job", "{template: {spec: ", "}}", 4},
		{"batch/v1", "CronJob", "{jobTemplate: {spec: {template: {spec: ", "}}}}", 4},
		{"monitoring.coreos.com/v1", "Prometheus", "", "", 4},
		{"monitoring.coreos.com/v1", "Alertmanager", "", "", 4},
		{"example.com/v1", "Own", "{template: {spec: ", "}}", 4},
		{"example.com/v1", "Own", "", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[1000];
		struct built b;

		snprintf(text, sizeof(text), "apiVersion: %s\nkind: %s\nmetadata: {name: x}\nspec: %s" POD_SPEC "%s\n",
			 rows[i].api_version, rows[i].kind, rows[i].open, rows[i].close);
		build(&b, text);
		if (b.rel.containers.n != rows[i].containers)
			fail_msg("%zu containers in %s", b.rel.containers.n, rows[i].kind);
		if (rows[i].containers) {
			assert_slice(b.rel.containers.v[0].name, "i");
			assert_true(b.rel.containers.v[0].is_init && !b.rel.containers.v[1].is_init);
			assert_null(b.rel.containers.v[2].env);
			assert_int_equal(b.rel.envs.n, 3);
			assert_slice(b.rel.envs.v[0].name, "A");
			assert_true(node_string_is(b.rel.envs.v[1].value, "x"));
			assert_null(b.rel.envs.v[2].value);
			assert_ptr_equal(b.rel.envs.v[1].container, &b.rel.containers.v[1]);
			assert_ptr_equal(b.rel.envs.v[1].object, b.rel.objects.v[0]);
		}
		built_release(&b);
	}
}

static void test_claims(void **state)
{
	struct built b;

	(void)state;
	build(&b,
	      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {storageClassName: fast}\n---\n"
	      "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: s}\nspec:\n  volumeClaimTemplates:\n"
	      "  - {metadata: {name: b}, spec: {storageClassName: ''}}\n  - {metadata: {name: c}, spec: {}}\n---\n"
	      "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: d}\n"
	      "spec: {storage: {volumeClaimTemplate: {spec: {storageClassName: slow}}}}\n---\n"
	      "apiVersion: monitoring.coreos.com/v1\nkind: Alertmanager\nmetadata: {name: e}\nspec: {storage: "
	      "{emptyDir: {}}}\n---\n"
	      "apiVersion: example.com/v1\nkind: PersistentVolumeClaim\nmetadata: {name: f}\nspec: {storageClassName: "
	      "other}\n");
	assert_int_equal(b.rel.claims.n, 4);
	assert_int_equal(b.rel.claims.v[0].kind, CLAIM_PVC);
	assert_true(node_string_is(b.rel.claims.v[0].class_name, "fast"));
	assert_int_equal(b.rel.claims.v[1].kind, CLAIM_TEMPLATE);
	assert_slice(b.rel.claims.v[1].name, "b");
	assert_true(node_string_is(b.rel.claims.v[1].class_name, ""));
	assert_null(b.rel.claims.v[2].class_name);
	assert_non_null(b.rel.claims.v[2].spec);
	assert_int_equal(b.rel.claims.v[3].kind, CLAIM_OPERATOR);
	assert_slice(b.rel.claims.v[3].name, "d");
	built_release(&b);
}

/* --- objects inside texts -------------------------------------------------------------------------------------- */

static const char nested[] = "# Source: c/t/n.yaml\n"						       /* 1 */
			     "apiVersion: v1\n"							       /* 2 */
			     "kind: ConfigMap\n"						       /* 3 */
			     "metadata: {name: owner, namespace: central}\n"			       /* 4 */
			     "data:\n"								       /* 5 */
			     "  objects.yaml: |\n"						       /* 6 */
			     "    # a comment\n"						       /* 7 */
			     "    apiVersion: batch/v1\n"					       /* 8 */
			     "    kind: Job\n"							       /* 9 */
			     "    metadata:\n"							       /* 10 */
			     "      name: inner\n"						       /* 11 */
			     "    ---\n"							       /* 12 */
			     "    apiVersion: v1\n"						       /* 13 */
			     "    kind: Secret\n"						       /* 14 */
			     "    metadata: {name: second}\n"					       /* 15 */
			     "  quoted: \"apiVersion: v1\\nkind: Pod\\nmetadata: {name: third}\\n\"\n" /* 16 */
			     "  template: \"apiVersion: v1\\nkind: {{ .Kind }}\\n\"\n"
			     "  text: 'about kind: and apiVersion: only'\n";

static void test_claims_of_pods(void **state)
{
	static const struct {
		const char *name;
		bool made;
	} cases[] = {
		{"data-db-0", true},   {"data-db-10", true},   {"data-db", false},  {"data-db-", false},
		{"data-db-00", false}, {"data-db-007", false}, {"data-db0", false}, {"data-db-0-backup", false},
		{"data-db-1a", false}, {"data-db-x-0", false}, {"data", false},	    {"", false},
		{"datadb-0", false},   {"other-db-0", false},  {"data-db-9", true},
	};
	const struct claim *template;
	struct built b;

	(void)state;
	build(&b, "apiVersion: apps/v1\nkind: StatefulSet\n" META(
			  "db") "spec:\n  volumeClaimTemplates:\n"
				"  - metadata: {name: data}\n    spec: {storageClassName: fast}\n---\n"
				"apiVersion: v1\nkind: PersistentVolumeClaim\n" META(
					"data-db") "spec: {storageClassName: fast}\n");
	template = &b.rel.claims.v[0];
	assert_int_equal(template->kind, CLAIM_TEMPLATE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (claim_is_made_of(template, slice_str(cases[i].name)) != cases[i].made)
			fail_msg("%s", cases[i].name);
	assert_false(claim_is_made_of(&b.rel.claims.v[1], SLICE("data-db-data-db-0")));
	built_release(&b);
}

static void test_nested(void **state)
{
	const struct object *inner;
	struct place p;
	struct built b;

	(void)state;
	build(&b, nested);
	assert_int_equal(b.rel.objects.n, 4);
	inner = b.rel.objects.v[1];
	assert_slice(inner->name, "inner");
	assert_ptr_equal(inner->owner, b.rel.objects.v[0]);
	assert_ptr_equal(inner->owner_text, node_at(b.rel.objects.v[0]->root, "data/objects.yaml"));
	assert_slice(inner->source, "c/t/n.yaml");
	p = object_place(inner, node_at(inner->root, "metadata/name"));
	assert_int_equal(p.line, 11);
	assert_string_equal(p.input, "test");
	p = object_place(inner, NULL);
	assert_int_equal(p.line, 9);
	p = object_place(b.rel.objects.v[2], NULL);
	assert_int_equal(p.line, 14);
	/* Behind quotes the lines are gone: the scalar itself is the place. */
	assert_slice(b.rel.objects.v[3]->name, "third");
	p = object_place(b.rel.objects.v[3], NULL);
	assert_int_equal(p.line, 16);
	built_release(&b);
}

/* The column of a nested place is that of the input, with the indentation of the block scalar. */
static void test_nested_column(void **state)
{
	struct place p;
	struct built b;

	(void)state;
	build(&b, nested);
	p = object_place(b.rel.objects.v[1], node_at(b.rel.objects.v[1]->root, "metadata/name"));
	assert_int_equal(p.column, 13);
	assert_int_equal(p.length, 5); /* of the name, not of the block scalar's header */
	built_release(&b);
}

/* A value that is not there, and a first line behind a byte order mark. */
static void test_points_and_marks(void **state)
{
	const struct object *o;
	struct place p;
	struct built b;

	(void)state;
	build(&b, "\xef\xbb\xbf{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: y}, data: {a: }}\n");
	o = b.rel.objects.v[0];
	p = object_place(o, NULL);
	assert_int_equal(p.column, 24);
	assert_int_equal(p.length, 9);
	assert_false(p.empty);
	p = object_place(o, node_at(o->root, "data/a"));
	assert_true(p.empty);
	assert_int_equal(p.length, 1);
	built_release(&b);
}

static void test_places(void **state)
{
	const struct object *o;
	struct place p;
	struct built b;

	(void)state;
	build(&b,
	      "# é\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: é, namespace: x} # c\ndata:\n  a: |\n    text\n");
	o = b.rel.objects.v[0];
	p = object_place(o, NULL);
	assert_int_equal(p.line, 3);
	assert_int_equal(p.column, 7);
	assert_int_equal(p.length, 9);
	assert_slice(p.text, "kind: ConfigMap");
	p = object_place(o, node_at(o->root, "metadata/namespace"));
	assert_int_equal(p.line, 4);
	assert_int_equal(p.column, 32);
	assert_int_equal(p.length, 1);
	p = object_place(o, node_at(o->root, "data/a"));
	assert_int_equal(p.line, 6);
	assert_int_equal(p.column, 6);
	assert_int_equal(p.length, 1); /* its first line */
	built_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),	       cmocka_unit_test(test_groups),
		cmocka_unit_test(test_faults),	       cmocka_unit_test(test_lists),
		cmocka_unit_test(test_sources),	       cmocka_unit_test(test_flavours),
		cmocka_unit_test(test_containers),     cmocka_unit_test(test_claims),
		cmocka_unit_test(test_claims_of_pods), cmocka_unit_test(test_nested),
		cmocka_unit_test(test_nested_column),  cmocka_unit_test(test_points_and_marks),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
