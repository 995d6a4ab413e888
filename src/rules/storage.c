/*
 * storage.c: one StorageClass that never changes, and no data on a disk that goes with its pod.
 */
#include "rules/places.h"

/* What the API server takes as the name of a StorageClass: a DNS subdomain. The vendor's page has a placeholder there.
 */
static bool is_class_name(struct slice name)
{
	char before = '.';

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!plain && c != '-' && c != '.')
			return false;
		if (!plain && (before == '.' || (c == '.' && before == '-')))
			return false;
		before = c;
	}
	return name.n && name.n <= 253 && before != '-' && before != '.';
}

const char *class_text(struct gate *g, struct slice want)
{
	return want.n ? arena_str(&g->arena, want) : FIX_BLANK;
}

/* What the chart itself renders with the value. An object that somebody added is judged, and never changed. */
static bool is_chart_object(const struct object *o)
{
	static const struct {
		const char *kind, *prefix;
	} rows[] = {
		{"PersistentVolumeClaim", "pxcentral-"},
		{"PersistentVolumeClaim", "pre-install-data-pvc"},
		{"PersistentVolumeClaim", "px-backup-"},
		{"PersistentVolumeClaim", "pre-upgrade-data-pvc"},
		{"StatefulSet", "pxc-backup-mongodb"},
		{"StatefulSet", "pxcentral-"},
		{"Prometheus", "px-backup-"},
		{"Alertmanager", "px-backup-"},
		{"Job", "pre-install-check"},
		{"Job", "preflight-check"},
		{"Job", "pre-upgrade-check"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (slice_is(o->kind, rows[i].kind) && slice_starts(o->name, rows[i].prefix))
			return true;
	return false;
}

struct class_place {
	const struct object *object;
	const struct node *value; /* of storageClassName or STORAGE_CLASS; NULL: the key is missing */
	const struct node *anchor;
	const char *what;
};

static void find_class(struct gate *g, const struct class_place *p, struct slice want, bool everywhere)
{
	const struct node *real = node_real(p->value);
	struct finding *f = gate_find(g, p->object, real ? real : p->anchor);

	f->value = VALUE_STORAGE_CLASS;
	finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
	finding_fix_value(g, f, VALUE_STORAGE_CLASS, class_text(g, want));
	if (!real || real->type == TYPE_NULL || (real->type == TYPE_STRING && !real->text_n)) {
		finding_say(g, f, "%s sets no StorageClass; the cluster default would be used and can never be changed",
			    p->what);
		return;
	}
	if (real->kind != NODE_SCALAR || real->type != TYPE_STRING) {
		finding_say(g, f, "the StorageClass of %s is not a string", p->what);
		return;
	}
	finding_found(g, f, node_text(real));
	if (!is_class_name(node_text(real))) {
		finding_say(g, f, "%s uses StorageClass '%s', which is not a valid name of a StorageClass", p->what,
			    f->found);
		return;
	}
	finding_say(g, f, "%s uses StorageClass %s; the installation has %s", p->what, f->found, f->expected);
	if (everywhere && is_chart_object(p->object))
		finding_set(g, f, real, class_text(g, want));
}

static bool is_class(const struct node *value)
{
	return is_class_name(node_string(value));
}

typedef bool (*class_fn)(struct gate *g, const struct class_place *p, void *arg);

/* Claims that a pod makes for itself. */
static bool each_ephemeral_claim(struct gate *g, const struct object *o, class_fn fn, void *arg)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(object_pod_spec(o), "volumes")); seq_next(&it);) {
		const struct node *claim = node_at(it.item, "ephemeral/volumeClaimTemplate");
		const struct node *spec = node_lookup(claim, "spec");
		struct class_place p = {.object = o,
					.value = node_lookup(spec, "storageClassName"),
					.anchor = spec ? spec : claim,
					.what = "the claim of a volume"};

		if (claim && !fn(g, &p, arg))
			return false;
	}
	return true;
}

