#include "spec/images.h"

#include <stdlib.h>

void image_list_init(struct image_list *l)
{
	memset(l, 0, sizeof(*l));
	l->arena = ARENA_INIT((size_t)64 << 20);
}

void image_list_release(struct image_list *l)
{
	arena_release(&l->arena);
	memset(l, 0, sizeof(*l));
}

static void add(struct image_list *l, struct slice image)
{
	const char **slot;

	if (!image.n)
		return;
	for (size_t i = 0; i < l->v.n; i++)
		if (slice_is(image, l->v.v[i]))
			return;
	slot = VEC_PUSH(&l->arena, l->v);
	if (slot)
		*slot = arena_str(&l->arena, image);
}

static struct slice after_flag(struct slice arg, const char *flag)
{
	size_t dashes = slice_starts(arg, "--") ? 2 : slice_starts(arg, "-") ? 1 : 0;
	struct slice rest = slice_from(arg, dashes);

	return dashes && slice_starts(rest, flag) ? slice_from(rest, strlen(flag)) : SLICE_EMPTY;
}

/* The operator is told the image of a sidecar by an argument: "--flag=IMAGE" or two items. */
static void add_arguments(struct image_list *l, const struct node *args)
{
	bool next = false;

	for (struct seq_iter it = seq_iter_of(args); seq_next(&it);) {
		struct slice arg = node_string(it.item), value = after_flag(arg, "prometheus-config-reloader=");

		add(l, next ? arg : value);
		next = slice_is(arg, "--prometheus-config-reloader") || slice_is(arg, "-prometheus-config-reloader");
	}
}

/* {"registry": R, "repo": P, "imageName": N, "tags": {"mongodb5": T, ...}} */
static int add_table(struct image_list *l, struct slice text, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *root;

	stream_init(&s, &limits);
	if (stream_add(&s, "MONGODB_IMAGES", text, err) < 0)
		return err->status;
	root = s.problems.n == 0 && s.documents.n == 1 ? s.documents.v[0].root : NULL;
	for (struct map_iter it = map_iter_of(node_lookup(root, "tags")); map_next(&it);)
		add(l, slice_str(arena_printf(&l->arena, SLICE_FMT "/" SLICE_FMT "/" SLICE_FMT ":" SLICE_FMT,
					      SLICE_ARG(node_string(node_lookup(root, "registry"))),
					      SLICE_ARG(node_string(node_lookup(root, "repo"))),
					      SLICE_ARG(node_string(node_lookup(root, "imageName"))),
					      SLICE_ARG(node_text(node_real(it.value))))));
	return 0;
}

static int add_envs(struct image_list *l, const struct release *r, struct err *err)
{
	for (size_t i = 0; i < r->envs.n; i++) {
		const struct env_var *e = &r->envs.v[i];

		if (slice_is(e->name, "POSTGRES_TARGET_IMAGE"))
			add(l, node_string(e->value));
		else if (slice_is(e->name, "MONGODB_IMAGES") && add_table(l, node_string(e->value), err) < 0)
			return err->status;
	}
	return 0;
}

