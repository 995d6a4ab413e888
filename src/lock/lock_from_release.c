/*
 * lock_from_release.c: the one-time choices as the objects of a release show them.
 */
#include "chart/place.h"
#include "chart/chart_object.h"
#include "lock/canonical.h"
#include "lock/lock.h"

struct taker {
	struct lock *l;
	const struct release *r;
	bool live;		   /* objects of a cluster: others may be among them */
	struct slice release_name; /* live: whose objects count; empty: not known */
	bool by_helm;		   /* live: Helm made them */
};

/* --- what is the release's ------------------------------------------------------------------------------------- */

/* What a controller made (a claim of a StatefulSet's pod, the StatefulSet of a Prometheus) is no choice of anybody. */
static bool is_made_by_controller(const struct release *r, const struct object *o)
{
	if (node_count(node_at(o->root, "metadata/ownerReferences")))
		return true;
	if (!object_is(o, "PersistentVolumeClaim", NULL))
		return false;
	/* The API server sets no owner on a claim of a StatefulSet's pod by default. */
	for (size_t i = 0; i < r->claims.n; i++)
		if (claim_is_made_of(&r->claims.v[i], o->name))
			return true;
	return false;
}

static struct slice helm_release(const struct object *o)
{
	return object_annotation(o, "meta.helm.sh/release-name");
}

static bool is_named(const struct taker *t, struct slice name)
{
	return !t->release_name.n || slice_eq(name, t->release_name);
}

/* Helm writes its release on everything that it makes, and on nothing else: where its hand shows, it decides. What Argo
   CD or kubectl applied has the chart's labels, and so do the claims that controllers made. */
static bool is_of_release(const struct taker *t, const struct object *o)
{
	struct slice instance = object_label(o, "app.kubernetes.io/instance");

	if (t->by_helm || helm_release(o).n)
		return helm_release(o).n && is_named(t, helm_release(o));
	return instance.n ? is_named(t, instance) : slice_is(object_label(o, "app.kubernetes.io/part-of"), "px-backup");
}

static bool is_by_helm(const struct taker *t)
{
	for (size_t i = 0; i < t->r->objects.n; i++)
		if (helm_release(t->r->objects.v[i]).n && is_named(t, helm_release(t->r->objects.v[i])))
			return true;
	return false;
}

static bool counts(const struct taker *t, const struct object *o)
{
	if (o->is_hook || o->is_generated || (t->live && object_was_hook(o)))
		return false;
	return !t->live || (!is_made_by_controller(t->r, o) && is_of_release(t, o));
}

/* --- mode and encryption --------------------------------------------------------------------------------------- */

enum { SAYS_TRUE = 1, SAYS_ELSE = 2 };

static const struct node *env_of(const struct release *r, const struct object *o, const char *name)
{
	const struct node *value = NULL;

	for (size_t i = 0; i < r->envs.n; i++)
		if (r->envs.v[i].object == o && slice_is(r->envs.v[i].name, name))
			value = r->envs.v[i].value; /* the last one wins */
	return value;
}

static unsigned says(const struct node *value)
{
	return node_string_is(value, "true") ? SAYS_TRUE : SAYS_ELSE;
}

static enum lock_mode mode_of(const struct release *r)
{
	const struct object *ui = chart_object_in(r, OBJECT_UI_CONFIG);
	const struct object *backup = chart_object_in(r, OBJECT_PX_BACKUP);
	const struct object *setup = chart_object_in(r, OBJECT_POST_INSTALL);
	unsigned said = 0;

	if (ui)
		said |= says(node_lookup(node_lookup(ui->root, "data"), chart_env(VALUE_FEDERATED)));
	if (backup)
		said |= says(env_of(r, backup, chart_env(VALUE_FEDERATED)));
	if (setup)
		said |= says(env_of(r, setup, chart_env(VALUE_FEDERATED)));
	if (said == (SAYS_TRUE | SAYS_ELSE))
		return LOCK_MODE_MIXED;
	return said == SAYS_TRUE ? LOCK_FEDERATED : said ? LOCK_CLASSIC : LOCK_MODE_UNKNOWN;
}

