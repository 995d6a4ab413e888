/*
 * judge.c: the whole picture: which workloads there are, what waits for what, what has failed.
 */
#include "watch/judge.h"

enum { CRASHES_FINAL = 5 }; /* with everything that it needs ready: five minutes of the kubelet's back-off */

static const char *const kinds[] = {"Deployment", "StatefulSet", "Job"};
static const enum resource_id shelves[] = {RESOURCE_DEPLOYMENTS, RESOURCE_STATEFULSETS, RESOURCE_JOBS};

/* --- which workloads there are ---------------------------------------------------------------------------------------
 */

static bool is_expected(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->expected_n; i++)
		if (strcmp(s->expected[i], name) == 0)
			return true;
	return false;
}

/* A StatefulSet that prometheus-operator makes of a custom resource: "prometheus-NAME", "alertmanager-NAME". */
static bool has_custom_resource(const struct snapshot *s, const char *name)
{
	struct slice rest, first = slice_cut(slice_str(name), '-', &rest);

	return snapshot_find(s, slice_is(first, "prometheus") ? RESOURCE_PROMETHEUSES : RESOURCE_ALERTMANAGERS, rest);
}

static void add(struct arena *a, struct picture *p, const struct chart_component *c, const char *kind, const char *name,
		const char *group, const struct node *root)
{
	struct workload_state *w = VEC_PUSH(a, p->work);

	if (w)
		*w = (struct workload_state){.component = c,
					     .kind = kind,
					     .name = name,
					     .group = group,
					     .root = root,
					     .telemetry = c && (c->flags & COMPONENT_TELEMETRY)};
}

static struct slice annotation(const struct node *root, const char *name)
{
	return node_string(node_lookup(node_at(root, "metadata/annotations"), name));
}

/* What an operator or Argo CD has made names no release. */
static bool is_of_other_release(const struct snapshot *s, const struct node *root)
{
	struct slice release = annotation(root, "meta.helm.sh/release-name");

	return release.n && !slice_is(release, s->release);
}

static void add_components(const struct snapshot *s, struct arena *a, struct picture *p)
{
	for (unsigned i = 0; i < COMPONENT_COUNT; i++) {
		const struct chart_component *c = &chart_components[i];
		const struct node *root = NULL;

		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			if (strcmp(c->kind, kinds[k]) == 0)
				root = snapshot_find(s, shelves[k], slice_str(c->name));
		if (is_of_other_release(s, root))
			root = NULL;
		if (root || (c->flags & COMPONENT_REQUIRED) || is_expected(s, c->name) ||
		    ((c->flags & COMPONENT_OPERATOR) && has_custom_resource(s, c->name)))
			add(a, p, c, c->kind, c->name, c->group, root);
	}
}

/* Of an installation or upgrade: a test or a rollback is no part of it. */
static bool is_hook_job(const struct node *root)
{
	struct slice event = annotation(root, "helm.sh/hook");

	return slice_find(event, "install") != SIZE_MAX || slice_find(event, "upgrade") != SIZE_MAX;
}

static void add_hooks(const struct snapshot *s, struct arena *a, struct picture *p)
{
	for (const struct thing *t = things(s, RESOURCE_JOBS); t; t = t->next)
		if (is_hook_job(t->root))
			add(a, p, NULL, "Job", arena_str(a, t->name), "hooks", t->root);
}

/* What the release has and the table does not know. */
static void add_others(const struct snapshot *s, struct arena *a, struct picture *p)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (const struct thing *t = things(s, shelves[k]); t; t = t->next)
			if (!component_find(kinds[k], t->name) && !annotation(t->root, "helm.sh/hook").n &&
			    slice_is(annotation(t->root, "meta.helm.sh/release-name"), s->release))
				add(a, p, NULL, kinds[k], arena_str(a, t->name), "others", t->root);
}

/* --- what waits for what ---------------------------------------------------------------------------------------------
 */

static struct workload_state *find(const struct picture *p, struct slice name)
{
	for (size_t i = 0; i < p->work.n; i++)
		if (slice_is(name, p->work.v[i].name))
			return &p->work.v[i];
	return NULL;
}

static bool is_hook(const struct workload_state *w)
{
	return !w->component && strcmp(w->group, "hooks") == 0;
}