/* Calls fn for every place of the class until it returns false. */
static bool each_place(struct gate *g, class_fn fn, void *arg)
{
	struct release *r = g->release;

	for (size_t i = 0; i < r->claims.n; i++) {
		const struct claim *c = &r->claims.v[i];
		struct class_place p = {.object = c->object,
					.value = c->class_name,
					.anchor = c->spec ? c->spec : c->object->root};

		p.what = c->kind == CLAIM_OPERATOR ? "the claim of this resource"
						   : gate_printf(g, "the claim " SLICE_FMT, SLICE_ARG(c->name));
		if (!fn(g, &p, arg))
			return false;
	}
	for (size_t i = 0; i < r->objects.n; i++)
		if (!each_ephemeral_claim(g, r->objects.v[i], fn, arg))
			return false;
	for (size_t i = 0; i < r->envs.n; i++) {
		const struct env_var *e = &r->envs.v[i];
		struct class_place p = {.object = e->object,
					.value = e->value,
					.anchor = e->item,
					.what = "the check STORAGE_CLASS"};

		if (slice_is(e->name, "STORAGE_CLASS") && !fn(g, &p, arg))
			return false;
	}
	return true;
}

static bool is_no_place(struct gate *g, const struct class_place *p, void *arg)
{
	(void)g;
	(void)p;
	(void)arg;
	return false;
}

static bool has_class(struct gate *g, const struct class_place *p, void *arg)
{
	(void)g;
	(void)arg;
	return is_class(p->value);
}

struct class_demand {
	struct slice want;
	bool everywhere;
};

static bool check_class(struct gate *g, const struct class_place *p, void *arg)
{
	const struct class_demand *d = arg;

	if (!is_class(p->value) || !slice_eq(node_string(p->value), d->want))
		find_class(g, p, d->want, d->everywhere);
	return true;
}

/* The policy names the class, or all claims do. What only most of them say is good enough to refuse, not to change. */
static bool is_agreed(const struct gate *g, struct slice want)
{
	if (g->policy->storage_class.n)
		return true;
	for (size_t i = 0; i < g->release->claims.n; i++)
		if (!slice_eq(node_string(g->release->claims.v[i].class_name), want))
			return false;
	return true;
}

/* The backup's own monitoring. That of the px-monitor add-on (pxcentral-prometheus) never had a claim. */
bool is_backup_monitoring(const struct object *o)
{
	return (slice_is(o->kind, "Prometheus") || slice_is(o->kind, "Alertmanager")) &&
	       slice_starts(o->name, "px-backup");
}

/* The annotation of old, which overrules the field wherever it is. */
static void check_old_annotation(struct gate *g, const struct claim *c, struct slice want)
{
	static const char key[] = "volume.beta.kubernetes.io/storage-class";
	const struct node *value = NULL;
	struct finding *f;

	if (c->spec)
		value = node_lookup(node_at(c->spec->parent, "metadata/annotations"), key);
	if (!value || slice_eq(node_string(value), want))
		return;
	f = gate_find(g, c->object, value);
	finding_found(g, f, node_text(node_real(value)));
	finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
	finding_say(g, f, "the annotation %s names class %s and overrules spec.storageClassName", key, f->found);
	finding_fix(g, f, "Remove the annotation.");
}

void rule_storage_class(struct gate *g)
{
	struct class_demand d = {.want = expected_class(g)};

	if (!is_class_name(d.want))
		d.want = SLICE_EMPTY;
	for (size_t i = 0; i < g->release->claims.n; i++)
		check_old_annotation(g, &g->release->claims.v[i], d.want);

	if (g->policy->storage_class.n && each_place(g, is_no_place, NULL))
		find_unseen(g, "storageClassName");
	/* Where a class is missing the chart leaves out whole blocks: that cannot be repaired place by place. */
	d.everywhere = each_place(g, has_class, NULL) && is_agreed(g, d.want);
	for (size_t i = 0; i < g->release->objects.n && d.everywhere; i++) {
		const struct object *o = g->release->objects.v[i];

		if (is_backup_monitoring(o))
			d.everywhere = node_at(o->root, "spec/storage/volumeClaimTemplate") != NULL;
	}
	each_place(g, check_class, &d);
}
