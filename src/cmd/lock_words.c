/*
 * lock_words.c: locks and their differences in words.
 */
#include "cmd/lock_run.h"

static const char *s(size_t n)
{
	return n == 1 ? "" : "s";
}

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

	buf_addf(out, "\n%zu claim%s\n", l->claims.n, s(l->claims.n));
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
	buf_addf(out, "\n%zu StatefulSet%s, %zu Deployment%s, %zu Job%s\n", sets, s(sets), deployments, s(deployments),
		 jobs, s(jobs));
	for (size_t i = 0; i < l->history.n; i++)
		buf_addf(out, "%s" SLICE_FMT "  " SLICE_FMT " (%zu change%s)\n", i ? "" : "\n",
			 SLICE_ARG(l->history.v[i].date), SLICE_ARG(l->history.v[i].reason), l->history.v[i].changes.n,
			 s(l->history.v[i].changes.n));
}

void lock_say(const struct lock *l, struct buf *out)
{
	say_choices(l, out);
	say_claims(l, out);
	say_rest(l, out);
}

static const char *mark(const struct lock_difference *d)
{
	if (d->weight == LOCK_NEVER)
		return "!";
	if (d->weight == LOCK_RECREATE)
		return "?";
	return d->field != LOCK_FIELD_CLAIM && d->field != LOCK_FIELD_WORKLOAD ? "~" : d->before.n ? "-" : "+";
}

void lock_say_differences(const struct lock_differences *d, enum lock_weight from, struct buf *out)
{
	for (size_t i = 0; i < d->v.n; i++) {
		if (d->v.v[i].weight < from)
			continue;
		buf_addf(out, "%s ", mark(&d->v.v[i]));
		lock_difference_text(&d->v.v[i], out);
		buf_addc(out, '\n');
	}
}
