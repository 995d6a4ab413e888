/*
 * github.c: annotations of a GitHub workflow, written to the log of the step.
 *
 * GitHub shows ten annotations of a kind for a step. The ten most important of each become commands, the rest are lines
 * of a folded group: they are in the log, and a log with thousands of commands is slow to open.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/outline.h"

enum { SHOWN_MAX = 10, KINDS = 3 };

/* What ends or separates parts of a command is percent-encoded; everything else that is not a plain text is spelt out.
 */
static void put(const char *text, bool property, struct buf *out)
{
	struct slice s = slice_str(text);
	uint32_t c;

	for (size_t i = 0; i < s.n;) {
		i += utf8_next(slice_from(s, i), &c, NULL);
		if (c == '%')
			buf_adds(out, "%25");
		else if (property && c == ':')
			buf_adds(out, "%3A");
		else if (property && c == ',')
			buf_adds(out, "%2C");
		else
			char_put(c, out);
	}
}

/* A line of the log. "##[" begins a command of an older form, wherever it is. */
static void line_of_log_put(const char *text, struct buf *out)
{
	struct slice rest = slice_str(text);
	size_t at;

	while ((at = slice_find(rest, "##[")) != SIZE_MAX) {
		line_put(slice_to(rest, at + 2), SIZE_MAX / 2, out);
		buf_addc(out, ' ');
		rest = slice_from(rest, at + 2);
	}
	line_put(rest, SIZE_MAX / 2, out);
}

/* 0: error, 1: warning, 2: notice. What was repaired is not wrong in what is installed, but in the values. */
static unsigned kind_of(const struct view_cause *c)
{
	if (c->head->patched && c->severity == SEVERITY_ERROR)
		return 1;
	return c->severity == SEVERITY_ERROR ? 0 : c->severity == SEVERITY_WARNING ? 1 : 2;
}

static const char *const kinds[KINDS] = {"error", "warning", "notice"};

static void place_put(const struct view_finding *f, struct buf *out)
{
	if (input_is_stdin(f->input) || input_is_option(f->input))
		return;
	buf_adds(out, "file=");
	put(f->input + (strncmp(f->input, "./", 2) == 0 ? 2 : 0), true, out);
	buf_addc(out, ',');
	if (!f->line)
		return;
	buf_addf(out, "line=%zu,", f->line);
	if (f->column)
		buf_addf(out, "col=%zu,", f->column);
	/* GitHub wants the line with it. Whether its end is exclusive it does not say: the last character is right in
	   either case. */
	if (f->column && f->end_column > f->column)
		buf_addf(out, "endLine=%zu,endColumn=%zu,", f->line, f->end_column - 1);
}

static void object_put(const struct view_finding *f, struct buf *out)
{
	put(f->object->kind, false, out);
	buf_addc(out, ' ');
	put(f->object->ns, false, out);
	buf_adds(out, f->object->ns[0] ? "/" : "");
	put(f->object->name, false, out);
	buf_adds(out, f->path[0] ? "  " : "");
	put(f->path, false, out);
}

/* What else the cause reaches: an annotation is short. */
static void places_put(const struct view_cause *c, const struct view_finding *at, struct buf *out)
{
	enum { PLACES_MAX = 5 };
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct view_finding *f = c->all[i];

		if (f == at || n++ >= PLACES_MAX)
			continue;
		buf_adds(out, n == 1 ? "%0Aalso: " : "%0A      ");
		if (f->object)
			object_put(f, out);
		else
			put(f->input, false, out);
		if (f->line)
			buf_addf(out, ", line %zu", f->line);
	}
	if (n > PLACES_MAX)
		buf_addf(out, "%%0A      and %zu more places", n - PLACES_MAX);
}

