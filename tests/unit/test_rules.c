/*
 * test_rules.c: what a text does to a variable that it mentions.
 */
#include "reading.h"
#include "rules/switch_text.h"

enum { NOTHING = 9 };

static void test_switch_use(void **state)
{
	static const struct {
		const char *text;
		int use;
		const char *value;
	} rows[] = {
		/* shells */
		{"X=false", SWITCH_SET, "false"},
		{"env X=true /bin/a", SWITCH_SET, "true"},
		{"export X='false'; a", SWITCH_SET, "false"},
		{"export X=\"true\"", SWITCH_SET, "true"},
		{"X= a", SWITCH_SET, ""},
		{"X=", SWITCH_SET, ""},
		{"setenv X false", SWITCH_SET, "false"},
		{"X=$MODE", SWITCH_DYNAMIC, NULL},
		{"X=`mode`", SWITCH_DYNAMIC, NULL},
		{"X=$X", NOTHING, NULL},
		{"X=\"${X:-true}\"", NOTHING, NULL},
		{"X=$XX", SWITCH_DYNAMIC, NULL},
		{"X=${X/true/false}", SWITCH_DYNAMIC, NULL},
		{"X=${X%true}", SWITCH_DYNAMIC, NULL},
		{"X=${X:+false}", SWITCH_DYNAMIC, NULL},
		{"X=${X:?}", NOTHING, NULL},
		{"X+=x", SWITCH_DYNAMIC, NULL},
		{"printf -v X false", SWITCH_DYNAMIC, NULL},
		{"read -r X < /mode", SWITCH_DYNAMIC, NULL},
		{"mapfile X", SWITCH_DYNAMIC, NULL},
		{"for X in false; do a; done", SWITCH_DYNAMIC, NULL},
		{"unset X", SWITCH_UNSET, NULL},
		{"unset A B X; c", SWITCH_UNSET, NULL},
		{"unset -v X", SWITCH_UNSET, NULL},
		{"env -u X /bin/a", SWITCH_UNSET, NULL},
		{"env --unset=X /bin/a", SWITCH_UNSET, NULL},
		{"env --unset X /bin/a", SWITCH_UNSET, NULL},
		{"export -n X", SWITCH_UNSET, NULL},
		/* reading it */
		{"[ \"$X\" = false ]", NOTHING, NULL},
		{"[ ${X} == false ]", NOTHING, NULL},
		{"echo $(X)", NOTHING, NULL},
		{"${X:-false}", NOTHING, NULL},
		{"# X=false", NOTHING, NULL},
		{"  # unset X", NOTHING, NULL},
		{"AX=false", NOTHING, NULL},
		{"X_Y=false", NOTHING, NULL},
		{"echo X", NOTHING, NULL},
		{"the program has read X here", NOTHING, NULL},
		{"a value for X of the chart", NOTHING, NULL},
		{"${X:=false}", NOTHING, NULL},
		{"unsettled X", NOTHING, NULL},
		/* kubectl */
		{"kubectl set env deploy/a X=false", SWITCH_SET, "false"},
		{"kubectl set env deploy/a X-", SWITCH_UNSET, NULL},
		{"-p '{\"data\":{\"X\":\"false\"}}'", SWITCH_SET, "false"},
		{"-p \"{\\\"data\\\":{\\\"X\\\":\\\"false\\\"}}\"", SWITCH_SET, "false"},
		{"{\"name\":\"X\",\"value\":\"false\"}", SWITCH_SET, "false"},
		{"{\"name\": \"X\", \"valueFrom\": {}}", SWITCH_DYNAMIC, NULL},
		{"[{\"op\": \"replace\", \"path\": \"/data/X\", \"value\": \"false\"}]", SWITCH_SET, "false"},
		{"[{\"op\":\"add\",\"value\":\"true\",\"path\":\"/data/X\"}]", SWITCH_SET, "true"},
		{"[{\"op\":\"remove\",\"path\":\"/data/X\"}]", SWITCH_UNSET, NULL},
		{"cat /data/X", NOTHING, NULL},
		/* sed, jq, make, web servers */
		{"sed -i /X/d file", SWITCH_UNSET, NULL},
		{"sed -n /X/p file", NOTHING, NULL},
		{"jq 'del(.data.X)'", SWITCH_UNSET, NULL},
		{"jq 'model(.a) | .data.X'", NOTHING, NULL},
		{"X := false", SWITCH_SET, "false"},
		{"SetEnv X false", SWITCH_SET, "false"},
		{"UnsetEnv X", SWITCH_UNSET, NULL},
		/* YAML, env files, Python, Go */
		{"X: \"false\"\n", SWITCH_SET, "false"},
		{"  X: no", SWITCH_SET, "no"},
		{"- name: X\n  value: \"true\"\n", SWITCH_SET, "true"},
		{"- name: X\n  value: \"false\"\n", SWITCH_SET, "false"},
		{"X: the mode of the installation", NOTHING, NULL},
		{"X = false", SWITCH_SET, "false"},
		{"os.environ[\"X\"] = \"false\"", SWITCH_SET, "false"},
		{"os.environ['X'] == 'false'", NOTHING, NULL},
		{"os.environ.pop(\"X\")", SWITCH_UNSET, NULL},
		{"del os.environ['X']", SWITCH_UNSET, NULL},
		{"os.putenv(\"X\", \"false\")", SWITCH_SET, "false"},
		{"os.Setenv(\"X\", \"true\")", SWITCH_SET, "true"},
		{"os.Unsetenv(\"X\")", SWITCH_UNSET, NULL},
		{"os.getenv(\"X\", \"false\")", NOTHING, NULL},
		{"delete process.env.X", SWITCH_UNSET, NULL},
		{"delete process.env['X']", SWITCH_UNSET, NULL},
		{"process.env.X === 'false'", NOTHING, NULL},
		{"$ENV{X} = 'false';", SWITCH_SET, "false"},
		{"env::set_var(\"X\", \"false\")", SWITCH_SET, "false"},
		{"env::remove_var(\"X\")", SWITCH_UNSET, NULL},
		{"SetEnvironmentVariable(\"X\", \"false\")", SWITCH_SET, "false"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice text = slice_str(rows[i].text);
		struct switch_hit hit = {0};
		int use = switch_use_at(text, slice_find(text, "X"), SLICE("X"), &hit) ? (int)hit.use : NOTHING;

		if (use != rows[i].use)
			fail_msg("%s: use %d", rows[i].text, use);
		if (rows[i].value && !slice_is(hit.value, rows[i].value))
			fail_msg("%s: value " SLICE_FMT, rows[i].text, SLICE_ARG(hit.value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switch_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
