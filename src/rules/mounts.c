#include "rules/mounts.h"

static struct slice without_slash(struct slice path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* As the kernel resolves it, without links: "//", "/./" and "/x/.." go. */
struct slice path_clean(struct gate *g, struct slice path)
{
	struct slice rest = path;
	char *out;
	size_t n = 0;

	if (slice_find(path, "//") == SIZE_MAX && slice_find(path, "/.") == SIZE_MAX)
		return without_slash(path);
	out = arena_alloc(&g->arena, path.n + 1);
	if (!out)
		return path;
	while (rest.p) {
		struct slice part = slice_cut(rest, '/', &rest);

		if (!part.n || slice_is(part, "."))
			continue;
		if (slice_is(part, "..")) {
			while (n && out[--n] != '/')
				;
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	if (!n)
		out[n++] = '/';
	return slice_of(out, n);
}

bool path_is_below(struct slice path, struct slice folder)
{
	path = without_slash(path);
	folder = without_slash(folder);
	if (slice_is(folder, "/"))
		return path.n > 1;
	return path.n > folder.n && slice_eq(slice_to(path, folder.n), folder) && path.p[folder.n] == '/';
}

const struct node *mount_over(struct gate *g, const struct container *c, struct slice path)
{
	const struct node *best = NULL;
	size_t longest = 0;

	path = without_slash(path);
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "volumeMounts")); seq_next(&it);) {
		struct slice at = path_clean(g, node_string(node_lookup(it.item, "mountPath")));

		if (!at.n || (!slice_eq(at, path) && !path_is_below(path, at)) || at.n < longest)
			continue;
		best = it.item;
		longest = at.n;
	}
	return best;
}

static void add_folder(struct gate *g, struct folders *out, struct slice path, const struct node *at)
{
	if (slice_starts(path, "/") && out->n < ARRAY_SIZE(out->v))
		out->v[out->n++] = (struct folder){path_clean(g, path), at};
}

static struct slice without_quotes(struct slice word)
{
	while (word.n && (word.p[0] == '"' || word.p[0] == '\''))
		word = slice_from(word, 1);
	while (word.n && strchr("\"';&|)", word.p[word.n - 1]))
		word.n--;
	return word;
}

/* Calls for every word of a list: a script in it has several. */
struct word_iter {
	struct seq_iter items;
	struct slice rest;
};

static bool next_word(struct word_iter *it, struct slice *word)
{
	for (;;) {
		while (it->rest.n) {
			size_t end = 0;

			while (end < it->rest.n && !strchr(" \t\r\n", it->rest.p[end]))
				end++;
			*word = without_quotes(slice_to(it->rest, end));
			it->rest = slice_from(it->rest, end + (end < it->rest.n));
			if (word->n)
				return true;
		}
		if (!seq_next(&it->items))
			return false;
		it->rest = node_string(it->items.item);
	}
}

/* `--dbpath=/x`, `--dbpath /x`, `data_directory=/x`, in items or in a script, in command or args */
static void add_arguments(struct gate *g, struct folders *out, const struct container *c, struct slice flag,
			  unsigned int *left)
{
	static const char *const lists[] = {"command", "args"};
	bool setting = slice_ends(flag, "=");
	size_t n = flag.n - setting;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct word_iter it = {.items = seq_iter_of(node_lookup(c->node, lists[i]))};
		struct slice word;
		bool next = false;

		while (next_word(&it, &word)) {
			struct slice text = container_expand(g->release, c, word, left, &g->arena);

			if (next)
				add_folder(g, out, text, it.items.item);
			next = !setting && slice_eq(text, flag);
			if (slice_eq(slice_to(text, n), slice_to(flag, n)) && text.n > n && text.p[n] == '=')
				add_folder(g, out, without_quotes(slice_from(text, n + 1)), it.items.item);
		}
	}
}

void folders_of(struct gate *g, const struct container *c, const struct database *db, struct folders *out)
{
	struct slice rest = slice_str(db->settings);
	unsigned int left = ENV_REFERENCES;

	out->n = 0;
	while (rest.p && rest.n) {
		struct slice setting = slice_cut(rest, ' ', &rest);
		struct env_value v;

		if (slice_starts(setting, "-") || slice_ends(setting, "=")) {
			add_arguments(g, out, c, setting, &left);
			continue;
		}
		v = container_env(g->release, c, arena_str(&g->arena, setting), &g->arena);
		if (v.state == ENV_TEXT)
			add_folder(g, out, container_expand(g->release, c, v.text, &left, &g->arena),
				   v.object == c->object ? v.at : NULL);
	}
	if (!out->n)
		add_folder(g, out, slice_str(db->data), NULL);
}
