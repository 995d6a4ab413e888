/*
 * verify_stork.c: Stork, which does the backups: who deployed it, which version runs, whether it runs.
 */
#include "checks/stork_pods.h"

static const struct node *pods_of(const struct facts *f)
{
	return node_lookup(facts_root(f, Q_PODS), "items");
}

static bool is_leaving(const struct node *pod)
{
	struct slice phase = node_string(node_at(pod, "status/phase"));

	return !node_is_null(node_at(pod, "metadata/deletionTimestamp")) || slice_is(phase, "Succeeded") ||
	       slice_is(phase, "Failed");
}

static const struct node *condition(const struct node *pod, const char *type)
{
	for (struct seq_iter it = seq_iter_of(node_at(pod, "status/conditions")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "type"), type))
			return it.item;
	return NULL;
}

static bool is_ready(const struct node *pod)
{
	return node_string_is(node_at(pod, "status/phase"), "Running") &&
	       node_string_is(node_lookup(condition(pod, "Ready"), "status"), "True");
}

/* --- version --------------------------------------------------------------------------------------------------- */

/* What the kubelet runs; a runtime that shows only a digest there leaves the image that was asked for. */
static struct slice stork_tag(const struct node *pod)
{
	const struct node *status, *spec;
	struct slice tag;

	status = node_named(node_at(pod, "status/containerStatuses"), SLICE("stork"), &(size_t){0});
	tag = image_tag(node_string(node_lookup(status, "image")));
	if (version_parse(tag).known)
		return tag;
	spec = node_named(node_at(pod, "spec/containers"), SLICE("stork"), &(size_t){0});
	return image_tag(node_string(node_lookup(spec, "image")));
}

static void stork_by_pods(struct facts *f, const struct node *items)
{
	struct version needed = version_parse(slice_str(f->demands->stork)), lowest = {0};
	const struct node *which = NULL, *odd = NULL;
	struct slice text = SLICE_EMPTY;

	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		struct slice tag = stork_tag(it.item);
		struct version v = version_parse(tag);

		if (is_leaving(it.item))
			continue;
		if (!v.known) {
			odd = it.item;
		} else if (!which || version_compare(v, lowest) < 0) {
			which = it.item;
			lowest = v;
			text = tag;
		}
	}
	if (which && version_compare(lowest, needed) < 0)
		fail_(f, "Stork is %s; %s or later is required", shown(f, text), f->demands->stork);
	else if (odd)
		unknown(f, "the image of %s has no version that can be compared", object_name(f, "Pod", odd));
	else if (which)
		pass(f, "%s (at least %s)", shown(f, text), f->demands->stork);
	else
		skip(f, "no Stork pod runs");
	if (which)
		result_about(f, object_name(f, "Pod", which), "status.containerStatuses[stork].image");
	if (which)
		result_values(f, shown(f, text), f->demands->stork);
}

void check_stork_version(struct facts *f)
{
	const struct node *items = pods_of(f), *deployment = facts_root(f, Q_STORK), *c;
	struct slice tag;

	if (items) {
		stork_by_pods(f, items);
	} else if (deployment) {
		c = node_named(node_at(deployment, "spec/template/spec/containers"), SLICE("stork"), &(size_t){0});
		tag = image_tag(node_string(node_lookup(c, "image")));
		if (version_parse(tag).known &&
		    version_compare(version_parse(tag), version_parse(slice_str(f->demands->stork))) < 0) {
			fail_(f, "the Deployment asks for Stork %s; %s or later is required", shown(f, tag),
			      f->demands->stork);
			result_about(f, object_name(f, "Deployment", deployment),
				     "spec.template.spec.containers[stork].image");
			result_values(f, shown(f, tag), f->demands->stork);
		} else {
			result_unanswered(f, Q_PODS);
		}
	} else {
		result_unanswered(f, Q_PODS);
	}
	if (f->results[f->current].outcome == OUTCOME_FAIL)
		result_fix(f, "upgrade Stork through the StorageCluster (spec.stork.image, or a newer Operator)");
}

/* --- who deployed it ------------------------------------------------------------------------------------------- */

static bool owned_by(const struct node *deployment, struct slice uid)
{
	for (struct seq_iter it = seq_iter_of(node_at(deployment, "metadata/ownerReferences")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "kind"), "StorageCluster") && uid.n &&
		    slice_eq(node_string(node_lookup(it.item, "uid")), uid))
			return true;
	return false;
}

