#include "cmd/watch_run.h"

#include "base/clock.h"
#include "base/file.h"
#include "cmd/interrupt.h"
#include "watch/clean.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <time.h>
#include <xxhash.h>

enum {
	CLUSTER = 1,
	TICK_MS = 1000, /* the clock on the screen */
	QUIET_MS = 100, /* changes that come together are judged together */
	QUIET_MAX_MS = 1000,
	SURE_MS = 300,	    /* a failure must still show after this time */
	ABSENT_MS = 2000,   /* and one that rests on something missing after this: lists come apart from each other */
	BLIND_MS = 6000,    /* a right that is missing: a server that just started knows none, and is asked twice */
	PATIENCE_MS = 5000, /* for the first answer to each list */
	COLUMNS_LEAST = 61, /* of a screen whose texts are wrapped, not cut */
	ROWS_LEAST = 16,    /* and on which a picture has room: a higher one cannot be drawn over */
	LOG_SECONDS = 10,
	LOG_LINES = 20,
	REPORT_LINES = 40,
	CONNECT_SECONDS = 30,
	Q_LOG = RESOURCE_COUNT,
	Q_REPORT,
};

static volatile sig_atomic_t resized;

static void on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

static void take_signals(void)
{
	struct sigaction act = {.sa_handler = on_resize};

	sigemptyset(&act.sa_mask);
	sigaction(SIGWINCH, &act, NULL);
	interrupt_catch();
}

int watch_seconds(const char *text, size_t *seconds, struct err *err)
{
	size_t total = 0, n = 0, digits = 0;

	for (const char *p = text; *p; p++) {
		if (*p >= '0' && *p <= '9' && digits < 7) {
			n = n * 10 + (size_t)(*p - '0');
			digits++;
			continue;
		}
		if (!digits || !strchr("hms", *p))
			return err_set(err, STATUS_USAGE, "'%.40s' is not a duration: write 90s, 30m or 1h30m", text);
		total += n * (*p == 'h' ? 3600 : *p == 'm' ? 60 : 1);
		n = digits = 0;
	}
	total += n;
	if (!total)
		return err_set(err, STATUS_USAGE, "'%.40s' is not a duration: write 90s, 30m or 1h30m", text);
	if (total > WATCH_SECONDS_MAX)
		return err_set(err, STATUS_USAGE, "'%.40s' is too long: a watch takes at most %d days", text,
			       WATCH_SECONDS_MAX / 86400);
	*seconds = total;
	return 0;
}

/* --- printing
 * ------------------------------------------------------------------------------------------------------------ */

static int flush(struct watch_run *w, struct err *err)
{
	struct buf *out = &w->drawing.out;

	if (out->failed)
		return err_nomem(err);
	if (out->n && print_out(buf_slice(out), EXIT_OK) != EXIT_OK)
		return err_set(err, STATUS_FAILED, "cannot write to standard output");
	buf_clear(out);
	return 0;
}

/* A terminal that does not say its size has the usual one; one that is too small gets lines. */
static void size_screen(struct watch_run *w)
{
	struct drawing *d = &w->drawing;
	struct winsize size;

	resized = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	d->columns = size.ws_col ? size.ws_col : 80;
	d->rows = size.ws_row ? size.ws_row : 24;
	d->form = d->columns < COLUMNS_LEAST || d->rows < ROWS_LEAST ? DRAW_LINES : DRAW_SCREEN;
	if (d->form == DRAW_LINES)
		d->screen_lines = 0;
}

static void choose_form(struct watch_run *w)
{
	bool screen = can_redraw(STDOUT_FILENO);

	drawing_init(&w->drawing);
	w->drawing.form = w->o->json ? DRAW_JSON : screen ? DRAW_SCREEN : DRAW_LINES;
	w->drawing.color = wants_color(STDOUT_FILENO);
	w->drawing.utf8 = speaks_utf8();
	w->drawing.ns = w->o->ns;
	w->drawing.release = w->o->release;
	w->on_screen = screen && !w->o->json;
	if (w->on_screen)
		size_screen(w);
}

