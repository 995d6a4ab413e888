/*
 * pod.c: why a pod is not ready.
 */
#include "chart/chart_value.h"
#include "watch/judge.h"

enum { SCHEDULING_SECONDS = 180 }; /* then no autoscaler has come to help */

static const char *name_of(struct arena *a, const struct node *pod)
{
	return arena_str(a, node_string(node_at(pod, "metadata/name")));
}

static void say(struct arena *a, struct trouble *t, enum trouble_weight weight, const char *fmt, ...) PXB_PRINTF(4, 5);

static void say(struct arena *a, struct trouble *t, enum trouble_weight weight, const char *fmt, ...)
{
	va_list ap;

	t->weight = weight;
	va_start(ap, fmt);
	t->text = arena_vprintf(a, fmt, ap);
	va_end(ap);
}

static const struct node *pod_event(const struct snapshot *s, const struct node *pod, const char *const *reasons)
{
	return latest_event(s, "Pod", node_string(node_at(pod, "metadata/name")), reasons);
}

/* --- scheduling ------------------------------------------------------------------------------------------------------
 */

static void judge_schedule(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t)
{
	static const char *const helped[] = {"TriggeredScaleUp", NULL}, *const no_help[] = {"NotTriggerScaleUp", NULL};
	const struct node *status = node_lookup(pod, "status");
	struct slice message = condition_field(status, "PodScheduled", "message");
	long long since = seconds_of(condition_field(status, "PodScheduled", "lastTransitionTime"));
	bool late = since >= 0 && s->now - since >= SCHEDULING_SECONDS;

	if (judge_claims(s, a, pod, t))
		return;
	if (pod_event(s, pod, helped)) {
		say(a, t, TROUBLE_RETRIED, "no node can take it; the autoscaler adds one: " SLICE_FMT,
		    SLICE_ARG(message));
		return;
	}
	say(a, t, late || pod_event(s, pod, no_help) ? TROUBLE_FINAL : TROUBLE_RETRIED,
	    "no node can take it: " SLICE_FMT, SLICE_ARG(message));
	if (t->weight == TROUBLE_FINAL)
		t->fix = "add nodes, or free what the message names; nodes with the label pxbackup/enabled=false take "
			 "no "
			 "pod of the chart";
}

/* --- containers ------------------------------------------------------------------------------------------------------
 */

static void set_log(struct arena *a, const struct node *pod, const struct node *container, bool previous,
		    struct trouble *t)
{
	t->log = (struct log_place){name_of(a, pod), arena_str(a, node_string(node_lookup(container, "name"))),
				    previous};
}

/* The registry's words: in the waiting message, or with an older kubelet only in the event. */
static struct slice pull_message(const struct snapshot *s, const struct node *pod, struct slice message)
{
	static const char *const reasons[] = {"Failed", NULL};
	struct slice said;

	if (slice_find(message, ": ") != SIZE_MAX)
		return message;
	said = node_string(node_lookup(pod_event(s, pod, reasons), "message"));
	return slice_starts(said, "Failed to pull image") ? said : message;
}

/* The name of an image may hold any word: what follows its last mention is the registry's. */
static struct slice after_image(struct slice message, struct slice image)
{
	for (size_t at = message.n; image.n && at >= image.n; at--)
		if (slice_eq(slice_of(message.p + at - image.n, image.n), image))
			return slice_from(message, at);
	return message;
}

static void judge_pull(const struct snapshot *s, struct arena *a, const struct node *pod, const struct node *container,
		       struct slice reason, struct slice message, struct trouble *t)
{
	struct slice said = pull_message(s, pod, message), image = node_string(node_lookup(container, "image"));
	enum trouble_weight weight = sign_weight(SIGN_PULL, after_image(said, image));

	if (weight == TROUBLE_NONE)
		weight = slice_is(reason, "ImagePullBackOff") ? TROUBLE_FINAL : TROUBLE_RETRIED;
	if (slice_is(reason, "InvalidImageName") || slice_is(reason, "ErrImageNeverPull"))
		weight = TROUBLE_FINAL;
	say(a, t, weight, "image " SLICE_FMT " cannot be pulled: " SLICE_FMT, SLICE_ARG(image),
	    SLICE_ARG(said.n ? said : reason));
	if (weight == TROUBLE_FINAL)
		t->fix = arena_printf(a, "check %s, %s and %s, and that the registry has the image",
				      chart_value_name(VALUE_IMAGES_REGISTRY), chart_value_name(VALUE_IMAGES_REPO),
				      chart_value_name(VALUE_IMAGES_PULL));
}

static void judge_crash(struct arena *a, const struct node *pod, const struct node *container, const struct node *ended,
			bool previous, struct trouble *t)
{
	long code = node_number(node_lookup(ended, "exitCode"), -1),
	     restarts = node_number(node_lookup(container, "restartCount"), 0);
	struct slice reason = node_string(node_lookup(ended, "reason")),
		     name = node_string(node_lookup(container, "name"));
	bool memory = slice_is(reason, "OOMKilled");

	say(a, t, TROUBLE_RETRIED, "container " SLICE_FMT " ends again and again (%s%ld, %ld restart%s)",
	    SLICE_ARG(name), memory ? "out of memory, exit code " : "exit code ", code, restarts,
	    restarts == 1 ? "" : "s");
	t->crash = true;
	t->restarts = memory ? restarts + 2 : restarts;
	t->crash_from = arena_str(a, node_string(node_lookup(ended, "startedAt")));
	if (memory)
		t->fix = "the container's memory limit is too small: look at LimitRanges of the namespace";
	set_log(a, pod, container, previous, t);
}

