/*
 * values_keys.c: the keys that the chart knows. It has no schema, so a key that is misspelt or stands at the wrong
 * place is silently ignored, and `pxbackup.federted: true` installs Classic mode.
 */
#include "policy/values_keys.h"

#include "policy/user_file.h"

const struct chart_value_info chart_value_infos[VALUE_COUNT] = {
#define CHART_VALUE(name, key_, def_, hooks) [VALUE_##name] = {.key = (key_), .def = (def_), .reaches_hooks = (hooks)},
#include "policy/chart_values.def"
#undef CHART_VALUE
};

static const struct chart_key every_key[] = {
#define CHART_KEY(path_, shape_)    {(path_), SHAPE_##shape_, false},
#define TEMPLATE_KEY(path_, shape_) {(path_), SHAPE_##shape_, true},
#include "policy/chart_keys.def"
#undef CHART_KEY
};

enum { PATH_ROOM = 256 };

struct known_keys values_known_keys(const struct values *v)
{
	if (v->keys.n)
		return (struct known_keys){v->keys.v, v->keys.n};
	return (struct known_keys){every_key, ARRAY_SIZE(every_key)};
}

static int by_path(const void *path, const void *key)
{
	return strcmp(path, ((const struct chart_key *)key)->path);
}

static const struct chart_key *find_path(struct known_keys keys, const char *path)
{
	return bsearch(path, keys.v, keys.n, sizeof(*keys.v), by_path);
}

/* The key `part` of the known mapping `parent` ("" is the root). */
static const struct chart_key *find_key(struct known_keys keys, const char *parent, struct slice part)
{
	char path[PATH_ROOM];
	int n = snprintf(path, sizeof(path), "%s%s" SLICE_FMT, parent, *parent ? "." : "", SLICE_ARG(part));

	if (n < 0 || (size_t)n >= sizeof(path) || slice_chr(part, '\0') != SIZE_MAX)
		return NULL;
	return find_path(keys, path);
}

static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		      c == '_' || c == '/'))
			return false;
	}
	return s.n > 0;
}

/* --- this chart's own keys --------------------------------------------------------------------------------------- */

static const struct chart_key *in_every_chart(const char *path)
{
	return find_path((struct known_keys){every_key, ARRAY_SIZE(every_key)}, path);
}

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
		if (!is_plain(node_text(it.key)) || slice_chr(node_text(it.key), '/') != SIZE_MAX)
			return true;
	}
	return !any;
}

/* What is null in the chart's values may be anything, unless another version shows it. */
static enum key_shape shape_of(const char *path, const struct node *value)
{
	const struct chart_key *k = in_every_chart(path);

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

		if (!is_plain(node_text(it.key)))
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

/* --- what was probably meant ----------------------------------------------------------------------------------- */

struct guess {
	const char *path;
	unsigned distance;
};

static struct slice last_part(const char *path)
{
	struct slice s = slice_str(path);
	size_t dot = slice_rchr(s, '.');

	return dot == SIZE_MAX ? s : slice_from(s, dot + 1);
}

static bool is_child(const char *path, const char *parent)
{
	size_t n = strlen(parent);

	if (n && (strncmp(path, parent, n) != 0 || path[n] != '.'))
		return false;
	return !strchr(path + (n ? n + 1 : 0), '.');
}

static unsigned depth_of(const char *path)
{
	unsigned n = 0;

	while ((path = strchr(path, '.'))) {
		path++;
		n++;
	}
	return n;
}

/* How far a key is from a known one; 1 for a slip of case or joints, however many letters it takes. */
static unsigned distance_to(struct slice part, const char *path, unsigned max)
{
	struct slice known = last_part(path);

	if (slice_eq(part, known))
		return 0;
	return key_alike(part, known) ? 1 : slice_distance(part, known, max);
}

static struct guess guess_sibling(struct known_keys keys, const char *parent, struct slice part)
{
	unsigned best = part.n <= 3 ? 1 : 2;
	struct guess g = {0};

