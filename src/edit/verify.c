/*
 * verify.c: the new bytes mean what the repairs promised, and nothing else.
 */
#include "edit/edit.h"

static int disagree(struct err *err, const struct document *d, const char *what)
{
	return err_set(err, STATUS_FAILED,
		       "internal error: after the repair %s (document at byte %u); nothing was written", what,
		       d->start);
}

/* Parses the new bytes of document i and compares them with the changed tree. */
static int reread(struct edit_plan *p, size_t i, struct err *err)
{
	const struct document *d = &p->stream->documents.v[i];
	struct slice text = edit_plan_text(p, d->input, d->start, d->end);
	size_t before = p->fresh.documents.n;
	const struct document *now;

	if (arena_failed(&p->arena))
		return err_nomem(err);
	if (stream_add(&p->fresh, d->input->name, text, err) < 0)
		return err->status;
	if (p->fresh.problems.n || p->fresh.documents.n != before + 1)
		return disagree(err, d, "a document cannot be read");
	now = &p->fresh.documents.v[before];
	if (!now->root || !node_equal(now->root, d->root))
		return disagree(err, d, "a document reads differently than intended");
	return 0;
}

static int second_reader(struct edit_plan *p, struct second_opinion *so, struct err *err)
{
	if (!so)
		return 0;
	if (second_opinion_begin(so, &p->fresh, err) < 0 || second_opinion_finish(so, &p->fresh, err) < 0)
		return err->status;
	if (p->fresh.problems.n)
		return err_set(err, STATUS_FAILED,
			       "internal error: the second reader differs on a repaired document; nothing was written");
	return 0;
}

/* The stream as it will be: unchanged documents as they were read, changed ones as they were read again. */
static int assemble(struct edit_plan *p, struct err *err)
{
	size_t fresh = 0;

	for (size_t i = 0; i < p->stream->documents.n; i++) {
		const struct document *from = &p->stream->documents.v[i];
		struct document *d;

		if (p->deleted[i])
			continue;
		if (p->changed[i])
			from = &p->fresh.documents.v[fresh++];
		d = VEC_PUSH(&p->after.arena, p->after.documents);
		if (!d)
			return err_nomem(err);
		*d = *from;
	}
	return 0;
}

static int rules_again(struct edit_plan *p, const struct gate *g, struct err *err)
{
	cleanup_release struct release rel;
	cleanup_gate struct gate again;

	release_init(&rel);
	gate_init(&again, &g->options);
	if (release_build(&rel, &p->after, err) < 0 || gate_run(&again, &rel, g->policy, g->values, err) < 0)
		return err->status;
	for (size_t i = 0; i < again.findings.n; i++) {
		const struct finding *f = again.findings.v[i];

		/* A repair may uncover what it does not fix: then the whole run is refused, with that finding. */
		if (f->patchable || (f->severity == SEVERITY_ERROR && !f->excepted))
			return err_set(err, STATUS_REFUSED,
				       "refused: after the repair %s still finds: %s; nothing was written",
				       rule_infos[f->rule].id, f->message);
	}
	return 0;
}

int edit_plan_verify(struct edit_plan *p, const struct gate *g, struct second_opinion *so, struct err *err)
{
	if (so)
		p->fresh.digest_secret = second_opinion_secret(so);
	for (size_t i = 0; i < p->stream->documents.n; i++)
		if (p->changed[i] && !p->deleted[i] && reread(p, i, err) < 0)
			return err->status;
	if (second_reader(p, so, err) < 0 || assemble(p, err) < 0)
		return err->status;
	return rules_again(p, g, err);
}
