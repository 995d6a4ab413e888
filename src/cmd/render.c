/*
 * render.c: the gate itself. Stream in, the same stream out, or nothing at all.
 */
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/gate_args.h"
#include "helm/checked.h"
#include "helm/render.h"
#include "report/helm.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct render_args {
	struct gate_args gate;
	const char *refuse_as;
	const char *capture, *checked;
	bool hand_on;
};

/* All four are for the plugins of Helm and for install, upgrade and template, which call this program again. */
static const struct option render_rows[] = {
	/* exit: status and standard error; block-scalar: for Helm 4's post-renderer plugin */
	{"refuse-as", 0, OPTION_CHOICE, "FORM", NULL, "exit|block-scalar", offsetof(struct render_args, refuse_as)},
	/* hand the stream to the caller, and no more */
	{"capture", 0, OPTION_STRING, "FILE", NULL, NULL, offsetof(struct render_args, capture)},
	/* with --capture: judge it all the same, and hand what goes on to the caller too */
	{"hand-on", 0, OPTION_FLAG, NULL, NULL, NULL, offsetof(struct render_args, hand_on)},
	/* the objects that the caller has checked; refuse all others */
	{"checked", 0, OPTION_STRING, "FILE", NULL, NULL, offsetof(struct render_args, checked)},
};
OPTION_TABLE(render_table, render_rows);
const struct option_table *const render_tables[] = {&render_table, &gate_options_table, &values_options_table,
						    &set_options_table, NULL};

/* Every non-zero outcome, when Helm 4 is the caller: it shows no stderr, but what it cannot parse. */
static int refuse(const struct render_args *a, const char *text, int code)
{
	struct buf out = BUF_TEXT;

	if (a->checked)
		checked_say(a->checked, code);
	if (!a->refuse_as || strcmp(a->refuse_as, "block-scalar") != 0) {
		fputs(text, stderr);
		return code;
	}
	report_block_scalar(text, &out);
	if (out.failed)
		code = print_out(SLICE("|\n  pxb-fed: refused, and out of memory\n"), EXIT_OK);
	else
		code = print_out(buf_slice(&out), EXIT_OK);
	buf_release(&out);
	return code; /* not 0 if not even the refusal could be written */
}

static int refuse_err(const struct render_args *a, const struct err *err)
{
	char text[sizeof(err->text) + 32];

	snprintf(text, sizeof(text), "pxb-fed: %s\n", err->text);
	state_forget(); /* the last report is not that of this run */
	return refuse(a, text, exit_code(err->status));
}

/* Helm discards the stderr of a successful post-renderer, and stores the values that were wrong. */
static void tell_terminal(const struct report *r)
{
	struct buf note = BUF_TEXT;
	cleanup_fd int tty = -1;

	report_terminal_note(r, &note);
	if (note.n && !note.failed)
		tty = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (tty >= 0) {
		struct err ignored = ERR_INIT;

		err_ignore(file_write_all(tty, buf_slice(&note), "/dev/tty", &ignored));
	}
	buf_release(&note);
}

/* --- between install, upgrade or template and Helm ------------------------------------------------------------- */

/* Hands the stream to the run that waits for it. Helm 4 must fail then; Helm 3 must not, to tell the hooks. */
static int capture_stdin(const struct render_args *a, struct err *err)
{
	cleanup_buf struct buf in = BUF_INIT(SIZE_MAX / 4); /* its limit is for that run to judge */

	if (file_read_fd(STDIN_FILENO, "<stdin>", &in, err) < 0 || capture_write(a->capture, buf_slice(&in), err) < 0)
		return refuse_err(a, err);
	return a->refuse_as ? EXIT_VIOLATIONS : print_out(SLICE("# captured\n"), EXIT_OK);
}

struct differences {
	struct gate *gate; /* decides what of a name may be shown */
	struct buf text;
	size_t n;
};

enum { DIFFERENCES_SHOWN = 5 };

static void tell_difference(void *arg, enum checked_change change, struct slice title)
{
	static const char *const words[] = {"changed", "new", "missing"};
	struct differences *d = arg;

	if (d->n++ < DIFFERENCES_SHOWN)
		buf_addf(&d->text, "%s%s (%s)", d->n > 1 ? ", " : "", gate_show(d->gate, title), words[change]);
}

/* What Helm renders the second time must be what was checked. */
static int compare_checked(const struct render_args *a, struct pass *p, struct err *err)
{
	struct differences d = {.gate = &p->gate, .text = BUF_TEXT};
	cleanup_buf struct buf list = BUF_INIT((size_t)256 << 20);
	long n;

	if (!a->checked)
		return 0;
	if (file_read(a->checked, &list, STATUS_FAILED, err) < 0)
		return err_wrap(err, "the list of checked objects");
	n = checked_compare(buf_slice(&list), &p->release, tell_difference, &d, err);
	if (n > 0)
		err_set(err, STATUS_REFUSED,
			"refused: Helm rendered %ld object%s this time that %s not checked: %s%s; the chart must "
			"render "
			"the "
			"same each time",
			n, n == 1 ? "" : "s", n == 1 ? "was" : "were", buf_str(&d.text),
			n > DIFFERENCES_SHOWN ? ", ..." : "");
	buf_release(&d.text);
	return err->status;
}

/* Helm 3 hands no hooks to a post-renderer, Helm 4 calls us with --refuse-as: hooks in any other stream come through a
   pipe, and whoever is at its end may not know what they are. */
