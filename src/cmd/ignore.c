#include "cmd/ignore.h"

#include "base/file.h"

#include <fnmatch.h>
#include <unistd.h>

void ignore_release(struct ignore *ig)
{
	for (size_t i = 0; i < ig->n; i++) {
		free(ig->v[i].pattern);
		free(ig->v[i].under);
	}
	free(ig->v);
	*ig = (struct ignore){0};
}

static struct ignore_rule *new_rule(struct ignore *ig)
{
	if (ig->n == ig->cap) {
		size_t want = ig->cap ? ig->cap * 2 : 16;
		struct ignore_rule *more = realloc(ig->v, want * sizeof(*more));

		if (!more)
			return NULL;
		ig->v = more;
		ig->cap = want;
	}
	ig->v[ig->n] = (struct ignore_rule){0};
	return &ig->v[ig->n++];
}

int ignore_add(struct ignore *ig, const char *under, struct slice pattern, struct err *err)
{
	struct ignore_rule *r;
	bool keep;

	pattern = slice_trim(pattern);
	if (!pattern.n || pattern.p[0] == '#')
		return 0;
	keep = pattern.p[0] == '!';
	pattern = slice_from(pattern, keep);
	r = new_rule(ig);
	if (!r)
		return err_nomem(err);
	r->keep = keep;
	r->only_folders = pattern.n && pattern.p[pattern.n - 1] == '/';
	pattern = slice_to(pattern, pattern.n - r->only_folders);
	r->from_the_base = slice_chr(pattern, '/') != SIZE_MAX;
	pattern = slice_from(pattern, pattern.n && pattern.p[0] == '/');
	r->pattern = strndup(pattern.n ? pattern.p : "", pattern.n);
	r->under = strdup(under);
	r->base = strlen(under);
	return r->pattern && r->under ? 0 : err_nomem(err);
}

int ignore_add_file(struct ignore *ig, const char *under, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)1 << 20), path = BUF_TEXT;
	struct slice rest;

	buf_addf(&path, "%s.gitignore", under);
	if (path.failed)
		return err_nomem(err);
	if (access(buf_str(&path), F_OK) < 0)
		return 0;
	if (file_read(buf_str(&path), &text, STATUS_INPUT, err) < 0)
		return err->status;
	rest = buf_slice(&text);
	while (rest.p && rest.n)
		if (ignore_add(ig, under, slice_cut(rest, '\n', &rest), err) < 0)
			return err->status;
	return 0;
}

/* The part before the next '/', and what follows it; NULL after the last part. */
static struct slice next_part(const char **path)
{
	const char *begin = *path, *end = strchrnul(begin, '/');

	*path = *end ? end + 1 : NULL;
	return slice_of(begin, (size_t)(end - begin));
}

static bool part_matches(struct slice pattern, struct slice name)
{
	char p[256], n[256];

	if (pattern.n >= sizeof(p) || name.n >= sizeof(n))
		return slice_eq(pattern, name);
	snprintf(p, sizeof(p), SLICE_FMT, SLICE_ARG(pattern));
	snprintf(n, sizeof(n), SLICE_FMT, SLICE_ARG(name));
	return fnmatch(p, n, 0) == 0;
}

/* Part by part; "**" stands for any number of them, and the last one met is the only one to come back to. */
static bool path_matches(const char *pattern, const char *path)
{
	const char *back_pattern = NULL, *back_path = NULL;

	while (path) {
		const char *rest = pattern, *below = path;
		struct slice part = rest ? next_part(&rest) : SLICE_EMPTY, name = next_part(&below);

		if (pattern && slice_is(part, "**")) {
			if (!rest)
				return true;
			back_pattern = pattern = rest;
			back_path = path;
			continue;
		}
		if (pattern && part_matches(part, name)) {
			pattern = rest;
			path = below;
			continue;
		}
		if (!back_pattern)
			return false;
		next_part(&back_path);
		pattern = back_pattern;
		path = back_path;
	}
	return !pattern;
}

bool ignore_matches(const struct ignore *ig, const char *path, bool is_folder)
{
	bool ignored = false;

	for (size_t i = 0; i < ig->n; i++) {
		const struct ignore_rule *r = &ig->v[i];
		const char *below, *name;

		if (strncmp(path, r->under, r->base) != 0 || (r->only_folders && !is_folder))
			continue;
		below = path + r->base;
		name = strrchr(below, '/');
		if (r->from_the_base ? path_matches(r->pattern, below)
				     : part_matches(slice_str(r->pattern), slice_str(name ? name + 1 : below)))
			ignored = !r->keep;
	}
	return ignored;
}