	for (size_t i = 0; i < keys.n; i++) {
		const char *path = keys.v[i].path;
		unsigned d;

		if (!is_child(path, parent))
			continue;
		d = distance_to(part, path, best);
		if (d <= best && (!g.path || d < g.distance))
			g = (struct guess){path, d};
	}
	return g;
}

/* The same key elsewhere, `federated` for pxbackup.federated: the one nearest to the root, if it is the only one there.
   Short words (`name`, `tag`) stand for too many things. */
static struct guess guess_elsewhere(struct known_keys keys, struct slice part, unsigned max)
{
	struct guess g = {0};
	bool tie = false;

	if (part.n < 5)
		return g;
	for (size_t i = 0; i < keys.n; i++) {
		const char *path = keys.v[i].path;
		unsigned d = distance_to(part, path, max);

		if (d > max)
			continue;
		if (!g.path || d < g.distance || (d == g.distance && depth_of(path) < depth_of(g.path))) {
			g = (struct guess){path, d};
			tie = false;
		} else if (d == g.distance && depth_of(path) == depth_of(g.path)) {
			tie = true;
		}
	}
	return tie ? (struct guess){0} : g;
}

/* A word cut short or run on: storageClass for storageClassName. */
static struct guess guess_stem(struct known_keys keys, const char *parent, struct slice part)
{
	for (size_t i = 0; part.n >= 4 && i < keys.n; i++) {
		struct slice known = last_part(keys.v[i].path);

		if (is_child(keys.v[i].path, parent) && known.n >= 4 &&
		    (slice_eq(slice_to(known, part.n), part) || slice_eq(slice_to(part, known.n), known)))
			return (struct guess){keys.v[i].path, slice_distance(part, known, 64)};
	}
	return (struct guess){0};
}

static struct guess guess_key(struct known_keys keys, const char *parent, struct slice part)
{
	const struct chart_key *dotted = slice_chr(part, '.') == SIZE_MAX ? NULL : find_key(keys, parent, part);
	struct guess g = {dotted ? dotted->path : NULL, 0}; /* `pxbackup.federated: true` is one key with a dot in it */

	if (!g.path)
		g = guess_sibling(keys, parent, part);
	if (!g.path)
		g = guess_elsewhere(keys, part, 1);
	if (!g.path)
		g = guess_stem(keys, parent, part);
	if (!g.path)
		g = guess_elsewhere(keys, part, 2);
	return g;
}

/* --- walking --------------------------------------------------------------------------------------------------- */

struct walk {
	struct known_keys keys;
	const struct values_file *file;
	unknown_key_fn fn;
	void *arg;
};

static void report(const struct walk *w, const struct node *key, const char *parent)
{
	struct slice part = node_text(key);
	struct guess g = guess_key(w->keys, parent, part);
	struct shown shown = show_text(part);
	struct slice name = slice_of(shown.text + 1, strlen(shown.text) - 2); /* without its quotes */
	char path[PATH_ROOM];

	if (is_plain(part))
		snprintf(path, sizeof(path), "%s%s" SLICE_FMT, parent, *parent ? "." : "", SLICE_ARG(name));
	else
		snprintf(path, sizeof(path), "%s[\"" SLICE_FMT "\"]", parent, SLICE_ARG(name));
	w->fn(w->arg, w->file, key, path, g.path, g.path ? g.distance : 0);
}

static void walk_mapping(const struct walk *w, const struct node *map, const char *parent)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		struct slice part = node_text(it.key);
		const struct chart_key *k = slice_chr(part, '.') == SIZE_MAX ? find_key(w->keys, parent, part) : NULL;

		if (!*parent && slice_is(part, "global"))
			continue;
		if (!k)
			report(w, it.key, parent);
		else if ((k->shape == SHAPE_MAP || k->shape == SHAPE_ONE) && node_is_mapping(it.value))
			walk_mapping(w, it.value, k->path);
	}
}

void values_unknown_keys(const struct values *v, unknown_key_fn fn, void *arg)
{
	for (size_t i = 0; i < v->files.n; i++) {
		struct walk w = {.keys = values_known_keys(v), .file = v->files.v[i], .fn = fn, .arg = arg};

		walk_mapping(&w, w.file->root, "");
	}
}
