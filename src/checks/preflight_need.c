/*
 * preflight_need.c: what the installation will ask of the namespace: by the manifests that were rendered for it, else
 * by the values and the chart's own sizes.
 */
#include "checks/preflight_need.h"

enum { PODS = 20, SERVICES = 14, BALANCERS = 2 };

static void add(struct need *n, double size, size_t count)
{
	if (!count)
		return;
	n->bytes += size * (double)count;
	n->count += count;
	n->smallest = n->smallest > 0 && n->smallest < size ? n->smallest : size;
	n->largest = n->largest > size ? n->largest : size;
}

/* --- by the chart's defaults ------------------------------------------------------------------------------------- */

enum when { ALWAYS, INSTALL, UPGRADE, MONITORING, TELEMETRY };

static const struct default_claim {
	unsigned key; /* VALUE_ or KEY_ */
	double gib;
	unsigned count;
	enum when when;
} claims[] = {
	{KEY_SIZE_MYSQL, 100, 1, ALWAYS},	  {KEY_SIZE_MONGODB, 64, 3, ALWAYS},
	{KEY_SIZE_KEYCLOAK, 10, 1, ALWAYS},	  {KEY_SIZE_THEME, 5, 1, ALWAYS},
	{KEY_SIZE_PRE_INSTALL, 2, 1, INSTALL},	  {KEY_SIZE_PRE_UPGRADE, 65, 1, UPGRADE},
	{KEY_SIZE_PROMETHEUS, 64, 2, MONITORING}, {KEY_SIZE_ALERTMANAGER, 2, 2, MONITORING},
	{KEY_SIZE_TELEMETRY, 10, 1, TELEMETRY},
};

static bool applies(const struct facts *f, enum when when)
{
	switch (when) {
	case INSTALL:
		return !preflight_is_upgrade(f);
	case UPGRADE:
		return preflight_is_upgrade(f);
	case MONITORING:
		return preflight_switch(f, KEY_DEDICATED_MONITORING, true);
	case TELEMETRY:
		return preflight_switch(f, VALUE_TELEMETRY, preflight_of(f)->policy->telemetry == TELEMETRY_REQUIRED);
	default:
		return true;
	}
}

static double size_of(const struct facts *f, const struct default_claim *c)
{
	double own = quantity_number(preflight_value(f, c->key));

	return own > 0 ? own : c->gib * GIB;
}

static struct need by_defaults(const struct facts *f)
{
	struct need n = {.pods = PODS, .services = SERVICES, .balancers = BALANCERS};
	bool upgrade = preflight_is_upgrade(f);

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		double size = size_of(f, &claims[i]);

		if (!applies(f, claims[i].when) || (upgrade && claims[i].when != UPGRADE))
			continue;
		add(&n, size, claims[i].count);
	}
	return n;
}

/* --- by the render ---------------------------------------------------------------------------------------------------
 */

bool preflight_takes_part(const struct facts *f, const struct object *o)
{
	const char *event = preflight_is_upgrade(f) ? "-upgrade" : "-install";

	if (o->owner || o->is_dropped)
		return false;
	return !o->is_hook || slice_find(node_text(o->hook), event) != SIZE_MAX;
}

static size_t replicas_of(const struct object *o)
{
	double n = quantity_number(node_text(node_real(node_at(o->root, "spec/replicas"))));

	return n >= 0 && n < 10000 ? (size_t)n : 1;
}

static bool is_made_by(const struct claim *c, struct slice name)
{
	struct slice of = c->object->name, rest;

	if (c->kind == CLAIM_TEMPLATE)
		return claim_is_made_of(c, name);
	if (c->kind == CLAIM_PVC)
		return slice_eq(name, of);
	/* The operator's: prometheus-NAME-db-prometheus-NAME-0. */
	slice_cut(name, '-', &rest);
	return rest.n > of.n && slice_eq(slice_to(rest, of.n), of);
}

/* How many of a claim are in the cluster already. */
static size_t existing(const struct facts *f, const struct claim *c)
{
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_CLAIMS), "items")); seq_next(&it);)
		n += is_made_by(c, node_string(node_at(it.item, "metadata/name")));
	return n;
}

static void add_claims(const struct facts *f, const struct release *r, struct need *n)
{
	for (size_t i = 0; i < r->claims.n; i++) {
		const struct claim *c = &r->claims.v[i];
		double size = quantity_number(node_text(node_real(node_at(c->spec, "resources/requests/storage"))));
		size_t wanted = c->kind == CLAIM_PVC ? 1 : replicas_of(c->object), there = existing(f, c);

		if (preflight_takes_part(f, c->object) && size > 0 && wanted > there)
			add(n, size, wanted - there);
	}
}

static bool makes_pods(const struct object *o)
{
	static const char *const kinds[] = {"Deployment", "StatefulSet", "Prometheus", "Alertmanager"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_is(o->kind, kinds[i]))
			return true;
	return false;
}

/* A post-renderer of Helm 3 is not shown the hooks: theirs is as large as the chart makes it. */
static void add_hooks(const struct facts *f, struct need *n)
{
	enum when when = preflight_is_upgrade(f) ? UPGRADE : INSTALL;

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++)
		if (claims[i].when == when)
			add(n, size_of(f, &claims[i]), claims[i].count);
}

static struct need by_render(const struct facts *f, const struct release *r)
{
	struct need n = {0};
	bool jobs = false;

	add_claims(f, r, &n);
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];

		if (!preflight_takes_part(f, o))
			continue;
		if (makes_pods(o))
			n.pods += replicas_of(o);
		jobs |= slice_is(o->kind, "Job");
		n.services += slice_is(o->kind, "Service");
		n.balancers +=
			slice_is(o->kind, "Service") && node_string_is(node_at(o->root, "spec/type"), "LoadBalancer");
	}
	n.pods += jobs; /* hooks run one after the other */
	if (!r->hooks_visible)
		add_hooks(f, &n);
	return n;
}

struct need preflight_need(const struct facts *f)
{
	const struct release *r = preflight_of(f)->rendered;

	return r ? by_render(f, r) : by_defaults(f);
}

struct slice preflight_class(const struct facts *f)
{
	const struct release *r = preflight_of(f)->rendered;
	struct slice own = preflight_value(f, VALUE_STORAGE_CLASS);

	for (size_t i = 0; r && i < r->claims.n; i++)
		if (!r->claims.v[i].object->owner && node_string(r->claims.v[i].class_name).n)
			return node_string(r->claims.v[i].class_name);
	return own.n ? own : preflight_of(f)->policy->storage_class;
}

bool preflight_sets(const struct facts *f, bool limits, const char *what)
{
	const struct release *r = preflight_of(f)->rendered;

	for (size_t i = 0; r && i < r->containers.n; i++) {
		const struct container *c = &r->containers.v[i];
		const struct node *resources = node_lookup(c->node, "resources");

		if (!preflight_takes_part(f, c->object) || node_lookup(node_lookup(resources, "limits"), what))
			continue;
		/* A limit is the request of who has none. */
		if (limits || !node_lookup(node_lookup(resources, "requests"), what))
			return false;
	}
	return r && r->containers.n;
}
