/*
 * helm_crds.c: what becomes of a run when the cluster lacks kinds that the chart brings.
 *
 * An installation puts them there itself, before it renders: the check renders without the cluster's answers then. An
 * upgrade and --skip-crds do not, and Helm would fail on its way.
 */
#include "chart/chart_value.h"
#include "cmd/helm_run.h"

#include <unistd.h>

const struct installed *helm_find_release(const struct helm_run *r)
{
	for (size_t i = 0; i < r->baseline.releases.n; i++)
		if (r->line.name && strcmp(r->baseline.releases.v[i].name, r->line.name) == 0 &&
		    strcmp(r->baseline.releases.v[i].ns, r->ns) == 0)
			return &r->baseline.releases.v[i];
	return NULL;
}

bool helm_installs(const struct helm_run *r)
{
	if (r->line.command == HELM_UPGRADE)
		return helm_line_has(&r->line, "install") && !helm_find_release(r);
	return r->line.command == HELM_INSTALL;
}

int helm_ask_crds(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	enum helm_outcome outcome;

	r->call.installs = helm_installs(r);
	if (!r->cluster || !r->chart_there)
		return 0;
	r->call.one = r->baseline.one.why ? NULL : &r->baseline.one;
	progress_say(&r->progress, "comparing the chart's CRDs with the cluster");
	if (crds_ask(&r->crds, &r->call, r->chart_local ? &r->chart_crds : NULL, &errors, &outcome, err) < 0)
		return err->status;
	r->call.crds = &r->crds;
	if (outcome == HELM_NO_CLUSTER)
		return err_set(err, STATUS_HELPER,
			       "the cluster was lost while it was asked for its kinds; nothing was changed");
	if (outcome == HELM_REFUSED)
		helm_note(r, "the kinds of the cluster could not be listed: the chart's CRDs are not compared");
	return 0;
}

/* Helm puts the CRDs there before it renders, or the output is for people. */
static bool renders_without(const struct helm_run *r)
{
	if (helm_line_has(&r->line, "skip-crds"))
		return false;
	if (r->line.command == HELM_TEMPLATE)
		return true;
	return r->call.installs && (r->args.plan || !helm_line_is_dry_run(&r->line));
}

/* The commands that bring the CRDs there. `helm show crds` is none of them: Helm 3 puts nothing between two files. */
static const char *fix(struct helm_run *r)
{
	struct arena *a = &r->line.arena;
	struct slice chart = slice_str(r->line.chart);

	while (chart.n > 1 && chart.p[chart.n - 1] == '/')
		chart.n--;
	if (access(arena_printf(a, SLICE_FMT "/Chart.yaml", SLICE_ARG(chart)), F_OK) == 0) {
		const char *crds = arena_printf(a, SLICE_FMT "/crds/", SLICE_ARG(chart));

		return access(crds, F_OK) == 0
			       ? arena_printf(a, "kubectl apply --server-side -f %s", crds)
			       : "kubectl apply --server-side -f crds/ in each chart that has such a folder";
	}
	return arena_printf(a, "helm pull --untar %s and kubectl apply --server-side -f crds/ in its folder",
			    r->line.chart);
}

static int refuse(struct helm_run *r, struct err *err)
{
	const char *why = r->call.installs ? "and --skip-crds leaves them out"
					   : "and Helm does not install CRDs during an upgrade";

	if (r->call.installs && !helm_line_has(&r->line, "skip-crds"))
		why = "and a dry run of Helm does not install them";
	r->fix = fix(r);
	return err_set(err, STATUS_REFUSED, "refused: the cluster does not have these CRDs of the chart, %s: %s", why,
		       crds_missing_names(&r->crds));
}

int helm_crds_explain(struct helm_run *r, bool *explained, struct err *err)
{
	*explained = r->crds.missing && !r->without && crds_in_words(&r->crds, buf_slice(&r->rendering.errors));
	if (!*explained)
		return 0;
	if (!renders_without(r))
		return refuse(r, err);
	r->without = true;
	if (r->line.command == HELM_TEMPLATE)
		helm_note(r, "the cluster does not have all CRDs of the chart: rendered without the cluster's answers");
	else
		helm_note(r, "Helm installs the chart's CRDs first, which the cluster does not have yet: checked as "
			     "rendered "
			     "without the cluster's answers");
	return 0;
}

int helm_check_kinds(struct helm_run *r, struct err *err)
{
	bool missing = false;

	if (!r->crds.missing || r->without)
		return 0;
	for (size_t i = 0; i < r->pass.release.objects.n && !missing; i++) {
		const struct object *o = r->pass.release.objects.v[i];

		missing = !o->owner && crds_is_missing(&r->crds, o->api_version, o->kind);
	}
	if (!missing)
		return 0;
	if (r->line.command == HELM_TEMPLATE && !helm_line_has(&r->line, "skip-crds")) {
		r->without = true;
		helm_note(r, "the cluster does not have all CRDs of the chart: rendered without the cluster's answers");
		return 0;
	}
	return renders_without(r) ? 0 : refuse(r, err);
}

/* --- StorageClasses -------------------------------------------------------------------------------------------- */

static bool has_class(const struct baseline *b, struct slice name)
{
	for (size_t i = 0; i < b->classes.n; i++)
		if (slice_is(name, b->classes.v[i]))
			return true;
	return false;
}

static const char *all_classes(struct helm_run *r)
{
	const char *all = "";

	for (size_t i = 0; i < r->baseline.classes.n; i++)
		all = arena_printf(&r->line.arena, "%s%s%s", all, i ? ", " : "", r->baseline.classes.v[i]);
	return all;
}

int helm_check_classes(struct helm_run *r, struct err *err)
{
	for (size_t i = 0; r->baseline.classes.n && helm_installs(r) && i < r->pass.release.claims.n; i++) {
		struct slice name = node_string(r->pass.release.claims.v[i].class_name);

		if (!name.n || has_class(&r->baseline, name))
			continue;
		r->fix = arena_printf(&r->line.arena, "set %s to one of these, or create that StorageClass first",
				      chart_value_name(VALUE_STORAGE_CLASS));
		return err_set(err, STATUS_REFUSED,
			       "refused: the cluster has no StorageClass '" SLICE_FMT
			       "', and a claim's class can never be changed; there are: %s",
			       SLICE_ARG(slice_to(name, 253)), all_classes(r));
	}
	return 0;
}
