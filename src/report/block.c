/*
 * block.c: one cause in the manner of a compiler: what is wrong, where, which places it reaches, and how to fix it.
 */
#include "report/chars.h"
#include "report/outline.h"
#include "report/text.h"

void paint(const struct report_view *v, enum paint p, struct buf *out)
{
	static const char *const codes[] = {"\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"};

	if (v->color)
		buf_adds(out, codes[p]);
}

enum paint severity_paint(enum severity s)
{
	return s == SEVERITY_ERROR ? PAINT_RED : s == SEVERITY_WARNING ? PAINT_YELLOW : PAINT_CYAN;
}

void limited_put(const struct report_view *v, const char *text, size_t limit, struct buf *out)
{
	line_put(slice_str(text), v->whole ? SIZE_MAX / 2 : limit, out);
}

/* Appends " text" behind what is in the line up to `column`, wrapped. */
static void tail_put(const struct report_view *v, const char *text, size_t limit, size_t column, size_t indent,
		     struct buf *out)
{
	cleanup_buf struct buf line = BUF_TEXT;

	buf_addc(&line, ' ');
	limited_put(v, text, limit, &line);
	if (line.n > 1)
		wrap_put(buf_slice(&line), column, indent, out);
	out->failed |= line.failed;
}

void label_put(const struct report_view *v, const char *label, const char *text, struct buf *out)
{
	buf_addf(out, "  %s:", label);
	if (is_option(text)) {
		buf_addc(out, ' ');
		limited_put(v, text, LIMIT_TEXT, out);
	} else {
		tail_put(v, text, LIMIT_TEXT, strlen(label) + 3, 4, out);
	}
	buf_addc(out, '\n');
}

static void head_put(const struct report_view *v, const struct view_cause *c, struct buf *out)
{
	const struct view_finding *f = c->head;
	const char *label = cause_label(c);
	size_t column;
	cleanup_buf struct buf plain = BUF_TEXT;

	buf_addf(&plain, "%s[", label);
	limited_put(v, f->rule, LIMIT_TEXT, &plain);
	buf_adds(&plain, "]:");
	column = columns_of(buf_slice(&plain));
	paint(v, severity_paint(c->severity), out);
	buf_add(out, buf_slice(&plain));
	paint(v, PAINT_NONE, out);
	paint(v, PAINT_BOLD, out);
	tail_put(v, f->message, LIMIT_MESSAGE, column, 4, out);
	paint(v, PAINT_NONE, out);
	buf_addc(out, '\n');
	out->failed |= plain.failed;
}

/* Clean text holds no control characters: this one keeps two words in one line and then becomes a blank. */
enum { HARD_BLANK = 0x1f };

static void soften_blanks(struct buf *out, size_t from)
{
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == HARD_BLANK)
			out->p[i] = ' ';
}

/* "template.yaml, input line 3, column 5" for a pipe; "template.yaml, file.yaml:3:5", which editors follow, for a file.
 */
static void where_put(const struct report_view *v, const struct view_finding *f, struct buf *out)
{
	cleanup_buf struct buf where = BUF_TEXT;
	size_t start = out->n;

	buf_addc(&where, ' ');
	limited_put(v, f->source, LIMIT_TEXT, &where);
	if (where.n > 1 && (f->line || !input_is_stdin(f->input)))
		buf_adds(&where, ", ");
	if (!input_is_stdin(f->input)) {
		limited_put(v, f->input, LIMIT_TEXT, &where);
		if (f->line)
			buf_addf(&where, ":%zu", f->line);
		if (f->line && f->column)
			buf_addf(&where, ":%zu", f->column);
	} else if (f->line) {
		buf_addf(&where, "input%cline%c%zu", HARD_BLANK, HARD_BLANK, f->line);
		if (f->column)
			buf_addf(&where, ", column%c%zu", HARD_BLANK, f->column);
	}
	if (where.n > 1) {
		buf_adds(out, "  -->");
		wrap_put(buf_slice(&where), 5, 6, out);
		soften_blanks(out, start);
		buf_addc(out, '\n');
	}
	out->failed |= where.failed;
}

