/*
 * lock_history.c: differences in words, and a lock that goes on from an older one.
 */
#include "lock/canonical.h"
#include "lock/lock.h"

#include <time.h>

static const char *const field_names[] = {
	[LOCK_FIELD_MODE] = "mode",
	[LOCK_FIELD_CHART] = "chart",
	[LOCK_FIELD_NAMESPACE] = "namespace",
	[LOCK_FIELD_RELEASE_NAME] = "releaseName",
	[LOCK_FIELD_ENCRYPTION] = "encryptMongoDB",
	[LOCK_FIELD_CLAIM] = "claim",
	[LOCK_FIELD_CLAIM_NAME] = "name",
	[LOCK_FIELD_CLASS] = "storageClassName",
	[LOCK_FIELD_SIZE] = "size",
	[LOCK_FIELD_ACCESS_MODES] = "accessModes",
	[LOCK_FIELD_TEMPLATE] = "rest",
	[LOCK_FIELD_WORKLOAD] = "object",
	[LOCK_FIELD_SELECTOR] = "selector",
	[LOCK_FIELD_SERVICE_NAME] = "serviceName",
	[LOCK_FIELD_POD_MANAGEMENT] = "podManagementPolicy",
};

void lock_difference_text(const struct lock_difference *d, struct buf *out)
{
	const struct lock_claim *c = d->old_claim ? d->old_claim : d->claim;
	const struct lock_workload *w = d->old_workload ? d->old_workload : d->workload;

	if (c)
		buf_addf(out, SLICE_FMT "/" SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(c->kind), SLICE_ARG(c->object),
			 c->name.n ? " " : "", SLICE_ARG(c->name));
	if (w)
		buf_addf(out, SLICE_FMT "/" SLICE_FMT, SLICE_ARG(w->kind), SLICE_ARG(w->name));
	if (d->field == LOCK_FIELD_CLAIM || d->field == LOCK_FIELD_WORKLOAD) {
		/* A PersistentVolumeClaim is its own; of others the claim goes, not what has it. */
		buf_addf(out, "%s%s", c && !slice_is(c->kind, "PersistentVolumeClaim") ? " claim" : "",
			 d->before.n ? " removed" : " added");
		return;
	}
	buf_addf(out, "%s%s ", c || w ? " " : "", field_names[d->field]);
	buf_add(out, d->before.n ? d->before : SLICE("(none)"));
	buf_adds(out, " -> ");
	buf_add(out, d->after.n ? d->after : SLICE("(none)"));
}

static void today(char out[11])
{
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) || strftime(out, 11, "%Y-%m-%d", &utc) != 10)
		memcpy(out, "1970-01-01", 11);
}

static void copy_entry(struct arena *a, struct lock_entry *to, const struct lock_entry *from)
{
	to->date = canonical_keep(a, from->date);
	to->reason = canonical_keep(a, from->reason);
	for (size_t i = 0; i < from->changes.n; i++) {
		struct slice *slot = VEC_PUSH(a, to->changes);

		if (slot)
			*slot = canonical_keep(a, from->changes.v[i]);
	}
}

static void add_entry(struct lock *l, const struct lock_differences *d, struct slice reason)
{
	struct lock_entry *e = VEC_PUSH(&l->arena, l->history);
	char date[11];

	if (!e)
		return;
	today(date);
	e->date = canonical_keep(&l->arena, slice_str(date));
	e->reason = canonical_keep(&l->arena, reason);
	for (size_t i = 0; i < d->v.n; i++) {
		struct slice *slot = VEC_PUSH(&l->arena, e->changes);
		struct buf text = BUF_TEXT;

		lock_difference_text(&d->v.v[i], &text);
		if (slot && !text.failed)
			*slot = canonical_keep(&l->arena, buf_slice(&text));
		l->arena.failed |= text.failed;
		buf_release(&text);
	}
}

int lock_continue(struct lock *now, const struct lock *old, const struct lock_differences *d, struct slice reason,
		  struct err *err)
{
	for (size_t i = 0; i < old->history.n; i++) {
		struct lock_entry *e = VEC_PUSH(&now->arena, now->history);

		if (e)
			copy_entry(&now->arena, e, &old->history.v[i]);
	}
	add_entry(now, d, reason);
	if (now->encryption == LOCK_SWITCH_UNKNOWN)
		now->encryption = old->encryption;
	/* The archive of another version is another archive. */
	if (!now->chart_sha256.n && (!now->chart.n || slice_eq(now->chart_version, old->chart_version)))
		now->chart_sha256 = canonical_keep(&now->arena, old->chart_sha256);
	if (!now->chart.n) {
		now->chart = canonical_keep(&now->arena, old->chart);
		now->chart_version = canonical_keep(&now->arena, old->chart_version);
	}
	return arena_failed(&now->arena) ? err_nomem(err) : 0;
}