/* At the place of `f`: of the headline, or of the first place in another file. */
static void command_put(const struct view_cause *c, const struct view_finding *f, struct buf *out)
{
	const char *fix = c->fix;

	buf_addf(out, "::%s ", kinds[kind_of(c)]);
	place_put(f, out);
	buf_adds(out, "title=");
	put(f->rule, true, out);
	if (f->patched)
		buf_adds(out, " (repaired)");
	buf_adds(out, "::");
	put(f->message, false, out);
	if (f->object) {
		buf_adds(out, "%0A");
		object_put(f, out);
	}
	places_put(c, f, out);
	if (f->not_patched) {
		buf_adds(out, "%0Anot patched: ");
		put(f->not_patched, false, out);
	}
	if (fix[0]) {
		buf_adds(out, "%0Afix: ");
		put(fix, false, out);
	}
	buf_addc(out, '\n');
}

/* A cause that is in several files is shown in each: in the pull request nobody sees the others. */
static void files_put(const struct view_cause *c, size_t *shown, struct buf *out)
{
	const char *last = c->head->input;

	for (size_t i = 0; i < c->n && c->head->object; i++) {
		const struct view_finding *f = c->all[i];

		if (input_is_stdin(f->input) || strcmp(f->input, c->head->input) == 0 || strcmp(f->input, last) == 0)
			continue;
		last = f->input;
		if (++*shown <= SHOWN_MAX)
			command_put(c, f, out);
	}
}

/* Begins with the severity, so that no text of a manifest begins a line. */
static void log_put(const struct view_cause *c, struct buf *out)
{
	const struct view_finding *f = c->head;

	buf_addf(out, "%s[", cause_label(c));
	line_of_log_put(f->rule, out);
	buf_adds(out, "]: ");
	line_of_log_put(f->message, out);
	if (!input_is_stdin(f->input)) {
		buf_adds(out, ", ");
		line_of_log_put(f->input, out);
	}
	if (f->line)
		buf_addf(out, ":%zu:%zu", f->line, f->column);
	if (c->n > 1)
		buf_addf(out, " (%zu places)", c->n);
	buf_addc(out, '\n');
}

/* Returns how many have no annotation. */
static size_t unread_put(const struct report_view *v, size_t *shown, struct buf *out, struct buf *rest)
{
	for (size_t i = 0; i < v->unread_n; i++) {
		if (i < SHOWN_MAX) {
			buf_adds(out, "::error title=unread input::");
			put(v->unread[i], false, out);
			buf_addc(out, '\n');
		} else {
			buf_adds(rest, "unread input: ");
			line_of_log_put(v->unread[i], rest);
			buf_addc(rest, '\n');
		}
	}
	*shown = v->unread_n;
	return v->unread_n > SHOWN_MAX ? v->unread_n - SHOWN_MAX : 0;
}

static void summary_line_put(struct report_view *v, size_t hidden, struct buf *out)
{
	buf_addf(out, "pxb-fed: %s: ", verdict_name(v->verdict));
	summary_put(v, out);
	if (hidden)
		buf_addf(out, "; %zu without an annotation", hidden);
	buf_addc(out, '\n');
}

int view_to_github(struct report_view *v, struct buf *out, struct err *err)
{
	size_t causes_n;
	const struct view_cause *causes = view_causes(v, &causes_n);
	cleanup_buf struct buf rest = BUF_INIT(out->cap);
	size_t shown[KINDS] = {0}, hidden;

	if (!causes)
		return err_nomem(err);
	hidden = unread_put(v, &shown[0], out, &rest);
	for (size_t i = 0; i < causes_n; i++) {
		const struct view_cause *c = &causes[i];

		if (c->head->expires || c->head->chart_fault)
			continue;
		if (shown[kind_of(c)]++ < SHOWN_MAX) {
			command_put(c, c->head, out);
			files_put(c, &shown[kind_of(c)], out);
		} else {
			log_put(c, &rest);
			hidden++;
		}
	}
	if (hidden) {
		buf_addf(out, "::group::%zu more causes\n", hidden);
		buf_add(out, buf_slice(&rest));
		buf_adds(out, "::endgroup::\n");
	}
	summary_line_put(v, hidden, out);
	return out->failed || rest.failed || arena_failed(&v->arena) ? err_nomem(err) : 0;
}
