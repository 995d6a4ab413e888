#include "rules/mounts.h"

static struct slice without_slash(struct slice path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

bool path_is_below(struct slice path, struct slice folder)
{
	path = without_slash(path);
	folder = without_slash(folder);
	if (slice_is(folder, "/"))
		return path.n > 1;
	return path.n > folder.n && slice_eq(slice_to(path, folder.n), folder) && path.p[folder.n] == '/';
}

const struct node *mount_over(const struct container *c, struct slice path)
{
	const struct node *best = NULL;
	size_t longest = 0;

	path = without_slash(path);
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "volumeMounts")); seq_next(&it);) {
		struct slice at = without_slash(node_string(node_lookup(it.item, "mountPath")));

		if (!at.n || (!slice_eq(at, path) && !path_is_below(path, at)) || at.n < longest)
			continue;
		best = it.item;
		longest = at.n;
	}
	return best;
}

static void add_folder(struct folders *out, struct slice path, const struct node *at)
{
	if (slice_starts(path, "/") && out->n < ARRAY_SIZE(out->v))
		out->v[out->n++] = (struct folder){path, at};
}

/* `--dbpath=/x`, `--dbpath /x` in two items, in command or args */
static void add_arguments(struct folders *out, const struct container *c, struct slice flag)
{
	static const char *const lists[] = {"command", "args"};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		bool next = false;

		for (struct seq_iter it = seq_iter_of(node_lookup(c->node, lists[i])); seq_next(&it);) {
			struct slice text = node_string(it.item);

			if (next)
				add_folder(out, text, it.item);
			next = slice_eq(text, flag);
			if (slice_eq(slice_to(text, flag.n), flag) && text.n > flag.n && text.p[flag.n] == '=')
				add_folder(out, slice_from(text, flag.n + 1), it.item);
		}
	}
}

void folders_of(struct gate *g, const struct container *c, const struct database *db, struct folders *out)
{
	struct slice rest = slice_str(db->settings);

	out->n = 0;
	while (rest.p && rest.n) {
		struct slice setting = slice_cut(rest, ' ', &rest);
		struct env_value v;

		if (slice_starts(setting, "-")) {
			add_arguments(out, c, setting);
			continue;
		}
		v = container_env(g->release, c, arena_str(&g->arena, setting), &g->arena);
		if (v.state == ENV_TEXT)
			add_folder(out, v.text, v.object == c->object ? v.at : NULL);
	}
	if (!out->n)
		add_folder(out, slice_str(db->data), NULL);
}
