/*
 * test_fixes.c: what a refused run asks for, as options.
 */
#include "rules/fixes.h"

#include <setjmp.h>

#include <cmocka.h>

enum { FIXES_MAX = 4 };

struct fix_case {
	const char *file, *option;    /* what the user gave; option: "--set-string a=b" */
	const char *fixes[FIXES_MAX]; /* one finding each; several of one finding are joined by '|' */
	const char *want;	      /* options joined by '|', or "!" and a part of why_not */
	size_t unfixed;
};

static const struct fix_case cases[] = {
	{NULL, NULL, {"--set pxbackup.federated=true"}, "--set pxbackup.federated=true", 0},
	{NULL, NULL, {"--set a.b=1", "--set a.b=1", "--set c=2"}, "--set a.b=1|--set c=2", 0},
	{NULL, NULL, {"--set a=1|--set b=2|Write it down."}, "--set a=1|--set b=2", 0},
	{NULL, NULL, {"Write it down.", "--set a=1"}, "--set a=1", 1},
	{NULL, NULL, {"Write it down."}, "", 1},
	{NULL, NULL, {"--set 'a=x y'", "--set-string b=5"}, "--set 'a=x y'|--set-string b=5", 0},
	{NULL, NULL, {"--set a=1", "--set a=2"}, "!two values of a: '--set a=1' and '--set a=2'", 0},
	{NULL, NULL, {"--set persistentStorage.storageClassName=NAME"}, "!only you know", 0},
	{NULL,
	 NULL,
	 {"--set persistentStorage.storageClassName=NAME", "--set persistentStorage.storageClassName=gp3"},
	 "--set persistentStorage.storageClassName=gp3",
	 0},
	/* Helm would refuse it, or apply something else later */
	{"istio:\n", NULL, {"--set istio.enabled=false"}, "!istio is null in f.yaml", 0},
	{"istio: text\n", NULL, {"--set istio.enabled=false"}, "!istio is another kind of value in f.yaml", 0},
	{"istio: {enabled: true}\n", NULL, {"--set istio.enabled=false"}, "--set istio.enabled=false", 0},
	{"images: {pullSecrets: null}\n", NULL, {"--set 'images.pullSecrets[0]=x'"}, "!images.pullSecrets is null", 0},
	{"images: {pullSecrets: [a]}\n",
	 NULL,
	 {"--set 'images.pullSecrets[0]=x'"},
	 "--set 'images.pullSecrets[0]=x'",
	 0},
	{NULL, "--set-string a.b=no", {"--set a.b=false"}, "!Helm applies '--set-string a.b' after --set", 0},
	{NULL, "--set a.b=no", {"--set a.b=false"}, "--set a.b=false", 0},
	{NULL, "--set-json a.b=1", {"--set a.b=false"}, "--set a.b=false", 0},
};

static void prepare(struct gate *g, struct values *v, const struct fix_case *c)
{
	struct err err = ERR_INIT;
	struct value_set set;

	gate_init(g, &(struct gate_options){0});
	values_init(v);
	if (c->file && values_add_text(v, "f.yaml", slice_str(c->file), &err) < 0)
		fail_msg("%s", err.text);
	if (c->option)
		assert_true(values_read_option(c->option, &v->arena, &set));
	if (c->option && values_add_set(v, set.kind, set.text, &err) < 0)
		fail_msg("%s", err.text);
	g->values = v;
	for (size_t i = 0; i < FIXES_MAX && c->fixes[i]; i++) {
		struct finding *f = gate_find_as(g, RULE_VALUES, NULL, NULL);
		struct slice rest = slice_str(c->fixes[i]);

		while (rest.p) {
			struct slice fix = slice_cut(rest, '|', &rest);

			finding_fix(g, f, SLICE_FMT, SLICE_ARG(fix));
		}
	}
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fix_case *c = &cases[i];
		cleanup_buf struct buf got = BUF_TEXT;
		struct arena a = ARENA_INIT(1 << 20);
		cleanup_values struct values v;
		cleanup_gate struct gate g;
		struct err err = ERR_INIT;
		struct set_fixes m;

		prepare(&g, &v, c);
		assert_int_equal(0, gate_set_fixes(&g, &a, &m, &err));
		assert_int_equal(m.unfixed, c->unfixed);
		assert_int_equal(m.sets.n, m.options.n);
		for (size_t j = 0; j < m.options.n; j++)
			buf_addf(&got, "%s%s", j ? "|" : "", m.options.v[j]);
		if (c->want[0] == '!') {
			if (!m.why_not || !strstr(m.why_not, c->want + 1))
				fail_msg("case %zu: %s, wanted %s", i, m.why_not ? m.why_not : "(no reason)",
					 c->want + 1);
		} else {
			assert_null(m.why_not);
			assert_string_equal(buf_str(&got), c->want);
		}
		arena_release(&a);
	}
}

/* Warnings and excepted findings ask for nothing. */
static void test_open(void **state)
{
	static const struct policy_exception exception;
	struct arena a = ARENA_INIT(1 << 20);
	cleanup_gate struct gate g;
	struct err err = ERR_INIT;
	struct set_fixes m;
	struct finding *f;

	(void)state;
	gate_init(&g, &(struct gate_options){0});
	f = gate_find_as(&g, RULE_VALUES, NULL, NULL);
	finding_severity(f, SEVERITY_WARNING);
	finding_fix(&g, f, "--set a=1");
	f = gate_find_as(&g, RULE_VALUES, NULL, NULL);
	f->excepted = &exception;
	finding_fix(&g, f, "--set b=1");
	assert_int_equal(0, gate_set_fixes(&g, &a, &m, &err));
	assert_int_equal(m.sets.n, 0);
	assert_int_equal(m.unfixed, 0);
	g.options.warnings_count = true;
	assert_int_equal(0, gate_set_fixes(&g, &a, &m, &err));
	assert_int_equal(m.sets.n, 1);
	assert_string_equal(m.sets.v[0].text, "a=1");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_open)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
