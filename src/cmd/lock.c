/*
 * lock.c: the one-time choices of an installation recorded, shown, compared, and recorded again.
 */
#include "cmd/cmd.h"
#include "cmd/lock_file.h"
#include "cmd/lock_run.h"
#include "report/report.h"

#include <unistd.h>

static const struct option lock_rows[] = {
	{"lock", 0, OPTION_STRING, "FILE", "the lock to read, or to update (./pxb-fed.lock)", NULL,
	 offsetof(struct lock_args, lock_file)},
	{"output", 'o', OPTION_STRING, "FILE", "create: where the lock goes (./pxb-fed.lock); - is standard output",
	 NULL, offsetof(struct lock_args, output)},
	{"reason", 0, OPTION_STRING, "TEXT", "update: why it changes, for the lock's history", NULL,
	 offsetof(struct lock_args, reason)},
	{"chart", 0, OPTION_STRING, "FILE", "create, update: record the sha256 of the chart's archive", NULL,
	 offsetof(struct lock_args, chart)},
	{"quiet", 'q', OPTION_FLAG, NULL, "print nothing but what was asked for, and errors", NULL,
	 offsetof(struct lock_args, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "verify: print every finding in full, and the notes too", NULL,
	 offsetof(struct lock_args, verbose)},
};
OPTION_TABLE(lock_table, lock_rows);
const struct option_table *const lock_tables[] = {&lock_table, &source_options_table, NULL};

const char *lock_path(const struct lock_run *run)
{
	return run->args->lock_file ? run->args->lock_file : LOCK_FILENAME;
}

int lock_run_read(struct lock_run *run, struct lock *l)
{
	const char *path = lock_path(run);

	if (access(path, F_OK) < 0)
		return err_set(
			&run->err, STATUS_USAGE,
			"there is no '%s'; 'lock create' makes one from rendered manifests, a release or the cluster",
			path);
	return lock_file_read(l, path, &run->err);
}

/* --- show, diff, verify ---------------------------------------------------------------------------------------- */

static int show(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_lock struct lock l;

	(void)s;
	lock_init(&l);
	if (lock_run_read(run, &l) < 0)
		return run->err.status;
	lock_say(&l, out);
	return 0;
}

static int diff(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_lock_differences struct lock_differences d;
	cleanup_lock struct lock l;

	lock_init(&l);
	lock_differences_init(&d);
	if (lock_run_read(run, &l) < 0 || source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0 ||
	    lock_compare(&d, &l, &s->lock, &run->err) < 0)
		return run->err.status;
	lock_say_differences(&d, LOCK_FREE, out);
	if (d.v.n && !run->args->quiet)
		fprintf(stderr,
			"pxb-fed: '%s' against %s: ~ + - are free to change, ? only by hand, ! only with a new "
			"installation\n",
			lock_path(run), s->lock.source);
	return d.v.n ? STATUS_REFUSED : 0;
}

static int verify(struct lock_run *run, struct source *s, struct buf *out)
{
	struct report r = {.gate = &s->pass.gate,
			   .stream = &s->pass.stream,
			   .milliseconds = -1,
			   .verbose = run->args->verbose,
			   .color = wants_color(STDERR_FILENO),
			   .program = "pxb-fed"};
	cleanup_buf struct buf text = BUF_TEXT;
	cleanup_lock struct lock l;
	bool refused;

	(void)out;
	lock_init(&l);
	if (lock_run_read(run, &l) < 0 || source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0)
		return run->err.status;
	state_save(&r);
	refused = s->pass.gate.verdict == VERDICT_REFUSED;
	if (refused || run->args->verbose)
		report_text(&r, &text);
	if (text.failed)
		return err_nomem(&run->err);
	fputs(buf_str(&text), stderr);
	return refused ? STATUS_REFUSED : 0;
}

/* --- the command ----------------------------------------------------------------------------------------------- */

static const struct verb {
	const char *name;
	bool takes_source;
	int (*run)(struct lock_run *run, struct source *s, struct buf *out);
} verbs[] = {
	{"create", true, lock_create}, {"show", false, show},	      {"diff", true, diff},
	{"verify", true, verify},      {"update", true, lock_update},
};

static const struct verb *find_verb(const char *name, struct err *err)
{
	const char *names[ARRAY_SIZE(verbs)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	near = *name ? slice_nearest(slice_str(name), names, ARRAY_SIZE(names)) : NULL;
	if (near)
		err_set(err, STATUS_USAGE, "no '%.60s'; did you mean '%s'?", name, near);
	else
		err_set(err, STATUS_USAGE, "needs create, show, diff, verify or update");
	return NULL;
}

/* An option that the verb does not know would be an option without effect. */
static int check_args(const struct lock_args *a, const struct verb *v, const struct string_list *words, struct err *err)
{
	const struct {
		bool given;
		const char *name, *verb;
	} only[] = {{a->output, "--output", "create"},
		    {a->reason, "--reason", "update"},
		    {a->verbose, "--verbose", "verify"}};

	for (size_t i = 0; i < ARRAY_SIZE(only); i++)
		if (only[i].given && strcmp(v->name, only[i].verb) != 0)
			return err_set(err, STATUS_USAGE, "%s is for 'lock %s'", only[i].name, only[i].verb);
	if (a->lock_file && strcmp(v->name, "create") == 0)
		return err_set(err, STATUS_USAGE, "'lock create' writes to --output FILE; --lock is for the others");
	if (v->takes_source)
		return source_check(&a->source, words, 1, err);
	if (words->n > 1)
		return err_set(err, STATUS_USAGE, "'%s' takes no argument: '%.60s'", v->name, words->v[1]);
	if (a->source.release || a->source.cluster)
		return err_set(err, STATUS_USAGE, "'%s' reads the lock alone", v->name);
	return 0;
}

int cmd_lock(const struct command *self, int argc, char **argv)
{
	struct lock_args a = {0};
	void *const into[] = {&a, &a.source};
	cleanup_strings struct string_list words = {0};
	cleanup_source struct source source;
	cleanup_buf struct buf out = BUF_TEXT;
	struct lock_run run = {.args = &a, .words = &words};
	const struct verb *verb = NULL;
	bool help;
	int rc;

	source_init(&source);
	rc = options_parse(self->tables, into, argc, argv, &words, &help, &run.err);
	if (rc == 0 && !help) {
		verb = find_verb(words.n ? words.v[0] : "", &run.err);
		rc = verb ? check_args(&a, verb, &words, &run.err) : run.err.status;
	}
	if (rc < 0)
		return fail_usage(self, &run.err);
	if (help || !verb)
		return cmd_help(self, 0, NULL);
	rc = verb->run(&run, &source, &out);
	if (rc == 0 || (rc == STATUS_REFUSED && !run.err.status))
		return out.failed ? fail((err_nomem(&run.err), &run.err)) : print_out(buf_slice(&out), exit_code(rc));
	return fail(&run.err);
}
