/*
 * app_values.c: the values that an Application gives make a Federated installation for Argo CD, and nothing in it tries
 * to choose what is demanded of it.
 */
#include "userfile/user_file.h"
#include "rules/app_setting.h"

/* --- parameters and env ---------------------------------------------------------------------------------------- */

struct faults {
	struct gate *g;
	const struct app *app;
};

static int tell_fault(void *arg, const struct node *at, const char *message)
{
	struct faults *to = arg;
	struct finding *f = gate_find(to->g, to->app->object, at);

	finding_say(to->g, f, "%s", message);
	finding_fix(to->g, f, "The parameters: %s.",
		    "chart-path, release-name, values-files, values, helm-parameters, helm-string-parameters, "
		    "skip-crds, rule-set");
	return 0;
}

static void check_parameters(struct gate *g, const struct app *a, const struct node *source)
{
	struct faults to = {g, a};
	struct app_parameters p;

	app_parameters_read(&p, node_lookup(source_plugin(source), "parameters"), tell_fault, &to);
}

/* Argo CD puts ARGOCD_ENV_ before these names: they never reach what they are meant for. */
static void check_env(struct gate *g, const struct app *a, const struct node *source)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(source_plugin(source), "env")); seq_next(&it);) {
		const struct node *name = node_lookup(it.item, "name");
		struct finding *f;

		if (!app_name_is_policy(node_string(name)))
			continue;
		f = gate_find(g, a->object, name);
		finding_found(g, f, node_string(name));
		finding_say(g, f, "the Application sets %s; what the policy requires is set in the plugin's sidecar",
			    f->found);
		finding_fix(g, f, "Remove it; the platform team sets it in the sidecar or in the policy.");
	}
}

static void check_text(struct gate *g, const struct app *a, const struct node *source)
{
	const struct node *values = source_values_text(source);
	struct err err = ERR_INIT;
	const struct node *root;
	struct stream stream;
	struct finding *f;

	if (!node_is_string(values) || app_is_filled_in(a, node_string(values)))
		return;
	if (user_file_parse(&stream, "line", node_string(values), &root, &err) < 0 ||
	    (root && !node_is_mapping(root))) {
		f = gate_find(g, a->object, values);
		finding_say(g, f, "the values are no YAML mapping: %s",
			    err.status ? err.text : "they are something else");
		finding_fix(g, f, "Fix the text; the line is counted from its beginning.");
	}
	stream_release(&stream);
}

/* --- what the chart must be told ------------------------------------------------------------------------------- */

/* How `key: value` is added to this source. */
static void fix(struct gate *g, struct finding *f, const struct node *source, const char *key, const char *value)
{
	if (source_plugin(source))
		finding_fix(g, f, "Set %s: \"%s\" in the map of the parameter 'helm-parameters'.", key, value);
	else
		finding_fix(g, f, "Set %s=%s, in the plugin's parameter 'helm-parameters'.", key, value);
}

static void demand_true(struct gate *g, const struct app *a, const struct node *source, enum chart_value v,
			const char *means)
{
	const char *key = source_key(g, a, source, v);
	struct setting s = setting_of(g, a, source, key);
	struct finding *f;

	if (s.kind == SETTING_TRUE || s.kind == SETTING_UNKNOWN)
		return;
	f = gate_find(g, a->object, s.at ? s.at : source);
	finding_found(g, f, s.text);
	finding_expected(g, f, "true");
	fix(g, f, source, key, "true");
	if (s.kind == SETTING_UNSET) {
		/* They may hold it; whoever renders sees it. */
		if (source_has_values_files(source))
			finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "%s is not set%s: %s", key,
			    source_has_values_files(source) ? " here, and values files are not seen" : "", means);
	} else if (s.kind == SETTING_TEXT && (slice_is(s.text, "true") || slice_is(s.text, "false"))) {
		finding_say(g, f,
			    "%s is the text \"%s\", not a boolean: some templates take it for true, others do not", key,
			    f->found);
	} else {
		finding_say(g, f, "%s is %s: %s", key,
			    s.kind == SETTING_FALSE  ? "false"
			    : s.kind == SETTING_NULL ? "null"
						     : "not a boolean",
			    means);
	}
}

