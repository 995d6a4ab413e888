/*
 * lock_compare.c: what one state of an installation has otherwise than another, and how much that weighs.
 *
 * The weights, and where they come from:
 *   API server, apps/v1: a Deployment's spec.selector is immutable; of a StatefulSet's spec only replicas, ordinals,
 *   template, updateStrategy, revisionHistoryLimit, persistentVolumeClaimRetentionPolicy and minReadySeconds may
 * change. API server, v1: a bound claim's spec is immutable but for a request that grows. Monitoring operator: makes
 * its StatefulSets anew when their templates change; the claims stay as they are. px-central: PostgreSQL's claim is
 * named after its major version; the check before an upgrade moves the data and the StatefulSet is made anew. Without a
 * view of the cluster the chart renders Prometheus with 5Gi in an upgrade. Vendor: no conversion between the modes, one
 * namespace and one class that never change, encryption from the first day on.
 */
#include "lock/lock.h"

#include "kube/quantity.h"

void lock_differences_init(struct lock_differences *d)
{
	memset(d, 0, sizeof(*d));
	d->arena = ARENA_INIT((size_t)64 << 20);
}

void lock_differences_release(struct lock_differences *d)
{
	arena_release(&d->arena);
	memset(d, 0, sizeof(*d));
}

bool lock_is_of_another(const struct lock *before, const struct lock *after)
{
	return before->ns.n && after->ns.n && before->release_name.n && after->release_name.n &&
	       !slice_eq(before->ns, after->ns) && !slice_eq(before->release_name, after->release_name);
}

/* Written to when memory is short, and then never read: lock_compare() fails. */
static struct lock_difference *add(struct lock_differences *d, enum lock_field field, enum lock_weight weight,
				   struct slice before, struct slice after)
{
	static _Thread_local struct lock_difference spare;
	struct lock_difference *x = VEC_PUSH(&d->arena, d->v);

	if (!x)
		x = &spare;
	*x = (struct lock_difference){.field = field, .weight = weight, .before = before, .after = after};
	return x;
}

/* Of a text that is always there; unknown on either side is no difference. */
static void compare_known(struct lock_differences *d, enum lock_field field, enum lock_weight weight,
			  struct slice before, struct slice after)
{
	if (before.n && after.n && !slice_eq(before, after))
		add(d, field, weight, before, after);
}

static void compare_choices(struct lock_differences *d, const struct lock *a, const struct lock *b)
{
	static const char *const switches[] = {"", "off", "on"};

	if (a->mode != LOCK_MODE_UNKNOWN && b->mode != LOCK_MODE_UNKNOWN && a->mode != b->mode)
		add(d, LOCK_FIELD_MODE, LOCK_NEVER, slice_str(lock_mode_name(a->mode)),
		    slice_str(lock_mode_name(b->mode)));
	compare_known(d, LOCK_FIELD_NAMESPACE, LOCK_NEVER, a->ns, b->ns);
	compare_known(d, LOCK_FIELD_RELEASE_NAME, LOCK_NEVER, a->release_name, b->release_name);
	compare_known(d, LOCK_FIELD_ENCRYPTION, LOCK_NEVER, slice_str(switches[a->encryption]),
		      slice_str(switches[b->encryption]));
	if (!slice_eq(a->chart, b->chart))
		compare_known(d, LOCK_FIELD_CHART, LOCK_FREE, a->chart, b->chart);
	else
		compare_known(d, LOCK_FIELD_CHART, LOCK_FREE, a->chart_version, b->chart_version);
}

/* --- claims ---------------------------------------------------------------------------------------------------- */

static bool same_object(const struct lock_claim *a, const struct lock_claim *b)
{
	return slice_eq(a->kind, b->kind) && slice_eq(a->object, b->object);
}

static const struct lock_claim *find_claim(const struct lock *l, const struct lock_claim *like)
{
	for (size_t i = 0; i < l->claims.n; i++)
		if (same_object(&l->claims.v[i], like) && slice_eq(l->claims.v[i].name, like->name))
			return &l->claims.v[i];
	return NULL;
}

