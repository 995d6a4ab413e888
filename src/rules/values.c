/*
 * values.c: the values files say what was meant. They must agree with the policy, with what was rendered, with each
 * other, and with the keys that the chart knows: the chart has no schema, so a mistyped key is silently ignored.
 */
#include "rules/places.h"

static const char *value_text(struct gate *g, const struct node *n)
{
	n = node_real(n);
	return n->kind == NODE_SCALAR ? gate_show(g, node_text(n)) : "a collection";
}

static struct finding *find_value(struct gate *g, const struct values_file *file, const struct node *n)
{
	struct finding *f = gate_find(g, NULL, NULL);
	struct position pos = values_position(file, n);

	f->place = (struct place){.input = file->name, .line = pos.line, .column = pos.column, .length = 1};
	return f;
}

/* One chart value as a file states it. */
struct stated {
	const struct values_file *file;
	const struct node *node;
	enum chart_value value;
	const char *key;
};

static bool stated(const struct gate *g, enum chart_value v, struct stated *s)
{
	struct values_file *file = NULL;

	s->node = values_get(g->values, chart_value_infos[v].key, &file);
	s->file = file;
	s->value = v;
	s->key = chart_value_infos[v].key;
	return s->node && !node_is_null(s->node);
}

static void against_policy(struct gate *g, const struct stated *s, const char *want, const char *policy_key)
{
	struct finding *f = find_value(g, s->file, s->node);

	finding_found(g, f, slice_str(value_text(g, s->node)));
	finding_expected(g, f, "%s", want);
	finding_say(g, f, "%s is %s in the values file; the policy says %s: %s", s->key, f->found, policy_key, want);
	finding_mend(g, f, "Set %s: %s in %s, or change the policy.", s->key, want, s->file->name);
}

static void against_stream(struct gate *g, const struct stated *s, const char *rendered)
{
	struct finding *f = find_value(g, s->file, s->node);

	finding_found(g, f, slice_str(value_text(g, s->node)));
	finding_expected(g, f, "%s", rendered);
	finding_say(g, f, "%s is %s in the values file, but the stream was rendered with %s", s->key, f->found,
		    rendered);
	finding_mend(g, f, "Render with this file (-f %s), or correct %s in it.", s->file->name, s->key);
}

/* Templates take every non-empty string for true, "false" included. */
static void check_boolean(struct gate *g, const struct stated *s)
{
	const struct node *n = node_real(s->node);
	struct finding *f;

	if (n->kind == NODE_SCALAR && n->type == TYPE_BOOL)
		return;
	f = find_value(g, s->file, s->node);
	finding_say(g, f, "%s is no boolean: some templates take it for true, others do not", s->key);
	finding_expected(g, f, "true or false");
	finding_mend(g, f, "Write %s: true or false, without quotes.", s->key);
}

static void check_switch(struct gate *g, enum chart_value v, bool rendered)
{
	struct stated s;

	if (!stated(g, v, &s))
		return;
	check_boolean(g, &s);
	if (node_real(s.node)->type == TYPE_BOOL && values_is_true(s.node) != rendered)
		against_stream(g, &s, rendered ? "true" : "false");
}

/* A null takes the chart's default away: what is left is false, and for storage that means emptyDir. */
static void check_deleted(struct gate *g, enum chart_value v, const char *want, const char *means)
{
	struct values_file *file = NULL;
	const struct node *n = values_get(g->values, chart_value_infos[v].key, &file);
	struct finding *f;

	if (!n || !node_is_null(n))
		return;
	f = find_value(g, file, n);
	finding_expected(g, f, "%s", want);
	finding_say(g, f, "%s is null in the values file, which deletes the chart's default: %s",
		    chart_value_infos[v].key, means);
	finding_mend_value(g, f, v, want);
}

static void check_federated(struct gate *g)
{
	struct finding *f;
	struct stated s;

	check_deleted(g, VALUE_FEDERATED, "true", "that is Classic mode");
	if (!stated(g, VALUE_FEDERATED, &s))
		return;
	check_boolean(g, &s);
	if (!node_is_bool(s.node, false))
		return; /* true, or judged above; what was rendered is for federated-flag */
	f = find_value(g, s.file, s.node);
	finding_found(g, f, SLICE("false"));
	finding_expected(g, f, "true");
	finding_say(g, f, "%s is false in the values file: that is Classic mode, which can never be converted", s.key);
	finding_mend_value(g, f, VALUE_FEDERATED, "true");
}

