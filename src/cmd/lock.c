/*
 * lock.c: the one-time choices of an installation recorded, shown, compared, and recorded again.
 */
#include "lock/lock.h"

#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/lock_file.h"
#include "cmd/lock_source.h"
#include "credentials/detect.h"
#include "policy/user_file.h"
#include "report/report.h"

#include <sys/stat.h>
#include <unistd.h>

struct lock_args {
	struct source_args source;
	const char *lock_file, *output, *reason;
	bool quiet, verbose;
};

static const struct option lock_rows[] = {
	{"lock", 0, OPTION_STRING, "FILE", "the lock to read, or to update (./pxb-fed.lock)", NULL,
	 offsetof(struct lock_args, lock_file)},
	{"output", 'o', OPTION_STRING, "FILE", "create: where the lock goes (./pxb-fed.lock); - is standard output",
	 NULL, offsetof(struct lock_args, output)},
	{"reason", 0, OPTION_STRING, "TEXT", "update: why it changes, for the lock's history", NULL,
	 offsetof(struct lock_args, reason)},
	{"quiet", 'q', OPTION_FLAG, NULL, "print nothing but what was asked for, and errors", NULL,
	 offsetof(struct lock_args, quiet)},
	{"verbose", 'v', OPTION_FLAG, NULL, "verify: print every finding in full, and the notes too", NULL,
	 offsetof(struct lock_args, verbose)},
};
OPTION_TABLE(lock_table, lock_rows);
const struct option_table *const lock_tables[] = {&lock_table, &source_options_table, NULL};

struct lock_run {
	const struct lock_args *args;
	const struct string_list *words; /* the verb, then files */
	struct err err;
};

static const char *path_of(const struct lock_run *run)
{
	return run->args->lock_file ? run->args->lock_file : LOCK_FILENAME;
}

/* The lock that is there; a missing one tells how to get one. */
static int read_lock(struct lock_run *run, struct lock *l)
{
	const char *path = path_of(run);

	if (access(path, F_OK) < 0)
		return err_set(
			&run->err, STATUS_USAGE,
			"there is no '%s'; 'lock create' makes one from rendered manifests, a release or the cluster",
			path);
	return lock_file_read(l, path, &run->err);
}

/* --- words ----------------------------------------------------------------------------------------------------- */

static void say_choices(const struct lock *l, struct buf *out)
{
	static const char *const switches[] = {"unknown", "off", "on"};

	buf_addf(out, "%-12s%s\n", "mode", lock_mode_name(l->mode));
	buf_addf(out, "%-12s" SLICE_FMT "\n", "namespace", SLICE_ARG(l->ns));
	buf_addf(out, "%-12s" SLICE_FMT "\n", "release", SLICE_ARG(l->release_name));
	if (l->chart.n)
		buf_addf(out, "%-12s" SLICE_FMT " " SLICE_FMT "\n", "chart", SLICE_ARG(l->chart),
			 SLICE_ARG(l->chart_version));
	buf_addf(out, "%-12s%s\n", "encryption", switches[l->encryption]);
	buf_addf(out, "%-12s" SLICE_FMT "\n", "class",
		 SLICE_ARG(l->class_name.n ? l->class_name : SLICE("none that all claims have")));
}

static void say_claims(const struct lock *l, struct buf *out)
{
	size_t width = 0;

	buf_addf(out, "\n%zu claims\n", l->claims.n);
	for (size_t i = 0; i < l->claims.n; i++) {
		size_t n = l->claims.v[i].kind.n + 1 + l->claims.v[i].object.n;

		width = n > width ? n : width;
	}
	for (size_t i = 0; i < l->claims.n; i++) {
		const struct lock_claim *c = &l->claims.v[i];
		size_t n = c->kind.n + 1 + c->object.n;

		buf_addf(out, "  " SLICE_FMT "/" SLICE_FMT, SLICE_ARG(c->kind), SLICE_ARG(c->object));
		buf_fill(out, ' ', width - n + 2);
		buf_addf(out, "%-7.*s" SLICE_FMT, SLICE_ARG(c->size),
			 SLICE_ARG(c->class_name.n ? c->class_name : SLICE("(no class)")));
		if (c->access_modes.n)
			buf_addf(out, ", " SLICE_FMT, SLICE_ARG(c->access_modes));
		buf_addc(out, '\n');
	}
}

static void say_rest(const struct lock *l, struct buf *out)
{
	size_t sets = 0, deployments = 0, jobs = 0;

	for (size_t i = 0; i < l->workloads.n; i++) {
		sets += slice_is(l->workloads.v[i].kind, "StatefulSet");
		deployments += slice_is(l->workloads.v[i].kind, "Deployment");
		jobs += slice_is(l->workloads.v[i].kind, "Job");
	}
	buf_addf(out, "\n%zu StatefulSets, %zu Deployments, %zu Jobs\n", sets, deployments, jobs);
	for (size_t i = 0; i < l->history.n; i++)
		buf_addf(out, "%s" SLICE_FMT "  " SLICE_FMT " (%zu changes)\n", i ? "" : "\n",
			 SLICE_ARG(l->history.v[i].date), SLICE_ARG(l->history.v[i].reason), l->history.v[i].changes.n);
}

