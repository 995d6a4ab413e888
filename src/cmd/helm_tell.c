#include "cmd/helm_run.h"
#include "helm/plan.h"
#include "helm/show.h"
#include "report/helm.h"

#include <unistd.h>

int verdict_code(enum verdict v)
{
	return v == VERDICT_UNREADABLE ? EXIT_INPUT : v == VERDICT_REFUSED ? EXIT_VIOLATIONS : EXIT_OK;
}

void helm_note(struct helm_run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->args.gate.quiet)
		return;
	progress_clear(&r->progress);
	fputs("pxb-fed: note: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int helm_report(struct helm_run *r, struct err *err)
{
	struct report rep = {.gate = &r->pass.gate,
			     .stream = &r->pass.stream,
			     .edits = r->pass.plan.edits.v,
			     .edits_n = r->pass.plan.edits.n,
			     .milliseconds = milliseconds_now() - r->started,
			     .verbose = r->setup.verbose,
			     .color = wants_color(STDERR_FILENO),
			     .program = "pxb-fed"};
	cleanup_buf struct buf text = BUF_TEXT;

	report_text(&rep, &text);
	if (text.failed)
		return err_nomem(err);
	for (size_t i = 0; i < r->setup.targets_n; i++)
		if (report_write(&rep, &r->setup.targets[i], err) < 0)
			return err->status;
	state_save(&rep);
	progress_clear(&r->progress);
	if (!r->args.gate.quiet || verdict_code(r->pass.gate.verdict) != EXIT_OK)
		fputs(buf_str(&text), stderr);
	return 0;
}

static void add_more(struct arena *a, const char **more, size_t *n, const char *const *v, size_t v_n,
		     const char *before)
{
	for (size_t i = 0; i < v_n; i++)
		more[(*n)++] = arena_printf(a, "%s%s", before, v[i]);
}

void helm_tell_refused(struct helm_run *r)
{
	cleanup_mends struct mend_list m = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	const char **more;
	bool hidden;
	size_t n = 0;

	if (mends_collect(&m, &r->pass.gate, &err) < 0)
		return;
	more = arena_alloc(&m.arena, (m.sets.n + m.open.n + m.others.n + 1) * sizeof(*more));
	if (!more || m.sets.n + m.open.n + m.others.n == 0)
		return;
	add_more(&m.arena, more, &n, m.sets.v, m.sets.n, "--set ");
	add_more(&m.arena, more, &n, m.open.v, m.open.n, "--set ");
	add_more(&m.arena, more, &n, m.others.v, m.others.n, "");
	buf_adds(&out, "pxb-fed: the command with the values that are named above:\n\n");
	hidden = show_command(&r->line, program_name(), r->own, r->own_n, more, n, &out);
	buf_adds(&out, "\n\n");
	if (hidden)
		buf_adds(&out, "pxb-fed: put your own secrets in the place of '...'\n");
	if (m.open.n)
		buf_adds(&out, "pxb-fed: choose the value where it says NAME\n");
	if (!out.failed && !arena_failed(&m.arena))
		fputs(buf_str(&out), stderr);
}

static void put_edits(struct helm_run *r, struct buf *out)
{
	const struct edit_plan *p = &r->pass.plan;

	for (size_t i = 0; i < p->edits.n; i++) {
		const struct edit *e = &p->edits.v[i];

		if (i == 0)
			buf_adds(out, "  patched by the gate\n");
		buf_addf(out, "    %s %s: %s\n", e->operation, object_title(&r->pass.release, e->object), e->path);
	}
}

void helm_tell_plan(struct helm_run *r, struct buf *out)
{
	buf_addf(out, "plan: %s %s into namespace %s, Helm %s%s\n", helm_command_name(r->line.command),
		 r->line.name ? r->line.name : "", r->ns, r->version, r->cluster ? "" : ", without a cluster");
	plan_put(&r->pass.gate, out);
	put_edits(r, out);
	buf_addf(out, "  %s\n",
		 verdict_code(r->pass.gate.verdict) == EXIT_OK ? verdict_name(r->pass.gate.verdict)
							       : "refused: nothing of this would be installed");
}
