/*
 * telemetry.c: data sent to the vendor, or not, as the policy says. The objects are told by name, never by label: the
 * chart writes one label twice there. No hook carries the value, so the repair works in Helm 3 as well.
 */
#include "chart/chart_object.h"
#include "rules/places.h"
#include "rules/switch_text.h"

static const char environment[] = "TELEMETRY_ENVIRONMENT";

static bool is_telemetry_object(const struct object *o)
{
	return slice_starts(o->name, "px-backup-telemetry");
}

static bool is_switch(const struct env_var *e)
{
	return (slice_is(e->name, chart_env(VALUE_TELEMETRY)) || slice_is(e->name, environment)) &&
	       object_is_chart(e->object, OBJECT_PX_BACKUP);
}

static bool has_other_env(const struct gate *g, const struct container *c)
{
	for (size_t i = 0; i < g->release->envs.n; i++)
		if (g->release->envs.v[i].container == c && !is_switch(&g->release->envs.v[i]))
			return true;
	return false;
}

enum state { OFF, ON, UNCLEAR };

/* What only may come from somewhere else matters where the policy has a say. */
static enum state state_of(const struct gate *g, const struct env_value *v, const struct container *c)
{
	const struct env_var *own;

	if (v->state == ENV_OUT_OF_SIGHT && g->policy->telemetry == TELEMETRY_ALLOWED &&
	    !env_count(c, chart_env(VALUE_TELEMETRY), &own, g->release))
		return OFF;
	if (v->state == ENV_ABSENT || (v->state == ENV_TEXT && slice_is(v->text, "false")))
		return OFF;
	return v->state == ENV_TEXT && slice_is(v->text, "true") ? ON : UNCLEAR;
}

/* What the backup server, and what is taken for it, find in their environment. */
static enum state switch_state(struct gate *g, struct place_iter *where)
{
	struct place_iter it = places_of(g->release, VALUE_TELEMETRY);
	enum state state = OFF;

	*where = it;
	while (place_next(&it)) {
		struct env_value v;
		enum state next;

		if (!it.container)
			continue;
		v = container_env(g->release, it.container, chart_env(VALUE_TELEMETRY), &g->arena);
		next = state_of(g, &v, it.container);
		if (!where->container || next > state)
			*where = it;
		if (next > state)
			state = next;
	}
	return state;
}

/* The one that telemetry always has; what it collects is further values' business. */
static bool is_workload(const struct object *o)
{
	return object_is_chart(o, OBJECT_REGISTRATION);
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
	const struct container *c = o ? object_container(g->release, o, chart_object_name(OBJECT_PX_BACKUP)) : NULL;
	struct finding *f = gate_find(g, o, c ? c->env : NULL);

	f->value = VALUE_TELEMETRY;
	finding_say(g, f, "telemetry is off; the policy requires it");
	finding_fix_value(g, f, VALUE_TELEMETRY, "true");
}

static const struct node *own_entry(const struct gate *g, const struct place_iter *where)
{
	const struct env_var *first;

	return env_count(where->container, chart_env(VALUE_TELEMETRY), &first, g->release) ? first->item : NULL;
}

static void find_inherited(struct gate *g, const struct place_iter *where)
{
	struct finding *f = gate_find(g, where->at, node_lookup(where->container->node, "envFrom"));

	finding_say(g, f, "%s comes from envFrom and is not \"false\"; the policy forbids telemetry",
		    chart_env(VALUE_TELEMETRY));
	finding_fix(g, f, "Remove the key from the object that envFrom names.");
}

/* A workload that somebody added, with the labels of the backup server. */
static void find_added(struct gate *g, const struct place_iter *where, const struct node *entry)
{
	struct finding *f = gate_find(g, where->at, entry);

	finding_say(g, f, "%s switches telemetry on, which the policy forbids", chart_env(VALUE_TELEMETRY));
	finding_fix(g, f, "Remove the entry, or the workload.");
}