static long long elapsed(const struct watch_run *w)
{
	return (w->now_ms - w->start_ms) / 1000;
}

int watch_end(struct watch_run *w, const char *word, struct slice log, struct slice report, struct err *err)
{
	if (draw_end(&w->drawing, &w->picture, word, elapsed(w), log, report, err) < 0)
		return err->status;
	return flush(w, err);
}

/* --- judging
 * ------------------------------------------------------------------------------------------------------------- */

static int rejudge(struct watch_run *w, struct picture *p, struct err *err)
{
	struct arena *a = &w->arenas[w->at ^ 1];

	arena_release(a);
	*a = ARENA_INIT((size_t)256 << 20);
	return judge(&w->snap, a, p, err);
}

/* A failure ends the watch, so it must hold for a moment; until then the screen shows what it showed. */
static bool is_sure(struct watch_run *w, const struct picture *p)
{
	long long ms = p->stand == STAND_BLIND ? BLIND_MS : p->thing.absence ? ABSENT_MS : SURE_MS;
	unsigned long long what;

	if (p->stand != STAND_FAILED && p->stand != STAND_BLIND) {
		w->failing_ms = -1;
		return true;
	}
	what = XXH3_64bits(p->thing.subject, strlen(p->thing.subject));
	if (w->failing_ms < 0 || w->failing != what)
		w->failing_ms = w->now_ms;
	w->failing = what;
	/* At the deadline what shows is what is known. */
	return w->now_ms - w->failing_ms >= ms ||
	       (p->stand == STAND_BLIND && w->deadline_ms && w->now_ms + TICK_MS >= w->deadline_ms);
}

int watch_step(struct watch_run *w, bool *done, int *code, struct err *err)
{
	struct picture p;

	if (!snapshot_complete(&w->snap)) {
		if (w->now_ms - w->start_ms < PATIENCE_MS)
			return 0;
		snapshot_give_up(&w->snap);
	}
	if (rejudge(w, &p, err) < 0)
		return err->status;
	if (!is_sure(w, &p))
		return 0;
	w->picture = p;
	w->at ^= 1;
	w->judged = true;
	*done = p.stand != STAND_WAITS;
	*code = p.stand == STAND_READY ? EXIT_OK : p.stand == STAND_FAILED ? EXIT_VIOLATIONS : EXIT_HELPER;
	if (p.stand == STAND_BLIND)
		return 0;
	return draw_picture(&w->drawing, &p, elapsed(w), err) < 0 ? err->status : flush(w, err);
}

/* --- the cluster
 * --------------------------------------------------------------------------------------------------------- */

static int take_event(struct watch_run *w, const struct kube_event *e, struct err *err)
{
	if (e->kind == KUBE_CHANGED && e->question >= 0 && e->question < RESOURCE_COUNT) {
		if (watch_file_write(w, e, err) < 0)
			return err->status;
		return snapshot_apply(&w->snap, (enum resource_id)e->question, e->change, e->answer, e->text, e->body,
				      err);
	}
	/* A watch that is over: no credentials, or the deadline, which we see ourselves. */
	if (e->kind == KUBE_ANSWERED && e->answer != ANSWER_DEADLINE)
		return err_set(err, STATUS_HELPER, "%s: " SLICE_FMT, answer_meaning(e->answer), SLICE_ARG(e->text));
	return 0;
}

static int connect_cluster(struct watch_run *w, struct err *err)
{
	struct kube_event e;

	if (kube_open(&w->kube, err) < 0 || kube_connect(&w->kube, CLUSTER, &w->o->target, err) < 0 ||
	    kube_next(&w->kube, CONNECT_SECONDS, &e, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(e.head, "warnings")); seq_next(&it);) {
		struct arena a = ARENA_INIT((size_t)1 << 20);

		fprintf(stderr, "pxb-fed: warning: %s\n", clean_line(&a, arena_str(&a, node_string(it.item))));
		arena_release(&a);
	}
	if (e.answer != ANSWER_OK)
		return err_set(err, STATUS_HELPER, "%s: " SLICE_FMT, answer_meaning(e.answer), SLICE_ARG(e.text));
	return 0;
}

