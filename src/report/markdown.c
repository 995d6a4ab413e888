/*
 * markdown.c: a comment on a pull request, in GitHub's flavour of Markdown. It fits into one comment: what does not is
 * counted. Text of manifests is escaped or stands in code, where it is neither markup nor link nor mention.
 */
#include "report/chars.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/outline.h"

enum {
	COMMENT_MAX = 65536, /* characters; counted in bytes, which are never fewer */
	TAIL = 400,	     /* room for what closes the comment */
	EACH_MAX = 10,	     /* findings of one rule: a comment is for reading */
	MESSAGE_MAX = 2000,
	TEXT_MAX = 500,
	UNREAD_MAX = 10,
	ROWS_MAX = 40,
};

/* --- text ------------------------------------------------------------------------------------------------------ */

/* Mentions, issues, addresses and emoji are found in the text that the markup gives: only a break between their
   characters stops that. */
static void broken_put(struct slice line, size_t i, struct buf *out)
{
	static const char marks[] = "@#:";
	bool www = i >= 2 && memcmp(line.p + i - 2, "www", 3) == 0;

	buf_addc(out, line.p[i]);
	if (www || (strchr(marks, line.p[i]) && i + 1 < line.n && line.p[i + 1] != ' '))
		buf_adds(out, "&#8203;");
}

enum context { IN_MARKDOWN, IN_HTML };

static void prose_put(const char *text, size_t max, enum context context, struct buf *out)
{
	static const char escaped[] = "\\`*_[]|~$#";
	cleanup_buf struct buf line = BUF_TEXT;

	line_put(slice_str(text), max, &line);
	for (size_t i = 0; i < line.n; i++) {
		if (strchr("&<>", line.p[i])) {
			markup_put(slice_of(line.p + i, 1), out);
			continue;
		}
		if (context == IN_MARKDOWN && strchr(escaped, line.p[i]))
			buf_addc(out, '\\');
		broken_put(buf_slice(&line), i, out);
	}
	out->failed |= line.failed;
}

static size_t longest_run(struct slice text, char c)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == c ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* Text that is one line, between more backticks than it holds. */
static void code_put(struct slice text, struct buf *out)
{
	size_t ticks = longest_run(text, '`') + 1;
	bool pad = text.n && (text.p[0] == '`' || text.p[text.n - 1] == '`');

	if (!text.n)
		return;
	buf_fill(out, '`', ticks);
	buf_adds(out, pad ? " " : "");
	buf_add(out, text);
	buf_adds(out, pad ? " " : "");
	buf_fill(out, '`', ticks);
}

/* Whole lines between fences that none of them closes. */
static void fence_put(const char *language, struct slice lines, struct buf *out)
{
	size_t ticks = longest_run(lines, '`') + 1;

	ticks = ticks < 3 ? 3 : ticks;
	buf_fill(out, '`', ticks);
	buf_addf(out, "%s\n", language);
	buf_add(out, lines);
	buf_fill(out, '`', ticks);
	buf_addc(out, '\n');
}

/* --- the head -------------------------------------------------------------------------------------------------- */

static void options_put(const struct view_options *o, const char *title, struct buf *out)
{
	cleanup_buf struct buf lines = BUF_TEXT;

	if (!o->n)
		return;
	for (size_t i = 0; i < o->n; i++) {
		line_put(slice_str(o->v[i]), TEXT_MAX, &lines);
		buf_addc(&lines, '\n');
	}
	buf_addf(out, "\n%s\n\n", title);
	fence_put("sh", buf_slice(&lines), out);
	if (o->more)
		buf_adds(out, "\nand more, which the findings name\n");
	out->failed |= lines.failed;
}

static void known_put(const char *name, const char *value, const char **sep, struct buf *out)
{
	if (!value)
		return;
	buf_addf(out, "%s%s ", *sep, name);
	code_put(slice_str(value), out);
	*sep = ", ";
}

