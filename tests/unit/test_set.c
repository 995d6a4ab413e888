/*
 * test_set.c: Helm's --set options, the chart's own values, and advice as options.
 */
#include "values/values.h"

#include <setjmp.h>
#include <unistd.h>

#include <cmocka.h>

static int add(struct values *v, const char *file, enum set_kind kind, const char *text, struct err *err)
{
	values_init(v);
	if (file && values_add_text(v, "f.yaml", slice_str(file), err) < 0)
		fail_msg("%s", err->text);
	return values_add_set(v, kind, text, err);
}

static void assert_json(struct values *v, const char *want, const char *of)
{
	cleanup_buf struct buf got = BUF_TEXT;

	values_write_json(v, &got);
	if (strcmp(buf_str(&got), want) != 0)
		fail_msg("%s\n  got  %s\n  want %s", of, buf_str(&got), want);
}

/* --- grammar ------------------------------------------------------------------------------------------------------ */

struct set_case {
	const char *file;
	enum set_kind kind;
	const char *text, *want;
};

/* What Helm 3 and 4 both make of it; tests/differential/sets.py asks them. */
static const struct set_case taken[] = {
	{NULL, SET, "", "{}"},
	{NULL, SET, "a=1", "{\"a\":1}"},
	{NULL, SET, "a.b.c=x", "{\"a\":{\"b\":{\"c\":\"x\"}}}"},
	{NULL, SET, "a=1,b=2,a=3", "{\"a\":3,\"b\":2}"},
	{NULL, SET, "a\\.b=c\\,d\\=e", "{\"a.b\":\"c,d=e\"}"},
	{NULL, SET, "a=b=c", "{\"a\":\"b=c\"}"},
	{NULL, SET, "a=", "{\"a\":\"\"}"},
	{NULL, SET, "a=,b=", "{\"a\":\"\",\"b\":\"\"}"},
	{NULL, SET, "a=1,", "{\"a\":1}"},
	{NULL, SET, "=1", "{}"},
	{NULL, SET, "a=\\", "{\"a\":\"\"}"},
	/* typing */
	{NULL, SET, "a=true,b=TRUE,c=False,d=null,e=Null", "{\"a\":true,\"b\":true,\"c\":false,\"d\":null,\"e\":null}"},
	{NULL, SET, "a=0,b=00,c=01,d=-0,e=+5,f=-05", "{\"a\":0,\"b\":\"00\",\"c\":\"01\",\"d\":0,\"e\":5,\"f\":-5}"},
	{NULL, SET, "a=1.5,b=1e3,c=0x10,d=1_0,e=yes,f=~",
	 "{\"a\":\"1.5\",\"b\":\"1e3\",\"c\":\"0x10\",\"d\":\"1_0\",\"e\":\"yes\",\"f\":\"~\"}"},
	{NULL, SET, "a=9223372036854775807,b=9223372036854775808",
	 "{\"a\":9223372036854775807,\"b\":\"9223372036854775808\"}"},
	{NULL, SET, "a=-9223372036854775808,b=-9223372036854775809",
	 "{\"a\":-9223372036854775808,\"b\":\"-9223372036854775809\"}"},
	{NULL, SET,
	 "a=fal\xc5\xbf"
	 "e,b=nulL",
	 "{\"a\":false,\"b\":null}"},
	{NULL, SET_STRING, "a=true,b=0,c=null,d=1", "{\"a\":\"true\",\"b\":\"0\",\"c\":\"null\",\"d\":\"1\"}"},
	{NULL, SET, "a=\xff", "{\"a\":\"\xef\xbf\xbd\"}"},
	/* lists */
	{NULL, SET, "a={x,1,true}", "{\"a\":[\"x\",1,true]}"},
	{NULL, SET, "a={}", "{\"a\":[\"\"]}"},
	{NULL, SET, "a={x\\,y,z},b=1", "{\"a\":[\"x,y\",\"z\"],\"b\":1}"},
	{NULL, SET, "a={x}b=1", "{\"a\":[\"x\"],\"b\":1}"},
	{NULL, SET_STRING, "a={1}", "{\"a\":[\"1\"]}"},
	{NULL, SET, "a[0]=x", "{\"a\":[\"x\"]}"},
	{NULL, SET, "a[2]=x", "{\"a\":[null,null,\"x\"]}"},
	{NULL, SET, "a[0].b=1,a[0].c=2,a[1].b=3", "{\"a\":[{\"b\":1,\"c\":2},{\"b\":3}]}"},
	{NULL, SET, "a[1][0]=x", "{\"a\":[null,[\"x\"]]}"},
	{NULL, SET, "a[+01]=x", "{\"a\":[null,\"x\"]}"},
	{NULL, SET, "a[0]", "{\"a\":[]}"},
	{NULL, SET, "a[0].b=", "{\"a\":[]}"},
	{"a: [1, {b: 2}]\n", SET, "a[1].c=3", "{\"a\":[1,{\"b\":2,\"c\":3}]}"},
	{"a: [1]\n", SET, "a[0].c=3", "{\"a\":[{\"c\":3}]}"},
	{"a: [1]\n", SET, "a[3]=x", "{\"a\":[1,null,null,\"x\"]}"},
	/* over a file: key by key, null stays for Helm to delete with */
	{"a: {b: 1, c: 2}\n", SET, "a.b=3", "{\"a\":{\"b\":3,\"c\":2}}"},
	{"a: {b: 1}\n", SET, "a=null", "{\"a\":null}"},
	{"a: {b: 1}\n", SET, "a.b=null", "{\"a\":{\"b\":null}}"},
	{"x: &x {b: 1}\na: *x\nc: *x\n", SET, "a.b=2", "{\"x\":{\"b\":1},\"a\":{\"b\":2},\"c\":{\"b\":1}}"},
	/* JSON */
	{NULL, SET_JSON, "a={\"b\":[1,2.5,\"x\",null,true]}", "{\"a\":{\"b\":[1,2.5,\"x\",null,true]}}"},
	{NULL, SET_JSON, "a=1 ,b= \"x,y\",c=[1,2],", "{\"a\":1,\"b\":\"x,y\",\"c\":[1,2]}"},
	{NULL, SET_JSON, "a=1, b=2", "{\"a\":1,\" b\":2}"},
	{NULL, SET_JSON, "a=,b=  ", "{\"a\":null,\"b\":null}"},
	{NULL, SET_JSON, "a.b=1c=2", "{\"a\":{\"b\":1},\"c\":2}"},
	{NULL, SET_JSON, "a[1].b={}", "{\"a\":[null,{\"b\":{}}]}"},
	{"a: {b: 1}\n", SET_JSON, "a={\"c\":2}", "{\"a\":{\"c\":2}}"},
	{"a: {b: 1}\n", SET_JSON, " {\"a\":{\"c\":2}}\n", "{\"a\":{\"b\":1,\"c\":2}}"},
	/* literals */
	{NULL, SET_LITERAL, "a.b=x,y=\\z{", "{\"a\":{\"b\":\"x,y=\\\\z{\"}}"},
	{NULL, SET_LITERAL, "a[0]=1", "{\"a\":[\"1\"]}"},
	{NULL, SET_LITERAL, "a,b=", "{\"a,b\":\"\"}"},
	/* the content of a file is not looked at, its path stands for it */
	{NULL, SET_FILE, "a=/nonexistent/x,b={y,z}", "{\"a\":\"/nonexistent/x\",\"b\":[\"y\",\"z\"]}"},
};

