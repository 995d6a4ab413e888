/*
 * app_source.c: an Application renders px-central through the plugin, and one version of it.
 */
#include "rules/app.h"

static struct finding *find(struct gate *g, const struct app *a, const struct node *at)
{
	return gate_find(g, a->object, at);
}

/* Argo CD refuses a source of two kinds; one that is not the plugin's is rendered without the gate. */
static void check_kind(struct gate *g, const struct app *a, const struct node *source)
{
	static const char *const others[] = {"helm", "kustomize", "directory"};
	const struct node *plugin = source_plugin(source);
	struct finding *f;

	for (size_t i = 0; i < ARRAY_SIZE(others) && plugin; i++) {
		const struct node *other = node_lookup(source, others[i]);

		if (node_is_null(other))
			continue;
		f = find(g, a, other);
		finding_say(g, f, "'%s' and 'plugin' in one source: Argo CD refuses that", others[i]);
		finding_fix(g, f, "Remove '%s'; values belong to the plugin's parameters.", others[i]);
	}
	if (plugin)
		return;
	f = find(g, a, source);
	finding_say(g, f, "the source names no plugin: Argo CD renders it by itself, without the gate");
	finding_expected(g, f, "plugin: {name: %s}", g->options.applications->plugin);
	finding_fix(g, f, "Give the source 'plugin: {name: %s}' and move what is under 'helm' into its parameters.",
		    g->options.applications->plugin);
}

static void check_name(struct gate *g, const struct app *a, const struct node *plugin)
{
	const struct node *name = node_lookup(plugin, "name");
	const char *want = g->options.applications->plugin;
	struct slice text = node_string(name);
	struct finding *f;

	if (slice_is(text, want) || app_is_filled_in(a, text))
		return;
	f = find(g, a, name ? name : plugin);
	finding_found(g, f, text);
	finding_expected(g, f, "%s", want);
	finding_fix(g, f, "Write 'name: %s', or give the name of your plugin with --name.", want);
	if (!text.n)
		finding_say(g, f, "the plugin has no name: %s matches no repository by itself and must be named", want);
	else if (slice_starts(text, want) && text.p[strlen(want)] == '-')
		finding_say(g, f,
			    "the plugin is '%s': a name with a version at its end is found only if the plugin has this "
			    "version, and %s has none",
			    f->found, want);
	else
		finding_say(g, f, "the plugin is '%s', not %s", f->found, want);
}

