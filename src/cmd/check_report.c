/*
 * check_report.c: the one report of several inputs.
 */
#include "cmd/check_run.h"

#include "cmd/cmd.h"

#include <unistd.h>

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
		note->message = "no input contains a Kubernetes object, so nothing was checked";
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
	all->installation = n == 1 && o[0].has_view ? o[0].view.installation : NULL;
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

int check_report(const struct job *j, double started, struct err *err)
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
	if (j->setup->pass.options.scope == GATE_VALUES)
		all.values_files = j->args->gate.values_files.n;
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