static bool has_object(const struct lock *l, const struct lock_claim *c)
{
	for (size_t i = 0; i < l->claims.n; i++)
		if (same_object(&l->claims.v[i], c))
			return true;
	for (size_t i = 0; i < l->workloads.n; i++)
		if (slice_eq(l->workloads.v[i].kind, c->kind) && slice_eq(l->workloads.v[i].name, c->object))
			return true;
	return false;
}

/* "pxcentral-keycloak-data-postgres" and 18. */
static unsigned postgres_major(const struct lock_claim *c)
{
	static const char prefix[] = "pxcentral-keycloak-data-postgres";
	struct slice digits = slice_from(c->name, strlen(prefix));
	unsigned v = 0;

	if (!slice_is(c->kind, "StatefulSet") || !slice_starts(c->name, prefix) || !digits.n || digits.n > 4)
		return 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return 0;
		v = v * 10 + (unsigned)(digits.p[i] - '0');
	}
	return v;
}

/* The same claim after PostgreSQL's upgrade. */
static const struct lock_claim *find_renamed(const struct lock *l, const struct lock_claim *old)
{
	unsigned major = postgres_major(old);

	for (size_t i = 0; major && i < l->claims.n; i++)
		if (same_object(&l->claims.v[i], old) && postgres_major(&l->claims.v[i]) > major)
			return &l->claims.v[i];
	return NULL;
}

static enum lock_weight size_weight(const struct lock_claim *old, const struct lock_claim *new, bool renamed)
{
	int cmp = quantity_cmp(new->size, old->size);

	if (lock_claim_is_monitoring(old) || !old->size.n) /* where none was recorded, none is held */
		return LOCK_FREE;
	if (cmp < 0)
		return LOCK_NEVER;
	return renamed || slice_is(old->kind, "PersistentVolumeClaim") ? LOCK_FREE : LOCK_RECREATE;
}

static struct lock_difference *add_claim(struct lock_differences *d, enum lock_field field, enum lock_weight weight,
					 const struct lock_claim *old, const struct lock_claim *new,
					 struct slice before, struct slice after)
{
	struct lock_difference *x = add(d, field, weight, before, after);

	x->old_claim = old;
	x->claim = new;
	return x;
}

static void compare_claim(struct lock_differences *d, const struct lock_claim *old, const struct lock_claim *new)
{
	bool renamed = !slice_eq(old->name, new->name);

	if (renamed)
		add_claim(d, LOCK_FIELD_CLAIM_NAME, LOCK_FREE, old, new, old->name, new->name);
	if (!slice_eq(old->class_name, new->class_name))
		add_claim(d, LOCK_FIELD_CLASS, LOCK_NEVER, old, new, old->class_name, new->class_name);
	if (quantity_cmp(old->size, new->size) != 0)
		add_claim(d, LOCK_FIELD_SIZE, size_weight(old, new, renamed), old, new, old->size, new->size);
	if (!slice_eq(old->access_modes, new->access_modes))
		add_claim(d, LOCK_FIELD_ACCESS_MODES, lock_claim_is_monitoring(old) ? LOCK_FREE : LOCK_NEVER, old, new,
			  old->access_modes, new->access_modes);
	if (!slice_eq(old->rest, new->rest))
		add_claim(d, LOCK_FIELD_TEMPLATE, renamed ? LOCK_FREE : LOCK_RECREATE, old, new, old->rest, new->rest);
}

/* Telemetry's claim holds logs on their way out, and may go with it. Monitoring may be handed over to another system:
   then the whole resource goes. Anything else that goes is a lost volume. */
static enum lock_weight removal_weight(const struct lock_claim *old, const struct lock *after)
{
	if (slice_is(old->kind, "PersistentVolumeClaim") && slice_starts(old->object, "px-backup-telemetry"))
		return LOCK_FREE;
	if (lock_claim_is_monitoring(old) && !has_object(after, old))
		return LOCK_FREE;
	return lock_claim_is_database(old) ? LOCK_NEVER : LOCK_RECREATE;
}