/* "3.0.0", "v3.0.0-fc1": one version, no range. */
static bool is_version(struct slice s)
{
	unsigned dots = 0, digits = 0;

	if (s.n && s.p[0] == 'v')
		s = slice_from(s, 1);
	for (; s.n; s = slice_from(s, 1)) {
		if (s.p[0] >= '0' && s.p[0] <= '9') {
			digits++;
		} else if (s.p[0] == '.' && digits && dots < 2) {
			dots++;
			digits = 0;
		} else {
			break;
		}
	}
	if (dots != 2 || !digits || (s.n && s.p[0] != '-' && s.p[0] != '+'))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!strchr(".-+", s.p[i]) &&
		    !((s.p[i] >= '0' && s.p[i] <= '9') || ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')))
			return false;
	return s.n != 1;
}

static bool is_commit(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == 40 || s.n == 64;
}

static void check_revision(struct gate *g, const struct app *a, const struct node *source)
{
	const struct node *revision = node_lookup(source, "targetRevision");
	bool chart = !node_is_null(node_lookup(source, "chart"));
	struct slice text = node_string(revision);
	struct finding *f;

	if (is_version(text) || (!chart && is_commit(text)) || app_is_filled_in(a, text))
		return;
	f = find(g, a, revision ? revision : source);
	finding_found(g, f, text);
	if (chart) {
		finding_say(g, f, "the chart's version is %s%s%s: another version may be installed unseen",
			    text.n ? "'" : "", text.n ? f->found : "not set", text.n ? "'" : "");
		finding_fix(g, f, "Pin one version of the chart: 'targetRevision: 3.0.0'.");
		return;
	}
	/* A branch is how many repositories are run; what is rendered from it is still judged. */
	finding_severity(f, text.n && !slice_is(text, "HEAD") ? SEVERITY_NOTE : SEVERITY_WARNING);
	finding_say(g, f, "the revision is %s%s%s, which moves", text.n ? "'" : "",
		    text.n ? f->found : "not set (HEAD)", text.n ? "'" : "");
	finding_fix(g, f, "Pin a tag or a commit in targetRevision.");
}

static void check_chart(struct gate *g, const struct app *a, const struct node *source)
{
	const struct node *chart = node_lookup(source, "chart"), *url = node_lookup(source, "repoURL");
	struct slice name = node_string(chart);
	struct finding *f;

	if (!node_string(url).n) {
		f = find(g, a, url ? url : source);
		finding_say(g, f, "the source names no repository");
		finding_fix(g, f,
			    "Set repoURL to the chart repository, or to the Git repository that contains the chart.");
	}
	if (node_is_null(chart) || app_is_filled_in(a, name) || slice_is(name, "px-central") ||
	    slice_ends(name, "/px-central"))
		return;
	f = find(g, a, chart);
	finding_severity(f, SEVERITY_WARNING);
	finding_found(g, f, name);
	finding_expected(g, f, "px-central");
	finding_say(g, f, "the chart is '%s', not px-central", f->found);
	finding_fix(g, f, "Write 'chart: px-central'.");
}

/* What comes from elsewhere is applied beside what was checked. */
static void check_others(struct gate *g, const struct app *a, size_t sources)
{
	const struct node *hydrator = node_lookup(a->spec, "sourceHydrator"), *patch;
	struct finding *f;

	if (sources > 1) {
		f = find(g, a, node_lookup(a->spec, "sources"));
		finding_say(g, f, "%zu sources: each is rendered and checked by itself, none as a part of the whole",
			    sources);
		finding_fix(
			g, f,
			"Use one source; values come from the plugin's parameters and from files beside the chart.");
	}
	if (!node_is_null(hydrator)) {
		f = find(g, a, hydrator);
		finding_say(g, f, "the source hydrator commits manifests that are applied without the plugin");
		finding_fix(g, f, "Use spec.source with the plugin.");
	}
	patch = a->is_set ? node_at(a->object->root, "spec/templatePatch") : NULL;
	if (!node_is_null(patch)) {
		f = find(g, a, patch);
		finding_severity(f, SEVERITY_WARNING);
		finding_say(g, f, "templatePatch can change every Application after this check");
		finding_fix(g, f, "Put the differences into the template, or check the generated Applications.");
	}
}

/* One word about all that is not px-central's; nothing but that is not a pass. */
static void note_others(struct gate *g, const struct app_iter *it, bool any)
{
	struct finding *f;

	if (!it->skipped)
		return;
	f = gate_find(g, it->last_skipped, NULL);
	if (any) {
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "%zu Application%s without a word of px-central %s not checked", it->skipped,
			    it->skipped == 1 ? "" : "s", it->skipped == 1 ? "was" : "were");
		return;
	}
	finding_say(g, f, "none of the %zu Applications in the input installs px-central", it->skipped);
	finding_fix(g, f, "Give the manifest of the Application that installs px-central.");
}

void rule_argocd_app_source(struct gate *g)
{
	struct app_iter it = app_iter_of(g);
	bool any = false;

	while (app_next(&it)) {
		struct source_iter sources = source_iter_of(&it.app);
		size_t n = 0;

		any = true;
		for (; source_next(&sources); n++) {
			check_kind(g, &it.app, sources.source);
			if (source_plugin(sources.source))
				check_name(g, &it.app, source_plugin(sources.source));
			check_chart(g, &it.app, sources.source);
			check_revision(g, &it.app, sources.source);
		}
		check_others(g, &it.app, n);
		if (n == 0 && node_is_null(node_lookup(it.app.spec, "sourceHydrator"))) {
			struct finding *f = find(g, &it.app, it.app.spec);

			finding_say(g, f, "the Application has no source");
			finding_fix(g, f, "Set spec.source with repoURL, chart or path, targetRevision and plugin.");
		}
	}
	note_others(g, &it, any);
	if (!any && !it.skipped) {
		struct finding *f = gate_find(g, NULL, NULL);

		finding_say(g, f, "no Application or ApplicationSet of Argo CD (argoproj.io) in the input");
		finding_fix(g, f, "Give the manifest of the Application that installs px-central.");
	}
}
