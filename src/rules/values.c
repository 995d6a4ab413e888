/*
 * values.c: the values files say what was meant. They must agree with the policy, with what was rendered, with each
 * other, and with the keys that the chart knows: the chart has no schema, so a mistyped key is silently ignored.
 */
#include "chart/chart_object.h"
#include "rules/places.h"
#include "rules/values_stated.h"

static void against_policy(struct gate *g, const struct stated *s, const char *want, const char *policy_key)
{
	struct finding *f = values_find(g, s->file, s->node);

	finding_found(g, f, slice_str(values_text(g, s->node)));
	finding_expected(g, f, "%s", want);
	finding_say(g, f, "%s is %s %s; the policy says %s: %s", s->key, f->found, values_where(s->file), policy_key,
		    want);
	if (s->value == VALUE_IMAGES_PULL) /* one more behind those that are there */
		finding_fix_text(g, f, gate_printf(g, "%s[%zu]", s->key, node_count(s->node)), slice_str(want));
	else
		finding_fix_value(g, f, s->value, want);
	if (s->file->is_option)
		finding_fix(g, f, "Give %s=%s instead of %s, or change the policy.", s->key, want, s->file->name);
	else
		finding_fix(g, f, "Set %s: %s in %s, or change the policy.", s->key, want, s->file->name);
}

static void against_stream(struct gate *g, const struct stated *s, const char *rendered)
{
	struct finding *f = values_find(g, s->file, s->node);

	finding_found(g, f, slice_str(values_text(g, s->node)));
	finding_expected(g, f, "%s", rendered);
	finding_say(g, f, "%s is %s %s, but the stream was rendered with %s", s->key, f->found, values_where(s->file),
		    rendered);
	if (s->file->is_option)
		finding_fix(g, f, "Render with %s as well, or correct it.", s->file->name);
	else
		finding_fix(g, f, "Render with this file (-f %s), or correct %s in it.", s->file->name, s->key);
}

/* Templates take every non-empty string for true, "false" included. */
static void check_boolean(struct gate *g, const struct stated *s)
{
	const struct node *n = node_real(s->node);
	struct finding *f;
	const char *want;

	if (n->kind == NODE_SCALAR && n->type == TYPE_BOOL)
		return;
	f = values_find(g, s->file, s->node);
	finding_say(g, f, "%s is not a boolean: some templates take it for true, others do not", s->key);
	finding_expected(g, f, "true or false");
	want = s->value == VALUE_FEDERATED || slice_eq_nocase(node_text(n), SLICE("true")) ? "true"
	       : slice_eq_nocase(node_text(n), SLICE("false"))				   ? "false"
											   : NULL;
	if (want)
		finding_fix_value(g, f, s->value, want);
	if (s->file->is_option)
		finding_fix(g, f, "Give --set %s=%s instead of %s.", s->key, want ? want : "true or false",
			    s->file->name);
	else
		finding_fix(g, f, "Write %s: %s, without quotes.", s->key, want ? want : "true or false");
}

static void check_switch(struct gate *g, enum chart_value v, bool rendered)
{
	struct stated s;

	if (!values_stated(g, v, &s))
		return;
	check_boolean(g, &s);
	if (node_real(s.node)->type == TYPE_BOOL && values_is_true(s.node) != rendered)
		against_stream(g, &s, rendered ? "true" : "false");
}

/* A null takes the chart's default away: what is left is false, and for storage that means emptyDir. */
static void check_deleted(struct gate *g, enum chart_value v, const char *want, const char *means)
{
	struct values_file *file = NULL;
	const struct node *n = values_get(g->values, g->value_keys[v], &file);
	struct finding *f;

	if (!n || !node_is_null(n))
		return;
	f = values_find(g, file, n);
	finding_expected(g, f, "%s", want);
	finding_say(g, f, "%s is null %s, which deletes the chart's default: %s", g->value_keys[v], values_where(file),
		    means);
	finding_fix_value(g, f, v, want);
}

static void check_federated(struct gate *g)
{
	struct finding *f;
	struct stated s;

	check_deleted(g, VALUE_FEDERATED, "true", "that is Classic mode");
	if (!values_stated(g, VALUE_FEDERATED, &s))
		return;
	check_boolean(g, &s);
	if (!node_is_bool(s.node, false))
		return; /* true, or judged above; what was rendered is for federated-flag */
	f = values_find(g, s.file, s.node);
	finding_found(g, f, SLICE("false"));
	finding_expected(g, f, "true");
	finding_say(g, f, "%s is false %s: that is Classic mode, which can never be converted", s.key,
		    values_where(s.file));
	finding_fix_value(g, f, VALUE_FEDERATED, "true");
}

