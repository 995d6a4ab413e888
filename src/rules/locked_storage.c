/*
 * locked_storage.c: the volumes that an installation has stay what they are: their class, size and access modes, and
 * none goes.
 */
#include "chart/chart_object.h"
#include "rules/locked.h"
#include "rules/places.h"

static const char *title(struct gate *g, const struct lock_claim *c)
{
	if (slice_is(c->kind, "PersistentVolumeClaim"))
		return gate_printf(g, "claim " SLICE_FMT, SLICE_ARG(c->object));
	if (slice_is(c->kind, "StatefulSet"))
		return gate_printf(g, "claim template " SLICE_FMT " of " SLICE_FMT, SLICE_ARG(c->name),
				   SLICE_ARG(c->object));
	return gate_printf(g, "the claim of " SLICE_FMT " " SLICE_FMT, SLICE_ARG(c->kind), SLICE_ARG(c->object));
}

/* What the API server answers; nothing for what the monitoring operator makes. */
static const char *answer(const struct lock_claim *c)
{
	if (slice_is(c->kind, "PersistentVolumeClaim"))
		return ": the API server answers 'spec is immutable after creation except resources.requests'";
	if (slice_is(c->kind, "StatefulSet"))
		return ": the API server answers 'updates to statefulset spec for fields other than ... are forbidden'";
	return ": the volumes that are there keep theirs";
}

/* The node of the claim that differs, else the claim itself. */
static const struct node *place_of(const struct lock_difference *d)
{
	static const char *const paths[] = {
		[LOCK_FIELD_CLASS] = "storageClassName",
		[LOCK_FIELD_SIZE] = "resources/requests/storage",
		[LOCK_FIELD_ACCESS_MODES] = "accessModes",
	};
	const struct claim *c = d->claim->at;
	const struct node *n = NULL;

	if (d->field < ARRAY_SIZE(paths) && paths[d->field])
		n = node_real(node_at(c->spec, paths[d->field]));
	return n ? n : c->spec;
}

static void find_class(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	struct finding *f = locked_find(g, d, d->claim->at->object, place_of(d));

	finding_say(g, f, "%s has StorageClass %s in %s and %s here%s", title(g, d->claim), f->expected, l->source,
		    f->found, answer(d->claim));
	if (d->before.n)
		finding_fix_value(g, f, VALUE_STORAGE_CLASS, f->expected);
	else
		finding_fix(g, f, "Name no class for it: it was made with the cluster's default.");
	/* The repair of the class puts in what the policy names, or else what most claims say. */
	if (d->before.n && slice_eq(expected_class(g), d->before))
		finding_follows(f, VALUE_STORAGE_CLASS);
}

static const char record[] = "record it: pxb-fed lock update --reason TEXT";

/* The value of the chart that is a claim's size. */
static const struct {
	enum chart_object_id object;
	enum chart_name key;
} sizes[] = {
	{OBJECT_MYSQL_CLAIM, KEY_SIZE_MYSQL},	     {OBJECT_MONGODB, KEY_SIZE_MONGODB},
	{OBJECT_POSTGRESQL, KEY_SIZE_KEYCLOAK},	     {OBJECT_KEYCLOAK, KEY_SIZE_THEME},
	{OBJECT_PROMETHEUS_CR, KEY_SIZE_PROMETHEUS}, {OBJECT_ALERTMANAGER_CR, KEY_SIZE_ALERTMANAGER},
};

static void fix_size(struct gate *g, struct finding *f, const struct lock_claim *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (slice_is(c->object, chart_object_name(sizes[i].object))) {
			finding_fix(g, f, "--set %s=%s", gate_key(g, chart_value_name(sizes[i].key)), f->expected);
			return;
		}
	finding_fix(g, f, "Set its size to %s again.", f->expected);
}

static void find_size(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	struct finding *f = locked_find(g, d, d->claim->at->object, place_of(d));
	bool template = slice_is(d->claim->kind, "StatefulSet");

	if (d->weight == LOCK_FREE && lock_claim_is_monitoring(d->claim)) {
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f,
			    "%s has %s in %s and asks for %s: the volumes that are there keep their size; an upgrade "
			    "that is rendered without a view of the cluster asks for the chart's smallest",
			    title(g, d->claim), f->expected, l->source, f->found);
		finding_fix(g, f, "None needed; to keep the old size set the value's size.");
		return;
	}
	if (d->weight == LOCK_FREE) {
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "%s grows from %s in %s to %s: its class must allow that (allowVolumeExpansion)",
			    title(g, d->claim), f->expected, l->source, f->found);
		finding_fix(g, f, "When it has grown, %s", record);
		return;
	}
	if (d->weight == LOCK_NEVER) {
		finding_say(g, f, "%s has %s in %s and %s here: no volume shrinks, and the API server refuses it",
			    title(g, d->claim), f->expected, l->source, f->found);
		fix_size(g, f, d->claim);
		return;
	}
	finding_say(g, f, "%s has %s in %s and %s here%s", title(g, d->claim), f->expected, l->source, f->found,
		    answer(d->claim));
	fix_size(g, f, d->claim);
	if (template)
		finding_fix(g, f,
			    "To grow the volumes: raise the request of each PersistentVolumeClaim, delete the "
			    "StatefulSet with --cascade=orphan right before the upgrade, and %s",
			    record);
}

