#include "watch/draw.h"

#include "report/chars.h"
#include "watch/clean.h"

enum { LINE_INDENT = 2, NAME_COLUMNS = 11, LABEL_COLUMNS = 10, LAST_THING = GROUPS_MAX, LAST_REST, LAST_SILENT };

void drawing_init(struct drawing *d)
{
	*d = (struct drawing){.columns = 80, .rows = 24, .out = BUF_TEXT};
	for (size_t i = 0; i < ARRAY_SIZE(d->last); i++)
		d->last[i] = BUF_TEXT;
}

void drawing_release(struct drawing *d)
{
	buf_release(&d->out);
	for (size_t i = 0; i < ARRAY_SIZE(d->last); i++)
		buf_release(&d->last[i]);
}

/* --- the parts
 * -------------------------------------------------------------------------------------------------------- */

static void put_time(struct buf *out, long long seconds)
{
	if (seconds >= 3600)
		buf_addf(out, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
	else
		buf_addf(out, "%02lld:%02lld", seconds / 60, seconds % 60);
}

static void put_mark(const struct drawing *d, enum trouble_weight weight, bool telemetry, struct buf *out)
{
	static const struct {
		const char *glyph, *ascii, *color;
	} marks[] = {{"\xe2\x88\x9a", "ok", "32"},
		     {"\xc2\xb7", ".", "2"},
		     {"\xe2\x80\xbc", "!!", "33"},
		     {"\xc3\x97", "x", "31"}};
	unsigned i = telemetry && weight == TROUBLE_FINAL ? TROUBLE_RETRIED : weight;
	const char *mark = d->utf8 ? marks[i].glyph : marks[i].ascii;

	if (d->color)
		buf_addf(out, "\033[%sm%s\033[0m", marks[i].color, mark);
	else
		buf_adds(out, mark);
	if (!d->utf8 && !mark[1])
		buf_addc(out, ' ');
}

static bool is_elsewhere(const struct workload_state *w)
{
	const char *subject = w->trouble.subject;
	size_t n = strlen(w->kind);

	return strncmp(subject, "Pod ", 4) != 0 && !(strncmp(subject, w->kind, n) == 0 && subject[n] == ' ');
}

static void put_group(struct arena *a, const struct group_state *g, struct buf *out)
{
	const struct workload_state *w = g->first;

	buf_addf(out, "%zu of %zu ready", g->ready, g->total);
	if (!w)
		return;
	buf_addf(out, ": %s", w->name);
	if (w->want > 1)
		buf_addf(out, " %ld/%ld", w->ready, w->want);
	/* What is the cause is named where it is neither the workload nor its pod. */
	if (is_elsewhere(w))
		buf_addf(out, ", %s", clean_line(a, w->trouble.subject));
	buf_addf(out, "%s %s", is_elsewhere(w) ? ":" : ",", clean_line(a, w->trouble.text));
}

static void put_thing(struct arena *a, const struct picture *p, struct buf *out)
{
	buf_addf(out, "%s: %s", clean_line(a, p->thing.subject), clean_line(a, p->thing.text));
	if (p->behind_n)
		buf_addf(out, " (%zu more wait%s for it)", p->behind_n, p->behind_n == 1 ? "s" : "");
}

/* --- the screen
 * -------------------------------------------------------------------------------------------------------- */

/* One line of the screen, cut to its width; a longer one would be broken by the terminal and smear. */
static void screen_line(struct drawing *d, size_t used, struct slice text)
{
	size_t room = d->columns > used + 1 ? d->columns - used - 1 : 0, n = 0;

	while (n < text.n && room) {
		n++;
		while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
			n++;
		room--;
	}
	if (n < text.n && n > 3 && !room) {
		buf_add(&d->out, slice_to(text, n - 3));
		buf_adds(&d->out, "...");
	} else {
		buf_add(&d->out, slice_to(text, n));
	}
	buf_adds(&d->out, "\033[K\n");
	d->screen_lines++;
}

static void wipe(struct drawing *d)
{
	if (d->screen_lines)
		buf_addf(&d->out, "\033[%zuA\r\033[J", d->screen_lines);
	d->screen_lines = 0;
}

/* Wrapped; the rest of a long text is cut by the height of the screen. */
static void screen_text(struct drawing *d, struct slice label, struct slice text)
{
	cleanup_buf struct buf wrapped = BUF_TEXT;
	size_t lines = 0, most = d->rows > 16 ? d->rows - 14 : 2;
	struct slice rest;

	buf_add(&wrapped, label);
	text_width_set(d->columns - 1);
	wrap_put(text, columns_of(label), LINE_INDENT, &wrapped);
	rest = buf_slice(&wrapped);
	while (rest.p && lines++ < most)
		screen_line(d, 0, slice_cut(rest, '\n', &rest));
}

/* For another text; a failure of the one before is not forgotten. */
static void reuse(struct drawing *d, struct buf *b)
{
	d->out.failed |= b->failed;
	buf_reuse(b);
}

static void screen_note(struct drawing *d, const char *what, const char *resources)
{
	cleanup_buf struct buf line = BUF_TEXT;

	if (!resources)
		return;
	buf_addf(&line, "%s: %s; causes may be missing", what, resources);
	screen_line(d, 0, buf_slice(&line));
	d->out.failed |= line.failed;
}

static void draw_screen(struct drawing *d, struct arena *a, const struct picture *p, long long seconds)
{
	cleanup_buf struct buf line = BUF_TEXT;

	wipe(d);
	buf_addf(&line, "release %s in namespace %s, ", d->release, d->ns);
	put_time(&line, seconds);
	screen_line(d, 0, buf_slice(&line));
	for (size_t i = 0; i < p->groups_n; i++) {
		const struct group_state *g = &p->groups[i];

		reuse(d, &line);
		put_group(a, g, &line);
		put_mark(d, g->first ? g->weight ? g->weight : TROUBLE_NORMAL : TROUBLE_NONE,
			 g->first && g->first->telemetry, &d->out);
		buf_addf(&d->out, " %-*s ", NAME_COLUMNS, g->name);
		screen_line(d, NAME_COLUMNS + (d->utf8 ? 3 : 4), buf_slice(&line));
	}
	if (p->thing.subject && p->stand == STAND_WAITS) {
		reuse(d, &line);
		put_thing(a, p, &line);
		screen_text(d, SLICE("waiting for "), buf_slice(&line));
	}
	screen_note(d, "not readable with these rights", p->unseen);
	screen_note(d, "not answered yet", p->silent);
	d->out.failed |= line.failed;
}

/* --- lines
 * -------------------------------------------------------------------------------------------------------------- */

static bool is_news(struct drawing *d, size_t which, struct slice text)
{
	struct buf *last = &d->last[which];

	if (slice_eq(buf_slice(last), text))
		return false;
	buf_reuse(last);
	buf_add(last, text);
	d->out.failed |= last->failed;
	return true;
}

static void put_line(struct drawing *d, long long seconds, const char *label, struct slice text)
{
	put_time(&d->out, seconds);
	buf_addf(&d->out, "  %s " SLICE_FMT "\n", label, SLICE_ARG(text));
}

static void draw_lines(struct drawing *d, struct arena *a, const struct picture *p, long long seconds)
{
	cleanup_buf struct buf line = BUF_TEXT, label = BUF_TEXT;

	for (size_t i = 0; i < p->groups_n; i++) {
		reuse(d, &line);
		put_group(a, &p->groups[i], &line);
		if (!is_news(d, i, buf_slice(&line)))
			continue;
		reuse(d, &label);
		buf_addf(&label, "%s:", p->groups[i].name);
		put_line(d, seconds, buf_str(&label), buf_slice(&line));
	}
	reuse(d, &line);
	if (p->thing.subject && p->stand == STAND_WAITS)
		put_thing(a, p, &line);
	if (is_news(d, LAST_THING, buf_slice(&line)) && line.n)
		put_line(d, seconds, "waiting for", buf_slice(&line));
	reuse(d, &line);
	if (p->unseen)
		buf_adds(&line, p->unseen);
	if (is_news(d, LAST_REST, buf_slice(&line)) && line.n)
		put_line(d, seconds, "not readable with these rights, so causes may be missing:", buf_slice(&line));
	reuse(d, &line);
	if (p->silent)
		buf_adds(&line, p->silent);
	if (is_news(d, LAST_SILENT, buf_slice(&line)) && line.n)
		put_line(d, seconds, "not answered yet, so causes may be missing:", buf_slice(&line));
	d->out.failed |= line.failed | label.failed;
}

/* --- JSON
 * --------------------------------------------------------------------------------------------------------------- */

static void put_pair(struct buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(out, ",\"%s\":", key);
	json_quote(slice_str(value), out);
}

static void json_body(struct arena *a, const struct picture *p, struct buf *out)
{
	buf_adds(out, ",\"groups\":[");
	for (size_t i = 0; i < p->groups_n; i++) {
		const struct group_state *g = &p->groups[i];

		buf_addf(out, "%s{\"name\":\"%s\",\"ready\":%zu,\"total\":%zu", i ? "," : "", g->name, g->ready,
			 g->total);
		if (g->first) {
			put_pair(out, "first", g->first->name);
			put_pair(out, "text", clean_line(a, g->first->trouble.text));
		}
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	if (p->thing.subject) {
		buf_adds(out, ",\"cause\":{\"subject\":");
		json_quote(slice_str(clean_line(a, p->thing.subject)), out);
		put_pair(out, "text", clean_line(a, p->thing.text));
		put_pair(out, "fix", p->thing.fix);
		buf_addf(out, ",\"behind\":%zu}", p->behind_n);
	}
	put_pair(out, "ledTo", p->led_to ? clean_line(a, p->led_to) : NULL);
	put_pair(out, "degraded", p->degraded ? clean_line(a, p->degraded) : NULL);
	put_pair(out, "unreadable", p->unseen);
	put_pair(out, "unanswered", p->silent);
}

static void draw_json(struct drawing *d, struct arena *a, const struct picture *p, const char *event, long long seconds,
		      struct slice log, struct slice report)
{
	cleanup_buf struct buf body = BUF_TEXT;

	json_body(a, p, &body);
	d->out.failed |= body.failed;
	if (!is_news(d, 0, buf_slice(&body)) && strcmp(event, "waiting") == 0)
		return;
	buf_addf(&d->out, "{\"schema\":1,\"event\":\"%s\",\"seconds\":%lld,\"release\":\"%s\",\"namespace\":\"%s\"",
		 event, seconds, d->release, d->ns);
	buf_add(&d->out, buf_slice(&body));
	if (log.n) {
		buf_adds(&d->out, ",\"log\":");
		json_quote(log, &d->out);
	}
	if (report.n) {
		buf_adds(&d->out, ",\"report\":");
		json_quote(report, &d->out);
	}
	buf_adds(&d->out, "}\n");
	d->out.failed |= body.failed;
}

int draw_picture(struct drawing *d, const struct picture *p, long long seconds, struct err *err)
{
	struct arena a = ARENA_INIT((size_t)64 << 20);
	int rc;

	if (d->form == DRAW_SCREEN)
		draw_screen(d, &a, p, seconds);
	else if (d->form == DRAW_LINES)
		draw_lines(d, &a, p, seconds);
	else
		draw_json(d, &a, p, "waiting", seconds, SLICE_EMPTY, SLICE_EMPTY);
	rc = arena_status(&a, err);
	arena_release(&a);
	return rc < 0 ? rc : d->out.failed ? err_nomem(err) : 0;
}

/* --- the end
 * ------------------------------------------------------------------------------------------------------------ */

static void put_field(struct drawing *d, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(&d->out, "  %-*s", LABEL_COLUMNS, label);
	wrap_put(slice_str(text), LABEL_COLUMNS + 2, LABEL_COLUMNS + 2, &d->out);
	buf_addc(&d->out, '\n');
}

static void end_text(struct drawing *d, struct arena *a, const struct picture *p, const char *word, long long seconds,
		     struct slice log, struct slice report)
{
	bool ready = strcmp(word, "ready") == 0;

	if (d->color)
		buf_addf(&d->out, "\033[%sm%s\033[0m", ready ? "32" : "31", word);
	else
		buf_adds(&d->out, word);
	buf_addf(&d->out, ": release %s in namespace %s, after ", d->release, d->ns);
	put_time(&d->out, seconds);
	buf_addc(&d->out, '\n');
	if (!ready && p->thing.subject) {
		cleanup_buf struct buf line = BUF_TEXT;

		buf_addf(&line, "%s: %s", clean_line(a, p->thing.subject), clean_line(a, p->thing.text));
		d->out.failed |= line.failed;
		put_field(d, strcmp(word, "failed") == 0 ? "cause:" : "waits:", buf_str(&line));
		put_field(d, "led to:", p->led_to ? clean_line(a, p->led_to) : NULL);
		put_field(d, "behind:", p->behind);
		put_field(d, "fix:", p->thing.fix);
	}
	put_field(d, "degraded:", p->degraded ? clean_line(a, p->degraded) : NULL);
	put_field(d, "unseen:", p->unseen);
	put_field(d, "silent:", p->silent);
	buf_add(&d->out, report);
	buf_add(&d->out, log);
}

int draw_end(struct drawing *d, const struct picture *p, const char *word, long long seconds, struct slice log,
	     struct slice report, struct err *err)
{
	struct arena a = ARENA_INIT((size_t)64 << 20);
	int rc;

	if (d->form == DRAW_JSON)
		draw_json(d, &a, p, word, seconds, log, report);
	else
		end_text(d, &a, p, word, seconds, log, report);
	rc = arena_status(&a, err);
	arena_release(&a);
	return rc < 0 ? rc : d->out.failed ? err_nomem(err) : 0;
}
