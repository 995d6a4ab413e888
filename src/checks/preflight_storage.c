/*
 * preflight_storage.c: StorageClass, quotas and limits against what the chart will claim.
 */
#include "checks/preflight_need.h"

/* --- the class ------------------------------------------------------------------------------------------------- */

static bool is_default(const struct node *class)
{
	const struct node *a = node_at(class, "metadata/annotations");

	return node_string_is(node_lookup(a, "storageclass.kubernetes.io/is-default-class"), "true") ||
	       node_string_is(node_lookup(a, "storageclass.beta.kubernetes.io/is-default-class"), "true");
}

static bool is_argo(const struct facts *f)
{
	return preflight_switch(f, VALUE_ARGO_CD, preflight_of(f)->policy->argo_cd == ARGO_TRUE);
}

static size_t free_volumes(const struct facts *f, struct slice class)
{
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_VOLUMES), "items")); seq_next(&it);)
		n += slice_eq(node_string(node_at(it.item, "spec/storageClassName")), class) &&
		     node_string_is(node_at(it.item, "status/phase"), "Available");
	return n;
}

static void judge_class(struct facts *f, const struct node *class, struct slice name)
{
	bool wait = node_string_is(node_lookup(class, "volumeBindingMode"), "WaitForFirstConsumer");
	bool manual = node_string_is(node_lookup(class, "provisioner"), "kubernetes.io/no-provisioner");
	size_t need = preflight_need(f).count;

	if (manual && !facts_known(f, Q_VOLUMES))
		result_unanswered(f, Q_VOLUMES);
	else if (manual && free_volumes(f, name) < need)
		fail_(f, "'%s' has no provisioner, and %zu volumes are free; %zu are needed", shown(f, name),
		      free_volumes(f, name), need);
	else if (wait && is_argo(f))
		fail_(f,
		      "'%s' binds when a pod comes (WaitForFirstConsumer), and Argo CD waits for the hook's claim "
		      "before it "
		      "makes the pod",
		      shown(f, name));
	else if (!node_is_bool(node_lookup(class, "allowVolumeExpansion"), true))
		warn(f, "'%s' does not allow volumes to grow: sizes are final", shown(f, name));
	else
		pass(f, "'%s', %s", shown(f, name), shown(f, node_string(node_lookup(class, "provisioner"))));
	result_about(f, object_name(f, "StorageClass", class), NULL);
	if (wait && is_argo(f))
		result_fix(f, "choose a StorageClass with volumeBindingMode: Immediate");
}

static void no_class(struct facts *f, const struct node *items)
{
	size_t defaults = 0;

	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);)
		defaults += is_default(it.item);
	fail_(f,
	      "no StorageClass is named: the claims would take a default (the cluster has %zu), and Prometheus and "
	      "Alertmanager would keep their data in memory",
	      defaults);
	result_fix(f, "--set %s=NAME, or storageClassName in the policy", chart_value_name(VALUE_STORAGE_CLASS));
}

void check_storage_class(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_CLASSES), "items");
	struct slice name = preflight_class(f);

	if (!items) {
		result_unanswered(f, Q_CLASSES);
		return;
	}
	if (!name.n) {
		no_class(f, items);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!slice_eq(node_string(node_at(it.item, "metadata/name")), name))
			continue;
		judge_class(f, it.item, name);
		return;
	}
	fail_(f, "StorageClass '%s' does not exist", shown(f, name));
	result_fix(f, "kubectl get storageclass");
}

/* --- quotas ---------------------------------------------------------------------------------------------------- */

/* A container's default of a LimitRange for cpu or memory, requests or limits. */
static bool has_default(const struct facts *f, bool limits, const char *what)
{
	for (struct seq_iter r = seq_iter_of(node_lookup(facts_root(f, Q_LIMITS), "items")); seq_next(&r);)
		for (struct seq_iter it = seq_iter_of(node_at(r.item, "spec/limits")); seq_next(&it);) {
			if (!node_string_is(node_lookup(it.item, "type"), "Container"))
				continue;
			/* A default limit becomes the request as well. */
			if (node_lookup(node_lookup(it.item, "default"), what) ||
			    (!limits && node_lookup(node_lookup(it.item, "defaultRequest"), what)))
				return true;
		}
	return false;
}

static bool compute_key(struct slice key, bool *limits, const char **what)
{
	*limits = slice_starts(key, "limits.");
	*what = slice_ends(key, "cpu") ? "cpu" : "memory";
	return slice_is(key, "cpu") || slice_is(key, "memory") || slice_is(key, "requests.cpu") ||
	       slice_is(key, "requests.memory") || slice_is(key, "limits.cpu") || slice_is(key, "limits.memory");
}