/* "Deployment central/px-backup  spec.replicas" */
static void object_text_put(const struct report_view *v, const struct view_finding *f, struct buf *line)
{
	const struct view_object *o = f->object;

	if (o) {
		limited_put(v, o->kind, LIMIT_TEXT, line);
		if (line->n)
			buf_addc(line, ' ');
		limited_put(v, o->ns, LIMIT_TEXT, line);
		if (o->ns[0])
			buf_addc(line, '/');
		limited_put(v, o->name, LIMIT_TEXT, line);
	}
	if (line->n && f->path[0])
		buf_adds(line, "  ");
	limited_put(v, f->path, LIMIT_TEXT, line);
}

static void object_put(const struct report_view *v, const struct view_finding *f, struct buf *out)
{
	cleanup_buf struct buf line = BUF_TEXT;

	object_text_put(v, f, &line);
	if (line.n) {
		buf_fill(out, ' ', 6);
		wrap_put(slice_trim(buf_slice(&line)), 6, 6, out);
		buf_addc(out, '\n');
	}
	out->failed |= line.failed;
}

static void excerpt_put(const struct report_view *v, const struct view_finding *f, struct buf *out)
{
	const struct view_excerpt *e = &f->excerpt;
	size_t before = out->n, digits;

	if (!e->text || !f->line)
		return;
	buf_addf(out, "  %zu", f->line);
	digits = out->n - before;
	buf_addf(out, " | %s\n", e->text);
	buf_fill(out, ' ', digits);
	buf_adds(out, " | ");
	buf_fill(out, ' ', e->column - 1);
	paint(v, severity_paint(f->severity), out);
	buf_fill(out, '^', e->length);
	paint(v, PAINT_NONE, out);
	buf_addc(out, '\n');
}

static void exception_put(const struct report_view *v, const struct view_finding *f, struct buf *out)
{
	cleanup_buf struct buf text = BUF_TEXT;

	if (!f->expires)
		return;
	buf_adds(&text, "excepted until ");
	limited_put(v, f->expires, LIMIT_TEXT, &text);
	label_put(v, buf_str(&text), f->reason, out);
	out->failed |= text.failed;
}

/* What is missing has no place of its own. */
static bool has_no_place(const struct view_finding *f)
{
	return strcmp(f->rule, "component-missing") == 0 || (!f->object && !f->line && !f->input[0]);
}

/* A finding at the place of the headline, or at none, adds its words, if they are others. */
static bool is_at_head(const struct view_cause *c, const struct view_finding *f)
{
	const struct view_finding *h = c->head;

	if (f != h && (h->object || f->object) && has_no_place(f))
		return true;
	return f != h && f->line == h->line && f->column == h->column && strcmp(f->input, h->input) == 0 &&
	       strcmp(f->path, h->path) == 0 && f->object && h->object &&
	       strcmp(f->object->kind, h->object->kind) == 0 && strcmp(f->object->ns, h->object->ns) == 0 &&
	       strcmp(f->object->name, h->object->name) == 0;
}

static size_t other_places(const struct view_cause *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->all[i] != c->head && !is_at_head(c, c->all[i]);
	return n;
}

/* The one input that all other places are in, NULL when there are several. */
static const char *common_input(const struct view_cause *c)
{
	const char *input = NULL;

	for (size_t i = 0; i < c->n; i++) {
		if (c->all[i] == c->head || is_at_head(c, c->all[i]))
			continue;
		if (input && strcmp(input, c->all[i]->input) != 0)
			return NULL;
		input = c->all[i]->input;
	}
	return input;
}

static void place_put(const struct report_view *v, const struct view_cause *c, const struct view_finding *f, bool lines,
		      struct buf *out)
{
	cleanup_buf struct buf line = BUF_TEXT, object = BUF_TEXT;

	object_text_put(v, f, &object);
	if (!lines)
		limited_put(v, f->input, LIMIT_TEXT, &line);
	if (f->line)
		buf_addf(&line, lines ? "line%c%zu" : "%c%zu", lines ? HARD_BLANK : ':', f->line);
	if (line.n && object.n)
		buf_adds(&line, "  ");
	buf_add(&line, buf_slice(&object));
	if (!line.n) /* in no file: its words are all there is */
		limited_put(v, f->message, LIMIT_MESSAGE, &line);
	buf_fill(out, ' ', 4);
	wrap_put(buf_slice(&line), 4, 6, out);
	buf_addc(out, '\n');
	if (v->verbose && (f->line || f->object) && strcmp(f->message, c->head->message) != 0) {
		buf_clear(&line);
		limited_put(v, f->message, LIMIT_MESSAGE, &line);
		buf_fill(out, ' ', 6);
		wrap_put(buf_slice(&line), 6, 6, out);
		buf_addc(out, '\n');
	}
	out->failed |= line.failed || object.failed;
}

