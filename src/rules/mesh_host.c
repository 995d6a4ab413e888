/*
 * mesh_host.c: a host name of its own where other applications share the gateway and the prefix '/'.
 * Source: the vendor's install page, note on Istio and Linkerd.
 */
#include "chart/chart_object.h"
#include "rules/places.h"

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

/* --- others that take the host ---------------------------------------------------------------------------------- */

/* A host as routes and gateways write it: "*", "*.example.com", "namespace/host". */
static bool takes_host(struct slice host, struct slice want)
{
	size_t slash = slice_chr(host, '/');

	if (slash != SIZE_MAX)
		host = slice_from(host, slash + 1);
	if (slice_is(host, "*"))
		return true;
	if (slice_starts(host, "*."))
		return want.n > host.n - 1 &&
		       slice_eq_nocase(slice_from(want, want.n - (host.n - 1)), slice_from(host, 1));
	return slice_eq_nocase(host, want);
}

/* The host of a list that takes it; a list that is missing or empty takes all. */
static const struct node *taker(const struct node *list, const struct node *anchor, struct slice want)
{
	if (!node_is_sequence(list) || !node_count(node_real(list)))
		return anchor;
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);)
		if (takes_host(node_string(it.item), want))
			return it.item;
	return NULL;
}

static const struct node *taker_of_items(const struct node *items, const char *key, bool list, struct slice want)
{
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		const struct node *host = node_lookup(it.item, key), *at;

		at = list				   ? taker(host, it.item, want)
		     : !host				   ? it.item
		     : takes_host(node_string(host), want) ? host
							   : NULL;
		if (at)
			return at;
	}
	return NULL;
}

/* Where an object beside the chart's own takes the host. */
static const struct node *rival_host(const struct object *o, struct slice want)
{
	const struct node *spec = node_lookup(o->root, "spec"), *rules;
	bool istio = object_in_group(o, "networking.istio.io"),
	     gateway = object_in_group(o, "gateway.networking.k8s.io");

	if (istio && slice_is(o->kind, "VirtualService") && !object_is_chart(o, OBJECT_VIRTUAL_SERVICE))
		return taker(node_lookup(spec, "hosts"), spec, want);
	if (istio && slice_is(o->kind, "Gateway") && !slice_is(o->name, "pxcentral-gateway"))
		return taker_of_items(node_lookup(spec, "servers"), "hosts", true, want);
	if (gateway && slice_is(o->kind, "Gateway"))
		return taker_of_items(node_lookup(spec, "listeners"), "hostname", false, want);
	if (gateway && slice_ends(o->kind, "Route"))
		return taker(node_lookup(spec, "hostnames"), spec, want);
	if (object_in_group(o, "networking.k8s.io") && slice_is(o->kind, "Ingress")) {
		rules = node_lookup(spec, "rules");
		return rules && !node_is_null(rules) ? taker_of_items(rules, "host", false, want)
						     : node_lookup(spec, "defaultBackend");
	}
	if (object_in_group(o, "route.openshift.io") && slice_is(o->kind, "Route"))
		return takes_host(node_string(node_lookup(spec, "host")), want) ? node_lookup(spec, "host") : NULL;
	return NULL;
}

/* Which of two takes the calls of one host depends on their age. */
static void check_rivals(struct gate *g)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *at = o->owner ? NULL : rival_host(o, g->policy->host_name);
		struct finding *f;

		if (!at)
			continue;
		f = gate_find(g, o, at);
		finding_say(g, f, "%s takes host " SLICE_FMT " too, which belongs to %s", object_title(g->release, o),
			    SLICE_ARG(g->policy->host_name), chart_object_name(OBJECT_VIRTUAL_SERVICE));
		finding_fix(g, f, "Give it another host, or remove it.");
		if (!g->policy->shared_gateway)
			finding_severity(f, SEVERITY_WARNING);
	}
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
		if (!object_is_chart(o, OBJECT_VIRTUAL_SERVICE) || !object_in_group(o, "networking.istio.io") ||
		    o->owner)
			continue;
		any = true;
		check_virtual_service(g, o);
	}
	check_rivals(g);
	if (any)
		return;
	if (!g->policy->shared_gateway) {
		find_unseen(g, "serviceMesh.hostName");
		return;
	}
	f = gate_find(g, main_object(g), NULL);
	finding_say(g, f, "no VirtualService is in the stream, though the gateway is shared");
	finding_fix(g, f, "Render the whole chart, hooks included.");
}
