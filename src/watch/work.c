/*
 * work.c: whether a workload is ready, and if not, why: its Job's end, its pods, or that there are none.
 */
#include "watch/judge.h"

bool job_has(const struct node *job, const char *condition)
{
	return condition_is(node_lookup(job, "status"), condition, "True");
}

static bool is_rolled_out(const struct node *root, const struct node *status)
{
	return node_number(node_lookup(status, "observedGeneration"), 0) >=
	       node_number(node_at(root, "metadata/generation"), 0);
}

static bool deployment_is_ready(const struct node *root, long want)
{
	const struct node *status = node_lookup(root, "status");

	return is_rolled_out(root, status) && node_number(node_lookup(status, "updatedReplicas"), 0) >= want &&
	       node_number(node_lookup(status, "readyReplicas"), 0) >= want &&
	       node_number(node_lookup(status, "replicas"), 0) <= want;
}

static bool stateful_set_is_ready(const struct node *root, long want)
{
	const struct node *status = node_lookup(root, "status");
	struct slice now = node_string(node_lookup(status, "currentRevision")),
		     then = node_string(node_lookup(status, "updateRevision"));
	bool by_hand = node_string_is(node_at(root, "spec/updateStrategy/type"), "OnDelete");

	return is_rolled_out(root, status) && node_number(node_lookup(status, "readyReplicas"), 0) >= want &&
	       (by_hand || slice_eq(now, then) || node_number(node_lookup(status, "updatedReplicas"), 0) >= want);
}

void log_of(struct arena *a, const struct node *pod, struct trouble *t)
{
	struct slice name = node_string(node_at(pod, "metadata/name"));
	const struct node *last = NULL;

	for (struct seq_iter it = seq_iter_of(node_at(pod, "status/containerStatuses")); seq_next(&it);)
		if (!last || node_number(node_at(it.item, "state/terminated/exitCode"), 0))
			last = it.item;
	if (last)
		t->log = (struct log_place){arena_str(a, name), arena_str(a, node_string(node_lookup(last, "name"))),
					    false};
}

/* --- there is no pod to look at --------------------------------------------------------------------------------------
 */

/* What the controller says: the ReplicaSet's event for a Deployment, of its newest ReplicaSet. */
static const struct node *create_event(const struct snapshot *s, const struct workload_state *w)
{
	static const char *const reasons[] = {"FailedCreate", "SuccessfulCreate", NULL};
	const struct node *latest, *newest = NULL;

	if (strcmp(w->kind, "Deployment") != 0) {
		newest = latest_event(s, w->kind, slice_str(w->name), reasons);
		return node_string_is(node_lookup(newest, "reason"), "FailedCreate") ? newest : NULL;
	}
	for (const struct thing *t = things(s, RESOURCE_REPLICASETS); t; t = t->next) {
		if (!slice_is(owner_name(t->root, "Deployment"), w->name))
			continue;
		latest = latest_event(s, "ReplicaSet", t->name, reasons);
		if (latest && (!newest || slice_cmp(event_time(latest), event_time(newest)) > 0))
			newest = latest;
	}
	return node_string_is(node_lookup(newest, "reason"), "FailedCreate") ? newest : NULL;
}

/* Pods that end soon give their part of a quota back. */
static bool quota_may_free(const struct snapshot *s, struct slice message)
{
	if (slice_find(message, "exceeded quota") == SIZE_MAX)
		return false;
	for (const struct thing *t = things(s, RESOURCE_PODS); t; t = t->next)
		if (node_at(t->root, "metadata/deletionTimestamp"))
			return true;
	for (const struct thing *t = things(s, RESOURCE_JOBS); t; t = t->next)
		if (node_lookup(node_at(t->root, "metadata/annotations"), "helm.sh/hook") &&
		    node_number(node_at(t->root, "status/active"), 0) > 0)
			return true;
	return false;
}

static const char *create_fix(struct slice message)
{
	if (slice_find(message, "must specify") != SIZE_MAX)
		return "give the namespace a LimitRange with default requests and limits: the chart sets none";
	if (slice_find(message, "exceeded quota") != SIZE_MAX)
		return "raise the quota";
	if (slice_find(message, "violates PodSecurity") != SIZE_MAX)
		return "label the namespace pod-security.kubernetes.io/enforce=baseline: the chart's pods are not "
		       "restricted";
	return NULL;
}

static bool judge_create(const struct snapshot *s, struct arena *a, const struct workload_state *w, struct trouble *t)
{
	const struct node *status = node_lookup(w->root, "status");
	struct slice message = condition_is(status, "ReplicaFailure", "True")
				       ? condition_field(status, "ReplicaFailure", "message")
				       : node_string(node_lookup(create_event(s, w), "message"));

	if (!message.n)
		return false;
	t->weight = sign_weight(SIGN_CREATE, message);
	if (t->weight == TROUBLE_NONE || quota_may_free(s, message))
		t->weight = TROUBLE_RETRIED;
	t->text = arena_printf(a, "its pods cannot be created: " SLICE_FMT, SLICE_ARG(message));
	if (t->weight == TROUBLE_FINAL)
		t->fix = create_fix(message);
	return true;
}

/* --- pods ------------------------------------------------------------------------------------------------------------
 */

static bool is_ended(const struct node *pod)
{
	return node_at(pod, "metadata/deletionTimestamp") || node_string_is(node_at(pod, "status/phase"), "Failed") ||
	       node_string_is(node_at(pod, "status/phase"), "Succeeded");
}