static const char *mark(const struct lock_difference *d)
{
	if (d->weight == LOCK_NEVER)
		return "!";
	if (d->weight == LOCK_RECREATE)
		return "?";
	return d->field != LOCK_FIELD_CLAIM && d->field != LOCK_FIELD_WORKLOAD ? "~" : d->before.n ? "-" : "+";
}

static void say_differences(const struct lock_differences *d, enum lock_weight from, struct buf *out)
{
	for (size_t i = 0; i < d->v.n; i++) {
		if (d->v.v[i].weight < from)
			continue;
		buf_addf(out, "%s ", mark(&d->v.v[i]));
		lock_difference_text(&d->v.v[i], out);
		buf_addc(out, '\n');
	}
}

/* --- create ---------------------------------------------------------------------------------------------------- */

/* What is written must be read back as the same: a name that breaks the file would break it for ever. */
static int write_checked(const struct lock *l, struct buf *text, struct err *err)
{
	struct lock_differences d;
	struct lock back;
	int rc;

	lock_init(&back);
	lock_differences_init(&d);
	lock_write(l, text);
	rc = text->failed ? err_nomem(err) : lock_read(&back, "the new lock", buf_slice(text), err);
	if (rc == 0)
		rc = lock_compare(&d, l, &back, err);
	if (rc == 0 && d.v.n)
		rc = err_set(err, STATUS_FAILED, "internal error: the new lock is read back as another");
	else if (rc == STATUS_USAGE)
		rc = err->status = STATUS_INPUT; /* not a file of the user's, but what the objects are called */
	lock_differences_release(&d);
	lock_release(&back);
	return rc;
}

static void say_created(const struct lock_run *run, const struct lock *l, const char *path)
{
	if (run->args->quiet)
		return;
	fprintf(stderr,
		"pxb-fed: recorded in '%s': %s, release " SLICE_FMT " in namespace " SLICE_FMT
		", %zu claims of %s%.*s\n",
		path, lock_mode_name(l->mode), SLICE_ARG(l->release_name), SLICE_ARG(l->ns), l->claims.n,
		l->class_name.n ? "class " : "several classes or none", SLICE_ARG(l->class_name));
	if (l->mode == LOCK_CLASSIC)
		fputs("pxb-fed: this is a Classic installation: 'render' and 'check' refuse it with this lock, as no\n"
		      "  conversion in place is supported\n",
		      stderr);
}

static int create(struct lock_run *run, struct source *s, struct buf *out)
{
	const char *path = run->args->output ? run->args->output : LOCK_FILENAME;
	bool to_stdout = strcmp(path, "-") == 0;
	struct buf text = BUF_TEXT;
	int rc;

	if (!to_stdout && access(path, F_OK) == 0)
		return err_set(
			&run->err, STATUS_USAGE,
			"'%s' is there already, and a lock is made once: 'lock update --reason TEXT' records what "
			"has changed",
			path);
	rc = source_take(s, &run->args->source, run->words, 1, NULL, &run->err);
	if (rc == 0)
		rc = write_checked(&s->lock, &text, &run->err);
	if (rc == 0 && to_stdout)
		buf_add(out, buf_slice(&text));
	else if (rc == 0)
		rc = file_create_atomic(path, buf_slice(&text), file_new_mode(), &run->err);
	if (rc == 0)
		say_created(run, &s->lock, to_stdout ? "standard output" : path);
	buf_release(&text);
	return rc;
}

/* --- show, diff, verify ---------------------------------------------------------------------------------------- */

static int show(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_lock struct lock l;

	(void)s;
	lock_init(&l);
	if (read_lock(run, &l) < 0)
		return run->err.status;
	say_choices(&l, out);
	say_claims(&l, out);
	say_rest(&l, out);
	return 0;
}

static int diff(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_lock_differences struct lock_differences d;
	cleanup_lock struct lock l;

	lock_init(&l);
	lock_differences_init(&d);
	if (read_lock(run, &l) < 0 || source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0 ||
	    lock_compare(&d, &l, &s->lock, &run->err) < 0)
		return run->err.status;
	say_differences(&d, LOCK_FREE, out);
	if (d.v.n && !run->args->quiet)
		fprintf(stderr,
			"pxb-fed: '%s' against %s: ~ + - are free to change, ? only by hand, ! only with a new "
			"installation\n",
			path_of(run), s->lock.source);
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
	if (read_lock(run, &l) < 0 || source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0)
		return run->err.status;
	refused = s->pass.gate.verdict == VERDICT_REFUSED;
	if (refused || run->args->verbose)
		report_text(&r, &text);
	if (text.failed)
		return err_nomem(&run->err);
	fputs(buf_str(&text), stderr);
	return refused ? STATUS_REFUSED : 0;
}

