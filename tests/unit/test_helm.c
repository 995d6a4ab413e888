/*
 * test_helm.c: Helm's command line taken apart and put together again, the command as it may be shown, and the list of
 * judged objects. No Helm is run here.
 */
#include "reading.h"

#include "helm/checked.h"
#include "helm/command_line.h"
#include "helm/render.h"
#include "helm/show.h"

/* Words are separated by '|', so that blanks and empty words can be written. */
enum { MAX_WORDS = 40 };

struct words {
	char text[1000];
	char *v[MAX_WORDS];
	int n;
};

static void words_of(struct words *w, const char *line)
{
	char *at = w->text;

	snprintf(w->text, sizeof(w->text), "%s", line);
	w->n = 0;
	while (*line && at) {
		char *bar = strchr(at, '|');

		assert_true(w->n < MAX_WORDS);
		w->v[w->n++] = at;
		if (bar)
			*bar++ = '\0';
		at = bar;
	}
}

static const char *joined(struct helm_line *l, const struct helm_argv *a)
{
	const char *all = "";

	for (size_t i = 0; i < a->args.n; i++)
		all = arena_printf(&l->arena, "%s%s%s", all, i ? "|" : "", a->args.v[i]);
	return all;
}

static void parse(struct helm_line *l, struct words *w, enum helm_command command, const char *line)
{
	struct err err = ERR_INIT;

	words_of(w, line);
	if (helm_line_parse(l, command, w->n, w->v, &err) < 0)
		fail_msg("%s", err.text);
}

/* --- name, chart, namespace ------------------------------------------------------------------------------------ */

