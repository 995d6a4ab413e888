#include "checks/survey.h"

#include "base/base64.h"
#include "base/clock.h"
#include "checks/matrix.h"
#include "checks/saved.h"

enum { GRACE_MS = 20000, SILENT_MS = 1000, LOOK_MS = 100, TICKET_SECONDS = 600 };

enum stage { STAGE_TICKET, STAGE_CONNECTING, STAGE_FIRST, STAGE_LATER };

/* A cluster between its turn and its result. */
struct asked {
	struct asked *next;
	size_t index;
	struct facts facts;
	enum stage stage;
	size_t open;		/* questions without an answer */
	long long until, heard; /* monotonic milliseconds; of the last answer */
};

struct run {
	const struct survey *s;
	const struct survey_cluster *clusters;
	struct asked **v; /* by the cluster's index; NULL: not now */
	struct asked *live;
	size_t n, next, live_n;
	struct kube kube;
};

static void begin_facts(const struct survey *s, const struct survey_cluster *c, struct facts *f)
{
	facts_init(f, c->name);
	f->px_namespace = s->px_namespace;
	f->demands = s->demands;
	f->more = s->more;
}

static struct asked *begin(struct run *r, size_t i, struct err *err)
{
	struct asked *a = calloc(1, sizeof(*a));

	if (!a) {
		err_nomem(err);
		return NULL;
	}
	a->index = i;
	a->heard = monotonic_ms();
	a->until = a->heard + (long long)r->s->seconds * 1000;
	a->next = r->live;
	r->live = r->v[i] = a;
	r->live_n++;
	begin_facts(r->s, &r->clusters[i], &a->facts);
	return a;
}

static void end(struct run *r, struct asked *a)
{
	struct asked **p = &r->live;

	while (*p != a)
		p = &(*p)->next;
	*p = a->next;
	r->v[a->index] = NULL;
	r->live_n--;
	facts_release(&a->facts);
	free(a);
}

static int finish(struct run *r, size_t i, struct err *err)
{
	const struct survey *s = r->s;
	struct asked *a = r->v[i];
	int rc;

	/* Results count more than the answers behind them. */
	if (s->save && !s->late->status)
		err_ignore(saved_write(s->save, &a->facts, s->command, s->late));
	rc = checks_run(&a->facts, s->command, err);
	if (rc == 0)
		rc = s->done(s, &r->clusters[i], &a->facts, err);
	if (rc == 0 && r->kube.pid)
		rc = kube_disconnect(&r->kube, (long)i, err);
	end(r, a);
	return rc;
}

/* What is left of the cluster's time, for the helper in whole seconds. */
static unsigned seconds_left(const struct asked *a)
{
	long long left = (a->until - monotonic_ms() + 999) / 1000;

	return left > 1 ? (unsigned)left : 1;
}

static int ask(struct run *r, size_t i, enum question_when when, struct err *err)
{
	struct asked *a = r->v[i];
	const struct question_info *info;

	for (unsigned q = 0; q < QUESTION_COUNT; q++) {
		struct kube_question question = {.seconds = seconds_left(a)};

		info = &question_infos[q];
		if (!facts_asks(&a->facts, (enum question_id)q, r->s->command, when) ||
		    (r->s->asks && !r->s->asks(r->s, (enum question_id)q)))
			continue;
		question.path = facts_path(&a->facts, (enum question_id)q);
		if (!question.path)
			continue;
		a->facts.v[q].path = question.path;
		question.list = info->form != OBJECT;
		question.metadata = info->form == METADATA;
		question.needs = info->needs;
		question.fields = info->fields;
		if (kube_ask(&r->kube, (long)i, (long)q, &question, err) < 0)
			return err->status;
		a->open++;
	}
	a->stage = when == FIRST ? STAGE_FIRST : STAGE_LATER;
	return 0;
}

static int lose(struct run *r, size_t i, enum answer_kind kind, struct slice text, struct err *err)
{
	struct facts *f = &r->v[i]->facts;

	for (unsigned q = 0; q < QUESTION_COUNT; q++)
		if ((question_infos[q].commands & r->s->command) && !f->v[q].asked &&
		    (question_infos[q].when != MADE || r->s->dry_run) &&
		    facts_take(f, (enum question_id)q, kind, text, SLICE_EMPTY, err) < 0)
			return err->status;
	return finish(r, i, err);
}

