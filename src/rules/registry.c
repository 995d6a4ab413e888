/*
 * registry.c: in an air-gapped installation every image comes from the one registry, and pods may pull from it.
 *
 * Images stand in containers, in an argument of the Prometheus operator, and in env of the upgrade check. Env IMAGES of
 * the preflight check shows the chart's defaults whatever the values say, so it proves nothing.
 */
#include "chart/chart_object.h"
#include "kube/image_ref.h"
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

static void find_image(struct gate *g, const struct object *o, const struct node *at, struct slice image,
		       const char *prefix, bool valid)
{
	struct finding *f = gate_find(g, o, at);

	finding_found(g, f, image);
	finding_expected(g, f, "%s...", prefix);
	if (valid)
		finding_say(g, f, "image %s does not come from %s", f->found, prefix);
	else
		finding_say(g, f, "'%s' is not a valid image reference, so it does not come from %s", f->found, prefix);
	fix_registry(g, f);
}

static void check_image(struct gate *g, const struct object *o, const struct node *at, struct slice image,
			const char *prefix)
{
	struct image_ref ref;
	bool valid = image_ref_parse(image, &ref);

	if (!valid || !image_ref_is_from(&ref, g->policy->registry_host, g->policy->registry_repository))
		find_image(g, o, at, image, prefix, valid || !image.n);
}

/* Options of a program that makes pods: --prometheus-config-reloader, --thanos-default-base-image */
static bool is_image_option(struct slice word)
{
	struct slice value, name;

	if (!slice_starts(word, "-"))
		return false;
	name = slice_cut(slice_from(word, slice_starts(word, "--") ? 2 : 1), '=', &value);
	return slice_is(name, "prometheus-config-reloader") || slice_ends(name, "-image") || slice_is(name, "image");
}

/* An option in words: with its value behind '=', or in the next word. */
struct option_scan {
	const struct container *container;
	const char *prefix;
	bool next;     /* the next word is the value */
	bool reloader; /* the operator's own option was there */
};

static void scan_word(struct gate *g, struct option_scan *s, const struct node *at, struct slice word)
{
	struct slice value;

	if (s->next)
		check_image(g, s->container->object, at, word, s->prefix);
	s->next = false;
	if (!is_image_option(word))
		return;
	s->reloader |= slice_find(word, "prometheus-config-reloader") != SIZE_MAX;
	slice_cut(word, '=', &value);
	if (value.p)
		check_image(g, s->container->object, at, value, s->prefix);
	else
		s->next = true;
}

static void scan_words(struct gate *g, struct option_scan *s, const char *list)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(s->container->node, list)); seq_next(&it);) {
		struct slice rest = node_string(it.item);

		if (s->next && !rest.n) { /* an option that is set to nothing */
			scan_word(g, s, it.item, rest);
			continue;
		}
		if (slice_find(rest, "image") == SIZE_MAX && slice_find(rest, "config-reloader") == SIZE_MAX &&
		    !s->next)
			continue;
		while (rest.p) {
			struct slice line = slice_cut(rest, '\n', &rest);

			while (line.p) {
				struct slice word = slice_trim(slice_cut(line, ' ', &line));

				if (word.n)
					scan_word(g, s, it.item, word);
			}
		}
	}
}

/* Without its option the operator takes the side container of what it runs from its vendor. */
static void check_reloader(struct gate *g, const struct container *c, const struct option_scan *s)
{
	struct finding *f;

	if (s->reloader || c->is_init || !object_is_chart(c->object, OBJECT_PROMETHEUS_OPERATOR) ||
	    c != object_container(g->release, c->object, chart_object_name(OBJECT_PROMETHEUS_OPERATOR)))
		return;
	f = gate_find(g, c->object, c->node);
	finding_expected(g, f, "--prometheus-config-reloader=%s...", s->prefix);
	finding_say(g, f, "the operator has no --prometheus-config-reloader: it takes the image from its vendor");
	fix_registry(g, f);
}

