#include "audit/seen.h"

#include "base/buf.h"
#include "kube/image_ref.h"
#include "spec/images.h"

#include <stdlib.h>
#include <xxhash.h>

struct look {
	struct seen *s;
	const struct seen_options *o;
	const struct release *r;
};

static const char *kept(struct look *l, struct slice text)
{
	return arena_str(l->o->arena, text);
}

/* --- digests ---------------------------------------------------------------------------------------------------- */

/* A render has no values that JSON lacks; one that has is still told from another by its bytes. */
static uint64_t digest_of(struct arena *a, const struct node *n)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)16 << 20);
	const struct node *where;
	const char *why;

	if (!n)
		return 0;
	if (!node_to_json(n, &out, &why, &where) && !out.failed)
		return n->end - n->start + 1;
	if (out.failed)
		arena_fail(a);
	return XXH3_64bits(buf_str(&out), out.n) | 1;
}

/* --- objects and env entries ------------------------------------------------------------------------------------- */

static bool is_hook(const struct object *o)
{
	return o->is_hook || (o->owner && o->owner->is_hook);
}

static struct slice source_of(const struct object *o)
{
	return o->owner ? o->owner->source : o->source;
}

static const char *event_of(struct look *l, const struct object *o)
{
	return is_hook(o) ? kept(l, node_text(o->owner ? o->owner->hook : o->hook)) : "";
}

static void see_object(struct look *l, const struct object *o)
{
	struct seen_object *to = VEC_PUSH(l->o->arena, l->s->objects);
	size_t from = l->s->leaves.n;

	if (!to)
		return;
	see_leaves(l->s, l->o->arena, o->root);
	*to = (struct seen_object){.kind = kept(l, o->kind),
				   .name = kept(l, o->name),
				   .source = kept(l, source_of(o)),
				   .event = event_of(l, o),
				   .hook = is_hook(o),
				   .digest = digest_of(l->o->arena, o->root),
				   .leaves_from = from,
				   .leaves_to = l->s->leaves.n};
}

static void see_env(struct look *l, const struct container *c, struct slice env, const struct node *value, bool from)
{
	const struct object *o = c->object;
	struct seen_env *to = VEC_PUSH(l->o->arena, l->s->envs);
	struct slice text = node_text(node_real(value));

	if (to)
		*to = (struct seen_env){.env = kept(l, env),
					.kind = kept(l, o->kind),
					.name = kept(l, o->name),
					.container = kept(l, c->name),
					.source = kept(l, source_of(o)),
					.event = event_of(l, o),
					.from = from,
					.is_switch = is_switch_text(text) || (is_switch_name(env) && value),
					.digest = digest_of(l->o->arena, value)};
}

/* Keys of the ConfigMaps that a container takes as a whole. */
static void see_env_from(struct look *l, const struct container *c)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "envFrom")); seq_next(&it);) {
		struct slice name = node_string(node_at(it.item, "configMapRef/name"));
		const struct object *map = name.n ? release_find_near(l->r, "ConfigMap", name, c->object) : NULL;

		for (struct map_iter m = map_iter_of(map ? node_lookup(map->root, "data") : NULL); map_next(&m);)
			see_env(l, c, node_text(m.key), m.value, true);
	}
}

static int by_object(const void *a, const void *b)
{
	return seen_object_compare(a, b);
}

static int by_env(const void *a, const void *b)
{
	return seen_env_compare(a, b);
}

int seen_object_compare(const struct seen_object *a, const struct seen_object *b)
{
	int c = strcmp(a->kind, b->kind);

	return c ? c : strcmp(a->name, b->name);
}

int seen_env_compare(const struct seen_env *a, const struct seen_env *b)
{
	int c = strcmp(a->env, b->env);

	if (!c)
		c = strcmp(a->kind, b->kind);
	if (!c)
		c = strcmp(a->name, b->name);
	if (!c)
		c = strcmp(a->container, b->container);
	return c ? c : (int)a->from - (int)b->from;
}

static void sort(struct seen *s)
{
	size_t n = 0;

	if (s->objects.n)
		qsort(s->objects.v, s->objects.n, sizeof(*s->objects.v), by_object);
	if (s->envs.n)
		qsort(s->envs.v, s->envs.n, sizeof(*s->envs.v), by_env);
	/* An entry that is set twice: both count, whichever the kubelet takes. */
	for (size_t i = 0; i < s->envs.n; i++) {
		if (n && by_env(&s->envs.v[n - 1], &s->envs.v[i]) == 0)
			s->envs.v[n - 1].digest ^= s->envs.v[i].digest * 3;
		else
			s->envs.v[n++] = s->envs.v[i];
	}
	s->envs.n = n;
}

/* --- facts ------------------------------------------------------------------------------------------------------ */

/* The object whose container runs the image; an argument or an env entry may name it as well. */
static void find_image(struct look *l, struct fact *f)
{
	for (size_t i = 0; i < l->r->containers.n; i++) {
		const struct container *c = &l->r->containers.v[i];

		if (!node_string_is(node_lookup(c->node, "image"), f->v[0]))
			continue;
		f->object_kind = kept(l, c->object->kind);
		f->object_name = kept(l, c->object->name);
		f->source = kept(l, source_of(c->object));
		f->path = kept(l, c->name);
		return;
	}
}

static void add_images(struct look *l, struct image_list *images)
{
	for (size_t i = 0; i < images->v.n; i++) {
		struct fact f = {.kind = FACT_IMAGE, .v = {images->v.v[i]}};
		struct image_ref ref;

		if (!image_ref_parse(slice_str(images->v.v[i]), &ref) ||
		    image_ref_is_from(&ref, SLICE(AUDIT_REGISTRY), SLICE(AUDIT_REPOSITORY)))
			continue;
		find_image(l, &f);
		fact_add(l->o->facts, &f);
	}
}

