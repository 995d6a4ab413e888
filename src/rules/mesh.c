/*
 * mesh.c: at most one service mesh, the one that the policy names; Istio in its sidecar form only; and a host name of
 * its own where other applications share the gateway and the prefix '/'.
 * Source: the vendor's install page, note on Istio and Linkerd.
 */
#include "rules/places.h"

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
		finding_fix(g, f, "Set istio.enabled or linkerd.enabled to the boolean true, or neither.");
}

static void check_places(struct gate *g, struct slice agreed)
{
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];
		struct slice mesh = node_string(e->value);
		struct finding *f;

		if (!slice_is(e->name, "SERVICE_MESH"))
			continue;
		if (node_lookup(e->item, "valueFrom")) {
			f = gate_find(g, e->object, e->item);
			finding_say(g, f,
				    "SERVICE_MESH is taken from somewhere else: what it says is not in this stream");
			finding_fix(g, f,
				    "Render SERVICE_MESH from istio.enabled and linkerd.enabled, as the chart does.");
			continue;
		}
		if (mesh_allowed(g->policy->mesh_mode, mesh) && slice_eq(mesh, agreed) &&
		    (node_is_string(e->value) || node_is_null(e->value)))
			continue;
		f = gate_find(g, e->object, e->value ? e->value : e->item);
		finding_found(g, f, mesh);
		if (!mesh_allowed(g->policy->mesh_mode, mesh)) {
			finding_expected(g, f, "%s", mesh_mode_name(g->policy->mesh_mode));
			finding_say(g, f, "SERVICE_MESH is %s; the policy says serviceMesh.mode: %s",
				    mesh_text(g, mesh), f->expected);
		} else {
			finding_expected(g, f, "%s", mesh_text(g, agreed));
			finding_say(g, f, "SERVICE_MESH is %s here and %s elsewhere", mesh_text(g, mesh), f->expected);
		}
		fix_mesh(g, f, g->policy->mesh_mode, mesh);
	}
}

static const struct node *pod_metadata(const struct object *o)
{
	const struct node *operated = node_at(o->root, "spec/podMetadata"); /* Prometheus, Alertmanager */

	return operated ? operated : node_at(o->root, "spec/template/metadata");
}

/* Marks of the other mesh, and of Istio's ambient mode, which istio.enabled does not support. */
static void check_marks(struct gate *g, const struct object *o, const struct node *metadata, struct slice mesh)
{
	const struct node *ambient = node_lookup(node_lookup(metadata, "labels"), "istio.io/dataplane-mode");
	const struct node *linkerd = node_lookup(node_lookup(metadata, "annotations"), "linkerd.io/inject");
	struct finding *f;

	const struct node *sidecar = node_lookup(node_lookup(metadata, "labels"), "sidecar.istio.io/inject");

	if (!sidecar)
		sidecar = node_lookup(node_lookup(metadata, "annotations"), "sidecar.istio.io/inject");
	if (node_string_is(sidecar, "true") && !slice_is(mesh, "istio")) {
		f = gate_find(g, o, sidecar);
		finding_say(g, f, "Istio is injected here while SERVICE_MESH is %s", mesh_text(g, mesh));
		finding_fix_value(g, f, VALUE_ISTIO, "false");
	}
	if (node_string_is(ambient, "ambient")) {
		f = gate_find(g, o, ambient);
		finding_found(g, f, node_string(ambient));
		finding_say(g, f, "Istio's ambient mode is asked for; the installation supports sidecars only");
		finding_fix(
			g, f,
			"Remove the label istio.io/dataplane-mode and label the namespace istio-injection=enabled.");
	}
	if (node_is_string(linkerd) && !node_string_is(linkerd, "disabled") && !slice_is(mesh, "linkerd")) {
		f = gate_find(g, o, linkerd);
		finding_say(g, f, "Linkerd is injected here while SERVICE_MESH is %s", mesh_text(g, mesh));
		finding_fix_value(g, f, VALUE_LINKERD, "false");
	}
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
		finding_say(g, f, "%s belongs to Istio, but SERVICE_MESH is %s", object_title(g->release, o),
			    mesh_text(g, mesh));
		finding_fix(g, f, "Set istio.enabled to the boolean true or false.");
	}
}

void rule_mesh_mode(struct gate *g)
{
	bool known;
	struct slice mesh = rendered_mesh(g, &known);

	check_places(g, mesh);
	for (size_t i = 0; known && i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		check_marks(g, o, node_lookup(o->root, "metadata"), mesh);
		check_marks(g, o, pod_metadata(o), mesh);
		check_istio_objects(g, o, mesh);
	}
}

/* --- host name ------------------------------------------------------------------------------------------------- */

static void check_virtual_service(struct gate *g, const struct object *vs)
{
	const char *want = arena_str(&g->arena, g->policy->host_name);
	const struct node *hosts = node_at(vs->root, "spec/hosts");
	const struct node *only =
		node_is_sequence(hosts) && node_count(hosts) == 1 ? node_real(node_real(hosts)->child) : NULL;
	struct finding *f;

	if (only && node_string_is(only, want))
		return;
	f = gate_find(g, vs, only ? only : hosts ? hosts : node_lookup(vs->root, "spec"));
	f->value = VALUE_ISTIO_HOST_NAME;
	finding_expected(g, f, "%s", want);
	finding_fix_value(g, f, VALUE_ISTIO_HOST_NAME, want);
	if (!only || only->kind != NODE_SCALAR) {
		finding_say(g, f, "the VirtualService must name one host, %s", want);
		return;
	}
	finding_found(g, f, node_text(only));
	if (!g->policy->shared_gateway) {
		finding_severity(f, SEVERITY_WARNING);
		finding_say(g, f, "the VirtualService names host %s; the policy says %s", f->found, want);
		return;
	}
	finding_say(g, f, "the VirtualService takes host %s; other applications share the gateway, so it must be %s",
		    f->found, want);
	finding_set(g, f, only, want);
}

void rule_mesh_hostname(struct gate *g)
{
	bool known, any = false;
	struct slice mesh = rendered_mesh(g, &known);
	struct finding *f;

	if (!g->policy->host_name.n || !slice_is(mesh, "istio"))
		return;
	if (!g->release->hooks_visible && g->options.hooks_checked)
		return;
	if (!g->release->hooks_visible) {
		/* Whether that refuses the run is for the rule unverifiable. */
		f = gate_find(g, main_object(g), NULL);
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "the VirtualService is a hook and not in this stream: its host was not seen");
		finding_fix_value(g, f, VALUE_ISTIO_HOST_NAME, arena_str(&g->arena, g->policy->host_name));
		return;
	}
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		/* Another VirtualService is somebody else's site. */
		if (!slice_is(o->kind, "VirtualService") || !slice_is(o->name, "pxcentral-virtualservice") ||
		    !object_in_group(o, "networking.istio.io") || o->owner)
			continue;
		any = true;
		check_virtual_service(g, o);
	}
	if (any || !g->policy->shared_gateway)
		return;
	f = gate_find(g, main_object(g), NULL);
	finding_say(g, f, "no VirtualService is in the stream, though the gateway is shared");
	finding_fix(g, f, "Render the whole chart, hooks included.");
}