static void tell_hooks(const struct render_args *a, const struct release *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->objects.n; i++)
		n += r->objects.v[i]->is_hook && !r->objects.v[i]->owner;
	if (n && !a->refuse_as)
		fprintf(stderr,
			"pxb-fed: note: %zu hook%s in the stream: Helm and Argo CD run hooks, to kubectl\n"
			"    they are ordinary objects\n",
			n, n == 1 ? "" : "s");
}

static int keep_output(const struct render_args *a, const struct pass *p, struct err *err)
{
	cleanup_fd int fd = capture_open(a->capture, err);

	return fd < 0 || edit_plan_write(&p->plan, &p->stream, fd, err) < 0 || capture_end(fd, err) < 0 ? err->status
													: 0;
}

/* The reports that somebody asked for, then the stream: all or nothing. The report of the last run comes last. */
static int finish(const struct render_args *a, const struct gate_setup *s, struct pass *p, double started,
		  struct err *err)
{
	struct report r = {.gate = &p->gate,
			   .stream = &p->stream,
			   .edits = p->plan.edits.v,
			   .edits_n = p->plan.edits.n,
			   .milliseconds = milliseconds_now() - started,
			   .verbose = s->verbose,
			   .color = wants_color(STDERR_FILENO) && !a->refuse_as,
			   .program = "pxb-fed"};
	cleanup_buf struct buf text = BUF_TEXT;
	int code = verdict_exit_code(p->gate.verdict);

	if (!a->refuse_as)
		use_width_of(STDERR_FILENO);
	report_text(&r, &text);
	if (text.failed)
		return refuse_err(a, (err_nomem(err), err));
	if (a->hand_on && code == EXIT_OK && keep_output(a, p, err) < 0)
		return refuse_err(a, err);
	if ((a->checked || a->hand_on) && code == EXIT_OK) /* the run that waits reports, hooks included */
		return edit_plan_write(&p->plan, &p->stream, STDOUT_FILENO, err) < 0
			       ? refuse_err(&(struct render_args){0}, err)
			       : EXIT_OK;
	if (gate_setup_report(s, &r, err) < 0)
		return refuse_err(a, err);
	if (code != EXIT_OK) {
		if (!a->hand_on) /* the run that waits looks at it again */
			state_save(&r);
		return refuse(a, buf_str(&text), code);
	}
	if (edit_plan_write(&p->plan, &p->stream, STDOUT_FILENO, err) < 0)
		return refuse_err(&(struct render_args){0}, err); /* a part is out: only the status can tell now */
	state_save(&r);						  /* nobody waits for it */
	if (!a->gate.quiet) {
		fputs(buf_str(&text), stderr);
		tell_hooks(a, &p->release);
		if (p->gate.verdict == VERDICT_PATCHED)
			tell_terminal(&r);
	}
	return EXIT_OK;
}

/* Wherever it stands: an error in an option before it must be heard too. */
static bool wants_block_scalar(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--refuse-as=block-scalar") == 0 ||
		    (i && strcmp(argv[i - 1], "--refuse-as") == 0 && strcmp(argv[i], "block-scalar") == 0))
			return true;
	return false;
}

static int render_stdin(const struct render_args *a, struct err *err)
{
	cleanup_gate_setup struct gate_setup setup = {0};
	cleanup_second_opinion struct second_opinion *so = NULL;
	cleanup_buf struct buf in = BUF_INIT(0);
	cleanup_pass struct pass pass = {0};
	double started = milliseconds_now();

	if (gate_setup_load(&setup, &a->gate, err) < 0)
		return refuse_err(a, err);
	in.cap = setup.pass.limits.bytes + 1;
	setup.pass.options.hooks_checked = a->checked || a->hand_on;
	pass_init(&pass, &setup.pass);
	if (!a->refuse_as)
		gate_setup_tell(&setup);
	if ((setup.pass.policy.second_opinion && second_opinion_new(&so, err) < 0) ||
	    file_read_fd(STDIN_FILENO, "<stdin>", &in, err) < 0 ||
	    (a->capture && capture_write(a->capture, buf_slice(&in), err) < 0) ||
	    pass_add(&pass, so, "<stdin>", buf_slice(&in), err) < 0 || pass_judge(&pass, &setup.pass, so, err) < 0 ||
	    compare_checked(a, &pass, err) < 0 || pass_repair(&pass, so, err) < 0)
		return refuse_err(a, err);
	return finish(a, &setup, &pass, started, err);
}

int cmd_render(const struct command *self, int argc, char **argv)
{
	struct render_args a = {0};
	void *const into[] = {&a, &a.gate, &a.gate, &a.gate.sets};
	cleanup_strings struct string_list rest = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	a.refuse_as = wants_block_scalar(argc, argv) ? "block-scalar" : NULL;
	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0 ||
	    (!help && rest.n &&
	     err_set(&err, STATUS_USAGE, "'render' reads standard input and takes no file: '%.60s'", rest.v[0]) < 0)) {
		code = a.refuse_as ? refuse_err(&a, &err) : fail_usage(self, &err);
	} else if (help) {
		code = cmd_help(self, 0, NULL);
	} else if (a.hand_on && !a.capture) {
		err_set(&err, STATUS_USAGE, "--hand-on goes with --capture: it is for our own use");
		code = refuse_err(&a, &err);
	} else if (isatty(STDIN_FILENO)) {
		err_set(&err, STATUS_USAGE,
			"reads a rendered stream from standard input: helm template ... | %s render", program_name());
		code = a.refuse_as ? refuse_err(&a, &err) : fail_usage(self, &err);
	} else {
		code = a.capture && !a.hand_on ? capture_stdin(&a, &err) : render_stdin(&a, &err);
	}
	gate_args_release(&a.gate);
	return code;
}
