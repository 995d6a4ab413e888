/*
 * mesh.c: at most one service mesh, the one that the policy names; Istio in its sidecar form only.
 * Source: the vendor's install page, note on Istio and Linkerd.
 */
#include "chart/chart_object.h"
#include "rules/places.h"
#include "rules/switch_text.h"

static const char *mesh_text(struct gate *g, struct slice mesh)
{
	return mesh.n ? gate_show(g, mesh) : "none";
}

static bool mesh_allowed(enum mesh_mode mode, struct slice mesh)
{
	switch (mode) {
	case MESH_ANY:
		return mesh.n == 0 || slice_is(mesh, "istio") || slice_is(mesh, "linkerd");
	case MESH_NONE:
		return mesh.n == 0;
	default:
		return slice_is(mesh, mesh_mode_name(mode));
	}
}

static void fix_mesh(struct gate *g, struct finding *f, enum mesh_mode want, struct slice found)
{
	if (slice_is(found, "istio") && want != MESH_ISTIO)
		finding_fix_value(g, f, VALUE_ISTIO, "false");
	if (slice_is(found, "linkerd") && want != MESH_LINKERD)
		finding_fix_value(g, f, VALUE_LINKERD, "false");
	if (want == MESH_ISTIO)
		finding_fix_value(g, f, VALUE_ISTIO, "true");
	if (want == MESH_LINKERD)
		finding_fix_value(g, f, VALUE_LINKERD, "true");
	if (!f->fixes.n)
		finding_fix(g, f, "Set %s or %s to the boolean true, or neither.", chart_value_name(VALUE_ISTIO),
			    chart_value_name(VALUE_LINKERD));
}

static void check_places(struct gate *g, struct slice agreed)
{
	const char *name = chart_env(VALUE_ISTIO);

	for (struct env_iter it = envs_of(g->release, name); env_next(&it);) {
		const struct env_var *e = it.env;
		struct slice mesh = node_string(e->value);
		struct finding *f;

		if (node_lookup(e->item, "valueFrom")) {
			f = gate_find(g, e->object, e->item);
			finding_say(g, f, "%s is taken from somewhere else: what it says is not in this stream", name);
			finding_fix(g, f, "Render %s from %s and %s, as the chart does.", name,
				    chart_value_name(VALUE_ISTIO), chart_value_name(VALUE_LINKERD));
			continue;
		}
		if (mesh_allowed(g->policy->mesh_mode, mesh) && slice_eq(mesh, agreed) &&
		    (node_is_string(e->value) || node_is_null(e->value)))
			continue;
		f = gate_find(g, e->object, e->value ? e->value : e->item);
		finding_found(g, f, mesh);
		if (!mesh_allowed(g->policy->mesh_mode, mesh)) {
			finding_expected(g, f, "%s", mesh_mode_name(g->policy->mesh_mode));
			finding_say(g, f, "%s is %s; the policy says serviceMesh.mode: %s", name, mesh_text(g, mesh),
				    f->expected);
		} else {
			finding_expected(g, f, "%s", mesh_text(g, agreed));
			finding_say(g, f, "%s is %s here and %s elsewhere", name, mesh_text(g, mesh), f->expected);
		}
		fix_mesh(g, f, g->policy->mesh_mode, mesh);
	}
}

/* The container that the chart gives it must be the one that has it. */
static void check_containers(struct gate *g)
{
	struct place_iter it = places_of(g->release, VALUE_ISTIO);

	while (place_next(&it)) {
		const struct env_var *first;
		struct finding *f;

		if (!it.container || env_count(it.container, it.place->env, &first, g->release))
			continue;
		f = gate_find(g, it.at, it.container->node);
		finding_say(g, f, "%s is missing in container %s", it.place->env, gate_show(g, it.container->name));
		fix_mesh(g, f, g->policy->mesh_mode, SLICE_EMPTY);
	}
}

static void check_text(struct gate *g, const char *name, const struct switch_hit *hit)
{
	struct slice mesh = *(const struct slice *)hit->arg;
	struct finding *f;

	if ((hit->use == SWITCH_SET && slice_eq(hit->value, mesh)) || (hit->use == SWITCH_UNSET && !mesh.n))
		return;
	f = gate_find(g, hit->object, hit->node);
	finding_say(g, f, "the text changes %s, which is %s in this stream", name, mesh_text(g, mesh));
	finding_fix(g, f, "Remove the assignment: the chart sets the variable.");
}

static const struct node *pod_metadata(const struct object *o)
{
	const struct node *operated = node_at(o->root, "spec/podMetadata"); /* Prometheus, Alertmanager */

	return operated ? operated : node_at(o->root, "spec/template/metadata");
}

