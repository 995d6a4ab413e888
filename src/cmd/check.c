/*
 * check.c: findings over files, trees and pipes. Changes nothing. Several inputs are read by several threads; the
 * report is one, in the order of the inputs.
 */
#include "cmd/check.h"

#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/diff.h"
#include "report/view.h"

#include <pthread.h>
#include <stdatomic.h>
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

/* What one unit came to. The view is only there when it has something to say. */
struct outcome {
	struct report_view view;
	bool has_view;
	bool skipped; /* it holds no object, which one of several inputs may do; the view says why */
	enum verdict verdict;
	enum flavour flavour;
	bool hooks_visible;
	bool ran[RULE_COUNT];
	size_t bytes, documents, objects;
	struct buf diff;
	struct err err;
};

struct job {
	const struct check_args *args;
	const struct gate_setup *setup;
	const struct input_list *units;
	struct outcome *outcomes;
	atomic_size_t next;
};

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

/* A template of a chart, or a file of another tool that is not even YAML: the cluster cannot read it either, so nothing
   in it can be applied. What readers could take differently, and what is too large, is no such thing. */
static bool is_foreign_text(const struct pass *p)
{
	for (size_t i = 0; i < p->stream.problems.n; i++) {
		const struct problem *bad = &p->stream.problems.v[i];
		struct slice text = bad->input->bytes, said = slice_str(bad->message);
		bool template = slice_find(text, "{{") != SIZE_MAX &&
				slice_starts(said, "a mapping key that is itself a collection");

		if (bad->kind != PROBLEM_STREAM || (!template && !slice_starts(said, "not YAML")))
			return false;
		if (slice_find(text, "{{") == SIZE_MAX && slice_find(text, "kind") != SIZE_MAX &&
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
	if (!p->gate.findings.n)
		return 0;
	o->has_view = true;
	o->skipped = j->args->inputs.any && is_skipped(p);
	return view_from_report(&o->view, &r, &o->err);
}

static void check_unit(const struct job *j, const struct input_unit *unit, struct second_opinion *so, struct outcome *o)
{
	struct buf *texts = calloc(unit->files.n + 1, sizeof(*texts));
	struct pass p;

	o->diff = BUF_TEXT;
	if (!texts) {
		err_nomem(&o->err);
		return;
	}
	pass_init(&p, &j->setup->pass);
	if (read_unit(unit, &p, texts, j->setup, so, &o->err) == 0)
		judge_unit(j, &p, so, o);
	pass_release(&p);
	for (size_t i = 0; i < unit->files.n; i++)
		buf_release(&texts[i]);
	free(texts);
}

struct worker {
	struct job *job;
	struct second_opinion *so; /* its child is replaced by another fork if it fails */
	pthread_t thread;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&w->job->next, 1);

		if (i >= w->job->units->n)
			return NULL;
		check_unit(w->job, &w->job->units->v[i], w->so, &w->job->outcomes[i]);
	}
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

/* --- one report of all ----------------------------------------------------------------------------------------- */

/* A rule counts as run if it ran wherever there was something to read. */
static void merge_rules(struct report_view *all, const struct outcome *o, size_t n)
{
	bool any = false;

	memset(all->ran, true, sizeof(all->ran));
	for (size_t i = 0; i < n; i++) {
		if (o[i].err.status || o[i].skipped)
			continue;
		any = true;
		for (unsigned r = 0; r < RULE_COUNT; r++)
			all->ran[r] &= o[i].ran[r];
	}
	if (!any)
		memset(all->ran, false, sizeof(all->ran));
}

/* Of the inputs that hold no object: one note for all of them, or an error when nothing else is there. */
static void note_skipped(struct report_view *all, const struct outcome *o, size_t n)
{
	enum { NAMED = 8 };
	cleanup_buf struct buf names = BUF_TEXT;
	struct view_finding *note = NULL;
	size_t skipped = 0;

	for (size_t i = 0; i < n; i++) {
		const struct view_finding *f;

		if (!o[i].skipped)
			continue;
		f = &o[i].view.findings[0];
		if (!note) {
			note = &all->findings[all->findings_n++];
			*note = *f;
		}
		if (skipped++ < NAMED)
			buf_addf(&names, "%s%s", skipped > 1 ? ", " : "", f->input);
	}
	if (!note)
		return;
	if (skipped > NAMED)
		buf_addf(&names, " and %zu more", skipped - NAMED);
	note->severity = SEVERITY_NOTE;
	note->object = NULL;
	note->excerpt = (struct view_excerpt){NULL, 0, 0};
	note->source = note->path = "";
	note->fixes_n = 0;
	if (all->objects == 0 && all->verdict <= VERDICT_REFUSED) {
		all->verdict = VERDICT_UNREADABLE;
		note->severity = SEVERITY_ERROR;
		note->message = "no input holds a Kubernetes object, so nothing was checked";
		note->fixes = arena_alloc(&all->arena, sizeof(*note->fixes));
		if (note->fixes)
			note->fixes[note->fixes_n++] = "Check what produces the input.";
	} else {
		note->message =
			arena_printf(&all->arena, "%zu file%s without a Kubernetes object %s skipped: %s", skipped,
				     skipped == 1 ? "" : "s", skipped == 1 ? "is" : "are", buf_str(&names));
	}
	all->arena.failed |= names.failed;
}

/* Texts are borrowed from the outcomes. */
static int merge(struct report_view *all, const struct outcome *o, size_t n, struct err *err)
{
	size_t findings = 0, at = 0;

	all->unread = arena_alloc(&all->arena, n * sizeof(*all->unread) + 1);
	if (!all->unread)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		findings += o[i].has_view ? o[i].view.findings_n : 0;
		all->bytes += o[i].bytes;
		all->documents += o[i].documents;
		all->objects += o[i].objects;
		all->hooks_visible |= o[i].hooks_visible;
		if (o[i].verdict > all->verdict && !o[i].skipped)
			all->verdict = o[i].verdict;
		if (o[i].err.status) { /* what could not be read was not judged */
			all->verdict = VERDICT_UNREADABLE;
			all->unread[all->unread_n++] = arena_str(&all->arena, slice_str(o[i].err.text));
		}
	}
	merge_rules(all, o, n);
	all->flavour = n == 1 ? o[0].flavour : FLAVOUR_PLAIN;
	all->findings = arena_alloc(&all->arena, (findings + 1) * sizeof(*all->findings));
	if (!all->findings)
		return err_nomem(err);
	/* Borrowed from the outcomes, which outlive the report; every severity in the order of the inputs. */
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; o[i].has_view && !o[i].skipped && k < o[i].view.findings_n; k++)
				if ((int)o[i].view.findings[k].severity == severity)
					all->findings[at++] = o[i].view.findings[k];
	all->findings_n = at;
	note_skipped(all, o, n);
	return 0;
}

