/*
 * values_keys.c: the keys that the chart knows. It has no schema, so a key that is misspelt or stands at the wrong
 * place is silently ignored, and `pxbackup.federted: true` installs Classic mode.
 */
#include "values/values_keys.h"

#include "userfile/user_file.h"

enum { PATH_ROOM = 256 };

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
	size_t n = parent ? strlen(parent) : 0;

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

/* `pxbackup.federated: true` is one key with dots in it; each part may be misspelt. */
static struct guess guess_dotted(struct known_keys keys, const char *parent, struct slice part)
{
	struct guess g = {parent, 0};

	while (part.p && g.path) {
		struct slice name = slice_cut(part, '.', &part);
		const struct chart_key *k = known_key(keys, g.path, name);
		struct guess next = k ? (struct guess){k->path, 0} : guess_sibling(keys, g.path, name);

		g = (struct guess){next.path, g.distance + next.distance};
	}
	return g;
}

static struct guess guess_key(struct known_keys keys, const char *parent, struct slice part)
{
	struct guess g = {0};

	if (slice_chr(part, '.') != SIZE_MAX)
		g = guess_dotted(keys, parent, part);
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

/* How many keys of the mapping are known below `parent`. */
static size_t count_known(struct known_keys keys, const char *parent, const struct node *map, size_t *all)
{
	size_t known = 0;

	*all = 0;
	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		++*all;
		known += known_key(keys, parent, node_text(it.key)) != NULL;
	}
	return known;
}

/* The chart's values, put below a name of their own as a chart above it would do. */
static bool is_outer(struct known_keys keys, const char *parent, const struct node *value, struct guess g)
{
	size_t all, in_root = count_known(keys, "", value, &all);

	return !*parent && in_root * 2 > all && (!g.path || count_known(keys, g.path, value, &all) < in_root);
}

/* --- walking --------------------------------------------------------------------------------------------------- */

struct walk {
	struct known_keys keys;
	const char *under;
	const struct values_file *file;
	unknown_key_fn fn;
	void *arg;
};

/* What was probably meant, and in which way it was missed. */
static void judge(const struct walk *w, const char *parent, const struct node *value, struct unknown_key *u)
{
	struct slice part = node_text(u->key);
	const struct chart_key *elsewhere = known_key(every_known_key, parent, part);
	struct guess g = guess_key(w->keys, parent, part);

	if (elsewhere && slice_chr(part, '.') == SIZE_MAX) {
		u->kind = UNKNOWN_HERE;
		return;
	}
	if (is_outer(w->keys, parent, value, g)) {
		u->kind = UNKNOWN_OUTER;
		g = (struct guess){"", 0};
	}
	u->near = g.path;
	u->distance = g.path ? g.distance : 0;
}

static void report(const struct walk *w, const struct node *key, const struct node *value, const char *parent)
{
	struct unknown_key u = {.file = w->file, .key = key};
	struct slice part = node_text(key);
	struct shown shown = show_text(part);
	struct slice name = slice_of(shown.text + 1, strlen(shown.text) - 2); /* without its quotes */
	const char *dot = *w->under && *parent ? "." : "";
	char path[PATH_ROOM], near[PATH_ROOM];

	if (key_is_plain(part))
		snprintf(path, sizeof(path), "%s%s%s%s" SLICE_FMT, w->under, dot, parent,
			 *w->under || *parent ? "." : "", SLICE_ARG(name));
	else
		snprintf(path, sizeof(path), "%s%s%s[\"" SLICE_FMT "\"]", w->under, dot, parent, SLICE_ARG(name));
	u.path = path;
	judge(w, parent, value, &u);
	if (u.near && *w->under) {
		snprintf(near, sizeof(near), "%s%s%s", w->under, *u.near ? "." : "", u.near);
		u.near = near;
	}
	w->fn(w->arg, &u);
}

/* Values of this chart in the root of another chart's: it ignores them. The section's name is this chart's alone. */
static void report_misplaced(const struct walk *w, const struct node *key)
{
	char near[PATH_ROOM];
	struct unknown_key u = {.file = w->file, .key = key, .path = "pxbackup", .near = near};

	snprintf(near, sizeof(near), "%s.pxbackup", w->under);
	w->fn(w->arg, &u);
}

static void walk_mapping(const struct walk *w, const struct node *map, const char *parent)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		struct slice part = node_text(it.key);
		const struct chart_key *k = slice_chr(part, '.') == SIZE_MAX ? known_key(w->keys, parent, part) : NULL;

		if (!*parent && slice_is(part, "global"))
			continue;
		if (!k)
			report(w, it.key, it.value, parent);
		else if ((k->shape == SHAPE_MAP || k->shape == SHAPE_ONE) && node_is_mapping(it.value))
			walk_mapping(w, it.value, k->path);
	}
}

static void walk_under(const struct walk *w)
{
	const struct node *map = w->file->root;
	struct slice rest = slice_str(w->under);

	for (struct map_iter it = map_iter_of(map); *w->under && map_next(&it);)
		if (slice_is(node_text(it.key), "pxbackup"))
			report_misplaced(w, it.key);
	while (map && rest.p && rest.n)
		map = node_get(map, slice_cut(rest, '.', &rest));
	if (node_is_mapping(map))
		walk_mapping(w, map, "");
}

void values_unknown_keys(const struct values *v, const char *under, unknown_key_fn fn, void *arg)
{
	for (size_t i = 0; i < v->files.n; i++) {
		struct walk w = {.keys = values_known_keys(v, under),
				 .under = under,
				 .file = v->files.v[i],
				 .fn = fn,
				 .arg = arg};

		walk_under(&w);
	}
}
