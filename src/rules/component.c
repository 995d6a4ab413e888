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
		else if (c->value)
			finding_fix(g, f, "--set %s=true", gate_key(g, c->value));
		else
			finding_fix(g, f,
				    "Render the whole chart: without --show-only and without filters in between.");
	}
}