static void test_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct err err = ERR_INIT;
		struct values v;

		if (add(&v, taken[i].file, taken[i].kind, taken[i].text, &err) < 0)
			fail_msg("%s refused: %s", taken[i].text, err.text);
		assert_json(&v, taken[i].want, taken[i].text);
		assert_int_equal(err.status, 0);
		values_release(&v);
	}
}

static const struct set_case refused[] = {
	{NULL, SET, "a", "--set 'a': no '=' and value"},
	{NULL, SET, "a.b", "--set 'a.b': no '=' and value"},
	{NULL, SET, "a,b=1", "--set 'a': no '=' and value"},
	{NULL, SET, "a=secret,rest", "--set, assignment 2: no '=' and value; inside a value, a comma is written '\\,'"},
	{NULL, SET, "a.=x", "--set 'a.': a key without a value"},
	{NULL, SET, "a[0=1", "--set 'a': the index must end with ']'"},
	{NULL, SET, "a[x]=1", "--set 'a': an index must be a number"},
	{NULL, SET, "a[]=1", "--set 'a': an index must be a number"},
	{NULL, SET, "a[-1]=1", "--set 'a': an index must not be negative"},
	{NULL, SET, "a[65537]=1", "--set 'a': an index must be 65536 or less"},
	{NULL, SET, "a[0]b=1", "--set 'a': '=', '.' or '[' must follow an index"},
	{NULL, SET, "a={x,y", "--set 'a': the list must end with '}'"},
	{NULL, SET, "a=1,a.b=2", "--set, assignment 2: it is a number in --set a, and Helm sets no key below that"},
	{"istio:\n", SET, "istio.enabled=true", "--set 'istio': it is null in f.yaml, and Helm sets no key below that"},
	{"a: x\n", SET, "a.b.c=1", "--set 'a': it is a string in f.yaml, and Helm sets no key below that"},
	{"a: {b: 1}\n", SET, "a[0]=1", "--set 'a': it is a mapping in f.yaml, and Helm sets no item of that"},
	{"a: [[1], 2]\n", SET, "a[1][0]=1", "--set 'a': it is a number in f.yaml, and Helm sets no item of that"},
	{NULL, SET_JSON, "a={\"b\":1", "--set-json 'a': the value is not JSON"},
	{NULL, SET_JSON, "a=x", "--set-json 'a': the value is not JSON"},
	{NULL, SET_JSON, "a=01",
	 "--set-json, assignment 2: no '=' and value; inside a value, a comma is written '\\,'"},
	{NULL, SET_JSON, "a=1e400", "--set-json 'a': the value is not JSON"},
	{NULL, SET_JSON, "{\"a\":1},\"v\":{\"b\":2}", "--set-json: the value is not JSON"},
	{NULL, SET_JSON, "{\"a\":1", "--set-json: the value is not JSON"},
	{NULL, SET_LITERAL, "a", "--set-literal 'a': no '=' and value"},
	{NULL, SET_FILE, "istio.hostName=-",
	 "--set-file 'istio.hostName': its value must be known here: give a local file or --set"},
	{NULL, SET_FILE, "istio.hostName=https://example.com/x",
	 "--set-file 'istio.hostName': its value must be known here: give a local file or --set"},
	{NULL, SET_FILE, "istio.hostName=/nonexistent/x",
	 "--set-file 'istio.hostName': cannot open '/nonexistent/x': No such file or directory"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct err err = ERR_INIT;
		struct values v;

		if (add(&v, refused[i].file, refused[i].kind, refused[i].text, &err) != STATUS_USAGE)
			fail_msg("%s was taken", refused[i].text);
		assert_string_equal(err.text, refused[i].want);
		values_release(&v);
	}
}