static void check_storage(struct gate *g)
{
	struct slice rendered = expected_class(g);
	bool ephemeral;
	struct stated s;

	if (values_stated(g, VALUE_STORAGE_CLASS, &s)) {
		struct slice have = node_text(node_real(s.node));

		if (g->policy->storage_class.n && !slice_eq(have, g->policy->storage_class))
			against_policy(g, &s, arena_str(&g->arena, g->policy->storage_class), "storageClassName");
		else if (!g->policy->storage_class.n && rendered.n && !slice_eq(have, rendered))
			against_stream(g, &s, arena_str(&g->arena, rendered));
	}
	check_deleted(g, VALUE_STORAGE_ENABLED, "true", "the databases would lose their data with their pods");
	if (!values_stated(g, VALUE_STORAGE_ENABLED, &s))
		return;
	check_boolean(g, &s);
	ephemeral = databases_are_ephemeral(g);
	if (node_real(s.node)->type == TYPE_BOOL && values_is_true(s.node) == ephemeral)
		against_stream(g, &s, ephemeral ? "false" : "true");
}

static void check_telemetry(struct gate *g)
{
	struct stated s;
	bool on;

	if (values_stated(g, VALUE_TELEMETRY, &s)) {
		on = values_is_true(s.node);
		if (on && g->policy->telemetry == TELEMETRY_FORBIDDEN)
			against_policy(g, &s, "false",
				       gate_printf(g, "telemetry: forbidden, so %s",
						   chart_value_name(VALUE_TELEMETRY)));
		else if (!on && g->policy->telemetry == TELEMETRY_REQUIRED)
			against_policy(g, &s, "true",
				       gate_printf(g, "telemetry: required, so %s", chart_value_name(VALUE_TELEMETRY)));
		else
			check_switch(g, VALUE_TELEMETRY, telemetry_is_rendered(g));
	}
	if (!telemetry_is_rendered(g))
		return;
	check_switch(g, VALUE_TELEMETRY_LOGS, chart_object_in(g->release, OBJECT_LOGS_COLLECTOR) != NULL);
	check_switch(g, VALUE_TELEMETRY_METRICS, chart_object_in(g->release, OBJECT_METRICS_COLLECTOR) != NULL);
}

/* The host as the VirtualService has it, where that hook is visible. An empty value renders as '*'. */
static void check_host(struct gate *g, const struct stated *host)
{
	struct slice want = node_string(host->node).n ? node_string(host->node) : SLICE("*");

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *hosts = node_at(o->root, "spec/hosts");

		if (!object_is_chart(o, OBJECT_VIRTUAL_SERVICE) || !node_is_sequence(hosts))
			continue;
		for (struct seq_iter it = seq_iter_of(hosts); seq_next(&it);)
			if (!slice_eq(node_string(it.item), want))
				against_stream(g, host, gate_show(g, node_string(it.item)));
	}
}

static void check_mesh(struct gate *g)
{
	struct stated istio, linkerd, host;
	bool known, has_istio = values_stated(g, VALUE_ISTIO, &istio),
		    has_linkerd = values_stated(g, VALUE_LINKERD, &linkerd);
	struct slice mesh = rendered_mesh(g, &known);
	struct finding *f;

	if (has_istio && has_linkerd && values_is_true(istio.node) && values_is_true(linkerd.node)) {
		f = values_find(g, linkerd.file, linkerd.node);
		finding_say(g, f, "%s and %s are both true; at most one mesh can be used", istio.key, linkerd.key);
		finding_fix_value(g, f, slice_is(mesh, "linkerd") ? VALUE_ISTIO : VALUE_LINKERD, "false");
		return;
	}
	if (has_istio && values_is_true(istio.node) && g->policy->mesh_mode != MESH_ANY &&
	    g->policy->mesh_mode != MESH_ISTIO)
		against_policy(g, &istio, "false",
			       gate_printf(g, "serviceMesh.mode is not istio, so %s", chart_value_name(VALUE_ISTIO)));
	else if (known)
		check_switch(g, VALUE_ISTIO, slice_is(mesh, "istio"));
	if (has_linkerd && values_is_true(linkerd.node) && g->policy->mesh_mode != MESH_ANY &&
	    g->policy->mesh_mode != MESH_LINKERD)
		against_policy(g, &linkerd, "false",
			       gate_printf(g, "serviceMesh.mode is not linkerd, so %s",
					   chart_value_name(VALUE_LINKERD)));
	else if (known)
		check_switch(g, VALUE_LINKERD, slice_is(mesh, "linkerd"));
	if (values_stated(g, VALUE_ISTIO_HOST_NAME, &host) && !g->policy->host_name.n && slice_is(mesh, "istio"))
		check_host(g, &host);
	if (values_stated(g, VALUE_ISTIO_HOST_NAME, &host) && g->policy->shared_gateway && slice_is(mesh, "istio") &&
	    !slice_eq(node_string(host.node), g->policy->host_name))
		against_policy(g, &host, arena_str(&g->arena, g->policy->host_name), "serviceMesh.hostName");
}