/* The heaviest trouble of its pods; of equals that of the first by name, so that pictures stay the same. */
static long worst_pod(const struct snapshot *s, struct arena *a, const struct workload_state *w, struct trouble *t)
{
	struct slice worst = SLICE_EMPTY;
	long n = 0;

	for (const struct thing *pod = things(s, RESOURCE_PODS); pod; pod = pod->next) {
		struct trouble one;

		if (!pod_is_of(s, w, pod->root) || is_ended(pod->root))
			continue;
		n++;
		judge_pod(s, a, pod->root, &one);
		if (one.weight == TROUBLE_NONE ||
		    (t->weight != TROUBLE_NONE &&
		     (one.weight < t->weight || (one.weight == t->weight && slice_cmp(pod->name, worst) > 0))))
			continue;
		*t = one;
		worst = pod->name;
	}
	return n;
}

static void judge_pods(const struct snapshot *s, struct arena *a, struct workload_state *w)
{
	struct trouble create = {.subject = w->trouble.subject}, pod = {0};
	long n = worst_pod(s, a, w, &pod);

	if (n < w->want && judge_create(s, a, w, &create) && create.weight > pod.weight) {
		w->trouble = create;
		return;
	}
	if (pod.weight != TROUBLE_NONE) {
		w->trouble = pod;
		return;
	}
	w->trouble.weight = TROUBLE_NORMAL;
	if (node_is_bool(node_at(w->root, "spec/paused"), true))
		w->trouble.text = "its rollout is paused";
	else if (s->shelf[RESOURCE_PODS].kind != ANSWER_OK)
		w->trouble.text = "it is not ready yet; pods may not be read";
	else if (!n)
		w->trouble.text = "it has no pod yet";
	else
		w->trouble.text = strcmp(w->kind, "Job") == 0 ? "its pod runs" : "its rollout goes on";
}

/* --- Jobs ------------------------------------------------------------------------------------------------------------
 */

const struct node *failed_pod(const struct snapshot *s, const struct workload_state *w)
{
	const struct node *newest = NULL;

	for (const struct thing *t = things(s, RESOURCE_PODS); t; t = t->next)
		if (pod_is_of(s, w, t->root) && node_string_is(node_at(t->root, "status/phase"), "Failed") &&
		    (!newest || slice_cmp(node_string(node_at(t->root, "metadata/creationTimestamp")),
					  node_string(node_at(newest, "metadata/creationTimestamp"))) > 0))
			newest = t->root;
	return newest;
}

static void job_failed(const struct snapshot *s, struct arena *a, struct workload_state *w)
{
	const struct node *status = node_lookup(w->root, "status"), *pod = failed_pod(s, w);
	struct slice reason = condition_field(status, "Failed", "reason"),
		     message = condition_field(status, "Failed", "message");

	w->trouble.weight = TROUBLE_FINAL;
	w->trouble.text = arena_printf(a, "it %s", failed_text(a, reason, message));
	if (pod)
		log_of(a, pod, &w->trouble);
}

static void judge_job(const struct snapshot *s, struct arena *a, struct workload_state *w)
{
	const struct node *status = node_lookup(w->root, "status");
	long failed = node_number(node_lookup(status, "failed"), 0),
	     limit = node_number(node_at(w->root, "spec/backoffLimit"), 6);
	const char *text;

	w->want = 1;
	w->is_ready = job_has(w->root, "Complete");
	w->ready = w->is_ready;
	if (w->is_ready)
		return;
	if (job_has(w->root, "Failed") || job_has(w->root, "FailureTarget")) {
		job_failed(s, a, w);
		return;
	}
	if (node_is_bool(node_at(w->root, "spec/suspend"), true)) {
		w->trouble.weight = TROUBLE_RETRIED;
		w->trouble.text = "it is suspended";
		return;
	}
	judge_pods(s, a, w);
	text = w->trouble.text;
	if (failed && w->trouble.weight != TROUBLE_FINAL) {
		w->trouble.text = arena_printf(a, "attempt %ld of %ld, after %ld failed: %s", failed + 1, limit + 1,
					       failed, text);
		if (failed_pod(s, w) && !w->trouble.log.pod)
			log_of(a, failed_pod(s, w), &w->trouble);
	}
}

/* --- one workload ----------------------------------------------------------------------------------------------------
 */

void judge_workload(const struct snapshot *s, struct arena *a, struct workload_state *w)
{
	w->trouble = (struct trouble){.subject = arena_printf(a, "%s %s", w->kind, w->name)};
	if (!w->root) {
		w->want = 1;
		w->trouble.weight = TROUBLE_NORMAL;
		w->trouble.text = "it is not there yet";
		return;
	}
	if (strcmp(w->kind, "Job") == 0) {
		judge_job(s, a, w);
		return;
	}
	if (node_at(w->root, "metadata/deletionTimestamp")) { /* its pods run on until it is gone */
		w->want = 1;
		w->trouble.weight = TROUBLE_RETRIED;
		w->trouble.text = "it is being deleted";
		return;
	}
	w->want = node_number(node_at(w->root, "spec/replicas"), 1);
	w->ready = node_number(node_at(w->root, "status/readyReplicas"), 0);
	/* Nothing of it runs, and no controller is behind: the chart renders none of these with 0. */
	if (w->component && w->want == 0) {
		w->trouble.weight = TROUBLE_RETRIED;
		w->trouble.text = "it is scaled to 0 replicas";
		return;
	}
	w->is_ready = strcmp(w->kind, "Deployment") == 0 ? deployment_is_ready(w->root, w->want)
							 : stateful_set_is_ready(w->root, w->want);
	if (!w->is_ready)
		judge_pods(s, a, w);
}
