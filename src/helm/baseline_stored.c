/*
 * baseline_stored.c: the stored releases, read from Helm's own objects in the cluster. The list is asked for without
 * what the objects hold; of the few releases that matter the revisions are read.
 */
#include "helm/baseline_parts.h"
#include "helm/storage.h"

enum { AT_ONCE = 8 };

/* One release of the list: its newest revision, and the one that is compared. */
struct found {
	struct revision newest;
	const struct revision *deployed; /* NULL: none ever was, or it is the newest */
	bool newest_is_deployed;
	struct storage_release newest_is, deployed_is;
};

/* --- the list -------------------------------------------------------------------------------------------------- */

/* Everything else is history: it may be kept after the release is gone. */
static bool is_there(const struct revision *r)
{
	return strcmp(r->status, "deployed") == 0 || strcmp(r->status, "failed") == 0 ||
	       strcmp(r->status, "uninstalling") == 0 || slice_starts(slice_str(r->status), "pending-");
}

/* Neither the name nor the namespace of the one that is rendered: it cannot be taken for it. */
static bool is_far(const struct revision *r, const struct helm_call *h, const char *ns)
{
	return strcmp(r->ns, ns) != 0 && !(h->line->name && strcmp(r->name, h->line->name) == 0);
}

static int take_list(struct baseline *b, struct revisions *r, enum helm_outcome *outcome, struct err *err)
{
	const struct kube_get *all = &b->answers[BASELINE_RELEASES], *here = &b->answers[BASELINE_RELEASES_HERE];
	const struct kube_get *g = all->answer == ANSWER_OK ? all : here;

	*outcome = HELM_DONE;
	if (g->answer == ANSWER_OK) {
		if (g == here)
			baseline_note(b, ONLY_THIS_NAMESPACE);
		return storage_add(r, buf_slice(&g->body), &b->arena, err);
	}
	b->why = kube_get_why(g, &b->arena);
	*outcome = answer_is_lost(g->answer)	   ? HELM_NO_CLUSTER
		   : g->answer == ANSWER_FORBIDDEN ? HELM_FORBIDDEN
						   : HELM_REFUSED;
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

/* --- the revisions --------------------------------------------------------------------------------------------- */

static int open_answer(struct baseline *b, const struct kube_get *g, struct storage_release *out, struct err *err)
{
	if (g->answer != ANSWER_OK)
		return err_set(err, STATUS_HELPER, "the cluster was asked for '%s': %s", g->path,
			       kube_get_why(g, &b->arena));
	out->manifest = BUF_INIT((size_t)MANIFEST_BYTES);
	return storage_open(helm_driver(), buf_slice(&g->body), &b->arena, out, err);
}

static void put_question(struct baseline *b, const struct revision *r, struct kube_get *g)
{
	*g = (struct kube_get){.path = storage_path(helm_driver(), r, &b->arena),
			       .fields = storage_fields,
			       .body = BUF_INIT((size_t)ANSWER_BYTES)};
}

static int open_answers(struct baseline *b, struct found *v, size_t n, struct kube_get *g, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (open_answer(b, g++, &v[i].newest_is, err) < 0)
			return err->status;
		if (v[i].deployed && open_answer(b, g++, &v[i].deployed_is, err) < 0)
			return err->status;
	}
	return 0;
}

static int read_revisions(struct baseline *b, struct found *v, size_t n, struct err *err)
{
	struct kube_get gets[2 * AT_ONCE];
	size_t asked = 0;

	for (size_t i = 0; i < n; i++) {
		put_question(b, &v[i].newest, &gets[asked++]);
		if (v[i].deployed)
			put_question(b, v[i].deployed, &gets[asked++]);
	}
	if (arena_failed(&b->arena))
		err_nomem(err);
	else if (kube_one_get(&b->one, gets, asked, err) == 0)
		open_answers(b, v, n, gets, err);
	for (size_t i = 0; i < asked; i++)
		buf_release(&gets[i].body);
	return err->status;
}

static int keep(struct baseline *b, const struct helm_call *h, const char *ns, struct found *f, struct err *err)
{
	struct storage_release *compared = f->deployed ? &f->deployed_is : &f->newest_is;
	struct installed i = {.name = f->newest.name,
			      .ns = f->newest.ns,
			      .chart = f->newest_is.chart,
			      .status = f->newest.status,
			      .revision = ""};
	struct installed *slot;

	if (!baseline_concerns(&i, h, ns))
		return 0;
	slot = VEC_PUSH(&b->arena, b->releases);
	if (!slot)
		return err_nomem(err);
	*slot = i;
	if (!f->deployed && !f->newest_is_deployed)
		return 0;
	slot->revision = arena_printf(&b->arena, "%lu", f->deployed ? f->deployed->number : f->newest.number);
	slot->state = baseline_state(b);
	if (!slot->state)
		return err_nomem(err);
	slot->state->source = baseline_title(b, slot);
	slot->state->text = compared->manifest;
	compared->manifest = (struct buf){0};
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

static int take_some(struct baseline *b, const struct helm_call *h, const char *ns, struct found *v, size_t n,
		     struct err *err)
{
	int rc = read_revisions(b, v, n, err);

	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = keep(b, h, ns, &v[i], err);
		buf_release(&v[i].newest_is.manifest);
		buf_release(&v[i].deployed_is.manifest);
	}
	return rc;
}

int releases_of_cluster(struct baseline *b, const struct helm_call *h, const char *ns, enum helm_outcome *outcome,
			struct err *err)
{
	struct revisions r = {0};
	struct found some[AT_ONCE];
	size_t n = 0;

	if (take_list(b, &r, outcome, err) < 0)
		return err->status;
	for (size_t i = 0; i < r.all.n; i++) {
		const struct revision *v = &r.all.v[i], *deployed;

		if (is_far(v, h, ns) || storage_newest(&r, v->ns, v->name) != v || !is_there(v))
			continue;
		deployed = storage_deployed(&r, v->ns, v->name);
		some[n++] = (struct found){.newest = *v,
					   .deployed = deployed == v ? NULL : deployed,
					   .newest_is_deployed = deployed == v};
		if (n == AT_ONCE) {
			if (take_some(b, h, ns, some, n, err) < 0)
				return err->status;
			n = 0;
		}
	}
	return n ? take_some(b, h, ns, some, n, err) : 0;
}