static void find_other(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	struct finding *f = locked_find(g, d, d->claim->at->object, place_of(d));
	bool modes = d->field == LOCK_FIELD_ACCESS_MODES;

	if (d->weight == LOCK_FREE)
		finding_severity(f, SEVERITY_NOTE);
	if (modes)
		finding_say(g, f, "%s has access modes %s in %s and %s here%s", title(g, d->claim), f->expected,
			    l->source, f->found, answer(d->claim));
	else
		finding_say(g, f, "%s differs from %s in labels, annotations, volume mode or data source%s",
			    title(g, d->claim), l->source, answer(d->claim));
	finding_fix(g, f, "Restore the previous value.");
	if (!modes)
		finding_fix(g, f,
			    "If it is meant: delete the object right before the upgrade (a StatefulSet with "
			    "--cascade=orphan), and %s",
			    record);
}

static void find_renamed(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	struct finding *f = locked_find(g, d, d->claim->at->object, place_of(d));

	finding_severity(f, SEVERITY_NOTE);
	finding_say(
		g, f,
		"PostgreSQL's claim is %s in %s and %s here: the check before the upgrade moves the data and creates "
		"the StatefulSet again",
		f->expected, l->source, f->found);
	finding_fix(g, f, "Keep the hooks (no --no-hooks). After the upgrade, %s", record);
}

static void find_added(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	struct finding *f;

	if (d->weight == LOCK_FREE) /* a volume more loses nothing */
		return;
	f = locked_find(g, d, d->claim->at->object, place_of(d));
	finding_say(g, f, "%s is not in %s, and the StatefulSet is%s", title(g, d->claim), l->source, answer(d->claim));
	finding_fix(g, f, "Remove the claim template.");
	finding_fix(g, f,
		    "If it is meant: delete the StatefulSet with --cascade=orphan right before the upgrade, and %s",
		    record);
}

/* The object that has lost its claim, if it is still there. */
static const struct object *owner_of(const struct gate *g, const struct lock_claim *c)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (slice_eq(o->kind, c->kind) && slice_eq(o->name, c->object))
			return o;
	}
	return NULL;
}

static void find_removed(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	const struct lock_claim *c = d->old_claim;
	const struct object *o = owner_of(g, c);
	struct finding *f = gate_find(g, o, o ? node_lookup(o->root, "spec") : NULL);
	bool owned = slice_is(c->kind, "StatefulSet");

	finding_expected(g, f, "a claim of " SLICE_FMT, SLICE_ARG(c->size));
	if (d->weight == LOCK_FREE) {
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "%s is in %s and not here: its data would be lost", title(g, c), l->source);
		finding_fix(g, f, "If that is meant, %s", record);
		return;
	}
	if (g->options.live) {
		finding_say(g, f,
			    "%s is in %s and not in the cluster: its data is gone, or in a volume of another name",
			    title(g, c), l->source);
		finding_fix(g, f, "Restore it before the next upgrade, which would make an empty one.");
		return;
	}
	finding_say(g, f, "%s is in %s and not here: %s", title(g, c), l->source,
		    owned && o ? "the API server refuses the change, and a new StatefulSet would leave its data behind"
		    : owned    ? "Helm would delete the StatefulSet and leave its data behind"
		    : o	       ? "its data would be on a disk that goes with the pod"
			       : "Helm deletes a claim that is no longer rendered, and its volume with it");
	if (owned && !o && component_key(c->kind, c->object))
		finding_fix(g, f, "--set %s=true", gate_key(g, component_key(c->kind, c->object)));
	else
		finding_fix_value(g, f, VALUE_STORAGE_ENABLED, "true");
	if (d->weight == LOCK_RECREATE)
		finding_fix(g, f, "If it is meant to go with its data, %s", record);
}

static void find_storage(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	switch (d->field) {
	case LOCK_FIELD_CLAIM:
		if (d->claim)
			find_added(g, l, d);
		else
			find_removed(g, l, d);
		break;
	case LOCK_FIELD_CLAIM_NAME:
		find_renamed(g, l, d);
		break;
	case LOCK_FIELD_CLASS:
		find_class(g, l, d);
		break;
	case LOCK_FIELD_SIZE:
		find_size(g, l, d);
		break;
	case LOCK_FIELD_ACCESS_MODES:
	case LOCK_FIELD_TEMPLATE:
		find_other(g, l, d);
		break;
	default:
		break;
	}
}

/* The repair of storage-class would put another class in than the installation has. */
static void check_policy(struct gate *g, const struct lock *l)
{
	struct finding *f;

	if (!g->policy->storage_class.n || !l->class_name.n || slice_eq(g->policy->storage_class, l->class_name))
		return;
	f = gate_find(g, NULL, NULL);
	finding_found(g, f, g->policy->storage_class);
	finding_expected(g, f, "%s", gate_show(g, l->class_name));
	finding_say(g, f, "the policy requires StorageClass %s, and the installation has %s in %s", f->found,
		    f->expected, l->source);
	finding_fix(g, f, "Name %s in the policy: the class of an installation is chosen once.", f->expected);
}

static bool class_is_repeated(const struct gate *g, size_t lock)
{
	for (size_t i = 0; i < lock; i++)
		if (slice_eq(g->options.locks[i]->class_name, g->options.locks[lock]->class_name))
			return true;
	return false;
}

void rule_storage_locked(struct gate *g)
{
	for (size_t i = 0; i < g->options.locks_n && g->options.scope != GATE_LOCKS; i++)
		if (!class_is_repeated(g, i))
			check_policy(g, g->options.locks[i]);
	locked_each(g, find_storage);
}