static void check_container(struct gate *g, const struct container *c, const char *prefix)
{
	struct option_scan s = {.container = c, .prefix = prefix};
	const struct node *image = node_lookup(c->node, "image");

	/* The containers that patch what an operator makes carry no image of their own. */
	if (image)
		check_image(g, c->object, image, node_string(image), prefix);
	scan_words(g, &s, "command");
	s.next = false;
	scan_words(g, &s, "args");
	check_reloader(g, c, &s);
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

static void find_elsewhere(struct gate *g, const struct env_var *e)
{
	struct finding *f = gate_find(g, e->object, e->item);

	finding_say(g, f, SLICE_FMT " names an image by valueFrom: this stream does not show which",
		    SLICE_ARG(e->name));
	finding_fix(g, f, "Set it to an image of " SLICE_FMT ".", SLICE_ARG(g->policy->registry_host));
}

static void check_env(struct gate *g, const char *prefix)
{
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];
		bool table = slice_is(e->name, "MONGODB_IMAGES");

		if (!table && !slice_ends(e->name, "_IMAGE") && !slice_starts(e->name, "RELATED_IMAGE_"))
			continue;
		if (node_lookup(e->item, "valueFrom"))
			find_elsewhere(g, e);
		else if (table && node_is_string(e->value))
			check_image_table(g, e);
		else if (node_string(e->value).n)
			check_image(g, e->object, e->value, node_string(e->value), prefix);
	}
}

/* Volumes whose files are those of an image. */
static size_t check_volumes(struct gate *g, const struct object *o, const char *prefix)
{
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(node_lookup(object_pod_spec(o), "volumes")); seq_next(&it); n++) {
		const struct node *image = node_lookup(it.item, "image");
		const struct node *reference = node_lookup(image, "reference");

		if (!node_is_null(image))
			check_image(g, o, reference ? reference : image, node_string(reference), prefix);
	}
	return n;
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
	finding_fix_text(g, f, gate_key(g, chart_value_name(KEY_PULL_SECRET)), g->policy->registry_pull_secret);
}

/* The container that an operator runs for its resource, and patches with what is under this name. */
static const char *operated_container(const struct object *o)
{
	static const struct {
		const char *kind, *container;
	} rows[] = {{"Prometheus", "prometheus"},
		    {"PrometheusAgent", "prometheus"},
		    {"Alertmanager", "alertmanager"},
		    {"ThanosRuler", "thanos-ruler"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (slice_is(o->kind, rows[i].kind))
			return rows[i].container;
	return NULL;
}

static const struct node *own_image(const struct object *o, const char *container)
{
	size_t same;
	const struct node *c = node_named(node_at(o->root, "spec/containers"), slice_str(container), &same);

	return node_lookup(c, "image");
}

static void find_default(struct gate *g, const struct object *o, const struct node *at, const char *what,
			 const char *prefix)
{
	struct finding *f = gate_find(g, o, at);

	finding_expected(g, f, "%s...", prefix);
	finding_say(g, f, "%s names no image: the operator takes its vendor's", what);
	fix_registry(g, f);
}

/* Images that an operator takes from its resource's spec. */
static void check_operated(struct gate *g, const struct object *o, const char *prefix)
{
	static const char *const paths[] = {"spec/image", "spec/baseImage", "spec/thanos/image",
					    "spec/thanos/baseImage"};
	const char *container = operated_container(o);
	const struct node *thanos = node_at(o->root, "spec/thanos"), *images[ARRAY_SIZE(paths)];

	if (!object_in_group(o, "monitoring.coreos.com") || !container)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		images[i] = node_at(o->root, paths[i]);
		if (node_is_null(images[i]))
			images[i] = NULL;
		if (images[i] && node_is_string(images[i]))
			check_image(g, o, images[i], node_string(images[i]), prefix);
	}
	if (!images[0] && !images[1] && !own_image(o, container))
		find_default(g, o, node_lookup(o->root, "spec"), object_title(g->release, o), prefix);
	if (node_is_mapping(thanos) && !images[2] && !images[3] && !own_image(o, "thanos-sidecar"))
		find_default(g, o, thanos, "its side container thanos", prefix);
}

void rule_image_registry(struct gate *g)
{
	const char *prefix;
	size_t volumes = 0;

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
		volumes += check_volumes(g, o, prefix);
	}
	if (!g->release->containers.n && !volumes)
		find_unseen(g, "registry");
}
