/*
 * app_sync.c: where an Application goes, how it is synced, and with which rules it was reviewed.
 */
#include "chart/chart_object.h"
#include "rules/app_setting.h"

/* --- destination ----------------------------------------------------------------------------------------------- */

void rule_argocd_app_destination(struct gate *g)
{
	struct slice want = g->policy->ns;

	for (struct app_iter it = app_iter_of(g); app_next(&it);) {
		const struct node *destination = node_lookup(it.app.spec, "destination");
		const struct node *ns = node_lookup(destination, "namespace");
		struct slice text = node_string(ns);
		struct finding *f;

		if (app_is_filled_in(&it.app, text) || (text.n && (!want.n || slice_eq(text, want))))
			continue;
		f = gate_find(g, it.app.object, ns ? ns : destination ? destination : it.app.spec);
		finding_found(g, f, text);
		if (want.n)
			finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
		if (!text.n)
			finding_say(g, f,
				    "the destination names no namespace: a one-time choice would be left to a default");
		else
			finding_say(g, f, "the destination's namespace is %s; the policy says %s", f->found,
				    f->expected);
		finding_fix(g, f, "Set spec.destination.namespace%s" SLICE_FMT ".", want.n ? " to " : "",
			    SLICE_ARG(want));
	}
}

/* --- sync ------------------------------------------------------------------------------------------------------ */

static void check_automation(struct gate *g, const struct app *a, const struct node *policy)
{
	const struct node *automated = node_lookup(policy, "automated"), *prune;
	struct finding *f;

	if (node_is_null(automated) || node_is_bool(node_lookup(automated, "enabled"), false))
		return;
	f = gate_find(g, a->object, automated);
	finding_say(g, f,
		    "the Application syncs by itself; Portworx Backup is installed and upgraded by a manual sync");
	finding_fix(g, f, "Remove spec.syncPolicy.automated and sync by hand.");
	prune = node_lookup(automated, "prune");
	if (!node_is_bool(prune, true) || g->options.applications->has_lock)
		return;
	f = gate_find(g, a->object, prune);
	finding_say(g, f,
		    "automatic pruning without a lock file: whatever a render lacks is deleted, databases included");
	finding_fix(g, f, "Remove 'prune: true', or lock the one-time choices and give the file with --lock.");
}

/* The last entry of a name wins; "Name=value". NULL: not given. */
static const struct node *sync_option(const struct node *options, const char *name, struct slice *value)
{
	const struct node *found = NULL;

	for (struct seq_iter it = seq_iter_of(options); seq_next(&it);) {
		struct slice rest, key = slice_cut(node_string(it.item), '=', &rest);

		if (!slice_is(key, name))
			continue;
		found = it.item;
		*value = rest;
	}
	return found;
}

static void demand_option(struct gate *g, const struct app *a, const struct node *at, const struct node *options,
			  const char *name, const char *why)
{
	struct slice value = SLICE_EMPTY;
	const struct node *given = sync_option(options, name, &value);
	struct finding *f;

	if (given && slice_is(value, "true"))
		return;
	f = gate_find(g, a->object, given ? given : at);
	finding_expected(g, f, "%s=true", name);
	finding_say(g, f, "sync option %s=true is %s: %s", name, given ? "switched off" : "missing", why);
	finding_fix(g, f, "Add '%s=true' to spec.syncPolicy.syncOptions.", name);
}

static void refuse_option(struct gate *g, const struct app *a, const struct node *options, const char *name,
			  const char *why)
{
	struct slice value = SLICE_EMPTY;
	const struct node *given = sync_option(options, name, &value);
	struct finding *f;

	if (!given || !slice_is(value, "true"))
		return;
	f = gate_find(g, a->object, given);
	finding_severity(f, SEVERITY_WARNING);
	finding_say(g, f, "sync option %s=true: %s", name, why);
	finding_fix(g, f, "Remove '%s=true' from spec.syncPolicy.syncOptions.", name);
}

static bool ignores(const struct node *list, const char *kind, const char *prefix)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		const struct node *name = node_lookup(it.item, "name");

		if (node_string_is(node_lookup(it.item, "kind"), kind) &&
		    (node_is_null(name) || slice_starts(node_string(name), prefix)))
			return true;
	}
	return false;
}

