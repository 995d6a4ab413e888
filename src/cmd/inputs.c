#include "cmd/inputs.h"

#include "base/buf.h"
#include "base/walk.h"
#include "cmd/ignore.h"

#include <errno.h>
#include <sys/stat.h>

void input_list_release(struct input_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		string_list_release(&l->v[i].files);
	for (size_t i = 0; i < l->paths_n; i++)
		free(l->paths[i]);
	free(l->v);
	free(l->paths);
	*l = (struct input_list){0};
}

static struct input_unit *new_unit(struct input_list *l, struct err *err)
{
	if (l->n == l->cap) {
		size_t want = l->cap ? l->cap * 2 : 16;
		struct input_unit *more = realloc(l->v, want * sizeof(*more));

		if (!more) {
			err_nomem(err);
			return NULL;
		}
		l->v = more;
		l->cap = want;
	}
	l->v[l->n] = (struct input_unit){0};
	return &l->v[l->n++];
}

static const char *own(struct input_list *l, const char *path, struct err *err)
{
	char *copy;

	if (l->paths_n == l->paths_cap) {
		size_t want = l->paths_cap ? l->paths_cap * 2 : 64;
		char **more = realloc(l->paths, want * sizeof(*more));

		if (!more) {
			err_nomem(err);
			return NULL;
		}
		l->paths = more;
		l->paths_cap = want;
	}
	copy = strdup(path);
	if (!copy) {
		err_nomem(err);
		return NULL;
	}
	return l->paths[l->paths_n++] = copy;
}

static bool is_manifest(const char *name)
{
	struct slice s = slice_str(name);

	return slice_ends(s, ".yaml") || slice_ends(s, ".yml") || slice_ends(s, ".json");
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct collection {
	struct input_list *list;
	struct string_list *found;
	const struct input_options *opt;
	struct ignore ignored;
};

/* The patterns of the options count from the directory that was given, those of a .gitignore from its own. */
static int enter_directory(struct collection *c, const struct walk_entry *e, struct err *err)
{
	const struct string_list *exclude = c->opt->exclude;
	cleanup_buf struct buf under = BUF_TEXT;

	buf_addf(&under, "%s%s", e->path, slice_ends(slice_str(e->path), "/") ? "" : "/");
	if (under.failed)
		return err_nomem(err);
	for (size_t i = 0; e->level == 0 && exclude && i < exclude->n; i++)
		if (ignore_add(&c->ignored, buf_str(&under), slice_str(exclude->v[i]), err) < 0)
			return err->status;
	return c->opt->gitignore ? ignore_add_file(&c->ignored, buf_str(&under), err) : 0;
}

static int collect(void *context, const struct walk_entry *e, struct err *err)
{
	struct collection *c = context;
	bool is_folder = e->kind == WALK_FOLDER;
	const char *path;

	/* What begins with a dot is a tool's own: .git, .terraform */
	if (e->level > 0 && ((is_folder && e->name[0] == '.') || ignore_matches(&c->ignored, e->path, is_folder)))
		return WALK_SKIP;
	if (is_folder)
		return enter_directory(c, e, err);
	if (e->kind == WALK_OTHER || !is_manifest(e->name))
		return 0;
	path = own(c->list, e->path, err);
	return path && string_list_add(c->found, path, err) == 0 ? 0 : err->status;
}

static int add_directory(struct input_list *l, const char *name, const struct input_options *opt, struct err *err)
{
	struct string_list found = {0};
	struct collection c = {.list = l, .found = &found, .opt = opt};
	int rc = walk_tree(name, collect, &c, STATUS_INPUT, err);
	struct input_unit *unit;

	ignore_release(&c.ignored);
	if (rc != 0 || !found.v) {
		string_list_release(&found);
		return rc ? rc : err_set(err, STATUS_INPUT, "'%s' contains no *.yaml, *.yml or *.json", name);
	}
	qsort(found.v, found.n, sizeof(*found.v), compare);
	if (!opt->any) {
		unit = new_unit(l, err);
		if (!unit) {
			string_list_release(&found);
			return err->status;
		}
		unit->files = found;
		return 0;
	}
	for (size_t i = 0; i < found.n && rc == 0; i++) {
		unit = new_unit(l, err);
		rc = unit ? string_list_add(&unit->files, found.v[i], err) : err->status;
	}
	string_list_release(&found);
	return rc;
}

int input_list_fill(struct input_list *l, const struct string_list *names, const struct input_options *opt,
		    struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		struct input_unit *unit;
		struct stat st;

		if (strcmp(name, "-") != 0) {
			if (stat(name, &st) < 0)
				return err_errno(err, STATUS_INPUT, "cannot open '%s'", name);
			if (S_ISDIR(st.st_mode)) {
				if (add_directory(l, name, opt, err) < 0)
					return err->status;
				continue;
			}
		}
		unit = new_unit(l, err);
		if (!unit || string_list_add(&unit->files, name, err) < 0)
			return err->status;
	}
	return 0;
}