static void check_storage(struct gate *g)
{
	struct slice rendered = expected_class(g);
	bool ephemeral;
	struct stated s;

	if (stated(g, VALUE_STORAGE_CLASS, &s)) {
		struct slice have = node_text(node_real(s.node));

		if (g->policy->storage_class.n && !slice_eq(have, g->policy->storage_class))
			against_policy(g, &s, arena_str(&g->arena, g->policy->storage_class), "storageClassName");
		else if (!g->policy->storage_class.n && rendered.n && !slice_eq(have, rendered))
			against_stream(g, &s, arena_str(&g->arena, rendered));
	}
	check_deleted(g, VALUE_STORAGE_ENABLED, "true", "the databases would lose their data with their pods");
	if (!stated(g, VALUE_STORAGE_ENABLED, &s))
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

	if (stated(g, VALUE_TELEMETRY, &s)) {
		on = values_is_true(s.node);
		if (on && g->policy->telemetry == TELEMETRY_FORBIDDEN)
			against_policy(g, &s, "false", "telemetry: forbidden, so telemetry.enabled");
		else if (!on && g->policy->telemetry == TELEMETRY_REQUIRED)
			against_policy(g, &s, "true", "telemetry: required, so telemetry.enabled");
		else
			check_switch(g, VALUE_TELEMETRY, telemetry_is_rendered(g));
	}
	if (!telemetry_is_rendered(g))
		return;
	check_switch(g, VALUE_TELEMETRY_LOGS,
		     release_find(g->release, "Deployment", "px-backup-telemetry-logs-collector") != NULL);
	check_switch(g, VALUE_TELEMETRY_METRICS,
		     release_find(g->release, "Deployment", "px-backup-telemetry-metrics-collector") != NULL);
}

/* The host as the VirtualService has it, where that hook is visible. An empty value renders as '*'. */
static void check_host(struct gate *g, const struct stated *host)
{
	struct slice want = node_string(host->node).n ? node_string(host->node) : SLICE("*");

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *hosts = node_at(o->root, "spec/hosts");

		if (!slice_is(o->kind, "VirtualService") || !slice_is(o->name, "pxcentral-virtualservice") ||
		    !node_is_sequence(hosts))
			continue;
		for (struct seq_iter it = seq_iter_of(hosts); seq_next(&it);)
			if (!slice_eq(node_string(it.item), want))
				against_stream(g, host, gate_show(g, node_string(it.item)));
	}
}