static void add_object(struct image_list *l, const struct object *o)
{
	static const char *const paths[] = {"spec/image", "spec/baseImage", "spec/thanos/image"};

	for (struct seq_iter it = seq_iter_of(node_lookup(object_pod_spec(o), "volumes")); seq_next(&it);)
		add(l, node_string(node_at(it.item, "image/reference")));
	for (size_t i = 0; object_is_monitoring(o) && i < ARRAY_SIZE(paths); i++)
		add(l, node_string(node_at(o->root, paths[i])));
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int image_list_fill(struct image_list *l, const struct release *r, struct err *err)
{
	for (size_t i = 0; i < r->containers.n; i++) {
		add(l, node_string(node_lookup(r->containers.v[i].node, "image")));
		add_arguments(l, node_lookup(r->containers.v[i].node, "args"));
		add_arguments(l, node_lookup(r->containers.v[i].node, "command"));
	}
	if (add_envs(l, r, err) < 0)
		return err->status;
	for (size_t i = 0; i < r->objects.n; i++)
		add_object(l, r->objects.v[i]);
	if (arena_failed(&l->arena))
		return err_nomem(err);
	if (l->v.n)
		qsort(l->v.v, l->v.n, sizeof(*l->v.v), by_bytes);
	return 0;
}

struct image_parts image_split(struct slice image)
{
	struct image_parts p = {.registry = SLICE("docker.io"), .path = image};
	size_t at = slice_chr(image, '@'), slash, colon;
	struct slice first;

	if (at != SIZE_MAX) {
		p.digest = slice_from(image, at + 1);
		p.path = slice_to(image, at);
	}
	slash = slice_chr(p.path, '/');
	first = slash == SIZE_MAX ? SLICE_EMPTY : slice_to(p.path, slash);
	/* As every container runtime decides whether the first part is a host. */
	if (slice_chr(first, '.') != SIZE_MAX || slice_chr(first, ':') != SIZE_MAX || slice_is(first, "localhost")) {
		p.registry = first;
		p.path = slice_from(p.path, slash + 1);
	}
	colon = slice_rchr(p.path, ':');
	if (colon != SIZE_MAX && slice_chr(slice_from(p.path, colon), '/') == SIZE_MAX) {
		p.tag = slice_from(p.path, colon + 1);
		p.path = slice_to(p.path, colon);
	}
	return p;
}

const char *image_moved(struct image_list *l, const char *image, const char *registry, const char *repository)
{
	struct image_parts p = image_split(slice_str(image));
	size_t slash = slice_rchr(p.path, '/');
	struct slice name = slash == SIZE_MAX ? p.path : slice_from(p.path, slash + 1);

	return arena_printf(&l->arena, "%s/%s%s" SLICE_FMT "%s" SLICE_FMT "%s" SLICE_FMT, registry, repository,
			    *repository ? "/" : "", SLICE_ARG(name), p.tag.n ? ":" : "", SLICE_ARG(p.tag),
			    p.digest.n ? "@" : "", SLICE_ARG(p.digest));
}

/* Whether an image before this one has the same registry, and the same path if asked for. */
static bool seen(const struct image_list *l, size_t before, struct image_parts p, bool path)
{
	for (size_t i = 0; i < before; i++) {
		struct image_parts q = image_split(slice_str(l->v.v[i]));

		if (slice_eq(p.registry, q.registry) && (!path || slice_eq(p.path, q.path)))
			return true;
	}
	return false;
}

static void write_tags(const struct image_list *l, struct image_parts p, struct buf *out)
{
	for (size_t i = 0; i < l->v.n; i++) {
		struct image_parts q = image_split(slice_str(l->v.v[i]));

		if (!slice_eq(p.registry, q.registry) || !slice_eq(p.path, q.path))
			continue;
		buf_adds(out, "    - ");
		scalar_write(q.digest.n ? q.digest : q.tag.n ? q.tag : SLICE("latest"), STYLE_DOUBLE, out);
		buf_addc(out, '\n');
	}
}

void image_list_write_sync(const struct image_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->v.n; i++) {
		struct image_parts registry = image_split(slice_str(l->v.v[i]));

		if (seen(l, i, registry, false))
			continue;
		scalar_write(registry.registry, STYLE_PLAIN, out);
		buf_adds(out, ":\n  images:\n");
		for (size_t k = i; k < l->v.n; k++) {
			struct image_parts p = image_split(slice_str(l->v.v[k]));

			if (!slice_eq(p.registry, registry.registry) || seen(l, k, p, true))
				continue;
			buf_adds(out, "    ");
			scalar_write(p.path, STYLE_PLAIN, out);
			buf_adds(out, ":\n");
			write_tags(l, p, out);
		}
	}
}
