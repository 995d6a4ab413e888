/*
 * ground.c: what comes before every workload: whether the API server answers, the namespace is there, the lists may be
 * read.
 */
#include "watch/judge.h"

static bool is_lost(const struct shelf *shelf)
{
	switch (shelf->kind) {
	case ANSWER_OK:
	case ANSWER_ABSENT:
	case ANSWER_NO_API:
	case ANSWER_FORBIDDEN:
		return false;
	default:
		return true;
	}
}

static const char *shelf_text(struct arena *a, enum resource_id r, const struct shelf *shelf)
{
	if (shelf->silent)
		return arena_printf(a, "it has not answered yet: the list of %s", resource_infos[r].name);
	return arena_printf(a, "%s%s%s%s", answer_meaning(shelf->kind), *shelf->text ? " (" : "", shelf->text,
			    *shelf->text ? ")" : "");
}

bool judge_ground(const struct snapshot *s, struct arena *a, struct picture *p)
{
	const struct node *ns = snapshot_find(s, RESOURCE_NAMESPACE, slice_str(s->ns));

	for (unsigned r = 0; r < RESOURCE_COUNT; r++) {
		const struct shelf *shelf = &s->shelf[r];

		if (resource_infos[r].need == ESSENTIAL && is_lost(shelf)) {
			p->thing = (struct trouble){.weight = TROUBLE_RETRIED,
						    .subject = "the API server",
						    .text = shelf_text(a, (enum resource_id)r, shelf)};
			return true;
		}
		if (resource_infos[r].need == ESSENTIAL && shelf->kind != ANSWER_OK) {
			p->stand = STAND_BLIND;
			p->thing =
				(struct trouble){.subject = arena_printf(a, "the list of %s", resource_infos[r].name),
						 .text = shelf_text(a, (enum resource_id)r, shelf)};
			return true;
		}
	}
	if (!ns && !s->namespace_seen && snapshot_knows(s, RESOURCE_NAMESPACE)) {
		p->thing =
			(struct trouble){.weight = TROUBLE_RETRIED,
					 .absence = true,
					 .subject = arena_printf(a, "Namespace %s", s->ns),
					 .text = "it does not exist",
					 .fix = "helm list --all-namespaces (it names the namespace of each release)"};
		return true;
	}
	if (node_at(ns, "metadata/deletionTimestamp") ||
	    (s->namespace_seen && !ns && snapshot_knows(s, RESOURCE_NAMESPACE))) {
		p->stand = STAND_FAILED;
		p->thing = (struct trouble){.weight = TROUBLE_FINAL,
					    .subject = arena_printf(a, "Namespace %s", s->ns),
					    .text = ns ? "it is being deleted" : "it was deleted"};
		return true;
	}
	return false;
}

void judge_unseen(const struct snapshot *s, struct arena *a, struct picture *p)
{
	cleanup_buf struct buf unseen = BUF_TEXT, silent = BUF_TEXT;

	for (unsigned r = 0; r < RESOURCE_COUNT; r++) {
		const struct shelf *shelf = &s->shelf[r];
		struct buf *to = shelf->silent ? &silent : shelf->kind == ANSWER_FORBIDDEN ? &unseen : NULL;

		if (to && resource_infos[r].need == CAUSES)
			buf_addf(to, "%s%s", to->n ? ", " : "", resource_infos[r].name);
	}
	if (unseen.failed || silent.failed)
		arena_fail(a);
	p->unseen = unseen.n ? arena_str(a, buf_slice(&unseen)) : NULL;
	p->silent = silent.n ? arena_str(a, buf_slice(&silent)) : NULL;
}