static void check_mesh(struct gate *g)
{
	struct stated istio, linkerd, host;
	bool known, has_istio = stated(g, VALUE_ISTIO, &istio), has_linkerd = stated(g, VALUE_LINKERD, &linkerd);
	struct slice mesh = rendered_mesh(g, &known);
	struct finding *f;

	if (has_istio && has_linkerd && values_is_true(istio.node) && values_is_true(linkerd.node)) {
		f = find_value(g, linkerd.file, linkerd.node);
		finding_say(g, f, "istio.enabled and linkerd.enabled are both true; at most one mesh can be used");
		finding_mend_value(g, f, slice_is(mesh, "linkerd") ? VALUE_ISTIO : VALUE_LINKERD, "false");
		return;
	}
	if (has_istio && values_is_true(istio.node) && g->policy->mesh_mode != MESH_ANY &&
	    g->policy->mesh_mode != MESH_ISTIO)
		against_policy(g, &istio, "false", "serviceMesh.mode is not istio, so istio.enabled");
	else if (known)
		check_switch(g, VALUE_ISTIO, slice_is(mesh, "istio"));
	if (has_linkerd && values_is_true(linkerd.node) && g->policy->mesh_mode != MESH_ANY &&
	    g->policy->mesh_mode != MESH_LINKERD)
		against_policy(g, &linkerd, "false", "serviceMesh.mode is not linkerd, so linkerd.enabled");
	else if (known)
		check_switch(g, VALUE_LINKERD, slice_is(mesh, "linkerd"));
	if (stated(g, VALUE_ISTIO_HOST_NAME, &host) && !g->policy->host_name.n && slice_is(mesh, "istio"))
		check_host(g, &host);
	if (stated(g, VALUE_ISTIO_HOST_NAME, &host) && g->policy->shared_gateway && slice_is(mesh, "istio") &&
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

		if (!stated(g, values[i], &s))
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
	if (stated(g, VALUE_IMAGES_PULL, &s))
		check_pull_secrets(g, &s);
}

static void check_argo(struct gate *g)
{
	const struct object *o;
	const struct node *at;
	struct stated s;

	if (!stated(g, VALUE_ARGO_CD, &s))
		return;
	if (g->policy->argo_cd != ARGO_AUTO && values_is_true(s.node) != (g->policy->argo_cd == ARGO_TRUE))
		against_policy(g, &s, argo_mode_name(g->policy->argo_cd), "argoCD");
	else if (g->release->hooks_visible)
		check_switch(g, VALUE_ARGO_CD, argo_is_rendered(g, &o, &at));
}

static void unknown_key(void *arg, const struct values_file *file, const struct node *key, const char *path,
			const char *near, unsigned distance)
{
	struct gate *g = arg;
	struct finding *f = find_value(g, file, key);

	if (near && distance <= 2) { /* a slip of the pen; farther away it may be meant for another tool */
		finding_say(g, f, "the chart knows no key '%s'; did you mean '%s'?", path, near);
		finding_expected(g, f, "%s", near);
		finding_mend(g, f, "Write %s instead of %s in %s.", near, path, file->name);
		return;
	}
	finding_severity(f, SEVERITY_WARNING);
	if (near)
		finding_say(g, f, "the chart knows no key '%s', so it is ignored; did you mean '%s'?", path, near);
	else
		finding_say(g, f, "the chart knows no key '%s'; it is ignored", path);
	finding_mend(g, f, near ? "Write %s instead, or remove %s from %s." : "Remove %s%s from %s.", near ? near : "",
		     path, file->name);
}

/* A later file silently overrides an earlier one: for a one-time choice that deserves a word. */
static void check_overrides(struct gate *g)
{
	static const enum chart_value once[] = {VALUE_FEDERATED, VALUE_STORAGE_CLASS, VALUE_STORAGE_ENABLED,
						VALUE_BACKUP_ENABLED};

	for (size_t i = 0; i < ARRAY_SIZE(once) && g->values->files.n > 1; i++) {
		struct stated last;

		if (!stated(g, once[i], &last))
			continue;
		for (size_t j = 0; j < g->values->files.n; j++) {
			const struct values_file *file = g->values->files.v[j];
			const char *dot = strchr(last.key, '.');
			const struct node *n =
				node_get(node_get(file->root, slice_of(last.key, (size_t)(dot - last.key))),
					 slice_str(dot + 1));
			struct finding *f;

			if (file == last.file || !n || node_equal(node_real(n), node_real(last.node)))
				continue;
			f = find_value(g, file, n);
			finding_severity(f, SEVERITY_WARNING);
			finding_say(g, f, "%s is %s here and %s in %s, which wins", last.key, value_text(g, n),
				    value_text(g, last.node), last.file->name);
			finding_mend(g, f, "Keep one of the two.");
		}
	}
}

static void check_duplicates(struct gate *g, const struct values_file *file, const struct node *n)
{
	for (const struct node *c = n && n->kind != NODE_SCALAR ? n->child : NULL; c; c = c->next) {
		struct finding *f;

		if (c->flags & NODE_SHADOWED) {
			f = find_value(g, file, c);
			finding_say(g, f, "the key '%s' stands twice in the values file; Helm takes the last one",
				    gate_show(g, node_text(c)));
			finding_mend(g, f, "Keep one of the two in %s.", file->name);
		}
		if (c->kind != NODE_ALIAS)
			check_duplicates(g, file, c);
	}
}

void rule_values(struct gate *g)
{
	struct stated s;

	if (!g->values || !g->values->files.n)
		return;
	values_unknown_keys(g->values, unknown_key, g);
	for (size_t i = 0; i < g->values->files.n; i++)
		check_duplicates(g, g->values->files.v[i], g->values->files.v[i]->root);
	check_federated(g);
	if (stated(g, VALUE_BACKUP_ENABLED, &s))
		check_switch(g, VALUE_BACKUP_ENABLED, release_find(g->release, "Deployment", "px-backup") != NULL);
	check_storage(g);
	check_telemetry(g);
	check_mesh(g);
	check_registry(g);
	check_argo(g);
	check_overrides(g);
}