static int see_images(struct look *l, struct err *err)
{
	struct image_list images;
	int rc;

	image_list_init(&images);
	rc = image_list_fill(&images, l->r, err);
	if (rc == 0)
		add_images(l, &images);
	image_list_release(&images);
	return rc;
}

static bool is_workload(const struct object *o)
{
	return slice_is(o->kind, "Deployment") || slice_is(o->kind, "StatefulSet") || slice_is(o->kind, "DaemonSet") ||
	       slice_is(o->kind, "Job") || slice_is(o->kind, "CronJob");
}

static void see_hook(struct look *l, const struct object *o, const struct fact *at)
{
	struct fact f = *at;

	f.kind = FACT_HOOK;
	f.v[2] = kept(l, node_text(o->hook));
	fact_add(l->o->facts, &f);
}

static void see_facts(struct look *l, const struct object *o)
{
	struct fact at = {.v = {kept(l, o->kind), kept(l, o->name)}};

	at.object_kind = at.v[0];
	at.object_name = at.v[1];
	at.source = kept(l, source_of(o));
	if (o->is_hook && !o->owner)
		see_hook(l, o, &at);
	facts_of_rights(l->o->facts, o, &at);
	if (is_workload(o) && !is_hook(o)) {
		at.kind = FACT_WORKLOAD;
		fact_add(l->o->facts, &at);
	}
	if (slice_is(o->kind, "Secret")) {
		at.kind = FACT_SECRET;
		at.v[0] = at.v[1];
		at.v[1] = NULL;
		fact_add(l->o->facts, &at);
	}
}

static void see_claims(struct look *l)
{
	static const char *const ways[] = {
		[CLAIM_PVC] = "PVC", [CLAIM_TEMPLATE] = "TEMPLATE", [CLAIM_OPERATOR] = "OPERATOR"};

	for (size_t i = 0; i < l->r->claims.n; i++) {
		const struct claim *c = &l->r->claims.v[i];
		struct fact f = {.kind = FACT_CLAIM,
				 .v = {kept(l, c->object->kind), kept(l, c->object->name), kept(l, c->name),
				       ways[c->kind]},
				 .source = kept(l, source_of(c->object))};

		f.object_kind = f.v[0];
		f.object_name = f.v[1];
		fact_add(l->o->facts, &f);
	}
}

/* Rows of databases.def: a volume whose name ends in '-' is any that begins so. */
static void see_database(struct look *l, const struct container *c, const struct fact *row)
{
	size_t n = strlen(row->v[2]);

	if (!object_is(c->object, row->v[0], row->v[1]) || !slice_is(c->name, row->v[3]))
		return;
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "volumeMounts")); seq_next(&it);) {
		struct slice name = node_string(node_lookup(it.item, "name")),
			     path = node_string(node_lookup(it.item, "mountPath"));

		while (path.n > 1 && path.p[path.n - 1] == '/')
			path.n--;
		if (slice_is(path, row->v[4]) &&
		    (row->v[2][n - 1] == '-' ? slice_starts(name, row->v[2]) : slice_is(name, row->v[2])))
			fact_add(l->o->facts, row);
	}
}

static const struct fact databases[] = {
#define DATABASE(kind_, name, volume, container, data, settings) \
	{.kind = FACT_DATABASE, .v = {kind_, name, volume, container, data}},
#include "chart/databases.def"
#undef DATABASE
};

static void see_switches(struct look *l)
{
	for (size_t i = 0; i < l->s->envs.n; i++) {
		const struct seen_env *e = &l->s->envs.v[i];

		if (e->is_switch)
			fact_add(l->o->facts, &(struct fact){.kind = FACT_SWITCH,
							     .v = {e->env},
							     .object_kind = e->kind,
							     .object_name = e->name,
							     .source = e->source,
							     .path = e->container});
	}
}

static int see_all_facts(struct look *l, struct err *err)
{
	for (size_t i = 0; i < l->r->objects.n; i++)
		see_facts(l, l->r->objects.v[i]);
	for (size_t i = 0; i < l->r->containers.n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(databases); k++)
			see_database(l, &l->r->containers.v[i], &databases[k]);
	see_claims(l);
	see_switches(l);
	return l->o->registry ? see_images(l, err) : 0;
}

int seen_fill(struct seen *s, struct slice text, const struct seen_options *o, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream stream;
	cleanup_release struct release r;
	struct look l = {s, o, &r};

	release_init(&r);
	stream_init(&stream, &limits);
	if (stream_add(&stream, "what Helm rendered", text, err) < 0)
		return err->status;
	if (stream.problems.n)
		return err_set(err, STATUS_INPUT, "what Helm rendered cannot be read: %s",
			       stream.problems.v[0].message);
	if (release_build(&r, &stream, err) < 0)
		return err->status;
	for (size_t i = 0; i < r.objects.n; i++)
		see_object(&l, r.objects.v[i]);
	for (size_t i = 0; i < r.envs.n; i++)
		see_env(&l, r.envs.v[i].container, r.envs.v[i].name, r.envs.v[i].value, false);
	for (size_t i = 0; i < r.containers.n; i++)
		see_env_from(&l, &r.containers.v[i]);
	sort(s);
	if (o->facts && see_all_facts(&l, err) < 0)
		return err->status;
	if (o->facts && arena_status(&o->facts->arena, err) < 0)
		return err->status;
	return arena_status(o->arena, err);
}
