/*
 * objects.c: fields of Kubernetes objects, as the judge reads them.
 */
#include "watch/judge.h"

#include <time.h>

struct sign {
	const char *words;
	enum sign_place place;
	enum trouble_weight weight;
};

static const struct sign signs[] = {
#define SIGN(place, words, weight) {words, SIGN_##place, weight},
#include "watch/signs.def"
};

enum trouble_weight sign_weight(enum sign_place place, struct slice message)
{
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t n = strlen(signs[i].words);

		if (signs[i].place != place)
			continue;
		for (size_t at = 0; at + n <= message.n; at++)
			if (slice_eq_nocase(slice_of(message.p + at, n), slice_str(signs[i].words)))
				return signs[i].weight;
	}
	return TROUBLE_NONE;
}

long node_number(const struct node *n, long missing)
{
	struct slice s = node_text(node_real(n));
	long value = 0;

	if (!s.n || s.n > 9)
		return missing;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return missing;
		value = value * 10 + (s.p[i] - '0');
	}
	return value;
}

static const struct node *condition(const struct node *status, const char *type)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(status, "conditions")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "type"), type))
			return it.item;
	return NULL;
}

const char *failed_text(struct arena *a, struct slice reason, struct slice message)
{
	return arena_printf(a, "failed%s" SLICE_FMT "%s%s" SLICE_FMT, reason.n ? " (" : "", SLICE_ARG(reason),
			    reason.n ? ")" : "", message.n ? ": " : "", SLICE_ARG(message));
}

struct slice condition_field(const struct node *status, const char *type, const char *field)
{
	return node_string(node_lookup(condition(status, type), field));
}

bool condition_is(const struct node *status, const char *type, const char *value)
{
	return slice_is(condition_field(status, type, "status"), value);
}

struct slice owner_name(const struct node *object, const char *kind)
{
	for (struct seq_iter it = seq_iter_of(node_at(object, "metadata/ownerReferences")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "kind"), kind))
			return node_string(node_lookup(it.item, "name"));
	return SLICE_EMPTY;
}

/* A ReplicaSet is called after its Deployment and the hash of the pod template, which the pods carry as a label. */
struct slice pod_deployment(const struct snapshot *s, const struct node *pod)
{
	struct slice set = owner_name(pod, "ReplicaSet"),
		     hash = node_string(node_at(pod, "metadata/labels/pod-template-hash")),
		     owner = owner_name(snapshot_find(s, RESOURCE_REPLICASETS, set), "Deployment");

	if (owner.n)
		return owner;
	if (hash.n && set.n > hash.n + 1 && slice_eq(slice_from(set, set.n - hash.n), hash))
		return slice_to(set, set.n - hash.n - 1);
	return SLICE_EMPTY;
}

/* The ReplicaSet of the newest template; empty when ReplicaSets cannot be read. */
static struct slice newest_set(const struct snapshot *s, const struct workload_state *w)
{
	struct slice name = SLICE_EMPTY;
	long newest = -1;

	for (const struct thing *t = things(s, RESOURCE_REPLICASETS); t; t = t->next) {
		long revision;

		if (!slice_is(owner_name(t->root, "Deployment"), w->name))
			continue;
		revision = node_number(node_lookup(node_at(t->root, "metadata/annotations"),
						   "deployment.kubernetes.io/revision"),
				       0);
		if (revision <= newest)
			continue;
		newest = revision;
		name = t->name;
	}
	return name;
}

bool pod_is_of(const struct snapshot *s, const struct workload_state *w, const struct node *pod)
{
	struct slice set;

	if (strcmp(w->kind, "Deployment") != 0)
		return slice_is(owner_name(pod, w->kind), w->name);
	if (!slice_is(pod_deployment(s, pod), w->name))
		return false;
	set = newest_set(s, w);
	return !set.n || slice_eq(set, owner_name(pod, "ReplicaSet"));
}

long long seconds_of(struct slice timestamp)
{
	char text[32];
	struct tm tm = {0};

	if (timestamp.n < 19 || timestamp.n >= sizeof(text))
		return -1;
	memcpy(text, timestamp.p, timestamp.n);
	text[timestamp.n] = '\0';
	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (long long)timegm(&tm) : -1;
}

/* All of them are RFC 3339 in UTC: they order as texts, to the second. */
struct slice event_time(const struct node *event)
{
	static const char *const fields[] = {"series/lastObservedTime", "lastTimestamp", "eventTime",
					     "metadata/creationTimestamp"};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct slice time = node_string(node_at(event, fields[i]));

		if (time.n)
			return slice_to(time, 19);
	}
	return SLICE_EMPTY;
}

const struct node *latest_event(const struct snapshot *s, const char *kind, struct slice name,
				const char *const *reasons)
{
	const struct node *latest = NULL;

	for (const struct thing *t = things(s, RESOURCE_EVENTS); t; t = t->next) {
		const struct node *about = node_lookup(t->root, "involvedObject");
		const char *const *r = reasons;

		if (!node_string_is(node_lookup(about, "kind"), kind) ||
		    !slice_eq(node_string(node_lookup(about, "name")), name))
			continue;
		while (*r && !node_string_is(node_lookup(t->root, "reason"), *r))
			r++;
		if (*r && (!latest || slice_cmp(event_time(t->root), event_time(latest)) > 0))
			latest = t->root;
	}
	return latest;
}
