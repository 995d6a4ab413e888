#include "kubehelper/engine.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>

#include <sys/resource.h>

enum {
	WAIT_MS = 1000,
	POLLED_MAX = 1024,
	CHUNK = 65536,
	OUT_MAX = 1 << 30,
	CONNECTIONS_MAX = 1024,
	FILES_WANTED = 4096,
	FILES_OWN = 64,	   /* standard streams, kubeconfigs, curl's own */
	FILES_CLUSTER = 3, /* a connection and a plugin's two pipes */
};

/* --- logins ---------------------------------------------------------------------------------------------------- */

static void login_failed(struct cluster *c, enum answer_kind kind, const char *text)
{
	c->state = LOGIN_FAILED;
	c->kind = kind;
	snprintf(c->text, sizeof(c->text), "%.*s", TEXT_MAX - 1, text);
}

static void login_ready(struct cluster *c)
{
	c->state = cluster_headers(c) ? LOGIN_READY : LOGIN_FAILED;
}

static void login_start(struct cluster *c, long long until)
{
	struct err err = ERR_INIT;

	/* As client-go: a token or a client certificate of the kubeconfig goes before the plugin. */
	if (!c->login.plugin.command || c->login.token || c->login.token_file || c->login.username) {
		login_ready(c);
		return;
	}
	c->state = LOGIN_RUNNING;
	if (plugin_start(&c->plugin, &c->login, until, &err) < 0)
		login_failed(c, ANSWER_LOGIN, err.text);
}

static void login_step(struct cluster *c)
{
	struct err err = ERR_INIT;

	if (!plugin_read(&c->plugin))
		return;
	if (plugin_finish(&c->plugin, &c->login, &c->credential, &err) < 0)
		login_failed(c, ANSWER_LOGIN, err.text);
	else
		login_ready(c);
}

/* --- one round ------------------------------------------------------------------------------------------------- */

/* It waits for the answer to another question of its cluster. A list that is followed never does. */
static bool is_held(const struct question *q)
{
	const struct cluster *c = q->cluster;

	return c->probe && c->probe != q && !c->probed && !q->watcher && monotonic_ms() < q->until;
}

static void start_question(struct engine *e, struct question *q)
{
	if (is_held(q))
		return;
	if (!q->cluster->probe && !q->watcher)
		q->cluster->probe = q;
	question_start(e, q);
}

static void advance_questions(struct engine *e)
{
	struct question *next;

	for (struct question *q = e->questions; q; q = next) {
		struct cluster *c = q->cluster;

		next = q->next;
		if (q->state == QUESTION_RUNS)
			continue;
		if (q->state == QUESTION_RESTS) {
			if (monotonic_ms() < q->rest_until)
				continue;
			if (c->state == LOGIN_READY) {
				question_start(e, q);
				continue;
			}
			if (c->state == LOGIN_FAILED && q->watcher) /* it was, when the rest began */
				c->state = LOGIN_NEEDED;
			q->state = QUESTION_WAITS;
		}
		if (c->state == LOGIN_NEEDED)
			login_start(c, q->until);
		if (c->state == LOGIN_FAILED && watch_waits_for_login(q))
			continue;
		if (c->state == LOGIN_FAILED)
			question_answer(e, q, c->kind, 0, "%s", c->text);
		else if (c->state == LOGIN_READY)
			start_question(e, q);
		else if (monotonic_ms() >= q->until)
			question_answer(e, q, ANSWER_LOGIN, 0, "login plugin '%s' did not end before the deadline",
					c->login.plugin.command);
	}
}

static void advance_transfers(struct engine *e)
{
	int running, left;
	const CURLMsg *m;

	curl_multi_perform(e->multi, &running);
	while ((m = curl_multi_info_read(e->multi, &left))) {
		struct question *q = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &q);
		curl_multi_remove_handle(e->multi, m->easy_handle);
		question_done(e, q, code);
	}
}

/* --- frames ---------------------------------------------------------------------------------------------------- */

