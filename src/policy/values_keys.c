/*
 * values_keys.c: the keys that the chart knows. It has no schema, so a key that is misspelt or stands at the wrong
 * place is silently ignored, and `pxbackup.federted: true` installs Classic mode.
 */
#include "policy/user_file.h"
#include "policy/values.h"

const struct chart_value_info chart_value_infos[VALUE_COUNT] = {
#define CHART_VALUE(name, key_, def_, hooks) [VALUE_##name] = {.key = (key_), .def = (def_), .reaches_hooks = (hooks)},
#include "policy/chart_values.def"
#undef CHART_VALUE
};

enum shape { SHAPE_ONE, SHAPE_MAP, SHAPE_LIST, SHAPE_FREE };

static const struct chart_key {
	const char *path;
	enum shape shape;
} chart_keys[] = {
#define CHART_KEY(path_, shape_) {(path_), SHAPE_##shape_},
#include "policy/chart_keys.def"
#undef CHART_KEY
};

enum { PATH_ROOM = 256 };

static int by_path(const void *path, const void *key)
{
	return strcmp(path, ((const struct chart_key *)key)->path);
}

static const struct chart_key *find_path(const char *path)
{
	return bsearch(path, chart_keys, ARRAY_SIZE(chart_keys), sizeof(chart_keys[0]), by_path);
}

/* The key `part` of the known mapping `parent` ("" is the root). */
static const struct chart_key *find_key(const char *parent, struct slice part)
{
	char path[PATH_ROOM];
	int n = snprintf(path, sizeof(path), "%s%s" SLICE_FMT, parent, *parent ? "." : "", SLICE_ARG(part));

	if (n < 0 || (size_t)n >= sizeof(path) || slice_chr(part, '\0') != SIZE_MAX)
		return NULL;
	return find_path(path);
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

static struct guess guess_sibling(const char *parent, struct slice part)
{
	unsigned best = part.n <= 3 ? 1 : 2;
	struct guess g = {0};

	for (size_t i = 0; i < ARRAY_SIZE(chart_keys); i++) {
		const char *path = chart_keys[i].path;
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
static struct guess guess_elsewhere(struct slice part, unsigned max)
{
	struct guess g = {0};
	bool tie = false;

	if (part.n < 5)
		return g;
	for (size_t i = 0; i < ARRAY_SIZE(chart_keys); i++) {
		const char *path = chart_keys[i].path;
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
static struct guess guess_stem(const char *parent, struct slice part)
{
	for (size_t i = 0; part.n >= 4 && i < ARRAY_SIZE(chart_keys); i++) {
		struct slice known = last_part(chart_keys[i].path);

		if (is_child(chart_keys[i].path, parent) && known.n >= 4 &&
		    (slice_eq(slice_to(known, part.n), part) || slice_eq(slice_to(part, known.n), known)))
			return (struct guess){chart_keys[i].path, slice_distance(part, known, 64)};
	}
	return (struct guess){0};
}

static struct guess guess_key(const char *parent, struct slice part)
{
	const struct chart_key *dotted = slice_chr(part, '.') == SIZE_MAX ? NULL : find_key(parent, part);
	struct guess g = {dotted ? dotted->path : NULL, 0}; /* `pxbackup.federated: true` is one key with a dot in it */

	if (!g.path)
		g = guess_sibling(parent, part);
	if (!g.path)
		g = guess_elsewhere(part, 1);
	if (!g.path)
		g = guess_stem(parent, part);
	if (!g.path)
		g = guess_elsewhere(part, 2);
	return g;
}

/* --- walking --------------------------------------------------------------------------------------------------- */

struct walk {
	const struct values_file *file;
	unknown_key_fn fn;
	void *arg;
};

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

static void report(const struct walk *w, const struct node *key, const char *parent)
{
	struct slice part = node_text(key);
	struct guess g = guess_key(parent, part);
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
		const struct chart_key *k = slice_chr(part, '.') == SIZE_MAX ? find_key(parent, part) : NULL;

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
		struct walk w = {.file = v->files.v[i], .fn = fn, .arg = arg};

		walk_mapping(&w, w.file->root, "");
	}
}
