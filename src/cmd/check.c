/*
 * check.c: findings over files, trees and pipes. Changes nothing. Several inputs are read by several threads; the
 * report is one, in the order of the inputs.
 */
#include "cmd/check.h"

#include "base/file.h"
#include "cmd/check_run.h"
#include "cmd/cmd.h"
#include "cmd/diff.h"

#include <pthread.h>
#include <unistd.h>

static const struct option output_rows[] = {
	{"output", 'o', OPTION_CHOICE, "FORMAT", "the form of the report on standard output (text)",
	 &report_format_choices[1], offsetof(struct check_args, output)},
	{"jobs", 'j', OPTION_NUMBER, "N", "threads for several inputs (one per processor)", NULL,
	 offsetof(struct check_args, jobs)},
};
const struct option_table check_output_table = {output_rows, ARRAY_SIZE(output_rows)};

static const struct option check_rows[] = {
	{"any", 0, OPTION_FLAG, NULL, "any manifests, Helm's or not: every file alone, only rules about single objects",
	 NULL, offsetof(struct check_args, inputs.any)},
	{"exclude", 0, OPTION_LIST, "PATTERN",
	 "leave out files and folders of a directory, as a line of .gitignore does; repeatable", NULL,
	 offsetof(struct check_args, exclude)},
	{"gitignore", 0, OPTION_FLAG, NULL, "leave out what the .gitignore files in a directory name", NULL,
	 offsetof(struct check_args, inputs.gitignore)},
	{"diff", 0, OPTION_FLAG, NULL, "show what 'render' would repair", NULL, offsetof(struct check_args, diff)},
};
OPTION_TABLE(check_table, check_rows);
const struct option_table *const check_tables[] = {&check_output_table,	  &check_table,	      &gate_options_table,
						   &values_options_table, &set_options_table, NULL};

/* 'check' changes nothing: what 'render' would repair is still wrong here. */
static void unpatch(struct gate *g)
{
	if (g->verdict != VERDICT_PATCHED)
		return;
	g->verdict = VERDICT_REFUSED;
	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		if (f->patched)
			f->not_patched = "'check' changes nothing; 'render' repairs this";
		f->patched = false;
	}
}

static int read_unit(const struct input_unit *unit, struct pass *p, struct buf *texts, const struct gate_setup *s,
		     struct second_opinion *so, struct err *err)
{
	for (size_t i = 0; i < unit->files.n; i++) {
		const char *name = unit->files.v[i];
		bool is_stdin = strcmp(name, "-") == 0;

		texts[i].cap = s->pass.limits.bytes + 1;
		if (is_stdin ? file_read_fd(STDIN_FILENO, "<stdin>", &texts[i], err) < 0
			     : file_read(name, &texts[i], STATUS_INPUT, err) < 0)
			return err->status;
		if (pass_add(p, so, is_stdin ? "<stdin>" : name, buf_slice(&texts[i]), err) < 0)
			return err->status;
	}
	return 0;
}

/* Of Helm, Jinja, Liquid. */
static bool has_template(struct slice text)
{
	return slice_find(text, "{{") != SIZE_MAX || slice_find(text, "{%") != SIZE_MAX;
}

/* A template of a chart, or a file of another tool that is not even YAML: the cluster cannot read it either, so nothing
   in it can be applied. What readers could take differently, and what is too large, is no such thing. */
static bool is_foreign_text(const struct pass *p)
{
	for (size_t i = 0; i < p->stream.problems.n; i++) {
		const struct problem *bad = &p->stream.problems.v[i];
		struct slice text = bad->input->bytes, said = slice_str(bad->message);
		bool template = has_template(text) && slice_starts(said, "a mapping key that is itself a collection");

		if (bad->kind != PROBLEM_STREAM || (!template && !slice_starts(said, "not YAML")))
			return false;
		if (!has_template(text) && slice_find(text, "kind") != SIZE_MAX &&
		    slice_find(text, "apiVersion") != SIZE_MAX)
			return false;
	}
	return p->stream.problems.n > 0;
}