static bool has_managed_pod(const struct facts *f)
{
	for (struct seq_iter it = seq_iter_of(pods_of(f)); seq_next(&it);)
		if (node_string_is(node_lookup(node_at(it.item, "metadata/labels"),
					       "operator.libopenstorage.org/managed-by"),
				   "portworx"))
			return true;
	return false;
}

static void not_owned(struct facts *f, struct slice account)
{
	if (slice_is(account, "stork-account") || !has_managed_pod(f)) {
		fail_(f, "Deployment stork is not owned by the StorageCluster: it is a standalone Stork");
		result_fix(f, "remove the standalone Stork, and enable Stork in the StorageCluster "
			      "(spec.stork.enabled: true)");
	} else {
		warn(f, "Deployment stork is not owned by the live StorageCluster, though its pods are the Operator's");
		result_fix(f, "the Deployment was restored or edited by hand: let the Operator create it anew");
	}
}

void check_stork_deployment(struct facts *f)
{
	const struct node *d = facts_root(f, Q_STORK), *stc = facts_storagecluster(f);
	struct slice account = node_string(node_at(d, "spec/template/spec/serviceAccountName"));

	if (!stc && facts_known(f, Q_STORAGECLUSTERS) && !f->px_namespace &&
	    node_count(node_lookup(facts_root(f, Q_STORAGECLUSTERS), "items")) < 2) {
		skip(f, "there is no StorageCluster that could have deployed it");
		return;
	}
	if (!f->v[Q_STORK].asked || !facts_known(f, Q_STORK)) {
		result_unanswered(f, Q_STORK);
		return;
	}
	if (!d) {
		fail_(f, "there is no Deployment stork in namespace '%s'%s", facts_namespace(f),
		      node_is_bool(node_at(stc, "spec/stork/enabled"), false) ? ": spec.stork.enabled is false" : "");
		result_fix(f, "set spec.stork.enabled: true in the StorageCluster");
		return;
	}
	if (!stc)
		result_unanswered(f, Q_STORAGECLUSTERS);
	else if (!owned_by(d, node_string(node_at(stc, "metadata/uid"))))
		not_owned(f, account);
	else if (!slice_is(account, "stork") && account.n)
		warn(f, "Deployment stork runs as ServiceAccount '%s', not 'stork'", shown(f, account));
	else
		pass(f, "owned by the StorageCluster");
	result_about(f, object_name(f, "Deployment", d), "metadata.ownerReferences");
}

/* One that is scaled to nothing holds no lock and writes nothing. */
static bool is_asleep(const struct node *deployment)
{
	return slice_is(node_text(node_real(node_at(deployment, "spec/replicas"))), "0");
}

void check_stork_single(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_STORKS), "items");
	cleanup_buf struct buf names = BUF_TEXT;
	size_t awake = 0;

	if (!items) {
		result_unanswered(f, Q_STORKS);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		awake += !is_asleep(it.item);
		buf_addf(&names, "%s%s", names.n ? ", " : "",
			 shown(f, node_string(node_at(it.item, "metadata/namespace"))));
	}
	facts_need(f, &names);
	if (awake > 1)
		fail_(f, "%zu Deployments are named stork (namespaces %s): they share locks and disturb each other",
		      awake, buf_str(&names));
	else if (node_count(items) > 1)
		warn(f, "%zu Deployments are named stork (namespaces %s); all but one have no replicas",
		     node_count(items), buf_str(&names));
	else if (node_count(items) == 1)
		pass(f, "one, in namespace %s", buf_str(&names));
	else
		skip(f, "there is no Deployment stork");
	if (node_count(items) > 1)
		result_fix(f, "remove the standalone Stork; Federated mode supports only the Operator's");
}

/* --- pods ------------------------------------------------------------------------------------------------------ */

static bool waits_for_a_node(const struct node *pod)
{
	struct slice why = node_string(node_lookup(condition(pod, "PodScheduled"), "message"));

	return node_string_is(node_at(pod, "status/phase"), "Pending") && slice_find(why, "anti-affinity") != SIZE_MAX;
}

static const char *pod_state(struct facts *f, const struct node *pod)
{
	for (struct seq_iter it = seq_iter_of(node_at(pod, "status/containerStatuses")); seq_next(&it);) {
		struct slice reason = node_string(node_at(it.item, "state/waiting/reason"));

		if (reason.n)
			return shown(f, reason);
	}
	if (node_string_is(node_at(pod, "status/phase"), "Running"))
		return "Running, not ready";
	return shown(f, node_string(node_at(pod, "status/phase")));
}

