/*
 * installation.c: which installation a report is about: what a person looks for first.
 */
#include "rules/locked.h"
#include "rules/settle.h"

static const char *shown(struct gate *g, struct slice text)
{
	return text.n ? gate_show(g, text) : NULL;
}

static void describe(struct gate *g, const struct lock *l, struct installation *i)
{
	*i = (struct installation){.release = shown(g, l->release_name),
				   .ns = shown(g, l->ns),
				   .chart = shown(g, l->chart),
				   .version = shown(g, l->chart_version),
				   .mode = lock_mode_name(l->mode),
				   .storage_class = shown(g, l->class_name),
				   .claims = l->claims.n,
				   .policy = g->policy->file ? shown(g, slice_str(g->policy->file)) : NULL,
				   .date = arena_str(&g->arena, slice_str(g->policy->today))};
	/* Judged before the repairs, which make it Federated or nothing. */
	if (g->verdict == VERDICT_PATCHED && l->mode != LOCK_FEDERATED)
		i->mode = "federated, repaired";
	g->installation = i;
}

int gate_settle_installation(struct gate *g, struct err *err)
{
	struct installation *i = ARENA_NEW(&g->arena, struct installation);
	const struct lock *now = locked_now(g);
	cleanup_lock struct lock l;

	lock_init(&l);
	if (!i)
		return err_nomem(err);
	if (!now && lock_from_release(&l, "now", g->release, err) < 0)
		return err->status;
	describe(g, now ? now : &l, i);
	return 0;
}
