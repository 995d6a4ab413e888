#include "cluster/one.h"

enum { CLUSTER = 1, GRACE_SECONDS = 10, TEXT_MAX = 600 };

void kube_one_close(struct kube_one *o)
{
	kube_close(&o->kube);
}

static const char *why(enum answer_kind answer, struct slice text, struct arena *a)
{
	return arena_printf(a, "%s%s" SLICE_FMT, answer_meaning(answer), text.n ? ": " : "",
			    SLICE_ARG(slice_to(text, TEXT_MAX)));
}

const char *kube_get_why(const struct kube_get *g, struct arena *a)
{
	return why(g->answer, slice_str(g->text), a);
}

int kube_one_open(struct kube_one *o, const struct kube_target *t, unsigned seconds, struct arena *arena,
		  struct err *err)
{
	struct kube_event e;
	struct slice ns;

	*o = (struct kube_one){.kube = KUBE_INIT, .arena = arena, .seconds = seconds};
	if (kube_open(&o->kube, err) < 0 || kube_connect(&o->kube, CLUSTER, t, err) < 0 ||
	    kube_next(&o->kube, GRACE_SECONDS, &e, err) < 0)
		return err->status;
	if (e.answer != ANSWER_OK)
		o->why = why(e.answer, e.text, arena);
	o->warnings = "";
	for (struct seq_iter it = seq_iter_of(node_lookup(e.head, "warnings")); seq_next(&it);)
		o->warnings = arena_printf(arena, "%s" SLICE_FMT "\n", o->warnings, SLICE_ARG(node_string(it.item)));
	ns = node_string(node_lookup(e.head, "namespace"));
	o->ns = ns.n ? arena_str(arena, ns) : "default";
	return arena_failed(arena) ? err_nomem(err) : 0;
}

static int take(struct kube_one *o, struct kube_get *g, const struct kube_event *e, struct err *err)
{
	g->answer = e->answer;
	g->text = arena_str(o->arena, slice_to(e->text, TEXT_MAX));
	if (e->answer == ANSWER_OK)
		buf_add(&g->body, e->body);
	if (g->body.failed)
		return err_set(err, STATUS_HELPER, "the answer to '%s' is larger than the limit", g->path);
	return arena_failed(o->arena) ? err_nomem(err) : 0;
}

int kube_one_ask(struct kube_one *o, struct kube_get *v, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct kube_question q = {.path = v[i].path,
					  .list = v[i].list,
					  .metadata = v[i].metadata,
					  .fields = v[i].fields,
					  .needs = v[i].needs  ? v[i].needs
						   : v[i].list ? "items"
							       : "metadata",
					  .seconds = o->seconds};

		v[i].answer = ANSWER_NOT_ASKED;
		if (kube_ask(&o->kube, CLUSTER, (long)i, &q, err) < 0)
			return err->status;
	}
	return 0;
}

int kube_one_wait(struct kube_one *o, struct kube_get *v, size_t n, struct err *err)
{
	for (size_t left = n; left; left--) {
		struct kube_event e;

		if (kube_next(&o->kube, o->seconds + GRACE_SECONDS, &e, err) < 0)
			return err->status;
		if (e.kind != KUBE_ANSWERED || e.question < 0 || (size_t)e.question >= n)
			return err_set(err, STATUS_FAILED, "pxb-fed-kube answered what it was not asked");
		if (take(o, &v[e.question], &e, err) < 0)
			return err->status;
	}
	return 0;
}

int kube_one_get(struct kube_one *o, struct kube_get *v, size_t n, struct err *err)
{
	return kube_one_ask(o, v, n, err) < 0 || kube_one_wait(o, v, n, err) < 0 ? err->status : 0;
}

int kube_get_root(const struct kube_get *g, struct stream *s, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	limits.bytes = g->body.n + 1;
	stream_init(s, &limits);
	*root = NULL;
	if (g->answer != ANSWER_OK)
		return 0;
	if (stream_add(s, g->path, buf_slice(&g->body), err) < 0)
		return err->status;
	if (s->problems.n || s->documents.n != 1)
		return err_set(err, STATUS_HELPER, "what the API server answered to '%s' is not JSON", g->path);
	*root = s->documents.v[0].root;
	return 0;
}

bool kube_is_name(struct slice word)
{
	enum { NAME_MAX_BYTES = 253 };

	for (size_t i = 0; i < word.n; i++)
		if (!word.p[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", word.p[i]))
			return false;
	return word.n > 0 && word.n <= NAME_MAX_BYTES;
}
