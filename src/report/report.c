/*
 * report.c: reports into files.
 */
#include "report/view.h"

#include "base/file.h"

#include <sys/stat.h>

struct format {
	const char *name;
	int (*render)(struct report_view *v, struct buf *out, struct err *err);
};

static int render_text(struct report_view *v, struct buf *out, struct err *err)
{
	view_to_text(v, out);
	return out->failed ? err_nomem(err) : 0;
}

static int render_json(struct report_view *v, struct buf *out, struct err *err)
{
	return view_to_json(v, out, err);
}

static const struct format formats[] = {
	{"json", render_json},
	{"text", render_text},
};

static const struct format *find_format(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (slice_is(name, formats[i].name))
			return &formats[i];
	return NULL;
}

static int unknown_format(struct slice name, struct err *err)
{
	const char *names[ARRAY_SIZE(formats)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		names[i] = formats[i].name;
	near = slice_nearest(name, names, ARRAY_SIZE(formats));
	if (near)
		return err_set(err, STATUS_USAGE, "unknown report format '" SLICE_FMT "', did you mean '%s'?",
			       SLICE_ARG(name), near);
	return err_set(err, STATUS_USAGE, "unknown report format '" SLICE_FMT "', known are json and text",
		       SLICE_ARG(name));
}

static bool is_stdout(const char *path)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(path, names[i]) == 0)
			return true;
	return false;
}

int report_target_parse(const char *arg, struct report_target *t, struct err *err)
{
	struct slice path, name = slice_cut(slice_str(arg), '=', &path);
	const struct format *format = find_format(name);

	if (!path.p)
		return err_set(err, STATUS_USAGE, "report '%s' names no file, write FORMAT=FILE like json=report.json",
			       arg);
	if (!format)
		return unknown_format(name, err);
	if (path.n == 0)
		return err_set(err, STATUS_USAGE, "report '%s' names no file", arg);
	if (is_stdout(path.p))
		return err_set(err, STATUS_USAGE,
			       "report '%s' cannot go to stdout: that is where the manifest goes, name a file", arg);
	*t = (struct report_target){.format = format->name, .path = path.p};
	return 0;
}

/* Another name of standard output: the report would stand before the manifest. */
static bool is_same_as_stdout(const char *path)
{
	struct stat file, out, null;

	if (stat(path, &file) < 0 || fstat(1, &out) < 0 || file.st_dev != out.st_dev || file.st_ino != out.st_ino)
		return false;
	return stat("/dev/null", &null) < 0 || file.st_ino != null.st_ino || file.st_dev != null.st_dev;
}

int view_write(struct report_view *v, const struct report_target *t, struct err *err)
{
	const struct format *format = find_format(slice_str(t->format));
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 30);
	bool color = v->color, verbose = v->verbose;
	int rc = format ? 0 : unknown_format(slice_str(t->format), err);

	/* A file is for reading at leisure: everything, and no colour. */
	v->color = false;
	v->verbose = true;
	if (rc == 0 && is_same_as_stdout(t->path))
		rc = err_set(err, STATUS_USAGE, "'%s' is standard output, where the manifest goes", t->path);
	if (rc == 0)
		rc = format->render(v, &out, err);
	if (rc == 0)
		rc = file_write_atomic(t->path, buf_slice(&out), file_new_mode(), err);
	v->color = color;
	v->verbose = verbose;
	return rc < 0 ? err_wrap(err, "writing the %s report", t->format) : 0;
}

int report_write(const struct report *r, const struct report_target *t, struct err *err)
{
	cleanup_view struct report_view v = {0};

	return view_from_report(&v, r, err) < 0 ? err->status : view_write(&v, t, err);
}