struct pod_count {
	size_t ready, waiting, bad, leaving;
	const struct node *first_bad, *first_waiting;
};

static struct pod_count count_pods(const struct node *items)
{
	struct pod_count n = {0};

	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (is_leaving(it.item)) {
			n.leaving++;
		} else if (is_ready(it.item)) {
			n.ready++;
		} else if (waits_for_a_node(it.item)) {
			n.waiting++;
			n.first_waiting = it.item;
		} else {
			n.bad++;
			n.first_bad = it.item;
		}
	}
	return n;
}

static size_t wanted_pods(const struct facts *f)
{
	struct slice s = node_text(node_real(node_at(facts_root(f, Q_STORK), "spec/replicas")));
	size_t n = 0;

	for (size_t i = 0; i < s.n && i < 6 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n = n * 10 + (size_t)(s.p[i] - '0');
	return n;
}

void check_stork_pods(struct facts *f)
{
	const struct node *items = pods_of(f);
	struct pod_count n = count_pods(items);
	const struct node *bad = n.first_bad ? n.first_bad : n.first_waiting;

	if (!items) {
		result_unanswered(f, Q_PODS);
		return;
	}
	if (n.ready == 0 && !bad)
		fail_(f, "no Stork pod runs in namespace '%s'", facts_namespace(f));
	else if (n.ready == 0)
		fail_(f, "no Stork pod is ready; %s is %s", object_name(f, "Pod", bad), pod_state(f, bad));
	else if (n.bad)
		fail_(f, "%zu of %zu Stork pods are not ready; %s is %s", n.bad, n.ready + n.bad + n.waiting,
		      object_name(f, "Pod", n.first_bad), pod_state(f, n.first_bad));
	else if (n.ready + n.waiting < wanted_pods(f))
		fail_(f, "the Deployment asks for %zu Stork pods, %zu are there", wanted_pods(f), n.ready + n.waiting);
	else if (n.waiting)
		warn(f, "%zu ready, %zu pending: there are fewer nodes than replicas", n.ready, n.waiting);
	else if (n.leaving)
		pass(f, "%zu ready, %zu ending or ended", n.ready, n.leaving);
	else
		pass(f, "%zu ready", n.ready);
	if (bad)
		result_about(f, object_name(f, "Pod", bad), "status");
	if (f->results[f->current].outcome == OUTCOME_FAIL)
		result_fix(f, "kubectl describe pods -n %s -l name=stork", facts_namespace(f));
}

/* --- rights and proxy ------------------------------------------------------------------------------------------ */

void check_stork_rbac(struct facts *f)
{
	const struct node *stc = need_storagecluster(f);

	if (!stc)
		return;
	if (node_is_bool(node_at(stc, "spec/stork/restrictDataProtectionRBAC"), true)) {
		fail_(f, "spec.stork.restrictDataProtectionRBAC is true: Stork may not read what it has to back up");
		result_fix(f, "set spec.stork.restrictDataProtectionRBAC: false in the StorageCluster");
		result_values(f, "true", "false");
	} else {
		pass(f, "restrictDataProtectionRBAC is not set");
	}
	result_about(f, object_name(f, "StorageCluster", stc), "spec.stork.restrictDataProtectionRBAC");
}

void check_stork_proxy(struct facts *f)
{
	static const char *const names[] = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"};
	const struct node *stc = need_storagecluster(f), *env = node_at(stc, "spec/stork/env");

	if (!stc)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!variable(env, names[i]))
			continue;
		warn(f, "spec.stork.env sets %s: a proxy for Stork is not supported with Azure workload identity",
		     names[i]);
		result_about(f, object_name(f, "StorageCluster", stc), "spec.stork.env");
		result_fix(f, "remove %s from spec.stork.env of the StorageCluster", names[i]);
		return;
	}
	pass(f, "no proxy in spec.stork.env");
}

/* --- for the checks of the identity ---------------------------------------------------------------------------- */

const struct node *stork_container(const struct node *pod)
{
	return node_named(node_at(pod, "spec/containers"), SLICE("stork"), &(size_t){0});
}

bool stork_pod_counts(const struct node *pod)
{
	return !is_leaving(pod) && !waits_for_a_node(pod);
}
