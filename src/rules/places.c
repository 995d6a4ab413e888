#include "chart/chart_object.h"
#include "rules/places.h"

void tally_add(struct tally *t, struct slice text)
{
	for (size_t i = 0; i < t->n; i++) {
		if (slice_eq(t->text[i], text)) {
			t->count[i]++;
			return;
		}
	}
	if (t->n < ARRAY_SIZE(t->text)) {
		t->text[t->n] = text;
		t->count[t->n++] = 1;
	}
}

struct slice tally_winner(const struct tally *t)
{
	size_t best = 0;

	for (size_t i = 1; i < t->n; i++)
		if (t->count[i] > t->count[best])
			best = i;
	return t->n ? t->text[best] : SLICE_EMPTY;
}

struct slice expected_namespace(const struct gate *g)
{
	struct tally t = {.n = 0};

	if (g->policy->ns.n)
		return g->policy->ns;
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (o->ns.n && !object_is_cluster_scoped(o))
			tally_add(&t, o->ns);
	}
	return tally_winner(&t);
}

struct slice expected_class(const struct gate *g)
{
	struct tally t = {.n = 0};

	if (g->policy->storage_class.n)
		return g->policy->storage_class;
	for (size_t i = 0; i < g->release->claims.n; i++) {
		struct slice name = node_string(g->release->claims.v[i].class_name);

		if (name.n)
			tally_add(&t, name);
	}
	return tally_winner(&t);
}

/* Entries lie in the order of their containers. */
static size_t first_env_of(const struct container *c, const struct release *r)
{
	size_t from = 0, to = r->envs.n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (r->envs.v[mid].container < c)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

size_t env_count(const struct container *c, const char *name, const struct env_var **first, const struct release *r)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = first_env_of(c, r); i < r->envs.n && r->envs.v[i].container == c; i++) {
		const struct env_var *e = &r->envs.v[i];

		if (slice_is(e->name, name) && n++ == 0)
			*first = e;
	}
	return n;
}

struct slice rendered_mesh(const struct gate *g, bool *known)
{
	struct tally t = {.n = 0};
	struct env_iter it = envs_of(g->release, chart_env(VALUE_ISTIO));

	while (env_next(&it))
		tally_add(&t, node_string(it.env->value));
	*known = t.n > 0;
	return tally_winner(&t);
}

bool telemetry_is_rendered(const struct gate *g)
{
	struct env_iter it = envs_of(g->release, chart_env(VALUE_TELEMETRY));

	for (size_t i = 0; i < g->release->objects.n; i++)
		if (slice_starts(g->release->objects.v[i]->name, "px-backup-telemetry"))
			return true;
	while (env_next(&it))
		if (object_is_chart(it.env->object, OBJECT_PX_BACKUP) && !node_string_is(it.env->value, "false"))
			return true;
	return false;
}

const struct node *data_claim_weight(const struct object *o)
{
	static const char *const names[] = {"pre-install-data-pvc", "pre-upgrade-data-pvc"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (object_is(o, "PersistentVolumeClaim", names[i]))
			return node_lookup(node_at(o->root, "metadata/annotations"), "helm.sh/hook-weight");
	return NULL;
}

bool argo_is_rendered(const struct gate *g, const struct object **object, const struct node **at)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *weight = o->owner ? NULL : data_claim_weight(o);

		if (node_string_is(weight, "6")) {
			*object = o;
			*at = weight;
			return true;
		}
	}
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		if (slice_is(e->name, "IS_ARGOCD") && node_string_is(e->value, "true")) {
			*object = e->object;
			*at = e->value;
			return true;
		}
	}
	return false;
}

const struct object *main_object(const struct gate *g)
{
	static const enum chart_object_id main_objects[] = {OBJECT_PX_BACKUP, OBJECT_UI_CONFIG};

	for (size_t i = 0; i < ARRAY_SIZE(main_objects); i++) {
		const struct object *o = chart_object_in(g->release, main_objects[i]);

		if (o)
			return o;
	}
	return g->release->objects.n ? g->release->objects.v[0] : NULL;
}

struct finding *find_unseen(struct gate *g, const char *demand)
{
	struct finding *f = gate_find_as(g, RULE_UNVERIFIABLE, NULL, NULL);

	finding_say(g, f, "the policy sets '%s', and no object of this stream shows whether it is met", demand);
	finding_fix(g, f, "Render the whole chart, or remove '%s' from the policy.", demand);
	return f;
}