static int take_frames(struct engine *e, struct err *err)
{
	size_t at = 0;
	struct frame f;
	long n;

	while ((n = frame_read(slice_from(buf_slice(&e->in), at), &f)) > 0) {
		if (engine_take(e, &f, err) < 0)
			return err->status;
		at += (size_t)n;
	}
	if (n < 0)
		return err_set(err, STATUS_FAILED, "standard input is not a sequence of frames");
	if (at) {
		memmove(e->in.p, e->in.p + at, e->in.n - at);
		explicit_bzero(e->in.p + e->in.n - at, at); /* a frame may carry a token */
		e->in.n -= at;
	}
	return 0;
}

static int read_in(struct engine *e, struct err *err)
{
	char *to = buf_reserve(&e->in, CHUNK);
	ssize_t n;

	if (!to)
		return err_set(err, STATUS_FAILED, "a frame is larger than the limit");
	n = read(STDIN_FILENO, to, CHUNK);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_errno(err, STATUS_FAILED, "cannot read standard input");
	if (n == 0) {
		e->in_ended = true;
		return 0;
	}
	e->in.n += (size_t)n;
	return take_frames(e, err);
}

/* What was written so far becomes a part of its own. */
static void push_part(struct engine *e, struct buf *bytes)
{
	struct out_part *p = bytes->n ? calloc(1, sizeof(*p)) : NULL;

	if (!bytes->n)
		return;
	if (!p) {
		e->out.failed = true;
		return;
	}
	p->bytes = *bytes;
	*bytes = BUF_INIT(bytes->cap);
	e->parts_bytes += p->bytes.n;
	*e->parts_end = p;
	e->parts_end = &p->next;
	e->out.failed |= e->parts_bytes > OUT_MAX;
}

static void drop_part(struct engine *e)
{
	struct out_part *p = e->parts;

	e->parts = p->next;
	if (!e->parts)
		e->parts_end = &e->parts;
	e->parts_bytes -= p->bytes.n;
	explicit_bzero(p->bytes.p, p->bytes.room); /* a credential of a hub may be in it */
	buf_release(&p->bytes);
	free(p);
}

void engine_send(struct engine *e, enum frame_kind kind, struct slice head, struct buf *body)
{
	frame_write_head(&e->out, kind, head, body->n);
	/* The bytes of `out` that were sent already are counted from its start. */
	if (!e->parts && e->out_sent) {
		memmove(e->out.p, e->out.p + e->out_sent, e->out.n - e->out_sent);
		e->out.n -= e->out_sent;
		e->out_sent = 0;
	}
	push_part(e, &e->out);
	push_part(e, body);
}

static bool something_to_send(const struct engine *e)
{
	return e->parts || e->out.n;
}

static int write_out(struct engine *e, struct err *err)
{
	struct buf *first = e->parts ? &e->parts->bytes : &e->out;
	ssize_t n;

	if (e->out.failed)
		return err_set(err, STATUS_FAILED, "too many answers were not read");
	n = write(STDOUT_FILENO, first->p + e->out_sent, first->n - e->out_sent);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_errno(err, STATUS_FAILED, "cannot write to standard output");
	e->out_sent += (size_t)n;
	if (e->out_sent < first->n)
		return 0;
	e->out_sent = 0;
	if (e->parts)
		drop_part(e);
	else
		buf_clear(&e->out);
	return 0;
}

/* --- waiting --------------------------------------------------------------------------------------------------- */

/* A question that could move at once: it became ready while another was examined. */
static bool something_waits(const struct engine *e)
{
	for (const struct question *q = e->questions; q; q = q->next)
		if (q->state == QUESTION_WAITS && q->cluster->state != LOGIN_RUNNING && !is_held(q))
			return true;
	return false;
}

static int wait_ms(const struct engine *e)
{
	long long now = monotonic_ms(), least = WAIT_MS;

	if (something_waits(e))
		return 0;
	for (const struct question *q = e->questions; q; q = q->next) {
		long long at = q->state == QUESTION_RESTS ? q->rest_until : q->until;

		if (at - now < least)
			least = at > now ? at - now : 0;
	}
	return (int)least;
}