/* "Release `px` in namespace `central`, chart ...": which installation this is about. */
static void installation_put(struct report_view *v, struct buf *out)
{
	const struct installation *i = v->installation;
	const char *sep = "";

	if (!i)
		return;
	buf_addc(out, '\n');
	known_put("Release", i->release, &sep, out);
	known_put("namespace", i->ns, &sep, out);
	if (i->chart && i->version)
		known_put("chart", arena_printf(&v->arena, "%s %s", i->chart, i->version), &sep, out);
	known_put("mode", i->mode, &sep, out);
	known_put("StorageClass", i->storage_class, &sep, out);
	known_put("policy", i->policy ? i->policy : "built in", &sep, out);
	known_put("checked on", i->date, &sep, out);
	buf_addc(out, '\n');
}

static void head_put(struct report_view *v, struct buf *out)
{
	struct view_options o;

	/* The comment in front lets a script find its own comment and replace it. */
	buf_addf(out, "<!-- pxb-fed -->\n### pxb-fed: %s\n\n", verdict_name(v->verdict));
	summary_put(v, out);
	buf_addc(out, '\n');
	installation_put(v, out);
	for (size_t i = 0; i < v->unread_n && i < UNREAD_MAX; i++) {
		buf_adds(out, i ? "- not read: " : "\n- not read: ");
		prose_put(v->unread[i], TEXT_MAX, IN_MARKDOWN, out);
		buf_addc(out, '\n');
	}
	if (v->unread_n > UNREAD_MAX)
		buf_addf(out, "- and %zu more inputs\n", v->unread_n - UNREAD_MAX);
	view_patched_options(v, &o);
	options_put(&o, "Set these values, or the next upgrade without the gate undoes the repair:", out);
	view_open_options(v, &o);
	options_put(&o, "Options for Helm that fix errors:", out);
}

/* --- findings -------------------------------------------------------------------------------------------------- */

static void table_put(const struct view_cause *causes, size_t n, struct buf *out)
{
	buf_adds(out, "\n| cause | severity | places |\n| --- | --- | ---: |\n");
	for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
		buf_adds(out, "| ");
		prose_put(causes[i].head->message, TEXT_MAX, IN_MARKDOWN, out);
		buf_addf(out, " | %s | %zu |\n", cause_label(&causes[i]), causes[i].n);
	}
	if (n > ROWS_MAX)
		buf_addf(out, "\nand %zu more rows\n", n - ROWS_MAX);
}

static void where_put(const struct view_finding *f, struct buf *out)
{
	cleanup_buf struct buf text = BUF_TEXT;
	const struct view_object *o = f->object;
	const char *sep = "";

	if (o) {
		line_put(slice_str(o->kind), TEXT_MAX, &text);
		buf_addc(&text, ' ');
		line_put(slice_str(o->ns), TEXT_MAX, &text);
		buf_adds(&text, o->ns[0] ? "/" : "");
		line_put(slice_str(o->name), TEXT_MAX, &text);
		code_put(buf_slice(&text), out);
		sep = " · ";
	}
	if (f->path[0]) {
		buf_clear(&text);
		line_put(slice_str(f->path), TEXT_MAX, &text);
		buf_adds(out, sep);
		code_put(buf_slice(&text), out);
		sep = " · ";
	}
	if (f->line || f->input[0]) {
		buf_clear(&text);
		line_put(slice_str(input_is_stdin(f->input) ? "standard input" : f->input), TEXT_MAX, &text);
		if (f->line)
			buf_addf(&text, ":%zu", f->line);
		if (f->line && f->column)
			buf_addf(&text, ":%zu", f->column);
		buf_adds(out, sep);
		code_put(buf_slice(&text), out);
	}
	out->failed |= text.failed;
}

