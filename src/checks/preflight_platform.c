/*
 * preflight_platform.c: service meshes, custom resources, Argo CD, and the admission policies of this program.
 */
#include "checks/preflight.h"

/* --- mesh ------------------------------------------------------------------------------------------------------ */

static bool has_istio(const struct facts *f)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_WEBHOOKS), "items")); seq_next(&it);)
		if (slice_starts(node_string(node_at(it.item, "metadata/name")), "istio-sidecar-injector"))
			return true;
	return node_count(node_lookup(facts_root(f, Q_ISTIOD), "items")) > 0;
}

static bool has_linkerd(const struct facts *f)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_WEBHOOKS), "items")); seq_next(&it);)
		if (slice_starts(node_string(node_at(it.item, "metadata/name")), "linkerd-proxy-injector"))
			return true;
	return false;
}

static struct slice label(const struct facts *f, const char *name)
{
	return node_string(node_lookup(node_at(facts_root(f, Q_TARGET), "metadata/labels"), name));
}

static bool injects_istio(const struct facts *f)
{
	if (label(f, "istio-injection").n)
		return slice_is(label(f, "istio-injection"), "enabled");
	return label(f, "istio.io/rev").n > 0;
}

static bool injects_linkerd(const struct facts *f)
{
	struct slice s =
		node_string(node_lookup(node_at(facts_root(f, Q_TARGET), "metadata/annotations"), "linkerd.io/inject"));

	return slice_is(s, "enabled") || slice_is(s, "ingress");
}

/* Sidecars that start before the containers: by a setting, or as init containers of recent Kubernetes. */
static bool starts_first(const struct facts *f)
{
	struct version v = version_parse(node_string(node_lookup(facts_root(f, Q_VERSION), "gitVersion")));
	struct version native = {.known = true, .part = {1, 33}};

	for (struct seq_iter d = seq_iter_of(node_lookup(facts_root(f, Q_ISTIOD), "items")); seq_next(&d);)
		for (struct seq_iter it = seq_iter_of(node_at(d.item, "spec/template/spec/containers")); seq_next(&it);)
			if (node_string_is(node_lookup(variable(node_lookup(it.item, "env"), "ENABLE_NATIVE_SIDECARS"),
						       "value"),
					   "true"))
				return true;
	return node_is_bool(node_at(facts_root(f, Q_MESH_CONFIG), "data/mesh"), true) ||
	       (v.known && version_compare(v, native) >= 0);
}

static void judge_istio(struct facts *f)
{
	if (!has_istio(f)) {
		fail_(f, "%s is true, but Istio is not installed: the hooks fail on its custom resources",
		      chart_value_name(VALUE_ISTIO));
		result_fix(f, "install Istio first, or set %s=false", chart_value_name(VALUE_ISTIO));
	} else if (slice_is(label(f, "istio.io/dataplane-mode"), "ambient")) {
		fail_(f, "the namespace is in ambient mode; the vendor supports Istio's sidecar mode only");
		result_fix(f, "kubectl label namespace %s istio.io/dataplane-mode- istio-injection=enabled",
			   preflight_of(f)->ns);
	} else if (!injects_istio(f)) {
		warn(f, "%s is true, but the namespace is not labelled for injection", chart_value_name(VALUE_ISTIO));
		result_fix(f, "kubectl label namespace %s istio-injection=enabled", preflight_of(f)->ns);
	} else if (!starts_first(f)) {
		warn(f, "containers may start before their proxy (holdApplicationUntilProxyStarts is not set)");
		result_fix(f, "set meshConfig.defaultConfig.holdApplicationUntilProxyStarts: true in Istio");
	} else {
		pass(f, "Istio, sidecars are injected");
	}
}

/* A label without a mesh that reads it has no effect. */
static void judge_no_mesh(struct facts *f)
{
	bool istio = slice_is(label(f, "istio.io/dataplane-mode"), "ambient") || injects_istio(f);

	if ((istio || injects_linkerd(f)) && !facts_root(f, Q_WEBHOOKS)) {
		result_unanswered(f, Q_WEBHOOKS);
	} else if (istio && has_istio(f)) {
		fail_(f, "the namespace is part of an Istio mesh, but %s is not true", chart_value_name(VALUE_ISTIO));
		result_fix(f, "--set %s=true, or take the namespace out of the mesh", chart_value_name(VALUE_ISTIO));
	} else if (injects_linkerd(f) && has_linkerd(f)) {
		fail_(f, "the namespace is part of a Linkerd mesh, but %s is not true",
		      chart_value_name(VALUE_LINKERD));
		result_fix(f, "--set %s=true, or remove the annotation linkerd.io/inject",
			   chart_value_name(VALUE_LINKERD));
	} else if (istio || injects_linkerd(f)) {
		pass(f, "no mesh; the namespace is marked for one that is not installed");
	} else {
		pass(f, "no mesh");
	}
}