/* Which files, where there are several: what is in each comes with -v. Places of one file are neighbours. */
static void files_put(const struct report_view *v, const struct view_cause *c, struct buf *out)
{
	size_t files = 0;

	buf_addf(out, "  %zu places in several files:\n", other_places(c) + 1);
	for (size_t i = 0, n = 0; i < c->n; i++) {
		const char *input = c->all[i]->input;

		n += !is_at_head(c, c->all[i]);
		if (i + 1 < c->n && strcmp(c->all[i + 1]->input, input) == 0)
			continue;
		if (n && files++ < LIMIT_FILES) {
			buf_fill(out, ' ', 4);
			limited_put(v, input_is_stdin(input) ? "standard input" : input, LIMIT_TEXT, out);
			buf_adds(out, ": ");
			count_put(n, "place", out);
			buf_addc(out, '\n');
		}
		n = 0;
	}
	if (files > LIMIT_FILES)
		buf_addf(out, "    … and %zu more (%s)\n", files - LIMIT_FILES, v->whole ? "-v" : "explain --last");
}

static void also_put(const struct report_view *v, const struct view_cause *c, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (is_at_head(c, c->all[i]) && !strstr(c->head->message, c->all[i]->message) &&
		    (v->verbose || n++ < LIMIT_PLACES))
			label_put(v, "also", c->all[i]->message, out);
	if (n > LIMIT_PLACES)
		buf_addf(out, "  … and %zu more (%s)\n", n - LIMIT_PLACES, v->whole ? "-v" : "explain --last");
}

/* The other places: the first two of them, unless all are asked for. */
static void places_put(const struct report_view *v, const struct view_cause *c, struct buf *out)
{
	size_t n = other_places(c), shown = v->verbose ? n : LIMIT_PLACES, start = out->n;
	const char *input = common_input(c);

	if (!n)
		return;
	if (!v->verbose && c->head->object && (!input || strcmp(input, c->head->input) != 0)) {
		files_put(v, c, out);
		return;
	}
	if (c->head->object || (input && strcmp(input, c->head->input) == 0))
		buf_addf(out, "  %zu more place%s", n, n == 1 ? "" : "s");
	else
		buf_addf(out, "  reaches %zu place%s", n, n == 1 ? "" : "s");
	if (input && !input_is_stdin(input) && strcmp(input, c->head->input) != 0) {
		buf_adds(out, " in ");
		limited_put(v, input, LIMIT_TEXT, out);
	}
	buf_adds(out, ":\n");
	for (size_t i = 0, k = 0; i < c->n && k < shown; i++)
		if (c->all[i] != c->head && !is_at_head(c, c->all[i])) {
			place_put(v, c, c->all[i], input != NULL, out);
			k++;
		}
	if (shown < n)
		buf_addf(out, "    … and %zu more (%s)\n", n - shown, v->whole ? "-v" : "explain --last");
	soften_blanks(out, start);
}

static void fixes_put(const struct report_view *v, const struct view_cause *c, struct buf *out)
{
	const struct view_finding *f = c->head;
	const char *fix = c->fix;

	if (fix[0])
		label_put(v, "fix", fix, out);
	for (size_t i = 0; v->verbose && i < f->fixes_n; i++)
		if (f->fixes[i][0] && !strstr(fix, f->fixes[i]))
			label_put(v, "or", f->fixes[i], out);
}

void block_put(const struct report_view *v, const struct view_cause *c, enum block_form form, struct buf *out)
{
	const struct view_finding *f = c->head;

	head_put(v, c, out);
	if (form == BLOCK_FULL) {
		where_put(v, f, out);
		object_put(v, f, out);
		excerpt_put(v, f, out);
		also_put(v, c, out);
		places_put(v, c, out);
		if (f->not_patched)
			label_put(v, "not patched", f->not_patched, out);
		exception_put(v, f, out);
	}
	fixes_put(v, c, out);
}