static void fix_put(const char *fix, struct buf *out)
{
	cleanup_buf struct buf option = BUF_TEXT;

	if (is_option(fix)) {
		line_put(slice_str(fix), TEXT_MAX, &option);
		buf_addc(&option, '\n');
		buf_adds(out, "\nTo fix:\n\n");
		fence_put("sh", buf_slice(&option), out);
	} else if (fix[0]) {
		buf_adds(out, "\nTo fix: ");
		prose_put(fix, TEXT_MAX, IN_MARKDOWN, out);
		buf_addc(out, '\n');
	}
	out->failed |= option.failed;
}

/* The other places, one a line. */
static void places_put(const struct view_cause *c, struct buf *out)
{
	size_t shown = 0;

	if (c->n > 1)
		buf_adds(out, c->head->object ? "\nMore places:\n\n" : "\nReaches:\n\n");
	for (size_t i = 0; i < c->n; i++) {
		if (c->all[i] == c->head || shown++ >= EACH_MAX)
			continue;
		buf_adds(out, "- ");
		where_put(c->all[i], out);
		buf_addc(out, '\n');
	}
	if (shown > EACH_MAX)
		buf_addf(out, "- and %zu more\n", shown - EACH_MAX);
}

static void cause_put(const struct view_cause *c, struct buf *out)
{
	const struct view_finding *f = c->head;
	cleanup_buf struct buf line = BUF_TEXT;

	buf_addf(out, "\n**%s** ", cause_label(c));
	prose_put(f->message, MESSAGE_MAX, IN_MARKDOWN, out);
	buf_adds(out, "\n\n");
	where_put(f, out);
	buf_addc(out, '\n');
	if (f->excerpt.text) {
		buf_addf(&line, "%s\n", f->excerpt.text);
		buf_addc(out, '\n');
		fence_put("yaml", buf_slice(&line), out);
	}
	places_put(c, out);
	if (f->not_patched) {
		buf_adds(out, "\nNot patched: ");
		prose_put(f->not_patched, TEXT_MAX, IN_MARKDOWN, out);
		buf_addc(out, '\n');
	}
	if (f->expires) {
		buf_adds(out, "\nExcepted until ");
		prose_put(f->expires, TEXT_MAX, IN_MARKDOWN, out);
		buf_adds(out, ": ");
		prose_put(f->reason, TEXT_MAX, IN_MARKDOWN, out);
		buf_addc(out, '\n');
	}
	fix_put(c->fix, out);
	out->failed |= line.failed;
}

static void summary_of_cause_put(const struct view_cause *c, bool open, struct buf *out)
{
	buf_addf(out, "\n<details%s><summary><b>%s</b> ", open ? " open" : "", cause_label(c));
	prose_put(c->head->rule, TEXT_MAX, IN_HTML, out);
	buf_adds(out, ": ");
	count_put(c->n, "place", out);
	buf_adds(out, "</summary>\n");
}

/* As far as there is room. */
static bool details_put(const struct view_cause *c, bool open, struct buf *out)
{
	cleanup_buf struct buf one = BUF_TEXT;

	summary_of_cause_put(c, open, &one);
	cause_put(c, &one);
	buf_adds(&one, "\n</details>\n");
	out->failed |= one.failed;
	if (out->n + one.n > COMMENT_MAX - TAIL)
		return false;
	buf_add(out, buf_slice(&one));
	return true;
}

int view_to_markdown(struct report_view *v, struct buf *out, struct err *err)
{
	size_t n, shown = 0;
	const struct view_cause *causes = view_causes(v, &n);

	if (!causes)
		return err_nomem(err);
	head_put(v, out);
	if (n)
		table_put(causes, n, out);
	while (shown < n && details_put(&causes[shown], shown == 0, out))
		shown++;
	if (shown < n)
		buf_addf(out, "\n%zu of %zu causes are shown here; the other forms of the report have all\n", shown, n);
	return out->failed || arena_failed(&v->arena) ? err_nomem(err) : 0;
}
