/*
 * policy_from_release.c: what a rendered release shows of itself, as a policy. A fact is what every place that could
 * show it agrees on.
 */
#include "chart/place.h"
#include "chart/chart_object.h"
#include "policy/policy_text.h"

#include "policy/policy_key.h"

struct agreement {
	const struct object *object; /* the first that spoke, NULL while none did */
	const struct node *node;
	struct slice text;
	bool split;
};

/* A place with its text; an empty text is one too, and not "central". */
static void agree(struct agreement *a, const struct object *o, const struct node *n, struct slice text)
{
	if (!a->object)
		*a = (struct agreement){.object = o, .node = n, .text = text};
	else if (!slice_eq(a->text, text))
		a->split = true;
}

static bool agreed(const struct agreement *a)
{
	return a->object && !a->split;
}

static struct origin origin_of(struct policy *p, const struct object *o, const struct node *n)
{
	struct place at = object_place(o, n);

	return (struct origin){.file = arena_str(&p->arena, slice_str(at.input)), .line = at.line, .column = at.column};
}

static void take_text(struct policy *p, enum policy_field f, const struct agreement *a)
{
	if (agreed(a) && a->text.n)
		policy_fact_text(p, f, a->text, origin_of(p, a->object, a->node));
}

static void take_choice(struct policy *p, enum policy_field f, unsigned value, const struct object *o,
			const struct node *n)
{
	policy_fact_choice(p, f, value, origin_of(p, o, n));
}

/* --- where it lives -------------------------------------------------------------------------------------------- */

/* The label that tells the release's name first. */
static struct origin release_name_origin(struct policy *p, const struct release *r)
{
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];
		const struct node *label =
			node_lookup(node_at(o->root, "metadata/labels"), "app.kubernetes.io/instance");

		if (node_is_string(label))
			return origin_of(p, o, label);
	}
	return origin_of(p, r->objects.v[0], NULL);
}

static void take_names(struct policy *p, const struct release *r)
{
	struct agreement ns = {0};

	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];

		if (o->ns.n)
			agree(&ns, o, node_at(o->root, "metadata/namespace"), o->ns);
	}
	take_text(p, POLICY_NAMESPACE, &ns);
	if (r->name.n && r->objects.n)
		policy_fact_text(p, POLICY_RELEASE_NAME, r->name, release_name_origin(p, r));
}

static void take_storage_class(struct policy *p, const struct release *r)
{
	struct agreement storage = {0};

	for (size_t i = 0; i < r->claims.n; i++) {
		const struct claim *c = &r->claims.v[i];

		agree(&storage, c->object, c->class_name, node_string(c->class_name));
	}
	take_text(p, POLICY_STORAGE_CLASS, &storage);
}

/* --- what runs ------------------------------------------------------------------------------------------------- */

static void take_telemetry(struct policy *p, const struct release *r)
{
	const struct object *backup = chart_object_in(r, OBJECT_PX_BACKUP);

	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];

		if (object_is(o, "Deployment", NULL) && slice_starts(o->name, "px-backup-telemetry")) {
			take_choice(p, POLICY_TELEMETRY, TELEMETRY_REQUIRED, o, NULL);
			return;
		}
	}
	if (backup)
		take_choice(p, POLICY_TELEMETRY, TELEMETRY_FORBIDDEN, backup, NULL);
}

static void take_mesh(struct policy *p, const struct release *r)
{
	const struct object *route = chart_object_in(r, OBJECT_VIRTUAL_SERVICE);
	const struct node *hosts = route ? node_at(route->root, "spec/hosts") : NULL;
	struct seq_iter host = seq_iter_of(hosts);
	struct env_iter it = envs_of(r, chart_env(VALUE_ISTIO));
	struct agreement mesh = {0};

	while (env_next(&it))
		agree(&mesh, it.env->object, it.env->value ? it.env->value : it.env->item, node_string(it.env->value));
	if (agreed(&mesh)) {
		unsigned value = mesh.text.n ? policy_key_word(&policy_keys[POLICY_MESH_MODE], mesh.text) : MESH_NONE;

		if (value == MESH_NONE || value == MESH_ISTIO || value == MESH_LINKERD)
			take_choice(p, POLICY_MESH_MODE, value, mesh.object, mesh.node);
	}
	if (node_count(hosts) == 1 && seq_next(&host))
		policy_fact_text(p, POLICY_MESH_HOST_NAME, node_string(host.item), origin_of(p, route, host.item));
}

/* Only hooks tell, so a Helm 3 post-renderer's stream says nothing. */
static void take_argo(struct policy *p, const struct release *r)
{
	static const char *const pvcs[] = {"pre-install-data-pvc", "pre-upgrade-data-pvc"};
	const struct object *rollback = chart_object_in(r, OBJECT_PRE_ROLLBACK_CHECK);

	if (!r->hooks_visible)
		return;
	if (rollback) {
		take_choice(p, POLICY_ARGO_CD, ARGO_FALSE, rollback, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pvcs); i++) {
		const struct object *o = release_find(r, "PersistentVolumeClaim", pvcs[i]);

		if (o && slice_is(object_annotation(o, "helm.sh/hook-weight"), "6"))
			take_choice(p, POLICY_ARGO_CD, ARGO_TRUE, o, NULL);
	}
}

/* --- images ---------------------------------------------------------------------------------------------------- */

/* "HOST/REPOSITORY/NAME:TAG"; false when it names no host of its own. */
static bool split_image(struct slice image, struct slice *host, struct slice *repository)
{
	size_t last = slice_rchr(image, '/');
	struct slice rest;

	if (last == SIZE_MAX)
		return false;
	*host = slice_cut(slice_to(image, last), '/', &rest);
	*repository = rest.p ? rest : SLICE_EMPTY;
	return slice_chr(*host, '.') != SIZE_MAX || slice_chr(*host, ':') != SIZE_MAX || slice_is(*host, "localhost");
}

static void take_registry(struct policy *p, const struct release *r)
{
	struct agreement hosts = {0}, repositories = {0}, secrets = {0};

	for (size_t i = 0; i < r->containers.n; i++) {
		const struct container *c = &r->containers.v[i];
		const struct node *image = node_lookup(c->node, "image");
		const struct node *pull = node_lookup(object_pod_spec(c->object), "imagePullSecrets");
		struct seq_iter first = seq_iter_of(pull);
		const struct node *name = seq_next(&first) ? node_lookup(first.item, "name") : NULL;
		struct slice host, repository;

		if (!image) /* an operator fills it in */
			continue;
		if (!split_image(node_string(image), &host, &repository))
			return;
		agree(&hosts, c->object, image, host);
		agree(&repositories, c->object, image, repository);
		agree(&secrets, c->object, name, node_string(name));
	}
	/* The public registry is the chart's default and no demand of anybody. */
	if (!agreed(&hosts) || slice_is(hosts.text, "docker.io"))
		return;
	take_text(p, POLICY_REGISTRY_HOST, &hosts);
	if (!p->registry_host.n)
		return;
	take_text(p, POLICY_REGISTRY_REPOSITORY, &repositories);
	take_text(p, POLICY_REGISTRY_PULL_SECRET, &secrets);
}

int policy_from_release(struct policy *p, const struct release *r, struct err *err)
{
	take_names(p, r);
	take_storage_class(p, r);
	take_telemetry(p, r);
	take_mesh(p, r);
	take_argo(p, r);
	take_registry(p, r);
	return arena_failed(&p->arena) ? err_nomem(err) : 0;
}
