/*
 * report.c: reports into files.
 */
#include "report/report.h"

#include "base/file.h"

#include <sys/stat.h>

struct format {
	const char *name;
	int (*render)(const struct report *r, struct buf *out, struct err *err);
};

/* A file is for reading at leisure: everything, and no colour. */
static int render_text(const struct report *r, struct buf *out, struct err *err)
{
	struct report whole = *r;

	whole.verbose = true;
	whole.color = false;
	report_text(&whole, out);
	return out->failed ? err_nomem(err) : 0;
}

static const struct format formats[] = {
	{"json", report_json},
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

/* A report is a new file like any other: the user's umask decides who may read it. */
static unsigned file_mode(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return 0644 & ~(unsigned)mask;
}

int report_write(const struct report *r, const struct report_target *t, struct err *err)
{
	const struct format *format = find_format(slice_str(t->format));
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 30);
	int rc = format ? 0 : unknown_format(slice_str(t->format), err);

	if (rc == 0)
		rc = format->render(r, &out, err);
	if (rc == 0)
		rc = file_write_atomic(t->path, buf_slice(&out), file_mode(), err);
	return rc < 0 ? err_wrap(err, "writing the %s report", t->format) : 0;
}
