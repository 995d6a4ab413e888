/*
 * claim.c: claims that have no volume yet.
 */
#include "chart/chart_value.h"
#include "watch/judge.h"

static const struct node *class_of(const struct snapshot *s, struct slice name)
{
	return snapshot_find(s, RESOURCE_CLASSES, name);
}

static bool waits_for_pod(const struct snapshot *s, const struct node *claim)
{
	static const char *const reasons[] = {"WaitForFirstConsumer", "WaitForPodScheduled", NULL};
	struct slice name = node_string(node_at(claim, "metadata/name"));
	const struct node *class = class_of(s, node_string(node_at(claim, "spec/storageClassName")));

	if (class)
		return node_string_is(node_lookup(class, "volumeBindingMode"), "WaitForFirstConsumer");
	return latest_event(s, "PersistentVolumeClaim", name, reasons) != NULL;
}

static void missing_class(const struct snapshot *s, struct arena *a, struct slice class, struct trouble *t)
{
	t->weight = TROUBLE_FINAL;
	t->absence = true;
	t->text = arena_printf(a, "StorageClass " SLICE_FMT " does not exist", SLICE_ARG(class));
	t->fix = arena_printf(a,
			      "create that StorageClass, or uninstall, delete the claims in namespace %s and install "
			      "with %s=CLASS: a claim's class can never be changed",
			      s->ns, chart_value_name(VALUE_STORAGE_CLASS));
}

static void judge_event(struct arena *a, const struct node *event, struct trouble *t)
{
	struct slice reason = node_string(node_lookup(event, "reason")),
		     message = node_string(node_lookup(event, "message"));

	t->weight = TROUBLE_NORMAL;
	if (slice_is(reason, "ProvisioningFailed") || slice_is(reason, "FailedBinding")) {
		t->weight = sign_weight(SIGN_PROVISION, message);
		if (t->weight == TROUBLE_NONE)
			t->weight = TROUBLE_RETRIED;
	}
	t->text = arena_printf(a, SLICE_FMT ": " SLICE_FMT, SLICE_ARG(reason), SLICE_ARG(message));
}

static void judge_claim(const struct snapshot *s, struct arena *a, const struct node *claim, struct trouble *t)
{
	static const char *const reasons[] = {"ProvisioningFailed", "FailedBinding", "ExternalProvisioning",
					      "Provisioning", NULL};
	struct slice name = node_string(node_at(claim, "metadata/name")),
		     class = node_string(node_at(claim, "spec/storageClassName"));
	const struct node *event = latest_event(s, "PersistentVolumeClaim", name, reasons);

	t->subject = arena_printf(a, "PersistentVolumeClaim " SLICE_FMT, SLICE_ARG(name));
	if (node_string_is(node_at(claim, "status/phase"), "Lost")) {
		t->weight = TROUBLE_FINAL;
		t->text = "its volume is lost";
	} else if (class.n && snapshot_knows(s, RESOURCE_CLASSES) && !class_of(s, class)) {
		missing_class(s, a, class, t);
	} else if (event) {
		judge_event(a, event, t);
	} else {
		t->weight = TROUBLE_NORMAL;
		t->text = arena_printf(a, "it waits for a volume of StorageClass " SLICE_FMT, SLICE_ARG(class));
	}
}

/* A claim that waits for its pod is no cause: the pod is. Only what its events say counts then. */
static bool is_cause(const struct snapshot *s, const struct node *claim)
{
	static const char *const reasons[] = {"ProvisioningFailed", NULL};
	struct slice name = node_string(node_at(claim, "metadata/name"));

	if (node_string_is(node_at(claim, "status/phase"), "Bound"))
		return false;
	return !waits_for_pod(s, claim) || latest_event(s, "PersistentVolumeClaim", name, reasons);
}

bool judge_claims(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t)
{
	bool found = false;

	for (struct seq_iter it = seq_iter_of(node_at(pod, "spec/volumes")); seq_next(&it);) {
		struct slice name = node_string(node_at(it.item, "persistentVolumeClaim/claimName"));
		const struct node *claim = name.n ? snapshot_find(s, RESOURCE_CLAIMS, name) : NULL;
		struct trouble one = {0};

		if (!claim || !is_cause(s, claim))
			continue;
		judge_claim(s, a, claim, &one);
		if (!found || one.weight > t->weight)
			*t = one;
		found = true;
	}
	return found;
}
