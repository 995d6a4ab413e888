/*
 * helm_fix_file.c: --fix-values-file: the fixes that the findings name go into one of the command's own values files,
 * so that the next upgrade has them too.
 */
#include "base/file.h"
#include "cmd/helm_run.h"
#include "userfile/user_file.h"
#include "values/values_edit.h"

#include <fcntl.h>
#include <sys/stat.h>

static bool same_file(const char *a, const struct stat *b)
{
	struct stat s;

	return a && stat(a, &s) == 0 && s.st_dev == b->st_dev && s.st_ino == b->st_ino;
}

/* Whether a word of `-f` is this file; Helm takes several, with commas between them. */
static bool is_given(struct helm_run *r, const struct stat *st)
{
	for (size_t i = 0; i < r->line.items.n; i++) {
		const struct helm_item *item = &r->line.items.v[i];
		struct slice rest = slice_str(item->value ? item->value : "");

		if (!item->flag || strcmp(item->flag->name, "values") != 0)
			continue;
		while (rest.p)
			if (same_file(arena_str(&r->line.arena, slice_cut(rest, ',', &rest)), st))
				return true;
	}
	return false;
}

int helm_check_fix_file(struct helm_run *r, struct err *err)
{
	const char *path = r->args.fix_file;
	struct stat st;

	if (!path)
		return 0;
	if (r->args.fix_values)
		return err_set(err, STATUS_USAGE,
			       "--fix-values and --fix-values-file exclude each other: the first changes this command "
			       "only, the second the file");
	if (r->args.plan)
		return err_set(err, STATUS_USAGE, "--plan changes nothing: run it without --fix-values-file");
	if (stat(path, &st) < 0)
		return err_errno(err, STATUS_USAGE, "--fix-values-file '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, STATUS_USAGE, "--fix-values-file '%s': only a regular file can be changed", path);
	if (!is_given(r, &st))
		return err_set(err, STATUS_USAGE,
			       "--fix-values-file '%s' is none of the command's values files; add -f %s", path, path);
	return 0;
}

/* What the command line lays over the file would still win. */
static int check_winner(struct helm_run *r, const struct values_file *own, const struct value_set *set, struct err *err)
{
	struct slice key = slice_to(slice_str(set->text), slice_chr(slice_str(set->text), '='));
	struct values *v = &r->setup.pass.values;
	struct values_file *winner = NULL;
	size_t at = SIZE_MAX, wins = 0;

	values_get(v, arena_str(&r->line.arena, key), &winner);
	for (size_t i = 0; i < v->files.n; i++) {
		if (v->files.v[i] == own)
			at = i;
		if (v->files.v[i] == winner)
			wins = i;
	}
	if (!winner || wins <= at)
		return 0;
	return err_set(err, STATUS_USAGE,
		       "'%s' sets " SLICE_FMT " too and wins over '%s': change it there, or name that file",
		       winner->name, SLICE_ARG(key), own->name);
}

static bool is_known(void *arg, const char *path)
{
	const struct helm_run *r = arg;

	return values_knows(&r->setup.pass.values, r->pass.gate.values_under, path);
}

/* The last of equal names: Helm takes a file twice if it is named twice. */
static const struct values_file *own_file(const struct helm_run *r, const struct stat *st)
{
	const struct values *v = &r->setup.pass.values;

	for (size_t i = v->files.n; i-- > 0;)
		if (!v->files.v[i]->is_option && same_file(v->files.v[i]->name, st))
			return v->files.v[i];
	return NULL;
}

int helm_fix_file(struct helm_run *r, const struct set_fixes *fixes, struct err *err)
{
	cleanup_buf struct buf old = BUF_INIT(USER_FILE_LIMIT), changed = BUF_INIT(USER_FILE_LIMIT);
	struct values_edit how = {.name = r->args.fix_file, .known = is_known, .arg = r};
	const struct values_file *own;
	char real[PATH_MAX];
	struct stat st;

	if (stat(r->args.fix_file, &st) < 0 || !realpath(r->args.fix_file, real))
		return err_errno(err, STATUS_FAILED, "--fix-values-file '%s'", r->args.fix_file);
	own = own_file(r, &st);
	for (size_t i = 0; own && i < fixes->sets.n; i++)
		if (check_winner(r, own, &fixes->sets.v[i], err) < 0)
			return err->status;
	if (user_file_read(r->args.fix_file, &old, err) < 0 ||
	    values_edit(&how, buf_slice(&old), fixes->sets.v, fixes->sets.n, &changed, err) < 0)
		return err_wrap(err, "--fix-values-file changes nothing");
	/* Over the file that a link leads to, with the file's own mode. */
	if (file_write_atomic(real, buf_slice(&changed), st.st_mode & 07777, err) < 0)
		return err->status;
	progress_clear(&r->progress);
	fprintf(stderr, "pxb-fed: --fix-values-file changes %s\n",
		gate_show(&r->pass.gate, slice_str(r->args.fix_file)));
	for (size_t i = 0; i < fixes->sets.n; i++)
		helm_tell_change(r, &fixes->sets.v[i]);
	return 0;
}