/* Walks the workloads that w needs and that are not ready: `at` begins with 0. */
static const struct workload_state *next_need(const struct picture *p, const struct workload_state *w, size_t *at)
{
	for (; *at < p->work.n; ++*at) {
		const struct workload_state *other = &p->work.v[*at];
		struct slice rest = slice_str(w->component ? w->component->after : "");

		if (other->is_ready || other == w)
			continue;
		if (!w->root && is_hook(other)) {
			++*at;
			return other;
		}
		while (rest.n)
			if (slice_is(slice_cut(rest, ' ', &rest), other->name)) {
				++*at;
				return other;
			}
	}
	return NULL;
}

static const struct workload_state *needs(const struct picture *p, const struct workload_state *w)
{
	return next_need(p, w, &(size_t){0});
}

/* The first at the end of the chain. The table has no circle, so this ends. */
static const struct workload_state *root_of(const struct picture *p, const struct workload_state *w)
{
	const struct workload_state *next;

	while ((next = needs(p, w)))
		w = next;
	return w;
}

/* Whether w cannot become ready before `root` is. */
static bool waits_for(const struct picture *p, const struct workload_state *w, const struct workload_state *root)
{
	const struct workload_state *next;
	size_t at = 0;

	while ((next = next_need(p, w, &at)))
		if (next == root || waits_for(p, next, root))
			return true;
	return false;
}

/* When the last of what w needs became ready; its crash counts from then on. */
static struct slice needs_ready_since(const struct snapshot *s, const struct picture *p, const struct workload_state *w)
{
	struct slice rest = slice_str(w->component ? w->component->after : ""), since = SLICE_EMPTY;

	while (rest.n) {
		const struct workload_state *other = find(p, slice_cut(rest, ' ', &rest));

		for (const struct thing *t = things(s, RESOURCE_PODS); t; t = t->next) {
			struct slice at =
				condition_field(node_lookup(t->root, "status"), "Ready", "lastTransitionTime");

			if (other && pod_is_of(s, other, t->root) && slice_cmp(at, since) > 0)
				since = at;
		}
	}
	return since;
}

static void weigh_crashes(const struct snapshot *s, struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++) {
		struct workload_state *w = &p->work.v[i];
		struct slice since, from = slice_str(w->trouble.crash_from);

		if (w->is_ready || !w->trouble.crash || w->trouble.restarts < CRASHES_FINAL || needs(p, w))
			continue;
		since = needs_ready_since(s, p, w);
		if (from.n && since.n && slice_cmp(from, since) < 0)
			continue;
		w->trouble.weight = TROUBLE_FINAL;
	}
}

/* Who waits for `root`, in words. */
static void put_behind(struct arena *a, struct picture *p, const struct workload_state *root)
{
	cleanup_buf struct buf text = BUF_TEXT;

	for (size_t i = 0; i < p->work.n; i++) {
		const struct workload_state *w = &p->work.v[i];

		if (w->is_ready || !waits_for(p, w, root))
			continue;
		buf_addf(&text, "%s%s", p->behind_n++ ? ", " : "", w->name);
	}
	p->behind = arena_str(a, buf_slice(&text));
	if (text.failed)
		arena_fail(a);
}

static size_t count_behind(const struct picture *p, const struct workload_state *root)
{
	size_t n = 0;

	for (size_t i = 0; i < p->work.n; i++)
		n += !p->work.v[i].is_ready && waits_for(p, &p->work.v[i], root);
	return n;
}

/* --- the verdict
 * ------------------------------------------------------------------------------------------------------ */

/* A failure: with the deepest cause. What waits for something else that is not ready did not fail by itself, unless its
   own trouble has nothing to do with waiting. */
static bool find_failure(struct arena *a, struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++) {
		const struct workload_state *w = &p->work.v[i], *root;

		if (w->is_ready || w->telemetry || w->trouble.weight != TROUBLE_FINAL)
			continue;
		root = strcmp(w->kind, "Job") == 0 && job_has(w->root, "Failed") ? root_of(p, w) : w;
		p->thing = root->trouble;
		p->thing.weight = TROUBLE_FINAL;
		p->thing.hooks |= is_hook(w);
		if (!p->thing.log.pod)
			p->thing.log = w->trouble.log;
		if (root != w)
			p->led_to = arena_printf(a, "%s: %s", w->trouble.subject, w->trouble.text);
		put_behind(a, p, root);
		p->stand = STAND_FAILED;
		return true;
	}
	return false;
}