void check_mesh(struct facts *f)
{
	const struct policy *p = preflight_of(f)->policy;
	bool istio = preflight_switch(f, VALUE_ISTIO, p->mesh_mode == MESH_ISTIO),
	     linkerd = preflight_switch(f, VALUE_LINKERD, p->mesh_mode == MESH_LINKERD);

	if (!facts_known(f, Q_TARGET))
		result_unanswered(f, Q_TARGET);
	else if (istio && linkerd)
		fail_(f, "%s and %s are both true", chart_value_name(VALUE_ISTIO), chart_value_name(VALUE_LINKERD));
	else if ((istio || linkerd) && !facts_root(f, Q_WEBHOOKS))
		result_unanswered(f, Q_WEBHOOKS);
	else if (istio && !facts_known(f, Q_ISTIOD))
		result_unanswered(f, Q_ISTIOD);
	else if (istio)
		judge_istio(f);
	else if (linkerd && !has_linkerd(f))
		warn(f, "%s is true, but no injector of Linkerd is installed", chart_value_name(VALUE_LINKERD));
	else if (linkerd)
		pass(f, "Linkerd");
	else
		judge_no_mesh(f);
}

/* --- the route "/" --------------------------------------------------------------------------------------------- */

static bool is_own(const struct facts *f, const struct node *item)
{
	return node_string_is(node_at(item, "metadata/namespace"), preflight_of(f)->ns);
}

/* "*.example.com" and "pxb.example.com". */
static bool wildcard_matches(struct slice host, struct slice own)
{
	struct slice tail = slice_from(host, 1);

	return slice_starts(host, "*.") && own.n > tail.n && slice_eq(slice_from(own, own.n - tail.n), tail);
}

static bool has_host(const struct node *hosts, struct slice own)
{
	for (struct seq_iter it = seq_iter_of(hosts); seq_next(&it);) {
		struct slice host = node_string(it.item);
		size_t slash = slice_chr(host, '/');

		if (slash != SIZE_MAX)
			host = slice_from(host, slash + 1);
		if (slice_is(host, "*") || !own.n || slice_eq(host, own) || wildcard_matches(host, own))
			return true;
	}
	return false;
}

static bool takes_root(const struct node *service)
{
	for (struct seq_iter h = seq_iter_of(node_at(service, "spec/http")); seq_next(&h);) {
		const struct node *match = node_lookup(h.item, "match");

		if (!node_count(match))
			return true;
		for (struct seq_iter it = seq_iter_of(match); seq_next(&it);) {
			const struct node *uri = node_lookup(it.item, "uri");

			if (node_is_null(uri) || node_string_is(node_lookup(uri, "prefix"), "/"))
				return true;
		}
	}
	return false;
}

static const struct node *rival_gateway(const struct facts *f, struct slice own)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_GATEWAYS), "items")); seq_next(&it);) {
		if (is_own(f, it.item) || !node_string_is(node_at(it.item, "spec/selector/istio"), "ingressgateway"))
			continue;
		for (struct seq_iter s = seq_iter_of(node_at(it.item, "spec/servers")); seq_next(&s);)
			if (slice_is(node_text(node_real(node_at(s.item, "port/number"))), "80") &&
			    has_host(node_lookup(s.item, "hosts"), own))
				return it.item;
	}
	return NULL;
}

static const struct node *rival_service(const struct facts *f, struct slice own)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_SERVICES), "items")); seq_next(&it);)
		if (!is_own(f, it.item) && takes_root(it.item) && has_host(node_at(it.item, "spec/hosts"), own))
			return it.item;
	return NULL;
}

void check_gateway(struct facts *f)
{
	const struct policy *p = preflight_of(f)->policy;
	struct slice host = preflight_value(f, VALUE_ISTIO_HOST_NAME);
	const struct node *gateway, *service;

	if (!preflight_switch(f, VALUE_ISTIO, p->mesh_mode == MESH_ISTIO)) {
		skip(f, "without Istio the chart makes no route");
		return;
	}
	if (!host.n)
		host = p->host_name;
	if (!facts_known(f, Q_GATEWAYS) || !facts_known(f, Q_SERVICES)) {
		result_unanswered(f, facts_known(f, Q_GATEWAYS) ? Q_SERVICES : Q_GATEWAYS);
		return;
	}
	gateway = rival_gateway(f, host);
	service = rival_service(f, host);
	if (gateway && service && !host.n) {
		fail_(f, "%s routes '/' on the same gateway: a host name is mandatory",
		      object_name(f, "VirtualService", service));
		result_about(f, object_name(f, "Gateway", gateway), "spec.servers");
		result_fix(f, "--set %s=HOST", chart_value_name(VALUE_ISTIO_HOST_NAME));
	} else if (gateway && service) {
		fail_(f, "%s routes '/' for host '%s' already", object_name(f, "VirtualService", service),
		      shown(f, host));
		result_about(f, object_name(f, "VirtualService", service), "spec.hosts");
	} else {
		pass(f, host.n ? "host '%s' is free" : "no other service routes '/'%s", host.n ? shown(f, host) : "");
	}
}