static void test_depth(void **state)
{
	char text[80];

	(void)state;
	for (size_t dots = 29; dots <= 31; dots++) {
		struct err err = ERR_INIT;
		struct values v;

		for (size_t i = 0; i < dots; i++)
			memcpy(text + 2 * i, "a.", 2);
		memcpy(text + 2 * dots, "a=1", 4);
		assert_int_equal(add(&v, NULL, SET, text, &err), dots > 30 ? STATUS_USAGE : 0);
		values_release(&v);
	}
}

/* A key that the gate judges needs the file's content. */
static void test_file(void **state)
{
	char path[] = "/tmp/test_set.XXXXXX", text[80];
	struct err err = ERR_INIT;
	struct values v;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && write(fd, "pxb.example.com", 15) == 15);
	close(fd);
	snprintf(text, sizeof(text), "istio.hostName=%s", path);
	assert_int_equal(0, add(&v, NULL, SET_FILE, text, &err));
	assert_json(&v, "{\"istio\":{\"hostName\":\"pxb.example.com\"}}", text);
	values_release(&v);
	unlink(path);
}

/* --- several ------------------------------------------------------------------------------------------------------ */

static void test_order(void **state)
{
	static const struct value_set sets[] = {
		{SET_LITERAL, "a=literal"}, {SET, "a=1,b=1"}, {SET_STRING, "b=2"}, {SET_JSON, "a=0,c=3"}, {SET, "a=4"}};
	struct values_file *file;
	struct err err = ERR_INIT;
	struct values v;

	(void)state;
	values_init(&v);
	assert_int_equal(0, values_add_text(&v, "f.yaml", SLICE("c: 0\nd: 1\n"), &err));
	assert_int_equal(0, values_add_sets(&v, sets, ARRAY_SIZE(sets), &err));
	assert_json(&v, "{\"c\":3,\"d\":1,\"a\":\"literal\",\"b\":\"2\"}", "all kinds");
	assert_non_null(values_get(&v, "a", &file));
	assert_string_equal(file->name, "--set-literal a");
	assert_int_equal(values_position(file, values_get(&v, "a", NULL)).line, 0);
	assert_non_null(values_get(&v, "d", &file));
	assert_string_equal(file->name, "f.yaml");
	/* Out of Helm's order: a mistake of the program, not of its user. */
	assert_int_equal(STATUS_FAILED, values_add_set(&v, SET, "a=1", &err));
	assert_int_equal(STATUS_FAILED, values_add_text(&v, "g.yaml", SLICE("a: 1\n"), &err));
	values_release(&v);
}