/* 4, then 5, then 3, then 1. */
static int worst_error(const struct outcome *o, size_t n, const struct err **worst)
{
	static const int order[] = {STATUS_FAILED, STATUS_HELPER, STATUS_INPUT, STATUS_USAGE};

	*worst = NULL;
	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (size_t i = 0; i < n; i++)
			if (o[i].err.status == order[k]) {
				*worst = &o[i].err;
				return order[k];
			}
	return 0;
}

static int write_targets(const struct gate_setup *s, struct report_view *v, struct err *err)
{
	for (size_t i = 0; i < s->targets_n; i++)
		if (view_write(v, &s->targets[i], err) < 0)
			return err->status;
	return 0;
}

static void tell_unread(const struct job *j)
{
	for (size_t i = 0; i < j->units->n; i++)
		if (j->outcomes[i].err.status)
			fail(&j->outcomes[i].err);
}

/* What goes to standard output: in the text form, the diffs before it. */
static int render_all(const struct job *j, struct report_view *all, struct buf *out, struct err *err)
{
	const struct report_format *format = report_format_find(slice_str(j->args->output ? j->args->output : "text"));
	bool is_text = format == report_format_find(SLICE("text"));

	for (size_t i = 0; is_text && i < j->units->n; i++)
		buf_add(out, buf_slice(&j->outcomes[i].diff));
	if (is_text && j->args->gate.quiet && all->verdict == VERDICT_COMPLIANT)
		return out->failed ? err_nomem(err) : 0;
	return format->render(all, out, err);
}

static int report_all(const struct job *j, double started, struct err *err)
{
	struct report_view all = {.arena = ARENA_INIT((size_t)1 << 30),
				  .program = "pxb-fed",
				  .milliseconds = milliseconds_now() - started,
				  .warnings_count = j->setup->pass.options.warnings_count,
				  .color = wants_color(STDOUT_FILENO)};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 30);
	const struct err *worst;
	int code, status = worst_error(j->outcomes, j->units->n, &worst);

	all.verbose = j->setup->verbose;
	all.whole = true; /* nobody else asks for the report of a check */
	use_width_of(STDOUT_FILENO);
	tell_unread(j);
	code = merge(&all, j->outcomes, j->units->n, err);
	/* An input that could not be read outranks what the others came to. */
	all.exit_code = status ? exit_code(status) : verdict_exit_code(all.verdict);
	if (code < 0 || render_all(j, &all, &out, err) < 0 || write_targets(j->setup, &all, err) < 0)
		code = fail(err);
	else
		code = print_out(buf_slice(&out), all.exit_code);
	view_release(&all);
	return status && code != EXIT_INTERNAL ? exit_code(status) : code;
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
	code = run_workers(&j, err) < 0 ? fail(err) : report_all(&j, started, err);
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
