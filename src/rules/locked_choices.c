/*
 * locked_choices.c: the mode, the names, the encryption and the selectors are what they were when it was installed.
 */
#include "chart/chart_object.h"
#include "rules/locked.h"
#include "rules/places.h"

static const char new_installation[] =
	"Install it as a new release in a namespace of its own, and give that one a lock of its own.";

static const struct object *ui_config(const struct gate *g, const struct node **at)
{
	const struct object *o = chart_object_in(g->release, OBJECT_UI_CONFIG);

	*at = o ? node_at(o->root, "data/PX_BACKUP_FEDERATED") : NULL;
	return o ? o : main_object(g);
}

static void find_mode(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	const struct node *at;
	const struct object *o = ui_config(g, &at);
	struct finding *f;

	if (d->field != LOCK_FIELD_MODE)
		return;
	f = locked_find(g, d, o, at);
	if (l->mode == LOCK_FEDERATED) {
		finding_say(g, f,
			    "the installation is Federated in %s and this is %s: a conversion in place is unsupported, "
			    "and Classic mode looks for credentials that were never stored",
			    l->source, slice_is(d->after, "mixed") ? "partly Classic" : "Classic");
		finding_fix_value(g, f, VALUE_FEDERATED, "true");
		finding_follows(f, VALUE_FEDERATED);
		return;
	}
	finding_say(g, f,
		    "the installation is Classic in %s and this is %s: a conversion in place is unsupported, and what "
		    "it has backed up stays behind credentials that Federated mode does not have",
		    l->source, slice_is(d->after, "mixed") ? "partly Federated" : "Federated");
	finding_fix(g, f, "%s", new_installation);
}

/* The gate lets Federated mode pass and repairs what is not: a Classic installation must not get there. */
static void find_classic(struct gate *g, const struct lock *l)
{
	const struct node *at;
	const struct object *o = ui_config(g, &at);
	struct finding *f = gate_find(g, o, at);

	finding_say(g, f,
		    "the installation is Classic in %s; this gate passes Federated mode only, and a conversion in "
		    "place is unsupported",
		    l->source);
	finding_fix(g, f, "%s", new_installation);
}

void rule_mode_locked(struct gate *g)
{
	locked_each(g, find_mode);
	for (size_t i = 0; i < g->options.locks_n && g->options.scope != GATE_LOCKS; i++)
		if (g->options.locks[i]->mode == LOCK_CLASSIC && locked_mode(g) == LOCK_CLASSIC) {
			find_classic(g, g->options.locks[i]);
			return;
		}
}

/* The first object that has this text at the path. */
static const struct object *object_with(const struct gate *g, const char *path, const char *key, struct slice text,
					const struct node **at)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *n = node_lookup(node_at(o->root, path), key);

		if (o->owner || o->is_hook || !slice_eq(node_string(n), text))
			continue;
		*at = node_real(n);
		return o;
	}
	*at = NULL;
	return main_object(g);
}

static void find_name(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	const struct object *o;
	const struct node *at;
	struct finding *f;

	if (d->field == LOCK_FIELD_NAMESPACE) {
		o = object_with(g, "metadata", "namespace", d->after, &at);
		f = locked_find(g, d, o, at);
		finding_say(g, f,
			    "the installation is in namespace %s in %s and this is for %s: Helm would make a second "
			    "one there, and no volume moves between namespaces",
			    f->expected, l->source, f->found);
		finding_fix(g, f, "--namespace %s", f->expected);
	} else if (d->field == LOCK_FIELD_RELEASE_NAME) {
		o = object_with(g, "metadata/labels", "app.kubernetes.io/instance", d->after, &at);
		f = locked_find(g, d, o, at);
		finding_say(g, f,
			    "the release is called %s in %s and here %s: Helm renames none, and the name is part of "
			    "selectors that the API server never changes",
			    f->expected, l->source, f->found);
		finding_fix(g, f, "Use the release name %s.", f->expected);
	}
}

void rule_namespace_locked(struct gate *g)
{
	locked_each(g, find_name);
}

static void find_encryption(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	const struct object *o = chart_object_in(g->release, OBJECT_PX_BACKUP);
	const struct node *at = NULL;
	struct finding *f;

	if (d->field != LOCK_FIELD_ENCRYPTION)
		return;
	for (size_t i = 0; i < g->release->envs.n; i++)
		if (g->release->envs.v[i].object == o && slice_is(g->release->envs.v[i].name, "ENCRYPT_MONGODB"))
			at = node_real(g->release->envs.v[i].value);
	f = locked_find(g, d, o, at);
	finding_say(
		g, f,
		"MongoDB's encryption is %s in %s and here %s: it is decided when the volumes are first filled, and "
		"MongoDB cannot read them the other way",
		f->expected, l->source, f->found);
	finding_fix_value(g, f, VALUE_ENCRYPT_MONGODB, slice_is(d->before, "on") ? "true" : "false");
}

void rule_encryption_locked(struct gate *g)
{
	locked_each(g, find_encryption);
}

/* --- selectors ------------------------------------------------------------------------------------------------- */

static void find_selector(struct gate *g, const struct lock *l, const struct lock_difference *d)
{
	const char *key = d->field == LOCK_FIELD_SELECTOR	  ? "selector"
			  : d->field == LOCK_FIELD_SERVICE_NAME	  ? "serviceName"
			  : d->field == LOCK_FIELD_POD_MANAGEMENT ? "podManagementPolicy"
								  : NULL;
	const struct object *o = d->workload ? d->workload->at : NULL;
	const struct node *spec, *at;
	struct finding *f;
	bool set;

	if (!key || !o)
		return;
	set = object_is(o, "StatefulSet", NULL);
	spec = node_lookup(o->root, "spec");
	at = node_lookup(spec, key);
	f = locked_find(g, d, o, at ? node_real(at) : spec);
	finding_say(g, f, "spec.%s was %s in %s and is %s here: the API server answers '%s'", key, f->expected,
		    l->source, f->found,
		    set ? "updates to statefulset spec for fields other than ... are forbidden" : "field is immutable");
	finding_fix(g, f, "Restore the previous value.");
	finding_fix(g, f,
		    set ? "If it is meant: delete the StatefulSet with --cascade=orphan (pods and volumes stay) right "
			  "before the upgrade, and record it: pxb-fed lock update --reason TEXT"
			: "If it is meant: delete the object right before the upgrade, and record it: pxb-fed lock "
			  "update --reason TEXT");
}

void rule_selector_locked(struct gate *g)
{
	locked_each(g, find_selector);
}