/* How much of a key the installation needs; negative: the key is none that it touches. */
static double need_of(const struct facts *f, struct slice key, const struct need *n)
{
	struct slice class = preflight_class(f);
	bool upgrade = preflight_is_upgrade(f);

	if (slice_ends(key, ".storageclass.storage.k8s.io/requests.storage"))
		return class.n && slice_eq(slice_to(key, class.n), class) && key.p[class.n] == '.' &&
				       slice_starts(slice_from(key, class.n), ".storageclass.")
			       ? n->bytes
			       : -1;
	if (slice_ends(key, ".storageclass.storage.k8s.io/persistentvolumeclaims"))
		return class.n && slice_eq(slice_to(key, class.n), class) &&
				       slice_starts(slice_from(key, class.n), ".storageclass.")
			       ? (double)n->count
			       : -1;
	if (slice_is(key, "requests.storage"))
		return n->bytes;
	if (slice_is(key, "persistentvolumeclaims") || slice_is(key, "count/persistentvolumeclaims"))
		return (double)n->count;
	if (upgrade)
		return -1;
	if (slice_is(key, "pods") || slice_is(key, "count/pods"))
		return (double)n->pods;
	if (slice_is(key, "services") || slice_is(key, "count/services"))
		return (double)n->services;
	return slice_is(key, "services.loadbalancers") ? (double)n->balancers : -1;
}

static bool judge_compute(struct facts *f, const struct node *quota, struct slice key)
{
	const char *what;
	bool limits;

	if (!compute_key(key, &limits, &what) || preflight_sets(f, limits, what) || has_default(f, limits, what))
		return true;
	if (!facts_known(f, Q_LIMITS)) {
		result_unanswered(f, Q_LIMITS);
		return false;
	}
	fail_(f,
	      "%s limits %s, containers of the chart set none, and no LimitRange gives a default: their pods are "
	      "refused",
	      object_name(f, "ResourceQuota", quota), shown(f, key));
	result_fix(f, "add a LimitRange of type Container with default and defaultRequest for %s to namespace %s", what,
		   preflight_of(f)->ns);
	return false;
}

static bool judge_amount(struct facts *f, const struct node *quota, struct slice key, const struct need *n)
{
	double need = need_of(f, key, n), hard, used;
	const struct node *list = node_at(quota, "status/hard");

	if (need < 0)
		return true;
	if (!list)
		list = node_at(quota, "spec/hard");
	hard = quantity_number(node_text(node_real(node_get(list, key))));
	used = quantity_number(node_text(node_real(node_get(node_at(quota, "status/used"), key))));
	if (hard < 0) {
		unknown(f, "%s: the amount of %s cannot be read", object_name(f, "ResourceQuota", quota),
			shown(f, key));
		return false;
	}
	if ((used > 0 ? used : 0) + need <= hard)
		return true;
	fail_(f, "%s leaves too little of %s", object_name(f, "ResourceQuota", quota), shown(f, key));
	if (need > GIB)
		result_values(f, arena_printf(&f->arena, "%.0f GiB free", (hard - (used > 0 ? used : 0)) / GIB),
			      arena_printf(&f->arena, "%.0f GiB", need / GIB));
	else
		result_values(f, arena_printf(&f->arena, "%.0f free", hard - (used > 0 ? used : 0)),
			      arena_printf(&f->arena, "%.0f", need));
	result_fix(f, "raise the quota, or choose smaller volumes (persistentStorage.*)");
	return false;
}

static bool judge_quota(struct facts *f, const struct node *quota, const struct need *n)
{
	if (node_count(node_at(quota, "spec/scopes")) ||
	    node_count(node_at(quota, "spec/scopeSelector/matchExpressions"))) {
		unknown(f, "%s counts some pods only (scopes), which is not evaluated",
			object_name(f, "ResourceQuota", quota));
		return false;
	}
	for (struct map_iter it = map_iter_of(node_at(quota, "spec/hard")); map_next(&it);)
		if (!judge_compute(f, quota, node_text(it.key)) || !judge_amount(f, quota, node_text(it.key), n))
			return false;
	return true;
}

void check_quota(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_QUOTAS), "items");
	struct need n = preflight_need(f);
	struct check_result worst = {0};

	if (!items) {
		result_unanswered(f, Q_QUOTAS);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (judge_quota(f, it.item, &n))
			continue;
		if (result_keep_worst(&worst, &f->results[f->current]))
			break;
	}
	if (worst.set)
		f->results[f->current] = worst;
	else if (node_count(items))
		pass(f, "%zu quotas, %zu claims with %.0f GiB fit", node_count(items), n.count, n.bytes / GIB);
	else
		pass(f, "the namespace has none (%zu claims with %.0f GiB are needed)", n.count, n.bytes / GIB);
}

void check_limit_range(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_LIMITS), "items");
	struct need n = preflight_need(f);

	if (!items) {
		result_unanswered(f, Q_LIMITS);
		return;
	}
	for (struct seq_iter r = seq_iter_of(items); seq_next(&r);)
		for (struct seq_iter it = seq_iter_of(node_at(r.item, "spec/limits")); seq_next(&it);) {
			double min = quantity_number(node_text(node_real(node_at(it.item, "min/storage")))),
			       max = quantity_number(node_text(node_real(node_at(it.item, "max/storage"))));

			if (!node_string_is(node_lookup(it.item, "type"), "PersistentVolumeClaim"))
				continue;
			if ((min <= 0 || n.smallest >= min) && (max <= 0 || n.largest <= max))
				continue;
			fail_(f, "%s refuses claims of %.0f to %.0f GiB", object_name(f, "LimitRange", r.item),
			      n.smallest / GIB, n.largest / GIB);
			result_about(f, object_name(f, "LimitRange", r.item), "spec.limits[PersistentVolumeClaim]");
			result_fix(f, "widen the range, or choose other sizes (persistentStorage.*)");
			return;
		}
	pass(f, "claims of %.0f to %.0f GiB are allowed", n.smallest / GIB, n.largest / GIB);
}