static void compare_claims(struct lock_differences *d, const struct lock *a, const struct lock *b)
{
	for (size_t i = 0; i < a->claims.n; i++) {
		const struct lock_claim *old = &a->claims.v[i], *new = find_claim(b, old);

		if (!new)
			new = find_renamed(b, old);
		if (new)
			compare_claim(d, old, new);
		else
			add_claim(d, LOCK_FIELD_CLAIM, removal_weight(old, b), old, NULL, SLICE("there"), SLICE_EMPTY);
	}
	for (size_t i = 0; i < b->claims.n; i++) {
		const struct lock_claim *new = &b->claims.v[i];
		bool known = find_claim(a, new) != NULL;

		for (size_t k = 0; !known && k < a->claims.n; k++)
			known = !find_claim(b, &a->claims.v[k]) && find_renamed(b, &a->claims.v[k]) == new;
		if (!known)
			/* A template that joins a StatefulSet changes what is immutable in it. */
			add_claim(d, LOCK_FIELD_CLAIM,
				  slice_is(new->kind, "StatefulSet") && has_object(a, new) ? LOCK_RECREATE : LOCK_FREE,
				  NULL, new, SLICE_EMPTY, SLICE("there"));
	}
}

/* --- workloads ------------------------------------------------------------------------------------------------- */

static const struct lock_workload *find_workload(const struct lock *l, const struct lock_workload *like)
{
	for (size_t i = 0; i < l->workloads.n; i++)
		if (slice_eq(l->workloads.v[i].kind, like->kind) && slice_eq(l->workloads.v[i].name, like->name))
			return &l->workloads.v[i];
	return NULL;
}

static void add_workload(struct lock_differences *d, enum lock_field field, enum lock_weight weight,
			 const struct lock_workload *old, const struct lock_workload *new, struct slice before,
			 struct slice after)
{
	struct lock_difference *x;

	if (slice_eq(before, after))
		return;
	x = add(d, field, weight, before, after);
	x->old_workload = old;
	x->workload = new;
}

static void compare_workload(struct lock_differences *d, const struct lock_workload *old,
			     const struct lock_workload *new)
{
	if (slice_is(old->kind, "Job") && !(old->selector.n && new->selector.n))
		return;
	add_workload(d, LOCK_FIELD_SELECTOR, LOCK_RECREATE, old, new, old->selector, new->selector);
	add_workload(d, LOCK_FIELD_SERVICE_NAME, LOCK_RECREATE, old, new, old->service_name, new->service_name);
	add_workload(d, LOCK_FIELD_POD_MANAGEMENT, LOCK_RECREATE, old, new, old->pod_management, new->pod_management);
}

static void compare_workloads(struct lock_differences *d, const struct lock *a, const struct lock *b)
{
	for (size_t i = 0; i < a->workloads.n; i++) {
		const struct lock_workload *old = &a->workloads.v[i], *new = find_workload(b, old);

		if (new)
			compare_workload(d, old, new);
		else
			add_workload(d, LOCK_FIELD_WORKLOAD, LOCK_FREE, old, NULL, SLICE("there"), SLICE_EMPTY);
	}
	for (size_t i = 0; i < b->workloads.n; i++)
		if (!find_workload(a, &b->workloads.v[i]))
			add_workload(d, LOCK_FIELD_WORKLOAD, LOCK_FREE, NULL, &b->workloads.v[i], SLICE_EMPTY,
				     SLICE("there"));
}

int lock_compare(struct lock_differences *d, const struct lock *before, const struct lock *after, struct err *err)
{
	compare_choices(d, before, after);
	compare_claims(d, before, after);
	compare_workloads(d, before, after);
	return arena_failed(&d->arena) ? err_nomem(err) : 0;
}
