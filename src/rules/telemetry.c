/*
 * telemetry.c: data sent to the vendor, or not, as the policy says. The objects are told by name, never by label: the
 * chart writes one label twice there. No hook carries the value, so the repair works in Helm 3 as well.
 */
#include "rules/places.h"

static const char *const switches[] = {"TELEMETRY_ENABLED", "TELEMETRY_ENVIRONMENT"};

static bool is_telemetry_object(const struct object *o)
{
	return slice_starts(o->name, "px-backup-telemetry");
}

static bool is_switch(const struct env_var *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (slice_is(e->name, switches[i]))
			return object_is(e->object, "Deployment", "px-backup");
	return false;
}

static bool has_other_env(const struct gate *g, const struct container *c)
{
	for (size_t i = 0; i < g->release->envs.n; i++)
		if (g->release->envs.v[i].container == c && !is_switch(&g->release->envs.v[i]))
			return true;
	return false;
}

static const struct env_var *telemetry_switch(const struct gate *g)
{
	for (size_t i = 0; i < g->release->envs.n; i++)
		if (slice_is(g->release->envs.v[i].name, switches[0]) && is_switch(&g->release->envs.v[i]))
			return &g->release->envs.v[i];
	return NULL;
}

static void forbid(struct gate *g)
{
	struct finding *f;

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (!is_telemetry_object(o))
			continue;
		f = gate_find(g, o, NULL);
		f->value = VALUE_TELEMETRY;
		finding_say(g, f, "%s belongs to telemetry, which the policy forbids", object_title(g->release, o));
		finding_fix_value(g, f, VALUE_TELEMETRY, "false");
		if (o->root == o->doc->root)
			finding_delete_object(g, f, o);
	}
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		if (!is_switch(e))
			continue;
		f = gate_find(g, e->object, e->item);
		f->value = VALUE_TELEMETRY;
		finding_say(g, f, SLICE_FMT " switches telemetry on, which the policy forbids", SLICE_ARG(e->name));
		finding_fix_value(g, f, VALUE_TELEMETRY, "false");
		/* A list without items would be a null to the cluster: the chart never renders that. */
		if (has_other_env(g, e->container))
			finding_delete_item(g, f, e->item);
	}
}

static void require(struct gate *g)
{
	const struct object *o = main_object(g);
	const struct container *c = o ? object_container(g->release, o, "px-backup") : NULL;
	struct finding *f = gate_find(g, o, c ? c->env : NULL);

	f->value = VALUE_TELEMETRY;
	finding_say(g, f, "telemetry is off; the policy requires it");
	finding_fix_value(g, f, VALUE_TELEMETRY, "true");
}

/* The switch and the objects come from one value: one without the other is no render of the chart. */
static void agree(struct gate *g)
{
	const struct env_var *on = telemetry_switch(g);
	const struct object *first = NULL;
	struct finding *f;

	for (size_t i = 0; i < g->release->objects.n && !first; i++)
		if (is_telemetry_object(g->release->objects.v[i]))
			first = g->release->objects.v[i];
	if (on && !first && !node_string_is(on->value, "false")) {
		f = gate_find(g, on->object, on->item);
		finding_say(g, f, "%s is set, but no telemetry object is in the stream", switches[0]);
	} else if (first && !on && release_find(g->release, "Deployment", "px-backup")) {
		f = gate_find(g, first, NULL);
		finding_say(g, f, "%s is in the stream, but px-backup has no %s", object_title(g->release, first),
			    switches[0]);
	} else {
		return;
	}
	finding_fix(g, f, "Render the whole chart with one value: --set %s=true or false.",
		    g->value_keys[VALUE_TELEMETRY]);
}

void rule_telemetry(struct gate *g)
{
	bool on = telemetry_is_rendered(g);

	if (g->policy->telemetry == TELEMETRY_FORBIDDEN) {
		if (on)
			forbid(g);
		return;
	}
	if (g->policy->telemetry == TELEMETRY_REQUIRED && !on)
		require(g);
	agree(g);
}
