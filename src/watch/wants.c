/*
 * wants.c: a Secret or ConfigMap that a pod names and that is not there: who makes it, and whether it still comes.
 */
#include "chart/chart_value.h"
#include "chart/chart_object.h"
#include "watch/judge.h"

struct want {
	const char *kind;
	struct slice name, key;
};

/* The part of text between the end of `before` and the start of `after`; empty when it is not there. */
static struct slice between(struct slice text, const char *before, const char *after)
{
	size_t from = slice_find(text, before), to;

	if (from == SIZE_MAX)
		return SLICE_EMPTY;
	text = slice_from(text, from + strlen(before));
	to = *after ? slice_find(text, after) : text.n;
	return to == SIZE_MAX ? SLICE_EMPTY : slice_to(text, to);
}

static struct slice volume_source(const struct node *pod, struct slice volume, const char **kind)
{
	for (struct seq_iter it = seq_iter_of(node_at(pod, "spec/volumes")); seq_next(&it);) {
		struct slice secret = node_string(node_at(it.item, "secret/secretName")),
			     config = node_string(node_at(it.item, "configMap/name"));

		if (!slice_eq(node_string(node_lookup(it.item, "name")), volume))
			continue;
		*kind = secret.n ? "Secret" : "ConfigMap";
		return secret.n ? secret : config;
	}
	return SLICE_EMPTY;
}

/* The kubelet's own words. */
static bool read_message(const struct node *pod, struct slice m, struct want *w)
{
	struct slice place, rest;

	*w = (struct want){0};
	if ((w->name = between(m, "secret \"", "\" not found")).n) {
		w->kind = "Secret";
	} else if ((w->name = between(m, "configmap \"", "\" not found")).n) {
		w->kind = "ConfigMap";
	} else if ((w->key = between(m, "couldn't find key ", " in ")).n) {
		w->kind = slice_find(m, " in Secret ") != SIZE_MAX ? "Secret" : "ConfigMap";
		place = between(m, *w->kind == 'S' ? " in Secret " : " in ConfigMap ", "");
		slice_cut(place, '/', &w->name);
		w->name = slice_cut(w->name, ' ', &rest);
	} else if ((w->key = between(m, "references non-existent secret key: ", "")).n ||
		   (w->key = between(m, "references non-existent config key: ", "")).n) {
		w->key = slice_cut(w->key, ' ', &rest);
		w->name = volume_source(pod, between(m, "for volume \"", "\""), &w->kind);
	}
	return w->name.n > 0 && w->kind;
}

static bool is_there(const struct snapshot *s, enum resource_id r, const struct want *w)
{
	const struct node *object = snapshot_find(s, r, w->name);

	return object && (!w->key.n || node_get(node_lookup(object, "data"), w->key));
}

static bool job_is(const struct snapshot *s, const char *condition)
{
	return job_has(snapshot_find(s, RESOURCE_JOBS, slice_str(chart_object_name(OBJECT_POST_INSTALL))), condition);
}

static bool hooks_run(const struct snapshot *s)
{
	for (const struct thing *t = things(s, RESOURCE_JOBS); t; t = t->next)
		if (node_lookup(node_at(t->root, "metadata/annotations"), "helm.sh/hook") &&
		    !job_has(t->root, "Complete") && !job_has(t->root, "Failed"))
			return true;
	return false;
}

static void say(struct arena *a, struct trouble *t, enum trouble_weight weight, const struct want *w, const char *text)
{
	t->weight = weight;
	t->absence = weight == TROUBLE_FINAL;
	t->subject = arena_printf(a, "%s " SLICE_FMT, w->kind, SLICE_ARG(w->name));
	if (w->key.n)
		t->text = arena_printf(a, "key " SLICE_FMT " is missing: %s", SLICE_ARG(w->key), text);
	else
		t->text = arena_printf(a, "it is missing: %s", text);
}

static void judge_want(const struct snapshot *s, struct arena *a, const struct want *w, struct trouble *t)
{
	const struct runtime_object *known = runtime_object_find(w->kind, w->name, w->key);

	switch (known ? known->by : MADE_BY_NOBODY) {
	case MADE_BY_HOOK:
		if (hooks_run(s)) {
			say(a, t, TROUBLE_NORMAL, w, "the chart's hooks make it, and they still run");
			return;
		}
		say(a, t, TROUBLE_FINAL, w, "the chart's hooks make it, and they did not run");
		t->fix = arena_printf(a, "install again with hooks: without --no-hooks, and without %s",
				      chart_value_name(KEY_SKIP_VALIDATIONS));
		t->hooks = true;
		return;
	case MADE_BY_POST_INSTALL:
		if (job_is(s, "Complete"))
			say(a, t, TROUBLE_RETRIED, w, "the post-install Job has completed without it");
		else
			say(a, t, TROUBLE_NORMAL, w, "the post-install Job makes it");
		return;
	case MADE_BY_REGISTRATION:
		say(a, t, TROUBLE_NORMAL, w, "the registration of telemetry makes it, and needs the vendor's cloud");
		t->registration = true;
		return;
	default:
		say(a, t, TROUBLE_FINAL, w, "nothing in the installation makes it");
		if (w->key.n)
			t->fix = arena_printf(a, "add key " SLICE_FMT " to %s " SLICE_FMT, SLICE_ARG(w->key), w->kind,
					      SLICE_ARG(w->name));
		else
			t->fix = arena_printf(a, "create %s " SLICE_FMT " in namespace %s", w->kind, SLICE_ARG(w->name),
					      s->ns);
	}
}

bool wants_object(const struct snapshot *s, struct arena *a, const struct node *pod, struct slice message,
		  struct trouble *t)
{
	enum resource_id r;
	struct want w;

	if (!read_message(pod, message, &w))
		return false;
	r = *w.kind == 'S' ? RESOURCE_SECRETS : RESOURCE_CONFIGMAPS;
	if (!is_there(s, r, &w)) {
		judge_want(s, a, &w, t);
		return true;
	}
	t->weight = TROUBLE_NORMAL;
	t->text = arena_printf(a, "%s " SLICE_FMT " is there now; the kubelet looks again soon", w.kind,
			       SLICE_ARG(w.name));
	return true;
}