/* Names tell keys, and of values only what is a boolean or null. */
static void test_names(void **state)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{"pxbackup.federated=true", "--set pxbackup.federated=true|"},
		{"a=null,b=FALSE", "--set a=null|--set b=false|"},
		{"a=hunter2,b=5", "--set a|--set b|"},
		{"a\\.b.c[0].d=x", "--set a\\.b.c|"},
		{"oidc.clientSecret=hunter2,hunter3=1,x=2",
		 "--set oidc.clientSecret|--set, assignment 2|--set, assignment 3|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf names = BUF_TEXT;
		struct err err = ERR_INIT;
		struct values v;

		assert_int_equal(0, add(&v, NULL, SET, cases[i].text, &err));
		for (size_t j = 0; j < v.files.n; j++)
			buf_addf(&names, "%s|", v.files.v[j]->name);
		assert_string_equal(buf_str(&names), cases[i].names);
		values_release(&v);
	}
}

/* --- the chart's own keys ----------------------------------------------------------------------------------------- */

static void tell(void *arg, const struct unknown_key *u)
{
	static const char *const kinds[] = {"", "(other version) ", "(outer) "};

	buf_addf(arg, "%s%s", kinds[u->kind], u->path);
	if (u->near)
		buf_addf(arg, " -> %s %u", u->near, u->distance);
	buf_addc(arg, '|');
}

static const char chart[] = "pxbackup:\n  enabled: false\n  federated: false\n  own: {switch: 1}\n"
			    "service: {}\nresources:\n  a.b/c: 1\n  d: 2\nlist: [a]\nanything:\nnumber: 5\n"
			    "persistentStorage: {storageClassName: }\n";

static void test_chart(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"pxbackup: {enabled: true, federated: true, own: {switch: 2}}\n", ""},
		{"pxbackup: {own: {swich: 2}}\n", "pxbackup.own.swich -> pxbackup.own.switch 1|"},
		{"pxbackup: {federted: true}\n", "pxbackup.federted -> pxbackup.federated 1|"},
		/* free: an empty mapping, keys that are no words, null, lists */
		{"service: {x: 1}\nresources: {y: 1}\nanything: {z: 1}\nlist: [{x: 1}]\n", ""},
		{"number: {x: 1}\n", "number.x|"},
		{"persistentStorage: {storageClassName: {x: 1}}\n", "persistentStorage.storageClassName.x|"},
		/* read by templates only, and Helm's own */
		{"fullnameOverride: x\nserviceAccount: {create: true, name: x}\nglobal: {x: 1}\n", ""},
		{"serviceAccount: {names: x}\n", "serviceAccount.names -> serviceAccount.name 1|"},
		/* known to other versions, or to none */
		{"telemetry: {enabled: true}\n", "(other version) telemetry|"},
		{"pxbackup: {nfs: {enabled: true}}\n", "(other version) pxbackup.nfs|"},
		{"isArgocd: true\n", "isArgocd|"},
		{"completely: {other: 1}\n", "completely|"},
		/* around everything */
		{"px-central: {pxbackup: {federated: true}, list: []}\n", "(outer) px-central ->  0|"},
		{"px-backup: {pxbackup: {federated: true}}\n", "(outer) px-backup ->  0|"},
		{"px-backup: {federated: true}\n", "px-backup -> pxbackup 1|"},
		/* dots in a key */
		{"pxbackup.federted: true\n", "[\"pxbackup.federted\"] -> pxbackup.federated 1|"},
		{"pxbackp.own.swich: true\n", "[\"pxbackp.own.swich\"] -> pxbackup.own.switch 2|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf got = BUF_TEXT;
		struct err err = ERR_INIT;
		struct values v;

		values_init(&v);
		assert_int_equal(0, values_chart_defaults(&v, SLICE("pxbackup: {old: 1}\n"), &err));
		assert_int_equal(0, values_chart_defaults(&v, slice_str(chart), &err));
		assert_int_equal(0, values_add_text(&v, "f.yaml", slice_str(cases[i].text), &err));
		values_unknown_keys(&v, "", tell, &got);
		if (strcmp(buf_str(&got), cases[i].want) != 0)
			fail_msg("%s  got  %s\n  want %s", cases[i].text, buf_str(&got), cases[i].want);
		values_release(&v);
	}
}