/* Marks of the other mesh. */
static void check_marks(struct gate *g, const struct object *o, const struct node *metadata, struct slice mesh)
{
	const struct node *linkerd = node_lookup(node_lookup(metadata, "annotations"), "linkerd.io/inject");
	struct finding *f;

	const struct node *sidecar = node_lookup(node_lookup(metadata, "labels"), "sidecar.istio.io/inject");

	if (!sidecar)
		sidecar = node_lookup(node_lookup(metadata, "annotations"), "sidecar.istio.io/inject");
	if (node_string_is(sidecar, "true") && !slice_is(mesh, "istio")) {
		f = gate_find(g, o, sidecar);
		finding_say(g, f, "Istio is injected here while %s is %s", chart_env(VALUE_ISTIO), mesh_text(g, mesh));
		finding_fix_value(g, f, VALUE_ISTIO, "false");
	}
	if (node_is_string(linkerd) && !node_string_is(linkerd, "disabled") && !slice_is(mesh, "linkerd")) {
		f = gate_find(g, o, linkerd);
		finding_say(g, f, "Linkerd is injected here while %s is %s", chart_env(VALUE_ISTIO),
			    mesh_text(g, mesh));
		finding_fix_value(g, f, VALUE_LINKERD, "false");
	}
}

/* A namespace whose pods get the sidecar. */
static void check_injection(struct gate *g, const struct object *o, struct slice mesh)
{
	const struct node *label = node_lookup(node_at(o->root, "metadata/labels"), "istio-injection");
	struct finding *f;

	if (!object_is(o, "Namespace", NULL) || !node_string_is(label, "enabled") || slice_is(mesh, "istio"))
		return;
	f = gate_find(g, o, label);
	finding_say(g, f, "Istio is injected into this namespace while %s is %s", chart_env(VALUE_ISTIO),
		    mesh_text(g, mesh));
	finding_fix_value(g, f, VALUE_ISTIO, "true");
}

/* The chart renders these only with istio.enabled=true, and then SERVICE_MESH says so. */
static void check_istio_objects(struct gate *g, const struct object *o, struct slice mesh)
{
	static const char *const names[] = {"pxcentral-gateway", "pxcentral-peer-authentication",
					    "pxcentral-virtualservice", "allow-external-prometheus-scrape"};
	struct finding *f;

	if (slice_is(mesh, "istio") ||
	    (!object_in_group(o, "networking.istio.io") && !object_in_group(o, "security.istio.io")))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!slice_is(o->name, names[i]))
			continue;
		f = gate_find(g, o, NULL);
		finding_say(g, f, "%s belongs to Istio, but %s is %s", object_title(g->release, o),
			    chart_env(VALUE_ISTIO), mesh_text(g, mesh));
		finding_fix(g, f, "Set %s to the boolean true or false.", chart_value_name(VALUE_ISTIO));
	}
}

/* The label that puts a namespace or a pod into Istio's ambient mode, which istio.enabled does not support. */
static void check_ambient(struct gate *g, const struct object *o, const struct node *metadata)
{
	const struct node *ambient = node_lookup(node_lookup(metadata, "labels"), "istio.io/dataplane-mode");
	struct finding *f;

	if (!node_string_is(ambient, "ambient"))
		return;
	f = gate_find(g, o, ambient);
	finding_found(g, f, node_string(ambient));
	finding_say(g, f, "Istio's ambient mode is asked for; the installation supports sidecars only");
	finding_fix(g, f, "Remove the label istio.io/dataplane-mode and label the namespace istio-injection=enabled.");
}

void rule_mesh_mode(struct gate *g)
{
	bool known;
	struct slice mesh = rendered_mesh(g, &known);

	if (!known && g->policy->mesh_mode != MESH_ANY)
		find_unseen(g, "serviceMesh.mode");
	check_places(g, mesh);
	if (known && (g->policy->mesh_mode == MESH_ISTIO || g->policy->mesh_mode == MESH_LINKERD))
		check_containers(g);
	if (known)
		each_switch_text(g, chart_env(VALUE_ISTIO), check_text, &mesh);
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		check_ambient(g, o, node_lookup(o->root, "metadata"));
		check_ambient(g, o, pod_metadata(o));
		if (!known)
			continue;
		check_marks(g, o, node_lookup(o->root, "metadata"), mesh);
		check_marks(g, o, pod_metadata(o), mesh);
		check_injection(g, o, mesh);
		check_istio_objects(g, o, mesh);
	}
}