static bool is_skipped(const struct pass *p)
{
	if (p->release.objects.n)
		return false;
	if (is_foreign_text(p))
		return true;
	for (size_t i = 0; i < p->gate.findings.n; i++)
		if (p->gate.findings.v[i]->severity != SEVERITY_NOTE)
			return false;
	return true;
}

static int judge_unit(const struct job *j, struct pass *p, struct second_opinion *so, struct outcome *o)
{
	struct report r = {.gate = &p->gate, .stream = &p->stream, .milliseconds = -1, .program = "pxb-fed"};

	if (pass_judge(p, &j->setup->pass, so, &o->err) < 0)
		return o->err.status;
	if (j->args->diff && p->gate.verdict == VERDICT_PATCHED) {
		if (edit_plan_build(&p->plan, &p->gate, &o->err) < 0)
			return o->err.status;
		diff_write(&p->plan, &p->gate, &o->diff);
	}
	unpatch(&p->gate);
	o->verdict = p->gate.verdict;
	o->flavour = p->release.flavour;
	o->hooks_visible = p->release.hooks_visible;
	memcpy(o->ran, p->gate.ran, sizeof(o->ran));
	o->objects = p->release.objects.n;
	o->documents = p->stream.documents.n;
	for (size_t i = 0; i < p->stream.inputs.n; i++)
		o->bytes += p->stream.inputs.v[i]->bytes.n;
	if (!p->gate.findings.n && !p->gate.installation)
		return 0;
	o->has_view = true;
	if (view_from_report(&o->view, &r, &o->err) < 0)
		return o->err.status;
	o->skipped = j->args->inputs.any && p->gate.findings.n && is_skipped(p);
	return 0;
}

/* A unit between reading and judging: the second reader works on it meanwhile. */
struct unit {
	const struct input_unit *files;
	struct outcome *outcome;
	struct buf *texts;
	struct pass pass;
	size_t bytes;
};

static void unit_start(struct unit *u, const struct job *j, size_t i, struct second_opinion *so)
{
	struct outcome *o = &j->outcomes[i];

	u->files = &j->units->v[i];
	u->outcome = o;
	u->bytes = 0;
	o->diff = BUF_TEXT;
	pass_init(&u->pass, &j->setup->pass);
	u->texts = calloc(u->files->files.n + 1, sizeof(*u->texts));
	if (!u->texts)
		err_nomem(&o->err);
	else
		read_unit(u->files, &u->pass, u->texts, j->setup, so, &o->err);
	for (size_t k = 0; u->texts && k < u->files->files.n; k++)
		u->bytes += u->texts[k].n;
}

static void unit_finish(struct unit *u, const struct job *j, struct second_opinion *so)
{
	if (!u->outcome->err.status)
		judge_unit(j, &u->pass, so, u->outcome);
	pass_release(&u->pass);
	for (size_t k = 0; u->texts && k < u->files->files.n; k++)
		buf_release(&u->texts[k]);
	free(u->texts);
}

/* Files that are read ahead of the one that is judged: many, as long as they are small. */
enum { AHEAD = 32, AHEAD_BYTES = 1 << 20 };

struct worker {
	struct job *job;
	struct second_opinion *so; /* its child is replaced by another fork if it fails */
	pthread_t thread;
	struct unit ring[AHEAD]; /* [first, last) modulo AHEAD */
	size_t first, last, bytes;
	size_t ahead; /* of AHEAD, less where few units must do for all workers */
};

static bool may_read_on(const struct worker *w)
{
	return w->first == w->last || (w->so && w->last - w->first < w->ahead && w->bytes < AHEAD_BYTES);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (bool more = true; more || w->first < w->last;) {
		struct unit *u;

		while (more && may_read_on(w)) {
			size_t i = atomic_fetch_add(&w->job->next, 1);

			more = i < w->job->units->n;
			if (!more)
				break;
			u = &w->ring[w->last++ % AHEAD];
			unit_start(u, w->job, i, w->so);
			w->bytes += u->bytes;
		}
		if (w->first == w->last)
			break;
		u = &w->ring[w->first++ % AHEAD];
		w->bytes -= u->bytes;
		unit_finish(u, w->job, w->so);
	}
	return NULL;
}

