/*
 * report.c: reports into files.
 */
#include "report/view.h"

#include "report/chars.h"

#include "base/file.h"

#include <sys/stat.h>

static int unknown_format(struct slice name, struct err *err)
{
	cleanup_buf struct buf known = BUF_TEXT;
	const char *names[16], *near;
	size_t n = 0;

	for (; n < report_formats_n && n < ARRAY_SIZE(names); n++) {
		names[n] = report_formats[n].name;
		buf_addf(&known, "%s%s", n == 0 ? "" : n + 1 < report_formats_n ? ", " : " and ", names[n]);
	}
	near = slice_nearest(name, names, n);
	return err_set(err, STATUS_USAGE, "unknown report format '" SLICE_FMT "', known are %s%s%s%s",
		       SLICE_ARG(slice_to(name, 60)), buf_str(&known), near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
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
	const struct report_format *format = report_format_find(name);

	if (!path.p)
		return err_set(err, STATUS_USAGE,
			       "report '%.60s' names no file, write FORMAT=FILE like json=report.json", arg);
	if (!format)
		return unknown_format(name, err);
	if (path.n == 0)
		return err_set(err, STATUS_USAGE, "report '%s' names no file", arg);
	if (is_stdout(path.p))
		return err_set(
			err, STATUS_USAGE,
			"report '%s' cannot go to stdout: that is for what the command itself prints, name a file",
			arg);
	*t = (struct report_target){.format = format, .path = path.p};
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
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 30);
	size_t width = text_width();
	bool color = v->color, verbose = v->verbose, whole = v->whole;
	int rc = 0;

	/* A file is for reading at leisure: everything, and no colour. */
	v->color = false;
	text_width_set(TEXT_WIDTH);
	v->verbose = v->whole = true;
	if (is_same_as_stdout(t->path))
		rc = err_set(err, STATUS_USAGE, "'%s' is standard output, which is for what the command itself prints",
			     t->path);
	if (rc == 0)
		rc = t->format->render(v, &out, err);
	if (rc == 0)
		rc = file_write_atomic(t->path, buf_slice(&out), file_new_mode(), err);
	v->color = color;
	text_width_set(width);
	v->verbose = verbose;
	v->whole = whole;
	return rc < 0 ? err_wrap(err, "writing the %s report", t->format->name) : 0;
}

int report_write(const struct report *r, const struct report_target *t, struct err *err)
{
	cleanup_view struct report_view v = {0};

	return view_from_report(&v, r, err) < 0 ? err->status : view_write(&v, t, err);
}
