/*
 * argocd.c: a render for Argo CD (isArgoCD=true) exactly where Argo CD installs it. The value reaches hooks only: Job
 * pre-rollback-check goes, the data claims move from weight 5 to 6, env IS_ARGOCD of the upgrade check says so.
 */
#include "chart/chart_object.h"
#include "rules/places.h"

bool wants_argo(const struct gate *g)
{
	return g->policy->argo_cd == ARGO_TRUE || (g->policy->argo_cd == ARGO_AUTO && g->options.argo_expected);
}

static struct finding *find_not_argo(struct gate *g, const struct object *o, const struct node *at)
{
	struct finding *f = gate_find(g, o, at);

	f->value = VALUE_ARGO_CD;
	finding_fix_value(g, f, VALUE_ARGO_CD, "true");
	return f;
}

/* Something that the value reaches is there. */
static bool has_place(const struct gate *g)
{
	struct env_iter it = envs_of(g->release, "IS_ARGOCD");

	if (env_next(&it) || chart_object_in(g->release, OBJECT_PRE_ROLLBACK_CHECK))
		return true;
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (data_claim_weight(g->release->objects.v[i]))
			return true;
	return false;
}

static void demand_argo(struct gate *g)
{
	struct finding *f;

	if (!has_place(g))
		find_unseen(g, "argoCD");

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *weight;

		if (object_is_chart(o, OBJECT_PRE_ROLLBACK_CHECK)) {
			f = find_not_argo(g, o, NULL);
			finding_say(g, f, "Job %s is a hook that Argo CD does not know",
				    chart_object_name(OBJECT_PRE_ROLLBACK_CHECK));
			if (o->root == o->doc->root)
				finding_delete_object(g, f, o);
		}
		weight = data_claim_weight(o);
		if (!weight || node_string_is(weight, "6"))
			continue;
		f = find_not_argo(g, o, weight);
		finding_found(g, f, node_string(weight));
		finding_expected(g, f, "6");
		finding_say(g, f, "the hook weight is %s; rendered for Argo CD it is 6", f->found);
		finding_set(g, f, weight, "6");
	}
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		if (!slice_is(e->name, "IS_ARGOCD") || node_string_is(e->value, "true"))
			continue;
		f = find_not_argo(g, e->object, e->value ? e->value : e->item);
		finding_expected(g, f, "true");
		finding_say(g, f, "IS_ARGOCD is not \"true\"");
		if (e->value)
			finding_set(g, f, e->value, "true");
	}
}

void rule_argocd_mode(struct gate *g)
{
	const struct object *o;
	const struct node *at;
	struct finding *f;

	if (wants_argo(g)) {
		if (g->release->hooks_visible)
			demand_argo(g);
		return;
	}
	if (!argo_is_rendered(g, &o, &at))
		return;
	f = gate_find(g, o, at);
	if (g->policy->argo_cd == ARGO_AUTO)
		finding_severity(f, SEVERITY_WARNING);
	finding_say(g, f, "the chart was rendered for Argo CD%s",
		    g->policy->argo_cd == ARGO_AUTO ? ", but Argo CD is not the caller"
						    : "; the policy says argoCD: false");
	finding_fix_value(g, f, VALUE_ARGO_CD, "false");
}

/* --- what no visible place shows ------------------------------------------------------------------------------- */

void rule_unverifiable(struct gate *g)
{
	bool known;
	struct finding *f;

	for (size_t i = 0; i < g->release->unread.n; i++) {
		f = gate_find(g, g->release->unread.v[i].object, g->release->unread.v[i].text);
		finding_severity(f, SEVERITY_WARNING);
		finding_say(g, f,
			    "the text looks like Kubernetes objects and cannot be read: its content was not checked");
		finding_fix(g, f, "Look at it by hand, or make it readable YAML.");
	}
	if (g->release->hooks_visible || g->options.hooks_checked)
		return;
	if (g->policy->shared_gateway && slice_is(rendered_mesh(g, &known), "istio")) {
		f = gate_find(g, NULL, NULL);
		finding_say(g, f,
			    "the host name of the shared gateway is in a hook, and Helm 3 does not show hooks to a "
			    "post-renderer");
		finding_fix_value(g, f, VALUE_ISTIO_HOST_NAME, arena_str(&g->arena, g->policy->host_name));
		finding_fix(g, f, "Then check what Helm 3 hides: helm template ... | pxb-fed check -");
	}
	if (wants_argo(g)) {
		f = gate_find(g, NULL, NULL);
		finding_say(g, f,
			    "whether the chart was rendered for Argo CD shows in its hooks only, and they are not in "
			    "this stream");
		finding_fix_value(g, f, VALUE_ARGO_CD, "true");
		finding_fix(g, f, "Then check the whole render: helm template ... | pxb-fed check -");
	}
}