static enum lock_switch encryption_of(const struct release *r)
{
	const struct object *backup = chart_object_in(r, OBJECT_PX_BACKUP);

	if (!backup)
		return LOCK_SWITCH_UNKNOWN;
	return node_string_is(env_of(r, backup, "ENCRYPT_MONGODB"), "true") ? LOCK_ON : LOCK_OFF;
}

/* --- names ----------------------------------------------------------------------------------------------------- */

/* The most frequent of a few texts, the first of them in a draw. */
struct poll {
	struct slice text[16];
	size_t votes[16], n;
};

static void vote(struct poll *p, struct slice text)
{
	size_t i = 0;

	while (i < p->n && !slice_eq(p->text[i], text))
		i++;
	if (!text.n || i == ARRAY_SIZE(p->text))
		return;
	if (i == p->n)
		p->text[p->n++] = text;
	p->votes[i]++;
}

static struct slice winner(const struct poll *p)
{
	size_t best = 0;

	for (size_t i = 1; i < p->n; i++)
		if (p->votes[i] > p->votes[best])
			best = i;
	return p->n ? p->text[best] : SLICE_EMPTY;
}

/* "px-central-3.1.0-fc1": Helm's NAME-VERSION. */
static void split_chart(struct slice text, struct slice *name, struct slice *version)
{
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '-' || text.p[i + 1] < '0' || text.p[i + 1] > '9')
			continue;
		*name = slice_to(text, i);
		*version = slice_from(text, i + 1);
		return;
	}
	*name = *version = SLICE_EMPTY;
}

static void take_names(struct taker *t)
{
	struct poll names = {0}, spaces = {0}, charts = {0};
	struct arena *a = &t->l->arena;
	struct slice chart, version;

	for (size_t i = 0; i < t->r->objects.n; i++) {
		const struct object *o = t->r->objects.v[i];
		struct slice helm = helm_release(o);

		if (o->owner || !counts(t, o))
			continue;
		vote(&names, helm.n ? helm : object_label(o, "app.kubernetes.io/instance"));
		vote(&charts, object_label(o, "helm.sh/chart"));
		if (!object_is_cluster_scoped(o))
			vote(&spaces, o->ns);
	}
	split_chart(winner(&charts), &chart, &version);
	t->l->release_name = canonical_keep(a, winner(&names));
	t->l->ns = canonical_keep(a, winner(&spaces));
	t->l->chart = canonical_keep(a, chart);
	t->l->chart_version = canonical_keep(a, version);
}

/* --- claims ---------------------------------------------------------------------------------------------------- */

/* What a claim has beside the fields that are written out, as far as the API server holds it immutable. */
static struct slice rest_of(struct arena *a, const struct claim *c)
{
	static const char *const of_template[] = {"apiVersion",
						  "kind",
						  "status",
						  "metadata/name",
						  "metadata/creationTimestamp",
						  "spec/storageClassName",
						  "spec/accessModes",
						  "spec/resources/requests/storage",
						  "spec/volumeMode=Filesystem",
						  NULL};
	static const char *const of_claim[] = {
		"storageClassName",	     "accessModes", "resources", "volumeMode=Filesystem", "volumeName",
		"volumeAttributesClassName", NULL};

	if (c->kind == CLAIM_OPERATOR || !c->spec)
		return SLICE_EMPTY;
	if (c->kind == CLAIM_PVC)
		return canonical_digest(a, c->spec, of_claim);
	return canonical_digest(a, c->spec->parent, of_template);
}

static int compare_claims(const void *pa, const void *pb)
{
	const struct lock_claim *a = pa, *b = pb;
	int d = slice_cmp(a->kind, b->kind);

	if (d == 0)
		d = slice_cmp(a->object, b->object);
	return d ? d : slice_cmp(a->name, b->name);
}

/* The class that all claims name, or none. */
static void settle_class(struct lock *l)
{
	for (size_t i = 0; i < l->claims.n; i++)
		if (!slice_eq(l->claims.v[i].class_name, l->claims.v[0].class_name))
			return;
	if (l->claims.n)
		l->class_name = l->claims.v[0].class_name;
}