static int wait_round(struct engine *e, struct err *err)
{
	struct curl_waitfd fds[POLLED_MAX];
	unsigned n = 0;
	bool in = !e->in_ended, out = something_to_send(e);
	int got;

	if (in)
		fds[n++] = (struct curl_waitfd){.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN};
	if (out)
		fds[n++] = (struct curl_waitfd){.fd = STDOUT_FILENO, .events = CURL_WAIT_POLLOUT};
	for (const struct cluster *c = e->clusters; c && n + 2 < POLLED_MAX; c = c->next) {
		if (c->plugin.out >= 0)
			fds[n++] = (struct curl_waitfd){.fd = c->plugin.out, .events = CURL_WAIT_POLLIN};
		if (c->plugin.errors >= 0)
			fds[n++] = (struct curl_waitfd){.fd = c->plugin.errors, .events = CURL_WAIT_POLLIN};
	}
	curl_multi_poll(e->multi, fds, n, wait_ms(e), &got);
	if (in && fds[0].revents && read_in(e, err) < 0)
		return err->status;
	if (out && fds[in].revents && write_out(e, err) < 0)
		return err->status;
	for (struct cluster *c = e->clusters; c; c = c->next)
		if (c->state == LOGIN_RUNNING)
			login_step(c);
	return 0;
}

/* --- clusters and their connections ------------------------------------------------------------------------------- */

void engine_limit_idle(struct engine *e)
{
	enum { LEAST = 4, PER_CLUSTER = 4 };
	unsigned n = e->clusters_n * PER_CLUSTER;

	curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS,
			  (long)(n < LEAST		  ? LEAST
				 : n > e->connections_max ? e->connections_max
							  : n));
}

void cluster_free(struct engine *e, struct cluster *c)
{
	for (struct cluster **p = &e->clusters; *p; p = &(*p)->next) {
		if (*p != c)
			continue;
		*p = c->next;
		break;
	}
	e->clusters_n--;
	plugin_kill(&c->plugin);
	cluster_headers_free(c);
	login_release(&c->login);
	free(c);
	engine_limit_idle(e);
}

/* As many as the limit on open files allows, after it was raised as far as it may be. */
static unsigned connections_allowed(void)
{
	struct rlimit files;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return FILES_OWN;
	if (files.rlim_cur < FILES_WANTED && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur <= FILES_OWN + FILES_CLUSTER)
		return 1;
	n = (files.rlim_cur - FILES_OWN) / FILES_CLUSTER;
	return n < CONNECTIONS_MAX ? (unsigned)n : CONNECTIONS_MAX;
}

static void release(struct engine *e)
{
	while (e->questions)
		question_free(e, e->questions);
	while (e->clusters)
		cluster_free(e, e->clusters);
	while (e->parts)
		drop_part(e);
	kubeconfig_cache_release(&e->cache);
	curl_multi_cleanup(e->multi);
	buf_release(&e->in);
	buf_release(&e->out);
}

int engine_run(void)
{
	struct engine e = {.multi = curl_multi_init(),
			   .in = BUF_INIT(FRAME_MAX + CHUNK),
			   .cache = {.k = KUBECONFIG_INIT},
			   .connections_max = connections_allowed(),
			   .out = BUF_INIT(OUT_MAX)};
	struct err err = ERR_INIT;

	if (!e.multi)
		return 4;
	e.parts_end = &e.parts;
	e.questions_end = &e.questions;
	curl_multi_setopt(e.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)e.connections_max);
	curl_multi_setopt(e.multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(e.multi, CURLMOPT_MAX_HOST_CONNECTIONS, 4L); /* for servers that speak HTTP/1.1 only */
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
	engine_hello(&e);
	while (!err.status && (!e.in_ended || e.questions || something_to_send(&e))) {
		if (wait_round(&e, &err) < 0)
			break;
		advance_questions(&e);
		advance_transfers(&e);
	}
	if (err.status)
		fprintf(stderr, "pxb-fed-kube: %s\n", err.text);
	release(&e);
	return err.status ? 4 : 0;
}