static bool has_object(const struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++)
		if (p->work.v[i].root)
			return true;
	return false;
}

static void find_thing(const struct snapshot *s, struct arena *a, struct picture *p)
{
	const struct workload_state *best = NULL;
	size_t most = 0;

	if (!has_object(p)) {
		p->thing = (struct trouble){
			.weight = TROUBLE_NORMAL,
			.subject = arena_printf(a, "release %s", s->release),
			.text = arena_printf(a, "it is not there yet: namespace %s has none of its objects", s->ns)};
		return;
	}
	for (size_t i = 0; i < p->work.n; i++) {
		const struct workload_state *w = &p->work.v[i];
		size_t n;

		if (w->is_ready || w->telemetry || root_of(p, w) != w)
			continue;
		n = count_behind(p, w);
		if (best && (w->trouble.weight < best->trouble.weight ||
			     (w->trouble.weight == best->trouble.weight && n <= most)))
			continue;
		best = w;
		most = n;
	}
	if (!best)
		return;
	p->thing = best->trouble;
	put_behind(a, p, best);
}

/* Telemetry that is being created is waited for; one that runs without being registered, or cannot run, is degraded. */
static bool telemetry_starts(const struct trouble *t)
{
	return t->weight == TROUBLE_NORMAL && !t->registration && !t->log.pod;
}

/* All else is ready. */
static void judge_telemetry(struct arena *a, struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++) {
		const struct workload_state *w = &p->work.v[i], *root;

		if (!w->telemetry || w->is_ready)
			continue;
		root = root_of(p, w);
		if (telemetry_starts(&root->trouble)) {
			p->stand = STAND_WAITS;
			p->thing = root->trouble;
			p->degraded = NULL;
			put_behind(a, p, root);
			return;
		}
		if (!p->degraded)
			p->degraded = arena_printf(a, "%s: %s: %s", w->name, root->trouble.subject, root->trouble.text);
	}
}

static bool all_ready(const struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++)
		if (!p->work.v[i].is_ready && !p->work.v[i].telemetry)
			return false;
	return true;
}

/* --- groups
 * ----------------------------------------------------------------------------------------------------------- */

static struct group_state *group_of(struct picture *p, const char *name)
{
	for (size_t i = 0; i < p->groups_n; i++)
		if (strcmp(p->groups[i].name, name) == 0)
			return &p->groups[i];
	if (p->groups_n == GROUPS_MAX)
		return &p->groups[GROUPS_MAX - 1];
	p->groups[p->groups_n] = (struct group_state){.name = name};
	return &p->groups[p->groups_n++];
}

static void put_groups(struct picture *p)
{
	for (size_t i = 0; i < p->work.n; i++) {
		const struct workload_state *w = &p->work.v[i];
		struct group_state *g = group_of(p, w->group);

		g->total++;
		g->ready += w->is_ready;
		if (!w->is_ready && (!g->first || w->trouble.weight > g->weight)) {
			g->first = w;
			g->weight = w->trouble.weight;
		}
	}
}

int judge(const struct snapshot *s, struct arena *a, struct picture *p, struct err *err)
{
	*p = (struct picture){.behind = ""};
	judge_unseen(s, a, p);
	add_hooks(s, a, p);
	add_components(s, a, p);
	add_others(s, a, p);
	for (size_t i = 0; i < p->work.n; i++)
		judge_workload(s, a, &p->work.v[i]);
	weigh_crashes(s, p);
	if (s->shelf[RESOURCE_DEPLOYMENTS].known && s->shelf[RESOURCE_STATEFULSETS].known &&
	    s->shelf[RESOURCE_JOBS].known)
		put_groups(p);
	if (judge_ground(s, a, p) || find_failure(a, p))
		return arena_status(a, err);
	if (!all_ready(p)) {
		find_thing(s, a, p);
	} else {
		p->stand = STAND_READY;
		judge_telemetry(a, p);
	}
	return arena_status(a, err);
}
