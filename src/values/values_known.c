/*
 * values_known.c: the keys that the chart knows: those of its own values when they are at hand, else those of every
 * version.
 */
#include "values/values_keys.h"

static const struct chart_key every_key[] = {
#define CHART_KEY(path_, shape_)    {(path_), SHAPE_##shape_, false},
#define TEMPLATE_KEY(path_, shape_) {(path_), SHAPE_##shape_, true},
#include "chart/chart_keys.def"
#undef CHART_KEY
};

enum { PATH_ROOM = 256 };

const struct known_keys every_known_key = {every_key, ARRAY_SIZE(every_key)};

struct known_keys values_known_keys(const struct values *v, const char *under)
{
	/* The values of a chart above this one do not show all of its keys. */
	if (v->keys.n && !*under)
		return (struct known_keys){v->keys.v, v->keys.n};
	return every_known_key;
}

static int by_path(const void *path, const void *key)
{
	return strcmp(path, ((const struct chart_key *)key)->path);
}

static const struct chart_key *find_path(struct known_keys keys, const char *path)
{
	return bsearch(path, keys.v, keys.n, sizeof(*keys.v), by_path);
}

const struct chart_key *known_key(struct known_keys keys, const char *parent, struct slice part)
{
	char path[PATH_ROOM];
	int n = snprintf(path, sizeof(path), "%s%s" SLICE_FMT, parent, *parent ? "." : "", SLICE_ARG(part));

	if (n < 0 || (size_t)n >= sizeof(path) || slice_chr(part, '\0') != SIZE_MAX)
		return NULL;
	return find_path(keys, path);
}

bool key_is_plain(struct slice s)
{
	if (!s.p || !s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		      c == '_' || c == '/'))
			return false;
	}
	return true;
}

/* --- this chart's own keys --------------------------------------------------------------------------------------- */

static void know(struct values *v, const char *path, enum key_shape shape)
{
	struct chart_key *k = VEC_PUSH(&v->arena, v->keys);

	if (k)
		*k = (struct chart_key){.path = path, .shape = shape};
}

/* A mapping that is empty, or has keys that are no words, holds what the user puts there. */
static bool is_free(const struct node *map)
{
	struct map_iter it = map_iter_of(map);
	bool any = false;

	while (map_next(&it)) {
		any = true;
		if (!key_is_plain(node_text(it.key)) || slice_chr(node_text(it.key), '/') != SIZE_MAX)
			return true;
	}
	return !any;
}

/* What is null in the chart's values may be anything, unless another version shows it. */
static enum key_shape shape_of(const char *path, const struct node *value)
{
	const struct chart_key *k = find_path(every_known_key, path);

	if (node_is_mapping(value))
		return is_free(value) ? SHAPE_FREE : SHAPE_MAP;
	if (node_is_sequence(value))
		return SHAPE_LIST;
	if (k && k->shape != SHAPE_MAP)
		return k->shape;
	return node_is_null(value) ? SHAPE_FREE : SHAPE_ONE;
}

static void know_mapping(struct values *v, const struct node *map, const char *parent)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it) && !arena_failed(&v->arena);) {
		const char *path = arena_printf(&v->arena, "%s%s" SLICE_FMT, parent, *parent ? "." : "",
						SLICE_ARG(node_text(it.key)));
		enum key_shape shape = shape_of(path, it.value);

		if (!key_is_plain(node_text(it.key)))
			continue; /* only in the root: elsewhere it makes its mapping free */
		know(v, path, shape);
		if (shape == SHAPE_MAP)
			know_mapping(v, it.value, path);
	}
}

static int by_paths(const void *a, const void *b)
{
	return strcmp(((const struct chart_key *)a)->path, ((const struct chart_key *)b)->path);
}

/* Keys that only templates know, with the mappings that they stand in. */
static void know_templates(struct values *v)
{
	size_t own = v->keys.n;

	for (size_t i = 0; i < ARRAY_SIZE(every_key); i++) {
		struct slice path = slice_str(every_key[i].path);

		for (size_t dot = 0; every_key[i].template_only && dot <= path.n; dot++) {
			const char *part;

			if (dot < path.n && path.p[dot] != '.')
				continue;
			part = arena_str(&v->arena, slice_to(path, dot));
			if (!bsearch(part, v->keys.v, own, sizeof(*v->keys.v), by_path))
				know(v, part, dot == path.n ? every_key[i].shape : SHAPE_MAP);
		}
	}
}

static void sort_keys(struct values *v)
{
	size_t n = 0;

	qsort(v->keys.v, v->keys.n, sizeof(*v->keys.v), by_paths);
	for (size_t i = 0; i < v->keys.n; i++)
		if (!n || by_paths(&v->keys.v[n - 1], &v->keys.v[i]) != 0)
			v->keys.v[n++] = v->keys.v[i];
	v->keys.n = n;
}

void values_know_chart(struct values *v)
{
	v->keys.n = 0;
	know_mapping(v, v->chart.root, "");
	if (!v->keys.n)
		return;
	sort_keys(v);
	know_templates(v);
	sort_keys(v);
}

bool values_knows(const struct values *v, const char *under, const char *path)
{
	struct known_keys keys = values_known_keys(v, under);
	size_t n = strlen(under);
	struct slice rest = slice_str(n && strncmp(path, under, n) == 0 && path[n] == '.' ? path + n + 1 : path);
	const struct chart_key *k = NULL;

	while (rest.p && (!k || k->shape == SHAPE_MAP)) {
		k = known_key(keys, k ? k->path : "", slice_cut(rest, '.', &rest));
		if (!k)
			return false;
	}
	return k && k->shape != SHAPE_MAP && (!rest.p || k->shape == SHAPE_FREE);
}