static void take_claims(struct taker *t)
{
	struct arena *a = &t->l->arena;

	for (size_t i = 0; i < t->r->claims.n; i++) {
		const struct claim *c = &t->r->claims.v[i];
		struct lock_claim *slot;

		if (!counts(t, c->object))
			continue;
		slot = VEC_PUSH(a, t->l->claims);
		if (!slot)
			return;
		slot->kind = canonical_keep(a, c->object->kind);
		slot->object = canonical_keep(a, c->object->name);
		slot->name = c->kind == CLAIM_TEMPLATE ? canonical_keep(a, c->name) : SLICE_EMPTY;
		slot->class_name = canonical_keep(a, node_string(c->class_name));
		/* A size may be a bare number. */
		slot->size = canonical_keep(a, node_text(node_real(node_at(c->spec, "resources/requests/storage"))));
		slot->access_modes = canonical_list(a, node_lookup(c->spec, "accessModes"));
		slot->rest = rest_of(a, c);
		slot->at = c;
	}
	if (t->l->claims.n)
		qsort(t->l->claims.v, t->l->claims.n, sizeof(*t->l->claims.v), compare_claims);
	settle_class(t->l);
}

/* --- workloads ------------------------------------------------------------------------------------------------- */

static int compare_workloads(const void *pa, const void *pb)
{
	const struct lock_workload *a = pa, *b = pb;
	int d = slice_cmp(a->kind, b->kind);

	return d ? d : slice_cmp(a->name, b->name);
}

static void take_workload(struct taker *t, const struct object *o)
{
	const struct node *spec = node_lookup(o->root, "spec");
	struct arena *a = &t->l->arena;
	struct lock_workload *w = VEC_PUSH(a, t->l->workloads);
	struct slice policy;

	if (!w)
		return;
	w->kind = canonical_keep(a, o->kind);
	w->name = canonical_keep(a, o->name);
	w->at = o;
	/* The cluster makes a Job's selector anew with every Job, unless it is told not to. */
	if (object_is(o, "StatefulSet", NULL) || object_is(o, "Deployment", NULL) ||
	    node_is_bool(node_lookup(spec, "manualSelector"), true))
		w->selector = canonical_selector(a, node_lookup(spec, "selector"));
	if (!object_is(o, "StatefulSet", NULL))
		return;
	policy = node_string(node_lookup(spec, "podManagementPolicy"));
	w->service_name = canonical_keep(a, node_string(node_lookup(spec, "serviceName")));
	w->pod_management = policy.n ? canonical_keep(a, policy) : SLICE("OrderedReady");
}

/* A text that holds a whole resource of the monitoring operator stands for it; of other objects it is a text. */
static bool is_workload(const struct object *o)
{
	return object_is_monitoring(o) ||
	       (!o->owner &&
		(object_is(o, "StatefulSet", NULL) || object_is(o, "Deployment", NULL) || object_is(o, "Job", NULL)));
}

static void take_workloads(struct taker *t)
{
	for (size_t i = 0; i < t->r->objects.n; i++) {
		const struct object *o = t->r->objects.v[i];

		if (counts(t, o) && is_workload(o))
			take_workload(t, o);
	}
	if (t->l->workloads.n)
		qsort(t->l->workloads.v, t->l->workloads.n, sizeof(*t->l->workloads.v), compare_workloads);
}

static int take(struct taker *t, const char *source, struct err *err)
{
	t->l->source = arena_str(&t->l->arena, slice_str(source));
	t->l->mode = mode_of(t->r);
	t->l->encryption = encryption_of(t->r);
	take_names(t);
	take_claims(t);
	take_workloads(t);
	return arena_failed(&t->l->arena) ? err_nomem(err) : 0;
}

int lock_from_release(struct lock *l, const char *source, const struct release *r, struct err *err)
{
	struct taker t = {.l = l, .r = r};

	return take(&t, source, err);
}

int lock_from_cluster(struct lock *l, const char *source, const char *release_name, const struct release *r,
		      struct err *err)
{
	struct taker t = {.l = l, .r = r, .live = true, .release_name = slice_str(release_name)};

	t.by_helm = is_by_helm(&t);
	return take(&t, source, err);
}