/* A container that waits to be created: volumes first. */
static void judge_creating(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t)
{
	static const char *const reasons[] = {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", NULL},
				 *const later[] = {"Pulling", "Pulled", "Created", "Started", NULL};
	const struct node *event = pod_event(s, pod, reasons), *went_on = pod_event(s, pod, later);
	struct slice message = node_string(node_lookup(event, "message"));

	if (!event || (went_on && slice_cmp(event_time(went_on), event_time(event)) > 0)) {
		say(a, t, TROUBLE_NORMAL, "it is being created");
		return;
	}
	if (wants_object(s, a, pod, message, t))
		return;
	say(a, t, TROUBLE_RETRIED, SLICE_FMT ": " SLICE_FMT, SLICE_ARG(node_string(node_lookup(event, "reason"))),
	    SLICE_ARG(message));
}

static void judge_waiting(const struct snapshot *s, struct arena *a, const struct node *pod,
			  const struct node *container, const struct node *waiting, struct trouble *t)
{
	struct slice reason = node_string(node_lookup(waiting, "reason")),
		     message = node_string(node_lookup(waiting, "message")),
		     name = node_string(node_lookup(container, "name"));
	enum trouble_weight weight;

	if (!reason.n || slice_is(reason, "ContainerCreating") || slice_is(reason, "PodInitializing")) {
		judge_creating(s, a, pod, t);
	} else if (slice_is(reason, "CrashLoopBackOff")) {
		judge_crash(a, pod, container, node_at(container, "lastState/terminated"), true, t);
	} else if (slice_find(reason, "Image") != SIZE_MAX) {
		judge_pull(s, a, pod, container, reason, message, t);
	} else if (slice_is(reason, "CreateContainerConfigError")) {
		if (wants_object(s, a, pod, message, t))
			return;
		weight = sign_weight(SIGN_CONFIGURE, message);
		say(a, t, weight ? weight : TROUBLE_RETRIED, "container " SLICE_FMT " cannot be configured: " SLICE_FMT,
		    SLICE_ARG(name), SLICE_ARG(message));
	} else {
		weight = sign_weight(SIGN_START, message);
		say(a, t, weight ? weight : TROUBLE_RETRIED,
		    "container " SLICE_FMT " cannot be started (" SLICE_FMT "): " SLICE_FMT, SLICE_ARG(name),
		    SLICE_ARG(reason), SLICE_ARG(message));
	}
}

static void judge_running(const struct snapshot *s, struct arena *a, const struct node *pod,
			  const struct node *container, bool init, struct trouble *t)
{
	static const char *const reasons[] = {"Unhealthy", NULL};
	struct slice name = node_string(node_lookup(container, "name")),
		     probe = node_string(node_lookup(pod_event(s, pod, reasons), "message"));

	if (init)
		say(a, t, TROUBLE_NORMAL, "init container " SLICE_FMT " runs", SLICE_ARG(name));
	else if (probe.n)
		say(a, t, TROUBLE_NORMAL, "container " SLICE_FMT " runs and is not ready yet: " SLICE_FMT,
		    SLICE_ARG(name), SLICE_ARG(probe));
	else
		say(a, t, TROUBLE_NORMAL, "container " SLICE_FMT " runs and is not ready yet", SLICE_ARG(name));
	set_log(a, pod, container, false, t);
}

/* The first container that is not where it should be; false: all of them are. */
static bool judge_containers(const struct snapshot *s, struct arena *a, const struct node *pod,
			     const struct node *statuses, bool init, struct trouble *t)
{
	for (struct seq_iter it = seq_iter_of(statuses); seq_next(&it);) {
		const struct node *state = node_lookup(it.item, "state"), *waiting = node_lookup(state, "waiting"),
				  *ended = node_lookup(state, "terminated");

		if (node_is_bool(node_lookup(it.item, "ready"), true))
			continue;
		if (init && ended && node_number(node_lookup(ended, "exitCode"), 1) == 0)
			continue;
		/* An init container that goes on beside the others: a native sidecar. */
		if (init && !waiting && !ended && node_is_bool(node_lookup(it.item, "started"), true))
			continue;
		if (waiting)
			judge_waiting(s, a, pod, it.item, waiting, t);
		else if (ended)
			judge_crash(a, pod, it.item, ended, false, t);
		else
			judge_running(s, a, pod, it.item, init, t);
		return true;
	}
	return false;
}

void judge_pod(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t)
{
	const struct node *status = node_lookup(pod, "status");

	*t = (struct trouble){.subject = arena_printf(a, "Pod %s", name_of(a, pod))};
	if (node_at(pod, "metadata/deletionTimestamp"))
		say(a, t, TROUBLE_NORMAL, "it is being ended");
	else if (node_string_is(node_lookup(status, "phase"), "Failed"))
		say(a, t, TROUBLE_RETRIED, "it is replaced, because it %s",
		    failed_text(a, node_string(node_lookup(status, "reason")),
				node_string(node_lookup(status, "message"))));
	else if (condition_is(status, "PodScheduled", "False"))
		judge_schedule(s, a, pod, t);
	else if (condition_is(status, "Ready", "True"))
		say(a, t, TROUBLE_NONE, "it is ready");
	else if (judge_containers(s, a, pod, node_lookup(status, "initContainerStatuses"), true, t) ||
		 judge_containers(s, a, pod, node_lookup(status, "containerStatuses"), false, t))
		return;
	else if (node_lookup(status, "containerStatuses"))
		say(a, t, TROUBLE_NORMAL, "it runs and is not ready yet");
	else
		say(a, t, TROUBLE_NORMAL, "it waits for a node");
}
