/*
 * component.c: what makes the installation is there.
 */
#include "rules/places.h"

static const struct component {
	const char *kind, *name, *what;
	bool backup;	   /* rendered only with pxbackup.enabled=true */
	const char *value; /* rendered only where this is true; NULL: always */
} components[] = {
	{"Deployment", "px-backup", "the backup server", true, NULL},
	{"StatefulSet", "pxc-backup-mongodb", "its database", true, NULL},
	{"ConfigMap", "pxcentral-ui-configmap", "the settings of the user interface", false, NULL},
	{"Job", "pxcentral-post-install-hook", "the set-up Job", false, NULL},
	{"StatefulSet", "pxcentral-keycloak", "the login server", false, "oidc.centralOIDC.enabled"},
	{"StatefulSet", "pxcentral-keycloak-postgresql", "the login server's database", false,
	 "oidc.centralOIDC.enabled"},
	{"StatefulSet", "pxcentral-mysql", "the user interface's database", false, NULL},
};

/* The chart's checks, and the events at which Helm runs them. */
static const struct {
	const char *name, *event;
} hooks[] = {
	{"pre-install-check", "pre-install"},	{"preflight-check", "pre-install"},
	{"preflight-check", "pre-upgrade"},	{"pre-upgrade-check", "pre-upgrade"},
	{"pre-rollback-check", "pre-rollback"},
};

const char *component_key(struct slice kind, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(components); i++)
		if (slice_is(kind, components[i].kind) && slice_is(name, components[i].name))
			return components[i].value;
	return NULL;
}

/* As itself: no hook that comes and goes, and where it runs something, with a container. */
static bool is_there(const struct gate *g, const struct component *c)
{
	const struct object *o = release_find(g->release, c->kind, c->name);

	if (!o || o->is_hook || (wants_argo(g) && object_argo_hook(o)))
		return false;
	return strcmp(c->kind, "ConfigMap") == 0 || object_container(g->release, o, NULL);
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
		const struct object *o = release_find(g->release, "Job", hooks[i].name);
		struct finding *f;

		if (!o || runs_at(g, o, hooks[i].event))
			continue;
		f = gate_find(g, o, o->hook);
		finding_expected(g, f, "helm.sh/hook: %s", hooks[i].event);
		finding_say(g, f, "Job %s does not run at %s: %s", hooks[i].name, hooks[i].event,
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
		struct finding *f;

		if (is_there(g, c))
			continue;
		f = gate_find(g, main_object(g), NULL);
		finding_say(g, f, "%s %s (%s) is not in the stream", c->kind, c->name, c->what);
		finding_expected(g, f, "%s/%s", c->kind, c->name);
		if (c->backup)
			finding_fix_value(g, f, VALUE_BACKUP_ENABLED, "true");
		else if (c->value)
			finding_fix(g, f, "--set %s=true", gate_key(g, c->value));
		else
			finding_fix(g, f,
				    "Render the whole chart: without --show-only and without filters in between.");
	}
}