#include "argocd/repository.h"

#include "base/slice.h"
#include "base/walk.h"
#include "userfile/user_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct slice without_slashes(struct slice s)
{
	while (s.n && s.p[0] == '/')
		s = slice_from(s, 1);
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

int repository_find(struct repository *r, const char *source_path, struct err *err)
{
	struct slice app = without_slashes(slice_str(source_path)), cwd;

	if (!realpath(".", r->root))
		return err_errno(err, STATUS_FAILED, "cannot find the working directory");
	while (slice_starts(app, "./"))
		app = without_slashes(slice_from(app, 2));
	cwd = slice_str(r->root);
	if (app.n == 0 || app.n + 1 >= cwd.n || cwd.p[cwd.n - app.n - 1] != '/' ||
	    !slice_eq(slice_from(cwd, cwd.n - app.n), app))
		return 0;
	r->root[cwd.n - app.n - 1] = '\0';
	return 0;
}

static bool is_inside(const struct repository *r, const char *resolved)
{
	size_t n = strlen(r->root);

	return strncmp(resolved, r->root, n) == 0 && (resolved[n] == '/' || resolved[n] == '\0');
}

int repository_check(const struct repository *r, const char *what, const char *path, struct err *err)
{
	char resolved[PATH_MAX];
	struct shown shown = show_text(slice_str(path));

	if (path[0] == '/')
		return err_set(err, STATUS_USAGE, "%s: %s is an absolute path; it must lead into the repository", what,
			       shown.text);
	if (!realpath(path, resolved))
		return err_errno(err, STATUS_USAGE, "%s: cannot find %s", what, shown.text);
	if (!is_inside(r, resolved))
		return err_set(err, STATUS_USAGE, "%s: %s leads out of the repository", what, shown.text);
	return 0;
}

struct links {
	const struct repository *r;
	const char *what;
};

static int check_link(void *context, const struct walk_entry *e, struct err *err)
{
	const struct links *l = context;

	return e->kind == WALK_LINK ? repository_check(l->r, l->what, e->path, err) : 0;
}

int repository_check_links(const struct repository *r, const char *what, const char *path, struct err *err)
{
	struct links l = {r, what};

	return walk_tree(path, check_link, &l, STATUS_USAGE, err);
}