static size_t worker_count(const struct job *j)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = j->args->jobs ? j->args->jobs : cpus > 0 ? (size_t)cpus : 1;

	if (n > 64)
		n = 64;
	return n < j->units->n ? n : j->units->n;
}

static int run_workers(struct job *j, struct err *err)
{
	size_t n = worker_count(j), started = 0;
	struct worker *workers = calloc(n + 1, sizeof(*workers));
	int rc = 0;

	if (!workers)
		return err_nomem(err);
	for (size_t i = 0; i < n && rc == 0; i++) {
		workers[i].job = j;
		workers[i].ahead = j->units->n / (4 * n) < AHEAD ? j->units->n / (4 * n) + 1 : AHEAD;
		if (j->setup->pass.policy.second_opinion)
			rc = second_opinion_new(&workers[i].so, err);
	}
	while (rc == 0 && started + 1 < n &&
	       pthread_create(&workers[started + 1].thread, NULL, work, &workers[started + 1]) == 0)
		started++;
	if (rc == 0 && n)
		work(&workers[0]); /* this thread works too, and alone if no other can be had */
	for (size_t i = 1; i <= started; i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < n; i++)
		second_opinion_free(&workers[i].so);
	free(workers);
	return rc;
}

int check_all(const struct check_args *a, const struct gate_setup *s, const struct input_list *units, struct err *err)
{
	struct job j = {.args = a,
			.setup = s,
			.units = units,
			.outcomes = calloc(units->n + 1, sizeof(struct outcome))};
	double started = milliseconds_now();
	int code;

	if (!j.outcomes)
		return fail((err_nomem(err), err));
	code = run_workers(&j, err) < 0 ? fail(err) : check_report(&j, started, err);
	for (size_t i = 0; i < units->n; i++) {
		if (j.outcomes[i].has_view)
			view_release(&j.outcomes[i].view);
		buf_release(&j.outcomes[i].diff);
	}
	free(j.outcomes);
	return code;
}

/* Templates of a chart are no manifests: one sentence instead of an error for each. */
static int refuse_chart(const struct string_list *names, struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		cleanup_buf struct buf path = BUF_TEXT;

		buf_addf(&path, "%s/Chart.yaml", names->v[i]);
		if (!path.failed && access(buf_str(&path), F_OK) == 0)
			return err_set(
				err, STATUS_USAGE,
				"'%.200s' is a chart, and 'check' reads what Helm renders: helm template NAME %.200s | "
				"%s check -",
				names->v[i], names->v[i], program_name());
	}
	return 0;
}

int cmd_check(const struct command *self, int argc, char **argv)
{
	struct check_args a = {0};
	void *const into[] = {&a, &a, &a.gate, &a.gate, &a.gate.sets};
	cleanup_strings struct string_list names = {0};
	cleanup_input_list struct input_list units = {0};
	cleanup_gate_setup struct gate_setup setup = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	a.inputs.exclude = &a.exclude;
	if (options_parse(self->tables, into, argc, argv, &names, &help, &err) < 0)
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (!names.n && isatty(STDIN_FILENO)) {
		err_set(&err, STATUS_USAGE, "needs a FILE, a directory, or - for standard input");
		code = fail_usage(self, &err);
	} else if ((a.gate.without_lock = a.inputs.any) && a.gate.lock_file) {
		err_set(&err, STATUS_USAGE, "--any checks single objects and takes no --lock");
		code = fail_usage(self, &err);
	} else if (!a.inputs.any && refuse_chart(&names, &err) < 0) {
		code = fail_usage(self, &err);
	} else if ((!names.n && string_list_add(&names, "-", &err) < 0) || gate_setup_load(&setup, &a.gate, &err) < 0 ||
		   input_list_fill(&units, &names, &a.inputs, &err) < 0) {
		code = fail(&err);
	} else {
		setup.pass.options.cut_accepted = true;
		setup.pass.options.scope = a.inputs.any ? GATE_OBJECTS : GATE_RELEASE;
		gate_setup_tell(&setup);
		code = check_all(&a, &setup, &units, &err);
	}
	string_list_release(&a.exclude);
	gate_args_release(&a.gate);
	return code;
}