static int step(struct run *r, size_t i, struct err *err)
{
	struct asked *a = r->v[i];

	if (a->open)
		return 0;
	if (facts_are_lost(&a->facts)) /* it is asked no more */
		return lose(r, i, a->facts.v[Q_VERSION].kind, slice_str(a->facts.v[Q_VERSION].text), err);
	if (a->stage == STAGE_FIRST) {
		if (ask(r, i, LATER, err) < 0)
			return err->status;
		if (a->open)
			return 0;
	}
	if (r->s->dry_run &&
	    dry_run_ask(r->s->dry_run, &r->kube, (long)i, seconds_left(a), &a->facts, &a->open, err) < 0)
		return err->status;
	return a->open ? 0 : finish(r, i, err);
}

/* --- whose turn it is ------------------------------------------------------------------------------------------ */

/* Clusters that answer, or have not had a second to. */
static size_t busy(const struct run *r)
{
	long long now = monotonic_ms();
	size_t n = 0;

	for (const struct asked *a = r->live; a; a = a->next)
		n += now - a->heard < SILENT_MS;
	return n;
}

static bool has_room(const struct run *r)
{
	size_t parallel = r->s->parallel ? r->s->parallel : 1;

	/* A cluster beyond the helper's connections would wait in a queue while its deadline passes. */
	return !r->live_n || (r->live_n < r->kube.connections && (r->live_n < parallel || busy(r) < parallel));
}

/* Gardener gives a kubeconfig for some minutes: it is asked for when the cluster's turn comes. */
static int ask_ticket(struct run *r, size_t i, struct err *err)
{
	static const char *const fields[] = {"status/kubeconfig", NULL};
	cleanup_buf struct buf body = BUF_TEXT;
	struct kube_question q = {.path = r->clusters[i].ticket,
				  .needs = "status",
				  .fields = fields,
				  .seconds = seconds_left(r->v[i])};

	buf_addf(&body,
		 "{\"apiVersion\":\"authentication.gardener.cloud/v1alpha1\",\"kind\":\"ViewerKubeconfigRequest\","
		 "\"spec\":{\"expirationSeconds\":%d}}",
		 TICKET_SECONDS);
	q.post = buf_slice(&body);
	r->v[i]->stage = STAGE_TICKET;
	return body.failed ? err_nomem(err) : kube_ask(&r->kube, (long)r->n, (long)i, &q, err);
}

static int connect_to(struct run *r, size_t i, const struct kube_target *t, struct err *err)
{
	r->v[i]->stage = STAGE_CONNECTING;
	return kube_connect(&r->kube, (long)i, t, err);
}

static int connect_next(struct run *r, struct err *err)
{
	while (r->next < r->n && has_room(r)) {
		size_t i = r->next++;
		const struct survey_cluster *c = &r->clusters[i];

		if (!begin(r, i, err))
			return err->status;
		if ((c->excuse	 ? lose(r, i, ANSWER_NOT_ASKED, slice_str(c->excuse), err)
		     : c->ticket ? ask_ticket(r, i, err)
				 : connect_to(r, i, &c->target, err)) < 0)
			return err->status;
	}
	return 0;
}

/* --- what comes back ------------------------------------------------------------------------------------------- */

static int connected(struct run *r, size_t i, const struct kube_event *e, struct err *err)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(e->head, "warnings")); seq_next(&it);)
		if (r->s->warning && r->s->warning(r->s, &r->clusters[i], node_string(it.item), err) < 0)
			return err->status;
	if (e->answer != ANSWER_OK)
		return lose(r, i, e->answer, e->text, err);
	return ask(r, i, FIRST, err);
}

/* The kubeconfig in the answer, decoded. False: there is none. */
static bool read_ticket(struct slice answer, struct buf *text)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;

	stream_init(&s, &limits);
	return stream_add(&s, "answer", answer, &err) == 0 && !s.problems.n && s.documents.n == 1 &&
	       base64_decode(node_string(node_at(s.documents.v[0].root, "status/kubeconfig")), BASE64_STANDARD, text) &&
	       text->n > 0;
}

static int take_ticket(struct run *r, size_t i, const struct kube_event *e, struct err *err)
{
	struct kube_target t = r->clusters[i].target;
	struct buf text = BUF_TEXT;
	int rc;

	if (e->answer != ANSWER_OK)
		return lose(r, i, ANSWER_LOGIN, e->text.n ? e->text : slice_str(answer_meaning(e->answer)), err);
	if (read_ticket(e->body, &text)) {
		t.text = buf_slice(&text);
		rc = connect_to(r, i, &t, err);
	} else {
		rc = lose(r, i, ANSWER_LOGIN, SLICE("the answer to viewerkubeconfig has no kubeconfig"), err);
	}
	if (text.p)
		explicit_bzero(text.p, text.room);
	buf_release(&text);
	return rc;
}