/* --- custom resources ------------------------------------------------------------------------------------------ */

static bool serves(const struct node *crd, const char *version)
{
	for (struct seq_iter it = seq_iter_of(node_at(crd, "spec/versions")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "name"), version))
			return !node_is_bool(node_lookup(it.item, "served"), false);
	return false;
}

static const struct node *crd(const struct facts *f, const char *name)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_CRDS), "items")); seq_next(&it);)
		if (node_string_is(node_at(it.item, "metadata/name"), name))
			return it.item;
	return NULL;
}

static bool judge_crd(struct facts *f, const char *name, const char *version, bool must)
{
	const struct node *c = crd(f, name);

	if (!c && !must)
		return true;
	if (!c)
		fail_(f, "%s is not installed", name);
	else if (!serves(c, version))
		fail_(f, "%s does not serve version %s, which the chart uses", name, version);
	else
		return true;
	result_about(f, arena_printf(&f->arena, "CustomResourceDefinition %s", name), "spec.versions");
	result_fix(f, "install or upgrade what owns the custom resource");
	return false;
}

void check_crd_owners(struct facts *f)
{
	static const struct {
		const char *name, *version;
		bool istio;
	} rows[] = {
		{"prometheuses.monitoring.coreos.com", "v1", false},
		{"alertmanagers.monitoring.coreos.com", "v1", false},
		{"prometheusrules.monitoring.coreos.com", "v1", false},
		{"servicemonitors.monitoring.coreos.com", "v1", false},
		{"gateways.networking.istio.io", "v1", true},
		{"virtualservices.networking.istio.io", "v1", true},
		{"peerauthentications.security.istio.io", "v1", true},
	};
	bool istio = preflight_switch(f, VALUE_ISTIO, preflight_of(f)->policy->mesh_mode == MESH_ISTIO);

	if (!facts_root(f, Q_CRDS)) {
		result_unanswered(f, Q_CRDS);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((!rows[i].istio || istio) && !judge_crd(f, rows[i].name, rows[i].version, rows[i].istio))
			return;
	pass(f, istio ? "monitoring and Istio" : "monitoring");
}

/* --- Argo CD and admission ------------------------------------------------------------------------------------- */

void check_argocd(struct facts *f)
{
	bool argo = preflight_switch(f, VALUE_ARGO_CD, preflight_of(f)->policy->argo_cd == ARGO_TRUE);
	const struct node *items = node_lookup(facts_root(f, Q_REPO_SERVERS), "items");

	if (!argo) {
		skip(f, "it is not installed through Argo CD");
		return;
	}
	if (!items) {
		result_unanswered(f, Q_REPO_SERVERS);
		return;
	}
	for (struct seq_iter d = seq_iter_of(items); seq_next(&d);)
		for (struct seq_iter it = seq_iter_of(node_at(d.item, "spec/template/spec/containers")); seq_next(&it);)
			if (slice_find(node_string(node_lookup(it.item, "name")), "pxb-fed") != SIZE_MAX) {
				pass(f, "%s", object_name(f, "Deployment", d.item));
				return;
			}
	if (node_count(items)) {
		fail_(f, "Argo CD's repo server has no container of the plugin");
		result_fix(f, "pxb-fed argocd plugin --help");
	} else {
		unknown(f, "no repo server of Argo CD was found in this cluster; it may run in another one");
	}
}

void check_admission(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_ADMISSION), "items");
	size_t n = 0;
	bool deny = false;

	if (!items && facts_known(f, Q_ADMISSION)) {
		skip(f, "this API server has no ValidatingAdmissionPolicy");
		return;
	}
	if (!items) {
		result_unanswered(f, Q_ADMISSION);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!slice_starts(node_string(node_at(it.item, "spec/policyName")), "pxb-fed"))
			continue;
		n++;
		for (struct seq_iter a = seq_iter_of(node_at(it.item, "spec/validationActions")); seq_next(&a);)
			deny |= node_string_is(a.item, "Deny");
	}
	if (!n)
		skip(f, "none is installed ('export vap' makes them)");
	else if (!deny)
		warn(f, "%zu policies warn only", n);
	else
		pass(f, "%zu policies", n);
}

/* --- application clusters -------------------------------------------------------------------------------------- */

void check_application_clusters(struct facts *f)
{
	const struct preflight *p = preflight_of(f);

	if (!p->clusters) {
		skip(f, "none were named (--clusters CONTEXT)");
	} else if (p->clusters_lost) {
		unknown(f, "%zu of %zu do not answer from this machine; %s", p->clusters_lost, p->clusters,
			p->clusters_text);
		result_fix(f, "pxb-fed verify CONTEXT says why");
	} else {
		pass(f, "%zu answer from this machine; the pods' own network is not visible from here", p->clusters);
	}
}