static void test_name_and_chart(void **state)
{
	static const struct {
		enum helm_command command;
		const char *line, *name, *chart, *ns;
	} rows[] = {
		{HELM_INSTALL, "px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "-n|central|px|./chart", "px", "./chart", "central"},
		{HELM_INSTALL, "px|-ncentral|./chart", "px", "./chart", "central"},
		{HELM_INSTALL, "px|-n=central|./chart", "px", "./chart", "central"},
		{HELM_INSTALL, "px|./chart|--namespace=central", "px", "./chart", "central"},
		{HELM_INSTALL, "px|./chart|--namespace|a|--namespace|b", "px", "./chart", "b"},
		{HELM_INSTALL, "--wait|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "--dry-run|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "--timeout|5m|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "--set|a=b|px|--set-string|c=d|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "--server-side|px|./chart", "px", "./chart", NULL}, /* no value here */
		{HELM_UPGRADE, "--server-side|true|px|./chart", "px", "./chart", NULL},
		{HELM_UPGRADE, "-i|px|./chart", "px", "./chart", NULL},
		{HELM_UPGRADE, "-if|v.yaml|px|./chart", "px", "./chart", NULL},
		{HELM_UPGRADE, "px", NULL, NULL, NULL},
		{HELM_INSTALL, "-g|./chart", NULL, "./chart", NULL},
		{HELM_INSTALL, "-gf|v.yaml|./chart", NULL, "./chart", NULL},
		{HELM_INSTALL, "./chart", NULL, "./chart", NULL},
		{HELM_TEMPLATE, "./chart", "release-name", "./chart", NULL},
		{HELM_TEMPLATE, "--generate-name|./chart", NULL, "./chart", NULL},
		{HELM_TEMPLATE, "-s|templates/a.yaml|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "px|--|-odd-chart", "px", "-odd-chart", NULL},
		{HELM_INSTALL, "--unknown|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "--unknown=1|px|./chart", "px", "./chart", NULL},
		{HELM_INSTALL, "px|./chart|--unknown|value", "px", "./chart", NULL},
		{HELM_INSTALL, "px|-", "px", "-", NULL},
		{HELM_INSTALL, "", NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct helm_line l;
		struct words w;
		const char *ns;

		parse(&l, &w, rows[i].command, rows[i].line);
		ns = helm_line_value(&l, "namespace");
		if (!slice_eq(slice_str(l.name), slice_str(rows[i].name)) ||
		    !slice_eq(slice_str(l.chart), slice_str(rows[i].chart)) ||
		    !slice_eq(slice_str(ns), slice_str(rows[i].ns)))
			fail_msg("<%s>: name %s, chart %s, namespace %s", rows[i].line, l.name, l.chart, ns);
		helm_line_release(&l);
	}
}

static void test_booleans(void **state)
{
	static const struct {
		const char *line, *flag;
		bool has, dry_run;
	} rows[] = {
		{"--no-hooks", "no-hooks", true, false},
		{"--no-hooks=false", "no-hooks", false, false},
		{"--no-hooks|--no-hooks=false", "no-hooks", false, false},
		{"--no-hooks=false|--no-hooks", "no-hooks", true, false},
		{"--description|--no-hooks", "no-hooks", false, false}, /* a value */
		{"--dry-run", "dry-run", true, true},
		{"--dry-run=client", "dry-run", true, true},
		{"--dry-run=server", "dry-run", true, true},
		{"--dry-run=none", "dry-run", true, false},
		{"--dry-run=false", "dry-run", true, false},
		{"--dry-run=server|--dry-run=none", "dry-run", true, false},
		{"--set|dry-run=true", "dry-run", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct helm_line l;
		struct words w;

		parse(&l, &w, HELM_INSTALL, rows[i].line);
		if (helm_line_has(&l, rows[i].flag) != rows[i].has || helm_line_is_dry_run(&l) != rows[i].dry_run)
			fail_msg("<%s>", rows[i].line);
		helm_line_release(&l);
	}
}

static void test_generated_name(void **state)
{
	static const struct {
		const char *chart, *name;
	} rows[] = {
		{"./px-central", "px-central-7"},
		{"repo/px-central", "px-central-7"},
		{"px-central-3.0.0.tgz", "px-central-3-7"},
		{"/a/b/", "b-7"},
		{".", "chart-7"},
		{"oci://host/path/px", "px-7"},
	};
	struct arena a = ARENA_INIT(1 << 16);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(helm_generated_name(&a, rows[i].chart, 7), rows[i].name);
	arena_release(&a);
}

/* --- argument vectors ------------------------------------------------------------------------------------------ */

/* With every part and the rest, what goes to Helm is what was written, in its order. */
static void test_passed_on_untouched(void **state)
{
	static const char *const lines[] = {
		"px|./chart",
		"px|./chart|-f|a.yaml|-fb.yaml|-f=c.yaml|--values=d.yaml|--values|e.yaml",
		"--set|a=b c|px|./chart|--set-string|q='x\"y'|--set|",
		"px|./chart|--new-flag|value|--other=1|-Z|-X=1",
		"--new-flag|value|px|./chart",
		"--wait|--wait=legacy|px|./chart|--atomic=false",
		"px|./chart|--|-a|--set|x=y",
		"px|./chart|--timeout", /* Helm says that the value is missing */
		"-n|central|px|./chart|--kube-token|t",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct helm_argv a = {0};
		struct helm_line l;
		struct words w;

		parse(&l, &w, HELM_INSTALL, lines[i]);
		helm_argv_items(&l, &a, PART_ALL, HELM_INSTALL, true);
		assert_string_equal(joined(&l, &a), lines[i]);
		helm_line_release(&l);
	}
}

static void test_parts(void **state)
{
	static const struct {
		const char *line;
		unsigned parts;
		enum helm_command command;
		bool rest;
		const char *want;
	} rows[] = {
		{"px|./c|-n|central|--set|a=b|--wait", PART_CONNECTION, HELM_INSTALL, false, "-n|central"},
		{"px|./c|--version|3.0.0|--repo=r|--devel", PART_SOURCE, HELM_INSTALL, false,
		 "--version|3.0.0|--repo=r|--devel"},
		{"px|./c|-o|json|--set|a=b", PART_ALL & ~(unsigned)PART_OUTPUT, HELM_INSTALL, true, "px|./c|--set|a=b"},
		/* what `template` does not know is left out there */
		{"-i|--history-max|3|px|./c|--reuse-values", PART_ALL, HELM_TEMPLATE, true, "px|./c"},
		/* a letter of a cluster becomes an option of its own */
		{"-if|v.yaml|px|./c", PART_VALUES, HELM_UPGRADE, true, "--values|v.yaml|px|./c"},
		{"-ifv.yaml|px|./c", PART_ALL, HELM_UPGRADE, true, "--install|--values=v.yaml|px|./c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct helm_argv a = {0};
		struct helm_line l;
		struct words w;

		parse(&l, &w, HELM_UPGRADE, rows[i].line);
		helm_argv_items(&l, &a, rows[i].parts, rows[i].command, rows[i].rest);
		assert_string_equal(joined(&l, &a), rows[i].want);
		helm_line_release(&l);
	}
}

static void test_added_set(void **state)
{
	struct helm_argv a = {0};
	struct helm_line l;
	struct words w;

	(void)state;
	parse(&l, &w, HELM_INSTALL, "px|--set|a=1|--|./chart");
	helm_line_add_value(&l, "set", "a=2");
	helm_argv_items(&l, &a, PART_ALL, HELM_INSTALL, true);
	assert_string_equal(joined(&l, &a), "px|--set|a=1|--set|a=2|--|./chart");
	helm_line_release(&l);
}

static void test_set_name(void **state)
{
	struct helm_argv a = {0};
	struct helm_line l;
	struct words w;

	(void)state;
	parse(&l, &w, HELM_INSTALL, "-g|./chart|--set|a=1");
	helm_line_set_name(&l, "chart-7");
	helm_argv_items(&l, &a, PART_ALL, HELM_INSTALL, true);
	assert_string_equal(joined(&l, &a), "--set|a=1|chart-7|./chart");
	assert_string_equal(l.name, "chart-7");
	helm_line_release(&l);
}

/* --- values ---------------------------------------------------------------------------------------------------- */

static int collect(void *arg, const struct helm_flag *flag, const char *value, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	buf_addf(b, "%s %s;", flag->name, value);
	return 0;
}

static void test_values_order(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"--set|a=1|-f|x|--set-json|b=2|--values=y", "values x;values y;set-json b=2;set a=1;"},
		{"--set-literal|l|--set-file|f=p|--set-string|s|--set|t",
		 "set t;set-string s;set-file f=p;set-literal l;"},
		{"-f|a,b|-f|c", "values a;values b;values c;"},
		{"-f|\"a,b\",c", "values a,b;values c;"},
		{"-f|\"say \"\"a\"\"\"", "values say \"a\";"},
		{"-f|-", "values -;"},
		{"--set|a=1,b=2", "set a=1,b=2;"},
		{"--set", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct buf b = BUF_TEXT;
		struct helm_line l;
		struct words w;

		parse(&l, &w, HELM_INSTALL, rows[i].line);
		assert_int_equal(helm_line_values(&l, collect, &b, &err), 0);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_release(&b);
		helm_line_release(&l);
	}
}

/* --- showing --------------------------------------------------------------------------------------------------- */

static void test_quoting(void **state)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{"plain-1.2/a_b=c,d:e@f%g+h", "plain-1.2/a_b=c,d:e@f%g+h"},
		{"", "''"},
		{"two words", "'two words'"},
		{"it's", "'it'\\''s'"},
		{"$HOME", "'$HOME'"},
		{"a{b,c}", "'a{b,c}'"},
		{"a*", "'a*'"},
		{"~", "'~'"},
		{"a;b", "'a;b'"},
		{"a\nb", "'a\nb'"},
		{"caf\xc3\xa9", "'caf\xc3\xa9'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = BUF_TEXT;

		buf_add_quoted(&b, slice_str(rows[i].word));
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_release(&b);
	}
}

static void test_hiding(void **state)
{
	static const struct {
		const char *set, *want;
		bool hidden;
	} rows[] = {
		{"a.b=c", "a.b=c", false},
		{"pxbackup.federated=true,istio.enabled=false", "pxbackup.federated=true,istio.enabled=false", false},
		{"oidc.externalOIDC.clientSecret=x", "oidc.externalOIDC.clientSecret=...", true},
		{"a=1,db.password=x,b=2", "a=1,db.password=...,b=2", true},
		{"db.password=x\\,y,b=2", "db.password=...,b=2", true},
		{"list={a,b},c=d", "list={a,b},c=d", false},
		{"proxy.http=http://user:word@proxy:80", "proxy.http=...", true},
		{"proxy.http=http://proxy:80", "proxy.http=http://proxy:80", false},
		{"proxy.configSecretName=px-proxy", "proxy.configSecretName=px-proxy", false},
		{"images.pullSecrets[0]=docregistry-secret", "images.pullSecrets[0]=docregistry-secret", false},
		{"apiToken=", "apiToken=", false}, /* nothing to hide */
		{"oidc={\"clientSecret\":\"x\"}", "oidc=...", true},
		{"--unknown-token=x", "--unknown-token=...", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf b = BUF_TEXT;
		bool hidden = false;

		show_set(slice_str(rows[i].set), NULL, &b, &hidden);
		if (strcmp(buf_str(&b), rows[i].want) != 0 || hidden != rows[i].hidden)
			fail_msg("<%s>: <%s>", rows[i].set, buf_str(&b));
		buf_release(&b);
	}
}

static void test_shown_command(void **state)
{
	static const char *const more[] = {"--set pxbackup.federated=true", "--namespace central"};
	static char plan[] = "--plan";
	char *own[] = {plan};
	struct buf out = BUF_TEXT;
	struct helm_line l;
	struct words w;

	(void)state;
	unsetenv("HELM_PLUGIN_NAME");
	parse(&l, &w, HELM_INSTALL,
	      "px|./chart|-f|my values.yaml|--password|hidden|--set|a.secret=hidden|-g=false|--|x");
	assert_true(show_command(&l, "pxb-fed", (const char *const *)own, 1, more, 2, NULL, &out));
	assert_string_equal(buf_str(&out),
			    "pxb-fed install --plan px ./chart -f 'my values.yaml' --password ... \\\n"
			    "    --set a.secret=... --generate-name=false --set pxbackup.federated=true \\\n"
			    "    --namespace central -- x");
	buf_reuse(&out);
	/* Helm has taken these out of the arguments of its plugin. */
	setenv("HELM_PLUGIN_NAME", "pxb-fed", 1);
	setenv("HELM_NAMESPACE", "central", 1);
	setenv("HELM_KUBECONTEXT", "lab", 1);
	setenv("HELM_KUBETOKEN", "hidden", 1);
	setenv("KUBECONFIG", "/etc/a:/etc/b", 1);
	helm_line_release(&l);
	parse(&l, &w, HELM_UPGRADE, "px|./chart");
	assert_false(show_command(&l, "helm pxb-fed", NULL, 0, NULL, 0, NULL, &out));
	assert_string_equal(buf_str(&out), "helm pxb-fed upgrade px ./chart --namespace central --kube-context lab");
	unsetenv("HELM_PLUGIN_NAME");
	unsetenv("HELM_NAMESPACE");
	unsetenv("HELM_KUBECONTEXT");
	unsetenv("HELM_KUBETOKEN");
	unsetenv("KUBECONFIG");
	helm_line_release(&l);
	buf_release(&out);
}

/* --- lost clusters --------------------------------------------------------------------------------------------- */

static void test_lost_cluster(void **state)
{
	static const char *const lost[] = {
		"Error: INSTALLATION FAILED: Kubernetes cluster unreachable: Get \"http://localhost:8080/version\": "
		"dial tcp "
		"127.0.0.1:8080: connect: connection refused",
		"Error: kubernetes cluster unreachable: Get \"https://x/version\": EOF",
		"Error: Get \"https://127.0.0.1:1/api\": read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by "
		"peer",
		"Error: Get \"https://x/api\": net/http: TLS handshake timeout",
	};
	static const char *const other[] = {
		"Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
		"Error: UPGRADE FAILED: \"px\" has no deployed releases",
		"Error: INSTALLATION FAILED: path \"./none\" not found",
		"Error: secrets is forbidden: User \"u\" cannot list resource \"secrets\"",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lost); i++)
		assert_true(helm_lost_cluster(slice_str(lost[i])));
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		assert_false(helm_lost_cluster(slice_str(other[i])));
}

/* --- judged objects -------------------------------------------------------------------------------------------- */

static void tell(void *arg, enum checked_change change, struct slice title)
{
	static const char *const words[] = {"changed", "new", "missing"};

	buf_addf(arg, "%s " SLICE_FMT ";", words[change], SLICE_ARG(title));
}

static void built(struct reading *r, struct release *rel, const char *text)
{
	struct err err = ERR_INIT;

	reading_of(r, text);
	release_init(rel);
	if (r->s.problems.n || release_build(rel, &r->s, &err) < 0)
		fail_msg("cannot read <%s>", text);
}

#define CONFIG_MAP "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ns}\n"
#define POD	   "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    env:\n"

static void test_checked(void **state)
{
	static const struct {
		const char *then, *now, *want;
	} rows[] = {
		{CONFIG_MAP "data: {x: '1'}\n", CONFIG_MAP "data: {x: '1'}\n", ""},
		/* spelling, order of keys, comments and order of documents say nothing */
		{CONFIG_MAP "data: {x: '1', y: b}\n", CONFIG_MAP "# c\ndata:\n  y: \"b\"\n  x: \"1\"\n", ""},
		{CONFIG_MAP "---\n" POD "    - {name: A, value: b}\n",
		 POD "    - {name: A, value: b}\n---\n" CONFIG_MAP, ""},
		/* a value, a type, a key, the order of a list */
		{CONFIG_MAP "data: {x: '1'}\n", CONFIG_MAP "data: {x: '2'}\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "data: {x: '1'}\n", CONFIG_MAP "data: {x: 1}\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "data: {x: null}\n", CONFIG_MAP "data: {}\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "data: {x: ''}\n", CONFIG_MAP "data: {x: null}\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "data: {x: a, y: ''}\n", CONFIG_MAP "data: {x: '', y: a}\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "l: [a, b]\n", CONFIG_MAP "l: [b, a]\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "l: [[a], b]\n", CONFIG_MAP "l: [[a, b]]\n", "changed ConfigMap ns/a;"},
		{CONFIG_MAP "l: {a: {b: c}}\n", CONFIG_MAP "l: {a: {}, b: c}\n", "changed ConfigMap ns/a;"},
		/* objects that come and go, the same one twice */
		{CONFIG_MAP, CONFIG_MAP "---\n" POD "    - {name: A}\n", "new Pod p;"},
		{CONFIG_MAP "---\n" POD "    - {name: A}\n", CONFIG_MAP, "missing Pod p;"},
		{CONFIG_MAP, CONFIG_MAP "---\n" CONFIG_MAP, "new ConfigMap ns/a;"},
		{CONFIG_MAP, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: ns}\n",
		 "missing ConfigMap ns/a;new ConfigMap ns/b;"},
		/* what the chart draws by lot in each render, and only that */
		{POD "    - {name: HELM_CHECKSUM, value: abc}\n", POD "    - {name: HELM_CHECKSUM, value: xyz}\n", ""},
		{POD "    - {name: OTHER, value: abc}\n", POD "    - {name: OTHER, value: xyz}\n", "changed Pod p;"},
		{POD "    - {name: HELM_CHECKSUM, value: abc}\n", POD "    - {name: HELM_CHECKSUM}\n",
		 "changed Pod p;"},
		{CONFIG_MAP "data: {HELM_CHECKSUM: a}\n", CONFIG_MAP "data: {HELM_CHECKSUM: b}\n",
		 "changed ConfigMap ns/a;"},
		/* a name that would break the lines of the list */
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\nb\"}\n",
		 "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\nb\"}\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf list = BUF_TEXT, told = BUF_TEXT;
		struct reading then, now;
		struct release a, b;
		struct err err = ERR_INIT;

		built(&then, &a, rows[i].then);
		built(&now, &b, rows[i].now);
		assert_int_equal(checked_list(&a, NULL, &list, &err), 0);
		assert_true(checked_compare(buf_slice(&list), &b, tell, &told, &err) >= 0);
		if (strcmp(buf_str(&told), rows[i].want) != 0)
			fail_msg("row %zu: <%s>, not <%s>", i, buf_str(&told), rows[i].want);
		release_release(&a);
		release_release(&b);
		reading_release(&then);
		reading_release(&now);
		buf_release(&list);
		buf_release(&told);
	}
}

/* The list must not tell what the objects hold, nor be the same for the same objects twice. */
static void test_checked_reveals_nothing(void **state)
{
	struct buf one = BUF_TEXT, two = BUF_TEXT;
	struct err err = ERR_INIT;
	struct reading r;
	struct release rel;

	(void)state;
	built(&r, &rel, CONFIG_MAP "data: {x: hidden-value}\n");
	assert_int_equal(checked_list(&rel, NULL, &one, &err), 0);
	assert_int_equal(checked_list(&rel, NULL, &two, &err), 0);
	assert_null(strstr(buf_str(&one), "hidden"));
	assert_string_not_equal(buf_str(&one), buf_str(&two));
	release_release(&rel);
	reading_release(&r);
	buf_release(&one);
	buf_release(&two);
}

static void test_checked_damaged(void **state)
{
	static const char *const lists[] = {"", "x", "pxb-fed checked 1 \n", "pxb-fed checked 2 00\n"};
	struct buf whole = BUF_TEXT;
	struct err err = ERR_INIT;
	struct reading r;
	struct release rel;

	(void)state;
	built(&r, &rel, CONFIG_MAP);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		err = ERR_INIT;
		assert_int_equal(checked_compare(slice_str(lists[i]), &rel, tell, NULL, &err), STATUS_USAGE);
	}
	err = ERR_INIT;
	assert_int_equal(checked_list(&rel, NULL, &whole, &err), 0);
	/* cut anywhere it is never taken for the whole */
	for (size_t n = 0; n + 1 < whole.n; n++) {
		struct buf told = BUF_TEXT;

		err = ERR_INIT;
		if (checked_compare(slice_to(buf_slice(&whole), n), &rel, tell, &told, &err) == 0)
			fail_msg("cut after %zu of %zu bytes: taken for the whole", n, whole.n);
		buf_release(&told);
	}
	release_release(&rel);
	reading_release(&r);
	buf_release(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_and_chart),	cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_generated_name),	cmocka_unit_test(test_passed_on_untouched),
		cmocka_unit_test(test_parts),		cmocka_unit_test(test_added_set),
		cmocka_unit_test(test_set_name),	cmocka_unit_test(test_values_order),
		cmocka_unit_test(test_quoting),		cmocka_unit_test(test_hiding),
		cmocka_unit_test(test_shown_command),	cmocka_unit_test(test_lost_cluster),
		cmocka_unit_test(test_checked),		cmocka_unit_test(test_checked_reveals_nothing),
		cmocka_unit_test(test_checked_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
