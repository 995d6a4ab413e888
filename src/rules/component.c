/*
 * component.c: what makes the installation is there.
 */
#include "rules/places.h"

static const struct component {
	const char *kind, *name, *what;
	bool backup; /* rendered only with pxbackup.enabled=true */
} components[] = {
	{"Deployment", "px-backup", "the backup server", true},
	{"StatefulSet", "pxc-backup-mongodb", "its database", true},
	{"ConfigMap", "pxcentral-ui-configmap", "the settings of the user interface", false},
	{"Job", "pxcentral-post-install-hook", "the set-up Job", false},
	{"StatefulSet", "pxcentral-keycloak", "the login server", false},
	{"StatefulSet", "pxcentral-keycloak-postgresql", "the login server's database", false},
	{"StatefulSet", "pxcentral-mysql", "the user interface's database", false},
};

/* As itself: no hook that comes and goes, and where it runs something, with a container. */
static bool is_there(const struct gate *g, const struct component *c)
{
	const struct object *o = release_find(g->release, c->kind, c->name);

	if (!o || o->is_hook)
		return false;
	return strcmp(c->kind, "ConfigMap") == 0 || object_container(g->release, o, NULL);
}

void rule_component_missing(struct gate *g)
{
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
		else
			finding_fix(g, f,
				    "Render the whole chart: without --show-only and without filters in between.");
	}
}
