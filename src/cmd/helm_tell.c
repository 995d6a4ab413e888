#include "cmd/helm_run.h"
#include "helm/show.h"
#include "report/chars.h"
#include "report/helm.h"
#include "rules/fixes.h"

#include <unistd.h>

int verdict_code(enum verdict v)
{
	return v == VERDICT_UNREADABLE ? EXIT_INPUT : v == VERDICT_REFUSED ? EXIT_VIOLATIONS : EXIT_OK;
}

static void put_wrapped(struct slice text)
{
	enum { INDENT = 3 };
	cleanup_buf struct buf lines = BUF_TEXT;

	wrap_put(text, 0, INDENT, &lines);
	fprintf(stderr, SLICE_FMT "\n", SLICE_ARG(lines.failed ? text : buf_slice(&lines)));
}

void helm_note(struct helm_run *r, const char *fmt, ...)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct arena *a = &r->line.arena;
	va_list ap;

	if (r->args.gate.quiet)
		return;
	va_start(ap, fmt);
	buf_addf(&text, "pxb-fed: note: %s", arena_vprintf(a, fmt, ap));
	va_end(ap);
	progress_clear(&r->progress);
	put_wrapped(buf_slice(&text));
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

	use_width_of(STDERR_FILENO);
	report_text(&rep, &text);
	if (text.failed)
		return err_nomem(err);
	if (gate_setup_report(&r->setup, &rep, err) < 0)
		return err->status;
	state_save(&rep);
	progress_clear(&r->progress);
	if (!r->args.gate.quiet || verdict_code(r->pass.gate.verdict) != EXIT_OK)
		fputs(buf_str(&text), stderr);
	return 0;
}

/* "7 claims of class px-csi-db" */
static void put_claims(const struct lock *l, struct buf *out)
{
	bool any = false;

	buf_addf(out, "%zu claim%s", l->claims.n, l->claims.n == 1 ? "" : "s");
	if (l->class_name.n) {
		buf_addf(out, " of class " SLICE_FMT, SLICE_ARG(l->class_name));
		return;
	}
	for (size_t i = 0; i < l->claims.n; i++) {
		bool known = !l->claims.v[i].class_name.n;

		for (size_t k = 0; k < i && !known; k++)
			known = slice_eq(l->claims.v[k].class_name, l->claims.v[i].class_name);
		if (!known)
			buf_addf(out, "%s" SLICE_FMT, any ? ", " : " of classes ",
				 SLICE_ARG(l->claims.v[i].class_name));
		any |= !known;
	}
}

/* The objects are those from before the repairs, which make it Federated or nothing. */
static const char *mode_words(const struct helm_run *r, enum lock_mode mode)
{
	if (mode != LOCK_FEDERATED && r->pass.gate.verdict == VERDICT_PATCHED)
		return "federated mode (repaired)";
	return arena_printf((struct arena *)(uintptr_t)&r->line.arena, "%s mode", lock_mode_name(mode));
}

int helm_tell_choices(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf line = BUF_TEXT;
	cleanup_lock struct lock l;

	lock_init(&l);
	if (r->line.command == HELM_TEMPLATE || r->args.gate.quiet)
		return 0;
	if (lock_from_release(&l, "now", &r->pass.release, err) < 0)
		return err->status;
	buf_addf(&line, "pxb-fed: %s release %s in namespace %s: " SLICE_FMT "%s" SLICE_FMT ", %s, ",
		 helm_installs(r) ? "install" : "upgrade", r->line.name ? r->line.name : "", r->ns,
		 SLICE_ARG(l.chart.n ? l.chart : SLICE("px-central")), l.chart_version.n ? " " : "",
		 SLICE_ARG(l.chart_version), mode_words(r, l.mode));
	put_claims(&l, &line);
	if (line.failed)
		return err_nomem(err);
	progress_clear(&r->progress);
	fprintf(stderr, "%s\n", buf_str(&line));
	return 0;
}

/* Options of Helm's that findings name beside the values. */
static void add_others(const struct gate *g, const char **more, size_t *n, size_t room)
{
	for (size_t i = 0; i < g->findings.n; i++)
		for (size_t k = 0; k < g->findings.v[i]->fixes.n && *n < room; k++) {
			const char *fix = g->findings.v[i]->fixes.v[k];
			bool known = false;

			for (size_t j = 0; j < *n; j++)
				known |= strcmp(more[j], fix) == 0;
			if (g->findings.v[i]->severity == SEVERITY_ERROR && !known &&
			    strncmp(fix, "--namespace ", 12) == 0)
				more[(*n)++] = fix;
		}
}

static bool show(struct helm_run *r, const char *const *more, size_t n, struct buf *out)
{
	const struct policy *p = &r->setup.pass.policy;
	struct show_rules rules = {.values = &r->setup.pass.values, .under = r->pass.gate.values_under};
	struct credential_custom *custom;
	struct err ignored = ERR_INIT;
	bool hidden;

	custom = credential_custom_new(p->credential_names.v, p->credential_names.n, p->credential_patterns.v,
				       p->credential_patterns.n, &ignored);
	rules.custom = custom;
	hidden = show_command(&r->line, program_name(), r->own.v, r->own.n, more, n, &rules, out);
	credential_custom_free(custom);
	return hidden;
}

void helm_tell_refused(struct helm_run *r)
{
	enum { OTHERS = 4 };
	cleanup_buf struct buf out = BUF_TEXT;
	struct set_fixes m;
	struct err err = ERR_INIT;
	const char **more, *slip;
	bool hidden;
	size_t n = 0;

	if (gate_set_fixes(&r->pass.gate, &r->line.arena, &m, &err) < 0)
		return;
	more = arena_alloc(&r->line.arena, (m.options.n + OTHERS) * sizeof(*more));
	for (; more && n < m.options.n; n++)
		more[n] = m.options.v[n];
	if (more)
		add_others(&r->pass.gate, more, &n, m.options.n + OTHERS);
	if (n == 0)
		return;
	/* A command that has to be changed before it can be run is not printed: people paste what they see. */
	slip = m.why_not ? NULL : helm_drop_replaced(r, &m);
	if (slip)
		m.why_not = arena_printf(&r->line.arena, "'%s' must be changed by hand",
					 gate_show_all(&r->pass.gate, slice_str(slip)));
	if (m.why_not) {
		fprintf(stderr, "pxb-fed: no corrected command: %s\n", m.why_not);
		return;
	}
	buf_addf(&out, "pxb-fed: corrected command%s:\n\n", m.unfixed ? " (some findings have no --set fix)" : "");
	hidden = show(r, more, n, &out);
	buf_adds(&out, "\n\n");
	if (hidden)
		buf_adds(&out, "pxb-fed: put your own values in the place of '...'\n");
	if (!out.failed)
		fputs(buf_str(&out), stderr);
}