static bool pod_pulls_with(const struct gate *g, struct slice name)
{
	for (size_t i = 0; i < g->release->objects.n; i++)
		for (struct seq_iter it =
			     seq_iter_of(node_lookup(object_pod_spec(g->release->objects.v[i]), "imagePullSecrets"));
		     seq_next(&it);)
			if (slice_eq(node_string(node_lookup(it.item, "name")), name))
				return true;
	return false;
}

static void check_pull_secrets(struct gate *g, const struct stated *s)
{
	struct slice want = g->policy->registry_pull_secret, missing = SLICE_EMPTY;
	bool demanded = false;

	for (struct seq_iter it = seq_iter_of(s->node); seq_next(&it);) {
		struct slice name = node_string(node_is_mapping(it.item) ? node_lookup(it.item, "name") : it.item);

		demanded |= slice_eq(name, want);
		if (name.n && !pod_pulls_with(g, name))
			missing = name;
	}
	if (want.n && !demanded)
		against_policy(g, s, arena_str(&g->arena, want), "registry.pullSecret");
	else if (missing.n)
		against_stream(g, s, "other pull secrets");
}

static void check_registry(struct gate *g)
{
	struct slice want[] = {g->policy->registry_host, g->policy->registry_repository};
	static const enum chart_value values[] = {VALUE_IMAGES_REGISTRY, VALUE_IMAGES_REPO};
	static const char *const keys[] = {"registry.host", "registry.repository"};
	struct stated s;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct slice have;

		if (!values_stated(g, values[i], &s))
			continue;
		have = node_text(node_real(s.node));
		if (want[i].n && !slice_eq(have, want[i])) {
			against_policy(g, &s, arena_str(&g->arena, want[i]), keys[i]);
			continue;
		}
		/* Every image of the chart carries the registry and, behind it, the repository. */
		for (size_t j = 0; have.n && j < g->release->containers.n; j++) {
			struct slice image = node_string(node_lookup(g->release->containers.v[j].node, "image"));
			const char *part = gate_printf(g, i ? "/" SLICE_FMT "/" : SLICE_FMT "/", SLICE_ARG(have));

			if (!image.n || (i ? slice_find(image, part) != SIZE_MAX : slice_starts(image, part)))
				continue;
			against_stream(g, &s, "other images");
			break;
		}
	}
	if (values_stated(g, VALUE_IMAGES_PULL, &s))
		check_pull_secrets(g, &s);
}

static void check_argo(struct gate *g)
{
	const struct object *o;
	const struct node *at;
	struct stated s;

	if (!values_stated(g, VALUE_ARGO_CD, &s))
		return;
	if (g->policy->argo_cd != ARGO_AUTO && values_is_true(s.node) != (g->policy->argo_cd == ARGO_TRUE))
		against_policy(g, &s, argo_mode_name(g->policy->argo_cd), "argoCD");
	else if (g->release->hooks_visible)
		check_switch(g, VALUE_ARGO_CD, argo_is_rendered(g, &o, &at));
}

void rule_values(struct gate *g)
{
	struct stated s;

	if (!g->values || !g->values->files.n)
		return;
	check_values_keys(g);
	check_values_sources(g);
	if (g->options.scope == GATE_VALUES) {
		check_values_alone(g);
		return;
	}
	check_federated(g);
	if (values_stated(g, VALUE_BACKUP_ENABLED, &s))
		check_switch(g, VALUE_BACKUP_ENABLED, chart_object_in(g->release, OBJECT_PX_BACKUP) != NULL);
	check_storage(g);
	check_telemetry(g);
	check_mesh(g);
	check_registry(g);
	check_argo(g);
}