static void demand_class(struct gate *g, const struct app *a, const struct node *source)
{
	const char *key = source_key(g, a, source, VALUE_STORAGE_CLASS);
	struct setting s = setting_of(g, a, source, key);
	struct slice want = g->policy->storage_class;
	struct finding *f;

	if (s.kind == SETTING_UNKNOWN || (s.kind == SETTING_TEXT && s.text.n && (!want.n || slice_eq(s.text, want))))
		return;
	if (s.kind == SETTING_UNSET && source_has_values_files(source))
		return;
	f = gate_find(g, a->object, s.at ? s.at : source);
	finding_found(g, f, s.text);
	if (want.n)
		finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
	fix(g, f, source, key, want.n ? f->expected : "NAME");
	if (s.kind == SETTING_TEXT && s.text.n)
		finding_say(g, f, "%s is %s; the policy says %s", key, f->found, f->expected);
	else
		finding_say(g, f, "%s is not set; the cluster default would be used and can never be changed", key);
}

static void check_telemetry(struct gate *g, const struct app *a, const struct node *source)
{
	const char *key = source_key(g, a, source, VALUE_TELEMETRY);
	struct setting s = setting_of(g, a, source, key);
	bool on = s.kind == SETTING_TRUE, wanted = g->policy->telemetry == TELEMETRY_REQUIRED;
	struct finding *f;

	if (g->policy->telemetry == TELEMETRY_ALLOWED || s.kind == SETTING_UNKNOWN || on == wanted ||
	    (s.kind == SETTING_UNSET && source_has_values_files(source)))
		return;
	f = gate_find(g, a->object, s.at ? s.at : source);
	finding_expected(g, f, "%s", wanted ? "true" : "false");
	finding_say(g, f, "%s is %s; the policy says telemetry: %s", key, on ? "true" : "not true",
		    wanted ? "required" : "forbidden");
	fix(g, f, source, key, f->expected);
}

static void check_release_name(struct gate *g, const struct app *a, const struct node *source)
{
	struct app_parameters p = source_parameters(source);
	const struct node *given = p.value[APP_RELEASE_NAME];
	struct slice name = given ? node_string(given) : a->is_set ? SLICE_EMPTY : a->object->name;
	struct finding *f;

	if (!g->policy->release_name.n || !name.n || slice_eq(name, g->policy->release_name) ||
	    app_is_filled_in(a, name))
		return;
	f = gate_find(g, a->object, given ? given : source);
	finding_found(g, f, name);
	finding_expected(g, f, SLICE_FMT, SLICE_ARG(g->policy->release_name));
	finding_say(g, f, "the release would be called %s; the policy says releaseName: %s", f->found, f->expected);
	finding_fix(g, f, "Set the parameter 'release-name' to %s.", f->expected);
}

void rule_argocd_app_values(struct gate *g)
{
	for (struct app_iter it = app_iter_of(g); app_next(&it);) {
		for (struct source_iter s = source_iter_of(&it.app); source_next(&s);) {
			check_parameters(g, &it.app, s.source);
			check_env(g, &it.app, s.source);
			check_text(g, &it.app, s.source);
			demand_true(g, &it.app, s.source, VALUE_FEDERATED,
				    "that is Classic mode, which can never be converted");
			demand_true(g, &it.app, s.source, VALUE_BACKUP_ENABLED, "the backup server would be missing");
			if (g->policy->argo_cd != ARGO_FALSE)
				demand_true(g, &it.app, s.source, VALUE_ARGO_CD, "the hooks would not suit Argo CD");
			demand_class(g, &it.app, s.source);
			check_telemetry(g, &it.app, s.source);
			check_release_name(g, &it.app, s.source);
		}
	}
}