static int watch_all(struct watch_run *w, struct err *err)
{
	for (unsigned r = 0; r < RESOURCE_COUNT; r++) {
		cleanup_buf struct buf path = BUF_TEXT;
		struct kube_question q = {.fields = resource_infos[r].fields,
					  .seconds = (unsigned)w->o->seconds + CONNECT_SECONDS};

		if (!resource_path((enum resource_id)r, w->o->ns, &path))
			return err_nomem(err);
		q.path = buf_str(&path);
		if (kube_watch(&w->kube, CLUSTER, (long)r, &q, err) < 0)
			return err->status;
	}
	return 0;
}

/* Takes what comes; changes that come together are taken together. */
static int wait_changes(struct watch_run *w, long long deadline, struct err *err)
{
	long long until = 0;
	unsigned ms;
	bool got = true;

	ms = w->failing_ms >= 0 ? QUIET_MS : TICK_MS;
	if (deadline - w->now_ms < ms)
		ms = deadline > w->now_ms ? (unsigned)(deadline - w->now_ms) : 0;
	while (got && !interrupt_came()) {
		struct kube_event e;

		if (kube_wait(&w->kube, ms, &got, &e, err) < 0)
			return interrupt_came() ? 0 : err->status;
		w->now_ms = monotonic_ms();
		if (got && take_event(w, &e, err) < 0)
			return err->status;
		if (!until)
			until = w->now_ms + QUIET_MAX_MS;
		if (w->now_ms >= until)
			break;
		ms = QUIET_MS;
	}
	w->snap.now = (long long)time(NULL);
	return 0;
}

/* --- why it failed
 * ------------------------------------------------------------------------------------------------------- */

/* Waits for the answer to one question; what the watches say meanwhile does not count any more. */
static int ask_text(struct watch_run *w, long question, const char *path, bool raw, struct buf *to, struct err *err)
{
	struct kube_question q = {.path = path, .raw = raw, .seconds = LOG_SECONDS};
	long long until = monotonic_ms() + (LOG_SECONDS + 2) * 1000;
	struct kube_event e;
	bool got;

	if (kube_ask(&w->kube, CLUSTER, question, &q, err) < 0)
		return err->status;
	while (monotonic_ms() < until && !interrupt_came()) {
		if (kube_wait(&w->kube, TICK_MS, &got, &e, err) < 0)
			return err->status;
		if (!got || e.kind != KUBE_ANSWERED || e.question != question)
			continue;
		if (e.answer == ANSWER_OK)
			buf_add(to, e.body);
		else
			buf_addf(to, "(%s: " SLICE_FMT ")", answer_meaning(e.answer), SLICE_ARG(e.text));
		return to->failed ? err_nomem(err) : 0;
	}
	return 0;
}

static int put_log(struct watch_run *w, struct buf *out, struct err *err)
{
	const struct log_place *log = &w->picture.thing.log;
	cleanup_buf struct buf path = BUF_TEXT, text = BUF_INIT((size_t)4 << 20);

	if (!log->pod || !*log->container)
		return 0;
	buf_addf(&path, "/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d&limitBytes=262144%s", w->o->ns,
		 log->pod, log->container, LOG_LINES, log->previous ? "&previous=true" : "");
	if (path.failed)
		return err_nomem(err);
	if (ask_text(w, Q_LOG, buf_str(&path), true, &text, err) < 0)
		return err->status;
	buf_addf(out, "  the last lines of Pod %s, container %s%s:\n", log->pod, log->container,
		 log->previous ? ", which ended" : "");
	if (!slice_trim(buf_slice(&text)).n)
		buf_adds(out, "    (it wrote nothing)\n");
	return clean_lines(buf_slice(&text), LOG_LINES, "    | ", out, err);
}

