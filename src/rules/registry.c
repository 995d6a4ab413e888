/*
 * registry.c: in an air-gapped installation every image comes from the one registry, and pods may pull from it.
 *
 * Images stand in containers, in an argument of the Prometheus operator, and in env of the upgrade check. Env IMAGES of
 * the preflight check shows the chart's defaults whatever the values say, so it proves nothing.
 */
#include "rules/places.h"

static const char *wanted_prefix(struct gate *g)
{
	const struct policy *p = g->policy;

	if (!p->registry_repository.n)
		return gate_printf(g, SLICE_FMT "/", SLICE_ARG(p->registry_host));
	return gate_printf(g, SLICE_FMT "/" SLICE_FMT "/", SLICE_ARG(p->registry_host),
			   SLICE_ARG(p->registry_repository));
}

static void fix_registry(struct gate *g, struct finding *f)
{
	finding_fix_value(g, f, VALUE_IMAGES_REGISTRY, arena_str(&g->arena, g->policy->registry_host));
	if (g->policy->registry_repository.n)
		finding_fix_value(g, f, VALUE_IMAGES_REPO, arena_str(&g->arena, g->policy->registry_repository));
}

static void check_image(struct gate *g, const struct object *o, const struct node *at, struct slice image,
			const char *prefix)
{
	struct finding *f;

	if (slice_starts(image, prefix) && image.n > strlen(prefix))
		return;
	f = gate_find(g, o, at);
	finding_found(g, f, image);
	finding_expected(g, f, "%s...", prefix);
	finding_say(g, f, "image %s does not come from %s", f->found, prefix);
	fix_registry(g, f);
}

static void check_container(struct gate *g, const struct container *c, const char *prefix)
{
	static const char operator_flag[] = "--prometheus-config-reloader=";
	const struct node *image = node_lookup(c->node, "image");

	/* The containers that patch what an operator makes carry no image of their own. */
	if (image)
		check_image(g, c->object, image, node_string(image), prefix);
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "args")); seq_next(&it);)
		if (slice_starts(node_string(it.item), operator_flag))
			check_image(g, c->object, it.item, slice_from(node_string(it.item), strlen(operator_flag)),
				    prefix);
}

/* {"registry": "...", "repo": "..."} */
static void check_image_table(struct gate *g, const struct env_var *e)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;
	const struct node *root;
	struct finding *f;

	stream_init(&s, &limits);
	if (stream_add(&s, "MONGODB_IMAGES", node_string(e->value), &err) < 0) {
		g->arena.failed |= err.status == STATUS_FAILED;
		return;
	}
	root = s.problems.n == 0 && s.documents.n == 1 ? s.documents.v[0].root : NULL;
	if (root && slice_eq(node_string(node_lookup(root, "registry")), g->policy->registry_host) &&
	    (!g->policy->registry_repository.n ||
	     slice_eq(node_string(node_lookup(root, "repo")), g->policy->registry_repository)))
		return;
	f = gate_find(g, e->object, e->value);
	finding_say(g, f, "MONGODB_IMAGES does not name the registry " SLICE_FMT, SLICE_ARG(g->policy->registry_host));
	fix_registry(g, f);
}

static void check_env(struct gate *g, const char *prefix)
{
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		if (!node_is_string(e->value))
			continue;
		if (slice_is(e->name, "POSTGRES_TARGET_IMAGE"))
			check_image(g, e->object, e->value, node_string(e->value), prefix);
		else if (slice_is(e->name, "MONGODB_IMAGES"))
			check_image_table(g, e);
	}
}

static void check_pull_secret(struct gate *g, const struct object *o)
{
	const struct node *pod = object_pod_spec(o);
	struct finding *f;

	if (!g->policy->registry_pull_secret.n || !node_lookup(pod, "containers"))
		return;
	for (struct seq_iter it = seq_iter_of(node_lookup(pod, "imagePullSecrets")); seq_next(&it);)
		if (slice_eq(node_string(node_lookup(it.item, "name")), g->policy->registry_pull_secret))
			return;
	f = gate_find(g, o, node_lookup(pod, "imagePullSecrets") ? node_lookup(pod, "imagePullSecrets") : pod);
	finding_expected(g, f, SLICE_FMT, SLICE_ARG(g->policy->registry_pull_secret));
	finding_say(g, f, "the pods have no pull secret %s", f->expected);
	finding_fix_text(g, f, gate_key(g, "images.pullSecrets[0]"), g->policy->registry_pull_secret);
}

/* Images that an operator takes from its resource's spec. */
static void check_operated(struct gate *g, const struct object *o, const char *prefix)
{
	static const char *const paths[] = {"spec/image", "spec/baseImage", "spec/thanos/image",
					    "spec/thanos/baseImage"};

	for (size_t i = 0; object_in_group(o, "monitoring.coreos.com") && i < ARRAY_SIZE(paths); i++) {
		const struct node *image = node_at(o->root, paths[i]);

		if (node_is_string(image))
			check_image(g, o, image, node_string(image), prefix);
	}
}

void rule_image_registry(struct gate *g)
{
	const char *prefix;

	if (!g->policy->registry_host.n)
		return;
	prefix = wanted_prefix(g);
	for (size_t i = 0; i < g->release->containers.n; i++)
		check_container(g, &g->release->containers.v[i], prefix);
	check_env(g, prefix);
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		check_operated(g, o, prefix);
		check_pull_secret(g, o);
	}
}