/* A value that is neither, or one that this stream does not show. */
static void find_unclear(struct gate *g, const struct place_iter *where)
{
	struct env_value v = container_env(g->release, where->container, chart_env(VALUE_TELEMETRY), &g->arena);
	struct finding *f = gate_find(g, v.object, v.at);

	finding_say(g, f,
		    v.state == ENV_TEXT ? "%s is neither \"true\" nor \"false\""
					: "%s comes from an object that is not in this stream",
		    chart_env(VALUE_TELEMETRY));
	finding_fix(g, f, "Render the whole chart with one value: --set %s=true or false.",
		    chart_value_name(VALUE_TELEMETRY));
}

/* The switch and the objects come from one value: one without the other is no render of the chart. */
static void agree(struct gate *g, enum state on, const struct place_iter *where)
{
	const struct object *first = NULL;
	struct finding *f;

	for (size_t i = 0; i < g->release->objects.n && (!first || !is_workload(first)); i++)
		if (is_telemetry_object(g->release->objects.v[i]))
			if (!first || is_workload(g->release->objects.v[i]))
				first = g->release->objects.v[i];
	if (on == ON && !first) {
		f = gate_find(g, where->at, own_entry(g, where));
		finding_say(g, f, "%s is set, but no telemetry object is in the stream", chart_env(VALUE_TELEMETRY));
	} else if (on == ON && !is_workload(first) && g->policy->telemetry == TELEMETRY_REQUIRED) {
		f = gate_find(g, first, NULL);
		finding_say(g, f, "%s is in the stream, but no telemetry workload", object_title(g->release, first));
	} else if (first && on == OFF && where->container) {
		f = gate_find(g, first, NULL);
		finding_say(g, f, "%s is in the stream, but %s has no %s that is \"true\"",
			    object_title(g->release, first), chart_object_name(OBJECT_PX_BACKUP),
			    chart_env(VALUE_TELEMETRY));
	} else {
		return;
	}
	finding_fix(g, f, "Render the whole chart with one value: --set %s=true or false.",
		    chart_value_name(VALUE_TELEMETRY));
}

static void check_text(struct gate *g, const char *name, const struct switch_hit *hit)
{
	enum telemetry_mode want = g->policy->telemetry;
	struct finding *f;

	if (want == TELEMETRY_FORBIDDEN &&
	    (hit->use == SWITCH_UNSET || (hit->use == SWITCH_SET && slice_is(hit->value, "false"))))
		return;
	if (want == TELEMETRY_REQUIRED && hit->use == SWITCH_SET && slice_is(hit->value, "true"))
		return;
	f = gate_find(g, hit->object, hit->node);
	finding_say(g, f, "the text changes %s; the policy says telemetry: %s", name,
		    want == TELEMETRY_FORBIDDEN ? "forbidden" : "required");
	finding_fix(g, f, "Remove the assignment: the chart sets the variable.");
}

void rule_telemetry(struct gate *g)
{
	struct place_iter where;
	enum state on = switch_state(g, &where);

	if (g->policy->telemetry == TELEMETRY_FORBIDDEN || g->policy->telemetry == TELEMETRY_REQUIRED)
		each_switch_text(g, chart_env(VALUE_TELEMETRY), check_text, NULL);
	if (g->policy->telemetry == TELEMETRY_FORBIDDEN) {
		if (on != OFF || telemetry_is_rendered(g))
			forbid(g);
		if (on != OFF && !own_entry(g, &where))
			find_inherited(g, &where);
		else if (on != OFF && !object_is_chart(where.at, OBJECT_PX_BACKUP))
			find_added(g, &where, own_entry(g, &where));
		return;
	}
	if (on == UNCLEAR) {
		find_unclear(g, &where);
		return;
	}
	if (g->policy->telemetry == TELEMETRY_REQUIRED && on == OFF && !telemetry_is_rendered(g))
		require(g);
	agree(g, on, &where);
}