/* The report of the chart's own checks: the text of the newest version's key. */
static int put_report(struct watch_run *w, struct buf *out, struct err *err)
{
	cleanup_buf struct buf path = BUF_TEXT, text = BUF_INIT((size_t)4 << 20);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct slice report = SLICE_EMPTY, newest = SLICE_EMPTY;

	stream_init(&s, &limits);
	if (!w->picture.thing.hooks || !snapshot_find(&w->snap, RESOURCE_CONFIGMAPS, SLICE("px-central-report")))
		return 0;
	buf_addf(&path, "/api/v1/namespaces/%s/configmaps/px-central-report", w->o->ns);
	if (path.failed)
		return err_nomem(err);
	if (ask_text(w, Q_REPORT, buf_str(&path), false, &text, err) < 0 ||
	    stream_add(&s, "report", buf_slice(&text), err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1)
		return 0;
	for (struct map_iter it = map_iter_of(node_lookup(s.documents.v[0].root, "data")); map_next(&it);)
		if (slice_cmp(node_text(it.key), newest) > 0) {
			newest = node_text(it.key);
			report = node_string(it.value);
		}
	if (!report.n)
		return 0;
	buf_adds(out, "  the report of the chart's own checks (ConfigMap px-central-report):\n");
	return clean_lines(report, REPORT_LINES, "    | ", out, err);
}

/* --- the run
 * ------------------------------------------------------------------------------------------------------------- */

static int finish(struct watch_run *w, int code, struct err *err)
{
	cleanup_buf struct buf log = BUF_TEXT, report = BUF_TEXT;

	if (w->picture.stand == STAND_BLIND)
		return err_set(err, STATUS_HELPER, "%s: %s", w->picture.thing.subject, w->picture.thing.text);
	if (code == EXIT_VIOLATIONS && (put_log(w, &log, err) < 0 || put_report(w, &report, err) < 0))
		return err->status;
	if (watch_end(w, code == EXIT_OK ? "ready" : "failed", buf_slice(&log), buf_slice(&report), err) < 0)
		return err->status;
	return code;
}

static int stop_early(struct watch_run *w, struct err *err)
{
	const char *word = interrupt_came() ? "interrupted" : "deadline";

	if (!w->judged && !interrupt_came())
		return err_set(err, STATUS_HELPER, "the deadline passed before the namespace could be read");
	if (watch_end(w, word, SLICE_EMPTY, SLICE_EMPTY, err) < 0)
		return err->status;
	return interrupt_came() ? EXIT_INTERRUPTED : EXIT_HELPER;
}

static int run_cluster(struct watch_run *w, struct err *err)
{
	long long deadline;
	bool done = false;
	int code = EXIT_OK;

	take_signals();
	if (connect_cluster(w, err) < 0 || watch_file_create(w, err) < 0 || watch_all(w, err) < 0)
		return interrupt_came() ? EXIT_INTERRUPTED : err->status;
	w->start_ms = w->now_ms = monotonic_ms();
	deadline = w->deadline_ms = w->start_ms + (long long)w->o->seconds * 1000;
	while (!interrupt_came() && w->now_ms < deadline) {
		if (wait_changes(w, deadline, err) < 0)
			return err->status;
		if (resized && w->on_screen)
			size_screen(w);
		if (interrupt_came() || watch_step(w, &done, &code, err) < 0)
			break;
		if (done)
			return finish(w, code, err);
	}
	/* Ctrl-C ends the helper too, which is not an error then. */
	if (interrupt_came())
		*err = ERR_INIT;
	return err->status ? err->status : stop_early(w, err);
}

int watch_run(const struct watch_options *o, struct err *err)
{
	struct watch_run w = {.o = o, .kube = KUBE_INIT, .failing_ms = -1, .save = -1};
	int rc;

	w.snap.ns = o->ns;
	w.snap.release = o->release;
	w.snap.expected = o->expected;
	w.snap.expected_n = o->expected_n;
	choose_form(&w);
	rc = o->from ? watch_file_run(&w, err) : run_cluster(&w, err);
	kube_close(&w.kube);
	fd_close(&w.save);
	snapshot_release(&w.snap);
	drawing_release(&w.drawing);
	arena_release(&w.arenas[0]);
	arena_release(&w.arenas[1]);
	return rc;
}
