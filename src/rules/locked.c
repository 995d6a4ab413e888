#include "rules/locked.h"

#include "rules/places.h"

/* What the installation is now, and what each lock would have to say about it. */
struct locked {
	struct err err; /* of the making */
	struct lock now;
	struct lock_differences *v; /* one for each lock */
	size_t n;
};

static void compare_all(struct gate *g, struct locked *k)
{
	if ((g->options.live ? lock_from_cluster(&k->now, "the cluster", g->options.locks[0]->release_name.p,
						 g->release, &k->err)
			     : lock_from_release(&k->now, "the stream", g->release, &k->err)) < 0)
		return;
	k->v = calloc(g->options.locks_n, sizeof(*k->v));
	if (!k->v) {
		err_nomem(&k->err);
		return;
	}
	for (; k->n < g->options.locks_n; k->n++) {
		lock_differences_init(&k->v[k->n]);
		if (lock_compare(&k->v[k->n], g->options.locks[k->n], &k->now, &k->err) < 0) {
			lock_differences_release(&k->v[k->n]);
			return;
		}
	}
}

/* NULL when there is no lock, or memory was short: locked_check() says so. */
static const struct locked *locked_of(struct gate *g)
{
	if (!g->options.locks_n)
		return NULL;
	if (!g->locked) {
		g->locked = ARENA_NEW(&g->arena, struct locked);
		if (!g->locked)
			return NULL;
		lock_init(&g->locked->now);
		compare_all(g, g->locked);
	}
	return g->locked->err.status ? NULL : g->locked;
}

const struct lock *locked_now(struct gate *g)
{
	const struct locked *k = locked_of(g);

	return k ? &k->now : NULL;
}

int locked_check(struct gate *g, struct err *err)
{
	const struct locked *k = locked_of(g);

	if (!g->options.locks_n)
		return 0;
	if (!k)
		return err_nomem(err);
	for (size_t i = 0; i < g->options.locks_n; i++) {
		const struct lock *l = g->options.locks[i];

		if (lock_is_of_another(l, &k->now))
			return err_set(err, STATUS_USAGE,
				       "'%s' is the lock of another installation: release " SLICE_FMT
				       " in namespace " SLICE_FMT ", and this is " SLICE_FMT " in " SLICE_FMT
				       "; name the right one with --lock FILE",
				       l->source, SLICE_ARG(l->release_name), SLICE_ARG(l->ns),
				       SLICE_ARG(k->now.release_name), SLICE_ARG(k->now.ns));
	}
	return 0;
}

void locked_release(struct gate *g)
{
	if (!g->locked)
		return;
	for (size_t i = 0; i < g->locked->n; i++)
		lock_differences_release(&g->locked->v[i]);
	free(g->locked->v);
	lock_release(&g->locked->now);
	g->locked = NULL;
}

static bool same_claim(const struct lock_claim *a, const struct lock_claim *b)
{
	return a == b ||
	       (a && b && slice_eq(a->kind, b->kind) && slice_eq(a->object, b->object) && slice_eq(a->name, b->name));
}

static bool same_workload(const struct lock_workload *a, const struct lock_workload *b)
{
	return a == b || (a && b && slice_eq(a->kind, b->kind) && slice_eq(a->name, b->name));
}

static bool same_difference(const struct lock_difference *a, const struct lock_difference *b)
{
	return a->field == b->field && a->weight == b->weight && slice_eq(a->before, b->before) &&
	       slice_eq(a->after, b->after) && a->claim == b->claim && a->workload == b->workload &&
	       same_claim(a->old_claim, b->old_claim) && same_workload(a->old_workload, b->old_workload);
}

/* The lock in git and the installed release agree on most: the first that has a difference speaks for the others. */
static bool is_repeated(const struct locked *k, size_t lock, const struct lock_difference *d)
{
	for (size_t i = 0; i < lock; i++)
		for (size_t j = 0; j < k->v[i].v.n; j++)
			if (same_difference(&k->v[i].v.v[j], d))
				return true;
	return false;
}

void locked_each(struct gate *g, difference_fn fn)
{
	const struct locked *k = locked_of(g);

	for (size_t i = 0; k && i < k->n; i++)
		for (size_t j = 0; j < k->v[i].v.n; j++)
			if (!is_repeated(k, i, &k->v[i].v.v[j]))
				fn(g, g->options.locks[i], &k->v[i].v.v[j]);
}

static const char *show(struct gate *g, struct slice text)
{
	return text.n ? gate_show(g, text) : "none";
}

struct finding *locked_find(struct gate *g, const struct lock_difference *d, const struct object *o,
			    const struct node *node)
{
	struct finding *f = gate_find(g, o, node);

	f->found = show(g, d->after);
	f->expected = show(g, d->before);
	return f;
}

enum lock_mode locked_mode(struct gate *g)
{
	const struct locked *k = locked_of(g);

	return k ? k->now.mode : LOCK_MODE_UNKNOWN;
}