static void test_no_chart(void **state)
{
	cleanup_buf struct buf got = BUF_TEXT;
	struct err err = ERR_INIT;
	struct values v;

	(void)state;
	values_init(&v);
	assert_int_equal(0, values_chart_defaults(&v, SLICE("# nothing\n"), &err));
	assert_int_equal(0, values_add_text(&v, "f.yaml", SLICE("telemetry: {enabled: true}\n"), &err));
	values_unknown_keys(&v, "", tell, &got);
	assert_string_equal(buf_str(&got), "");
	assert_true(values_knows(&v, "", "telemetry.enabled"));
	assert_false(values_knows(&v, "", "telemetry"));
	assert_false(values_knows(&v, "", "telemetry.enabled.x"));
	assert_true(values_knows(&v, "", "service.pxBackupUIServiceAnnotations.x"));
	assert_int_equal(STATUS_USAGE, values_chart_defaults(&v, SLICE("- a\n"), &err));
	assert_string_equal(err.text, "the chart's own values:1:1: values must be a mapping, not a list");
	values_release(&v);
}

/* --- advice ------------------------------------------------------------------------------------------------------- */

/* Every value comes back through the option that was written for it. */
static void test_options(void **state)
{
	static const struct {
		const char *yaml, *option; /* NULL: not to be written */
	} cases[] = {
		{"true", "--set k=true"},
		{"no", "--set k=false"},
		{"null", "--set k=null"},
		{"5", "--set k=5"},
		{"-5", "--set k=-5"},
		{"0", "--set k=0"},
		{"0x10", "--set k=16"},
		{"1.5", "--set-json k=1.5"},
		{"18446744073709551615", "--set-json k=18446744073709551615"},
		{"gp3", "--set k=gp3"},
		{"'true'", "--set-string k=true"},
		{"'5'", "--set-string k=5"},
		{"'05'", "--set k=05"},
		{"'null'", "--set-string k=null"},
		{"''", "--set k="},
		{"a,b", "--set 'k=a\\,b'"},
		{"'a\\b'", "--set 'k=a\\\\b'"},
		{"'{a}'", "--set 'k=\\{a}'"},
		{"a b", "--set 'k=a b'"},
		{"it's", "--set 'k=it'\\''s'"},
		{"$(x)", "--set 'k=$(x)'"},
		{"é", "--set 'k=é'"},
		{"\"a\\nb\"", NULL},
		{"\"a\\u0007b\"", NULL},
		{"[a]", NULL},
		{"{a: b}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf option = BUF_TEXT;
		cleanup_values struct values v, again;
		struct err err = ERR_INIT;
		struct value_set set;
		char text[64];

		values_init(&v);
		values_init(&again);
		snprintf(text, sizeof(text), "k: %s\n", cases[i].yaml);
		assert_int_equal(0, values_add_text(&v, "f.yaml", slice_str(text), &err));
		assert_int_equal(values_write_option("k", values_get(&v, "k", NULL), &option), cases[i].option != NULL);
		assert_string_equal(buf_str(&option), cases[i].option ? cases[i].option : "");
		if (!cases[i].option)
			continue;
		assert_true(values_read_option(buf_str(&option), &v.arena, &set));
		assert_int_equal(0, values_add_set(&again, set.kind, set.text, &err));
		option.n = 0;
		values_write_json(&v, &option);
		assert_json(&again, buf_str(&option), cases[i].option);
	}
}

static void test_no_options(void **state)
{
	static const char *const texts[] = {"",		 "--set",	"--set ",	    "--sets a=b",
					    "-- set a",	 "Write a: b.", "--set a=b or c=d", "--set 'a",
					    "--set a;b", "--set a$b",	"--set \"a\""};
	struct arena a = ARENA_INIT(1 << 20);
	struct value_set set;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (i != 2 && values_read_option(texts[i], &a, &set))
			fail_msg("%s is an option", texts[i]);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),	   cmocka_unit_test(test_refused),  cmocka_unit_test(test_depth),
		cmocka_unit_test(test_file),	   cmocka_unit_test(test_order),    cmocka_unit_test(test_names),
		cmocka_unit_test(test_chart),	   cmocka_unit_test(test_no_chart), cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