static int take_event(struct run *r, const struct kube_event *e, struct err *err)
{
	bool of_hub = r->s->hub && e->cluster == (long)r->n;
	size_t i = (size_t)(of_hub ? e->question : e->cluster);

	if (of_hub && e->kind == KUBE_CONNECTED)
		return 0; /* what is wrong with it is the answer to each ticket */
	if (i >= r->n || !r->v[i])
		return err_set(err, STATUS_FAILED, "pxb-fed-kube answered for a cluster that was not asked");
	r->v[i]->heard = monotonic_ms();
	if (of_hub)
		return take_ticket(r, i, e, err);
	if (e->kind == KUBE_CONNECTED)
		return connected(r, i, e, err);
	if (e->kind != KUBE_ANSWERED || !r->v[i]->open || (e->question >= QUESTION_COUNT && !r->s->dry_run))
		return err_set(err, STATUS_FAILED, "pxb-fed-kube answered what was not asked");
	r->v[i]->open--;
	if (e->question >= QUESTION_COUNT)
		return dry_run_take(r->s->dry_run, e, err) < 0 ? err->status : step(r, i, err);
	if (facts_take(&r->v[i]->facts, (enum question_id)e->question, e->answer, e->text, e->body, err) < 0)
		return err->status;
	return step(r, i, err);
}

static bool is_stopped(const struct run *r)
{
	return r->s->stopped && r->s->stopped();
}

/* The helper may have got the same signal, or is no more: it is asked nothing. */
static int give_up(struct run *r, const char *why, struct err *err)
{
	kube_close(&r->kube);
	*err = ERR_INIT;
	while (r->live)
		if (lose(r, r->live->index, ANSWER_NOT_ASKED, slice_str(why), err) < 0)
			return err->status;
	for (; r->next < r->n; r->next++)
		if (!begin(r, r->next, err) || lose(r, r->next, ANSWER_NOT_ASKED, slice_str(why), err) < 0)
			return err->status;
	return 0;
}

static int run_live(struct run *r, struct err *err)
{
	struct kube_event event;
	int rc = kube_open(&r->kube, err);
	long long heard = monotonic_ms();
	bool got;

	if (rc == 0 && r->s->hub)
		rc = kube_connect(&r->kube, (long)r->n, r->s->hub, err);
	while (rc == 0 && !is_stopped(r)) {
		rc = connect_next(r, err);
		if (rc < 0 || !r->live)
			break;
		rc = kube_wait(&r->kube, LOOK_MS, &got, &event, err);
		if (rc < 0)
			break;
		if (got) {
			heard = monotonic_ms();
			rc = take_event(r, &event, err);
		} else if (monotonic_ms() - heard > (long long)r->s->seconds * 1000 + GRACE_MS) {
			rc = err_set(err, STATUS_HELPER, "pxb-fed-kube did not answer within %u seconds",
				     r->s->seconds + GRACE_MS / 1000);
		}
	}
	if (is_stopped(r)) {
		rc = give_up(r, "the run was interrupted", err);
	} else if (rc < 0 && err->status == STATUS_HELPER && r->s->late && r->next) {
		*r->s->late = *err;
		rc = give_up(r, r->s->late->text, err);
	}
	while (r->live)
		end(r, r->live);
	kube_close(&r->kube);
	return rc;
}

/* One bad folder harms no other: its cluster is one that could not be asked. */
static int take_damaged(struct run *r, size_t i, struct err *err)
{
	struct err bad = *err;
	struct facts *f = &r->v[i]->facts;

	*err = ERR_INIT;
	facts_release(f);
	begin_facts(r->s, &r->clusters[i], f);
	return lose(r, i, ANSWER_DAMAGED, slice_str(bad.text), err);
}

static int run_saved(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		struct asked *a = begin(r, i, err);

		if (!a)
			return err->status;
		if (saved_read(r->clusters[i].folder, &a->facts, r->s->command, err) == 0) {
			if (finish(r, i, err) < 0)
				return err->status;
			continue;
		}
		if (err->status == STATUS_FAILED || r->n == 1) {
			end(r, a);
			return err->status;
		}
		if (take_damaged(r, i, err) < 0)
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
