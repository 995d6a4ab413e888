#include "checks/survey.h"

#include "checks/saved.h"

enum { GRACE_SECONDS = 20 };

enum stage { STAGE_IDLE, STAGE_CONNECTING, STAGE_FIRST, STAGE_LATER, STAGE_DONE };

struct asked {
	struct facts facts;
	enum stage stage;
	size_t open; /* questions without an answer */
};

struct run {
	const struct survey *s;
	const struct survey_cluster *clusters;
	struct asked *v;
	size_t n, next, busy;
	struct kube kube;
};

static void begin_facts(const struct survey *s, const struct survey_cluster *c, struct facts *f)
{
	facts_init(f, c->name);
	f->px_namespace = s->px_namespace;
	f->demands = s->demands;
	f->more = s->more;
}

static int finish(struct run *r, size_t i, struct err *err)
{
	const struct survey *s = r->s;
	struct asked *a = &r->v[i];
	int rc = 0;

	a->stage = STAGE_DONE;
	r->busy--;
	if (s->save)
		rc = saved_write(s->save, &a->facts, s->command, err);
	if (rc == 0)
		rc = checks_run(&a->facts, s->command, err);
	if (rc == 0)
		rc = s->done(s, &r->clusters[i], &a->facts, err);
	facts_release(&a->facts);
	return rc;
}

static int ask(struct run *r, size_t i, enum question_when when, struct err *err)
{
	struct asked *a = &r->v[i];
	const struct question_info *info;

	for (unsigned q = 0; q < QUESTION_COUNT; q++) {
		struct kube_question question = {.seconds = r->s->seconds};

		info = &question_infos[q];
		if (!facts_asks(&a->facts, (enum question_id)q, r->s->command, when) ||
		    (r->s->asks && !r->s->asks(r->s, (enum question_id)q)))
			continue;
		question.path = facts_path(&a->facts, (enum question_id)q);
		if (!question.path)
			continue;
		a->facts.v[q].path = question.path;
		question.list = info->form == LIST;
		question.needs = info->needs;
		question.fields = info->fields;
		if (kube_ask(&r->kube, (long)i, (long)q, &question, err) < 0)
			return err->status;
		a->open++;
	}
	a->stage = when == FIRST ? STAGE_FIRST : STAGE_LATER;
	return 0;
}

/* A cluster that cannot be asked at all is asked no more. */
static bool is_lost(const struct facts *f)
{
	enum answer_kind kind = f->v[Q_VERSION].kind;

	return f->v[Q_VERSION].asked && (answer_is_of_cluster(kind) || kind == ANSWER_DEADLINE);
}

static int lose(struct run *r, size_t i, enum answer_kind kind, struct slice text, struct err *err)
{
	struct facts *f = &r->v[i].facts;

	for (unsigned q = 0; q < QUESTION_COUNT; q++)
		if ((question_infos[q].commands & r->s->command) && !f->v[q].asked &&
		    facts_take(f, (enum question_id)q, kind, text, SLICE_EMPTY, err) < 0)
			return err->status;
	return finish(r, i, err);
}

static int step(struct run *r, size_t i, struct err *err)
{
	struct asked *a = &r->v[i];

	if (a->open)
		return 0;
	if (is_lost(&a->facts))
		return lose(r, i, a->facts.v[Q_VERSION].kind, slice_str(a->facts.v[Q_VERSION].text), err);
	if (a->stage == STAGE_FIRST) {
		if (ask(r, i, LATER, err) < 0)
			return err->status;
		if (a->open)
			return 0;
	}
	return finish(r, i, err);
}

static int connect_next(struct run *r, struct err *err)
{
	size_t parallel = r->s->parallel ? r->s->parallel : 1;

	while (r->next < r->n && r->busy < parallel) {
		size_t i = r->next++;

		begin_facts(r->s, &r->clusters[i], &r->v[i].facts);
		r->v[i].stage = STAGE_CONNECTING;
		r->busy++;
		if (kube_connect(&r->kube, (long)i, &r->clusters[i].target, err) < 0)
			return err->status;
	}
	return 0;
}

static int connected(struct run *r, size_t i, const struct kube_event *e, struct err *err)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(e->head, "warnings")); seq_next(&it);)
		if (r->s->warning && r->s->warning(r->s, &r->clusters[i], node_string(it.item), err) < 0)
			return err->status;
	if (e->answer != ANSWER_OK)
		return lose(r, i, e->answer, e->text, err);
	return ask(r, i, FIRST, err);
}

static int take_event(struct run *r, const struct kube_event *e, struct err *err)
{
	size_t i = (size_t)e->cluster;

	if (i >= r->n)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube answered for a cluster that was not asked");
	if (e->kind == KUBE_CONNECTED)
		return connected(r, i, e, err);
	if (e->kind != KUBE_ANSWERED || e->question >= QUESTION_COUNT || !r->v[i].open)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube answered what was not asked");
	r->v[i].open--;
	if (facts_take(&r->v[i].facts, (enum question_id)e->question, e->answer, e->text, e->body, err) < 0)
		return err->status;
	return step(r, i, err);
}

static int run_live(struct run *r, struct err *err)
{
	struct kube_event event;
	int rc = kube_open(&r->kube, err);

	while (rc == 0 && (r->busy || r->next < r->n)) {
		rc = connect_next(r, err);
		if (rc == 0)
			rc = kube_next(&r->kube, r->s->seconds + GRACE_SECONDS, &event, err);
		if (rc == 0)
			rc = take_event(r, &event, err);
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].stage != STAGE_IDLE && r->v[i].stage != STAGE_DONE)
			facts_release(&r->v[i].facts);
	kube_close(&r->kube);
	return rc;
}

static int run_saved(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		r->busy++;
		begin_facts(r->s, &r->clusters[i], &r->v[i].facts);
		if (saved_read(r->clusters[i].folder, &r->v[i].facts, r->s->command, err) < 0) {
			facts_release(&r->v[i].facts);
			return err->status;
		}
		if (finish(r, i, err) < 0)
			return err->status;
	}
	return 0;
}

int survey_run(const struct survey *s, const struct survey_cluster *clusters, size_t n, struct err *err)
{
	struct run r = {.s = s, .clusters = clusters, .n = n, .kube = KUBE_INIT};
	int rc;

	if (!n)
		return 0;
	r.v = calloc(n, sizeof(*r.v));
	if (!r.v)
		return err_nomem(err);
	rc = clusters[0].folder ? run_saved(&r, err) : run_live(&r, err);
	free(r.v);
	return rc;
}
