#include "base/walk.h"

#include "base/setup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	walk_visit *visit;
	void *context;
	int status;
	char path[PATH_MAX];
};

static int cannot_read(const struct walk *w, struct err *err)
{
	return errno == ENOMEM ? err_nomem(err) : err_errno(err, w->status, "cannot read '%s'", w->path);
}

static int enter(struct walk *w, size_t n, unsigned level, struct err *err);

/* The entry whose path is complete; its folder's ends at `n`. */
static int visit(struct walk *w, size_t n, unsigned level, struct err *err)
{
	struct walk_entry e = {w->path, w->path + n, level, WALK_OTHER};
	struct stat st;
	int rc;

	if ((level ? lstat : stat)(w->path, &st) < 0)
		return errno == ENOENT ? 0 : cannot_read(w, err); /* gone since it was listed */
	if (S_ISDIR(st.st_mode))
		e.kind = WALK_FOLDER;
	else if (S_ISREG(st.st_mode))
		e.kind = WALK_FILE;
	else if (S_ISLNK(st.st_mode))
		e.kind = WALK_LINK;
	rc = w->visit(w->context, &e, err);
	if (rc < 0)
		return rc;
	return e.kind == WALK_FOLDER && rc != WALK_SKIP ? enter(w, strlen(w->path), level, err) : 0;
}

static int enter(struct walk *w, size_t n, unsigned level, struct err *err)
{
	DIR *folder = opendir(w->path);
	int rc = 0;

	if (!folder)
		return cannot_read(w, err);
	if (w->path[n - 1] != '/')
		w->path[n++] = '/';
	for (struct dirent *d; rc == 0 && (errno = 0, d = readdir(folder)) != NULL;) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		/* Room for the slash behind it too. */
		if (snprintf(w->path + n, sizeof(w->path) - n - 1, "%s", d->d_name) >= (int)(sizeof(w->path) - n - 1))
			rc = err_set(err, w->status, "path '%.60s...' is too long", w->path);
		else
			rc = visit(w, n, level + 1, err);
		errno = 0;
	}
	w->path[n] = '\0';
	if (rc == 0 && errno)
		rc = cannot_read(w, err);
	closedir(folder);
	return rc;
}

int walk_tree(const char *root, walk_visit *of, void *context, int status, struct err *err)
{
	struct walk w = {.visit = of, .context = context, .status = status};

	if (snprintf(w.path, sizeof(w.path) - 1, "%s", root) >= (int)sizeof(w.path) - 1 || !*root)
		return err_set(err, status, "path '%.60s' cannot be read", root);
	return visit(&w, 0, 0, err);
}