/* --- update ---------------------------------------------------------------------------------------------------- */

static int check_reason(struct lock_run *run)
{
	struct slice reason = slice_trim(slice_str(run->args->reason));
	struct detection d;
	const char *why;
	bool odd;
	size_t at;

	if (!reason.n)
		return err_set(&run->err, STATUS_USAGE, "update needs --reason TEXT: it is kept in the lock's history");
	if (reason.n > 500)
		return err_set(&run->err, STATUS_USAGE, "the reason has %zu bytes; 500 are enough", reason.n);
	if (!bytes_valid(reason, &odd, &at, &why) || odd || slice_chr(reason, '\n') != SIZE_MAX)
		return err_set(&run->err, STATUS_USAGE, "the reason must be one line of plain text");
	if (credential_in_value(reason, &d))
		return err_set(&run->err, STATUS_USAGE, "the reason holds what looks like a credential (%s)", d.what);
	return 0;
}

static int refuse_update(struct lock_run *run, const struct lock_differences *d)
{
	cleanup_buf struct buf text = BUF_TEXT;

	say_differences(d, LOCK_NEVER, &text);
	fputs(buf_str(&text), stderr);
	return err_set(
		&run->err, STATUS_REFUSED,
		"'%s' keeps what no installation can change; a new installation has a lock of its own ('lock create' "
		"with another file, or when this one is deleted)",
		path_of(run));
}

/* With the file held: what another writer has recorded meanwhile is read, and kept. */
static int update_held(struct lock_run *run, struct source *s, int fd)
{
	cleanup_lock_differences struct lock_differences d;
	cleanup_buf struct buf old_text = BUF_INIT(0), text = BUF_TEXT;
	cleanup_lock struct lock old;
	const char *path = path_of(run);
	struct stat st;

	lock_init(&old);
	lock_differences_init(&d);
	old_text = BUF_INIT(USER_FILE_LIMIT);
	if (file_read_fd(fd, path, &old_text, &run->err) < 0)
		return run->err.status == STATUS_INPUT ? (run->err.status = STATUS_USAGE) : run->err.status;
	if (lock_read(&old, path, buf_slice(&old_text), &run->err) < 0 ||
	    lock_compare(&d, &old, &s->lock, &run->err) < 0)
		return run->err.status;
	for (size_t i = 0; i < d.v.n; i++)
		if (d.v.v[i].weight == LOCK_NEVER)
			return refuse_update(run, &d);
	if (!d.v.n) {
		if (!run->args->quiet)
			fprintf(stderr, "pxb-fed: '%s' says it all already\n", path);
		return 0;
	}
	if (lock_continue(&s->lock, &old, &d, slice_trim(slice_str(run->args->reason)), &run->err) < 0 ||
	    write_checked(&s->lock, &text, &run->err) < 0)
		return run->err.status;
	if (fstat(fd, &st) < 0)
		return err_errno(&run->err, STATUS_FAILED, "cannot read '%s'", path);
	if (file_write_atomic(path, buf_slice(&text), st.st_mode & 07777, &run->err) < 0)
		return run->err.status;
	if (!run->args->quiet) {
		cleanup_buf struct buf said = BUF_TEXT;

		say_differences(&d, LOCK_FREE, &said);
		fprintf(stderr, "%spxb-fed: recorded in '%s': %zu changes\n", buf_str(&said), path, d.v.n);
	}
	return 0;
}

static int update(struct lock_run *run, struct source *s, struct buf *out)
{
	cleanup_fd int fd = -1;
	cleanup_lock struct lock l;

	(void)out;
	lock_init(&l);
	/* A lock that cannot be read is told before the source is asked; it is read again when it is held. */
	if (check_reason(run) < 0 || read_lock(run, &l) < 0 ||
	    source_take(s, &run->args->source, run->words, 1, &l, &run->err) < 0 ||
	    file_hold(path_of(run), &fd, &run->err) < 0)
		return run->err.status;
	return update_held(run, s, fd);
}

/* --- the command ----------------------------------------------------------------------------------------------- */

static const struct verb {
	const char *name;
	bool takes_source;
	int (*run)(struct lock_run *run, struct source *s, struct buf *out);
} verbs[] = {
	{"create", true, create}, {"show", false, show},    {"diff", true, diff},
	{"verify", true, verify}, {"update", true, update},
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
	if (help)
		return cmd_help(self, 0, NULL);
	rc = verb->run(&run, &source, &out);
	if (rc == 0 || (rc == STATUS_REFUSED && !run.err.status))
		return out.failed ? fail((err_nomem(&run.err), &run.err)) : print_out(buf_slice(&out), exit_code(rc));
	return fail(&run.err);
}