/* The option needs something to respect. */
static void demand_ignored(struct gate *g, const struct app *a, const char *kind, const char *prefix, const char *what,
			   const char *example)
{
	const struct node *list = node_lookup(a->spec, "ignoreDifferences");
	struct finding *f;

	if (ignores(list, kind, prefix))
		return;
	f = gate_find(g, a->object, list ? list : a->spec);
	finding_severity(f, SEVERITY_WARNING);
	finding_say(g, f, "RespectIgnoreDifferences has nothing to respect: %s, and a sync may undo it", what);
	finding_fix(g, f, "Add {kind: %s, name: %s, jsonPointers: [/data]} to spec.ignoreDifferences.", kind, example);
}

static bool has_telemetry(struct gate *g, const struct app *a)
{
	for (struct source_iter s = source_iter_of(a); source_next(&s);)
		if (setting_of(g, a, s.source, source_key(g, a, s.source, VALUE_TELEMETRY)).kind == SETTING_TRUE)
			return true;
	return false;
}

static void check_differences(struct gate *g, const struct app *a, const struct node *options)
{
	const char *secret = chart_object_name(OBJECT_RUNTIME_SECRET);
	struct slice value = SLICE_EMPTY;

	if (!sync_option(options, "RespectIgnoreDifferences", &value) || !slice_is(value, "true"))
		return;
	demand_ignored(g, a, "Secret", secret, gate_printf(g, "the running product adds keys to Secret %s", secret),
		       secret);
	if (has_telemetry(g, a))
		demand_ignored(g, a, "ConfigMap", "px-backup-telemetry", "telemetry fills in its ConfigMaps",
			       "px-backup-telemetry-registration-config");
}

void rule_argocd_app_sync(struct gate *g)
{
	for (struct app_iter it = app_iter_of(g); app_next(&it);) {
		const struct app *a = &it.app;
		const struct node *policy = node_lookup(a->spec, "syncPolicy");
		const struct node *options = node_lookup(policy, "syncOptions");
		const struct node *at = options ? options : policy ? policy : a->spec;

		check_automation(g, a, policy);
		demand_option(g, a, at, options, "ServerSideApply", "large objects do not fit the client's annotation");
		demand_option(g, a, at, options, "RespectIgnoreDifferences",
			      "a sync would undo what the running product changes");
		demand_option(g, a, at, options, "CreateNamespace", "the first sync finds no namespace");
		refuse_option(g, a, options, "Replace", "objects are replaced, claims and their data with them");
		refuse_option(g, a, options, "Force", "objects are deleted and made again");
		check_differences(g, a, options);
	}
}

/* --- rule set -------------------------------------------------------------------------------------------------- */

void rule_argocd_app_rule_set(struct gate *g)
{
	const char *now = g->options.applications->rule_set;

	for (struct app_iter it = app_iter_of(g); app_next(&it);) {
		for (struct source_iter s = source_iter_of(&it.app); source_next(&s);) {
			const struct node *plugin = source_plugin(s.source), *given;
			struct app_parameters p = source_parameters(s.source);
			struct finding *f;

			given = p.value[APP_RULE_SET];
			if (!plugin || node_string_is(given, now) || app_is_filled_in(&it.app, node_string(given)))
				continue;
			f = gate_find(g, it.app.object, given ? given : plugin);
			finding_found(g, f, node_string(given));
			finding_expected(g, f, "%s", now);
			if (given)
				finding_say(
					g, f,
					"the rule set is %s, the rules here are %s: Argo CD may still keep what other "
					"rules let pass",
					f->found, now);
			else
				finding_say(g, f,
					    "no rule set is named: what Argo CD has rendered stays for a day, whatever "
					    "the rules (%s) say since, until a hard refresh",
					    now);
			if (given)
				finding_fix(g, f,
					    "Set the parameter rule-set to %s: Argo CD then renders again by itself.",
					    now);
			else
				finding_fix(g, f,
					    "Add the parameter {name: rule-set, string: %s}: when it changes, Argo CD "
					    "renders "
					    "again by itself.",
					    now);
		}
	}
}
