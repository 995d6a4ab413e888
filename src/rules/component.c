/*
 * component.c: what makes the installation is there.
 */
#include "chart/chart_object.h"
#include "rules/places.h"

static const struct component {
	enum chart_object_id id;
	const char *what;
	bool backup; /* rendered only with pxbackup.enabled=true */
	int key;     /* rendered only where this value is true; -1: always */
} components[] = {
	{OBJECT_PX_BACKUP, "the backup server", true, -1},
	{OBJECT_MONGODB, "its database", true, -1},
	{OBJECT_UI_CONFIG, "the settings of the user interface", false, -1},
	{OBJECT_POST_INSTALL, "the set-up Job", false, -1},
	{OBJECT_KEYCLOAK, "the login server", false, KEY_OIDC_CENTRAL},
	{OBJECT_POSTGRESQL, "the login server's database", false, KEY_OIDC_CENTRAL},
	{OBJECT_MYSQL, "the user interface's database", false, -1},
};

/* The chart's checks, and the events at which Helm runs them. */
static const struct {
	enum chart_object_id job;
	const char *event;
} hooks[] = {
	{OBJECT_PRE_INSTALL_CHECK, "pre-install"},   {OBJECT_PREFLIGHT_CHECK, "pre-install"},
	{OBJECT_PREFLIGHT_CHECK, "pre-upgrade"},     {OBJECT_PRE_UPGRADE_CHECK, "pre-upgrade"},
	{OBJECT_PRE_ROLLBACK_CHECK, "pre-rollback"},
};

const char *component_key(struct slice kind, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(components); i++)
		if (slice_is(kind, chart_objects[components[i].id].kind) &&
		    slice_is(name, chart_object_name(components[i].id)))
			return components[i].key < 0 ? NULL : chart_value_name((unsigned)components[i].key);
	return NULL;
}

/* As itself: no hook that comes and goes, and where it runs something, with a container. */
static bool is_there(const struct gate *g, const struct component *c)
{
	const struct object *o = chart_object_in(g->release, c->id);

	if (!o || o->is_hook || (wants_argo(g) && object_argo_hook(o)))
		return false;
	return object_is(o, "ConfigMap", NULL) || object_container(g->release, o, NULL);
}

/* Items of a List are no hooks to Helm. In a stream that another program has made one List of, nothing is, and the
   annotation says what the chart meant. */
static bool runs_at(const struct gate *g, const struct object *o, const char *event)
{
	if (object_has_event(o, event))
		return true;
	return g->release->flavour == FLAVOUR_PLAIN && o->root != o->doc->root &&
	       slice_find(object_annotation(o, "helm.sh/hook"), event) != SIZE_MAX;
}

/* A check that Helm runs at another event, or installs as a Job, does not check before the installation. */
static void check_events(struct gate *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		const struct object *o = chart_object_in(g->release, hooks[i].job);
		struct finding *f;

		if (!o || runs_at(g, o, hooks[i].event))
			continue;
		f = gate_find(g, o, o->hook);
		finding_expected(g, f, "helm.sh/hook: %s", hooks[i].event);
		finding_say(g, f, "Job %s does not run at %s: %s", chart_object_name(hooks[i].job), hooks[i].event,
			    "what it checks is not checked");
		finding_fix(g, f, "Restore the annotation helm.sh/hook: %s.", hooks[i].event);
	}
}

void rule_component_missing(struct gate *g)
{
	if (!g->options.live)
		check_events(g);
	for (size_t i = 0; i < ARRAY_SIZE(components); i++) {
		const struct component *c = &components[i];
		const struct chart_object *o = &chart_objects[c->id];
		struct finding *f;

		if (is_there(g, c))
			continue;
		f = gate_find(g, main_object(g), NULL);
		finding_say(g, f, "%s %s (%s) is not in the stream", o->kind, o->name, c->what);
		finding_expected(g, f, "%s/%s", o->kind, o->name);
		if (c->backup)
			finding_fix_value(g, f, VALUE_BACKUP_ENABLED, "true");
		else if (c->key >= 0)
			finding_fix(g, f, "--set %s=true", gate_key(g, chart_value_name((unsigned)c->key)));
		else
			finding_fix(g, f,
				    "Render the whole chart: without --show-only and without filters in between.");
	}
}