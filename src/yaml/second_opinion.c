#include "yaml/second_opinion.h"

#include "yaml/second_explain.h"
#include "yaml/second_reader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MAX_FAILURES = 16,
	EVENT_BYTES = 64,	 /* no byte of a document becomes more of its event list */
	BATCH_BYTES = 16 * 1024, /* of questions that wait for others before they are sent */
	OUT_BYTES = 256 * 1024,	 /* of questions in memory: the rest waits as documents */
	ANSWERS = 64,		 /* taken at once */
};

/* A question without an answer. */
struct asked {
	struct stream *s; /* NULL: nobody wants the answer any more */
	size_t document;
};

struct second_opinion {
	unsigned char secret[DIGEST_SECRET_BYTES];
	pid_t pid;
	int fd;
	unsigned failures;
	struct asked
		*queue; /* [first, last), in the order of the answers; those before `written` are in `out` or sent */
	size_t first, written, last, room;
	struct buf out;
	size_t sent; /* bytes of out */
	struct answer answers[ANSWERS];
	size_t got; /* bytes of an answer, the beginning of answers[0] */
	bool ended; /* the last answer was a refusal, after which a child reads no more */
	unsigned offers;
};

/* --- the child ------------------------------------------------------------------------------------------------- */

/* Signals wait until the child has left our handlers behind. */
static pid_t fork_reader(int ours, int its, const unsigned char *secret)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		close(ours);
		second_reader_main(its, secret);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int spawn(struct second_opinion *so, struct err *err)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		return err_errno(err, STATUS_HELPER, "cannot start the second reader");
	for (int i = 0; i < 2; i++)
		setsockopt(sv[i], SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int));
	so->pid = fork_reader(sv[0], sv[1], so->secret);
	if (so->pid < 0) {
		int rc = err_errno(err, STATUS_HELPER, "cannot start the second reader");

		close(sv[0]);
		close(sv[1]);
		return rc;
	}
	close(sv[1]);
	so->fd = sv[0];
	return 0;
}

static void reap(struct second_opinion *so)
{
	if (so->fd >= 0)
		close(so->fd);
	so->fd = -1;
	while (so->pid > 0 && waitpid(so->pid, NULL, 0) < 0 && errno == EINTR)
		;
	so->pid = -1;
}

/* A new child, for whatever has no answer yet. */
static int restart(struct second_opinion *so, struct err *err)
{
	size_t to = so->first;

	reap(so);
	for (size_t i = so->first; i < so->last; i++)
		if (so->queue[i].s)
			so->queue[to++] = so->queue[i];
	so->last = to;
	so->written = so->first;
	so->sent = so->got = 0;
	so->ended = false;
	buf_reuse(&so->out);
	return spawn(so, err);
}

int second_opinion_new(struct second_opinion **out, struct err *err)
{
	struct second_opinion *so = calloc(1, sizeof(*so));

	if (!so)
		return err_nomem(err);
	so->fd = -1;
	so->pid = -1;
	so->out = BUF_INIT((size_t)1 << 31);
	if (getrandom(so->secret, sizeof(so->secret), 0) != (ssize_t)sizeof(so->secret)) {
		free(so);
		return err_errno(err, STATUS_FAILED, "no random bytes");
	}
	if (spawn(so, err) < 0) {
		free(so);
		return err->status;
	}
	*out = so;
	return 0;
}

void second_opinion_free(struct second_opinion **so)
{
	if (!*so)
		return;
	for (size_t i = (*so)->first; i < (*so)->last; i++)
		if ((*so)->queue[i].s)
			(*so)->queue[i].s->second = (struct second_look){0};
	reap(*so);
	buf_release(&(*so)->out);
	free((*so)->queue);
	free(*so);
	*so = NULL;
}

const unsigned char *second_opinion_secret(const struct second_opinion *so)
{
	return so->secret;
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static bool is_asked(const struct document *d)
{
	return !d->json && (d->root || d->empty);
}

static struct slice question_text(const struct document *d)
{
	size_t from = d->body;

	if (d->respelled.p)
		return d->respelled;
	if (from == 0 && slice_starts(d->input->bytes, "\xef\xbb\xbf"))
		from = 3;
	return slice_of(d->input->bytes.p + from, d->end - from);
}

/* The text as the API machinery's line reader gives it: with a line end. */
static void put_question(struct second_opinion *so, const struct document *d, bool events)
{
	struct slice text = question_text(d);
	bool newline = text.n && text.p[text.n - 1] != '\n';
	struct question q = {.n = (uint32_t)(text.n + newline), .events = events};

	buf_add(&so->out, slice_of((const char *)&q, sizeof(q)));
	buf_add(&so->out, text);
	if (newline)
		buf_addc(&so->out, '\n');
}

static bool queue_add(struct second_opinion *so, struct stream *s, size_t document)
{
	if (so->first && so->last == so->room) {
		memmove(so->queue, so->queue + so->first, (so->last - so->first) * sizeof(*so->queue));
		so->written -= so->first;
		so->last -= so->first;
		so->first = 0;
	}
	if (so->last == so->room) {
		size_t room = so->room ? so->room * 2 : 64;
		struct asked *more = realloc(so->queue, room * sizeof(*more));

		if (!more)
			return false;
		so->queue = more;
		so->room = room;
	}
	so->queue[so->last++] = (struct asked){s, document};
	return true;
}

static size_t unsent(const struct second_opinion *so)
{
	return so->out.n - so->sent;
}

static void fill_out(struct second_opinion *so)
{
	if (so->sent >= OUT_BYTES || !unsent(so)) {
		if (unsent(so))
			memmove(so->out.p, so->out.p + so->sent, unsent(so));
		so->out.n -= so->sent;
		so->sent = 0;
	}
	for (; so->written < so->last && unsent(so) < OUT_BYTES && !so->out.failed; so->written++) {
		const struct asked *a = &so->queue[so->written];

		put_question(so, &a->s->documents.v[a->document], false);
	}
}

/* Sends what the socket takes; less than a batch only if it is the `last`. False: the child is gone. */
static bool send_some(struct second_opinion *so, bool last)
{
	for (;;) {
		ssize_t w;

		fill_out(so);
		if (so->ended || so->out.failed || unsent(so) < (last ? 1 : BATCH_BYTES))
			return true;
		w = send(so->fd, so->out.p + so->sent, unsent(so), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		so->sent += (size_t)w;
	}
}

/* --- answers --------------------------------------------------------------------------------------------------- */

static void judge(struct second_opinion *so, const struct answer *a)
{
	struct asked q = so->queue[so->first++];
	const struct document *d;
	struct doubt *doubt;

	if (!q.s)
		return;
	d = &q.s->documents.v[q.document];
	q.s->second.unanswered--;
	if (a->agreed_to_read && a->digest[0] == d->digest[0] && a->digest[1] == d->digest[1])
		return;
	doubt = VEC_PUSH(&q.s->arena, q.s->second.doubts);
	if (doubt)
		*doubt = (struct doubt){.document = q.document, .refused = !a->agreed_to_read};
}

/* Takes the answers that are there, or waits for `wait` of them. False: the child is gone. */
static bool receive_some(struct second_opinion *so, size_t wait)
{
	while (!so->ended && so->first < so->written) {
		size_t most = so->written - so->first, n;
		ssize_t r;

		if (wait && wait < most)
			most = wait;
		if (most > ANSWERS)
			most = ANSWERS;
		r = recv(so->fd, (char *)so->answers + so->got, most * sizeof(*so->answers) - so->got,
			 wait ? MSG_WAITALL : MSG_DONTWAIT);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		if (r == 0)
			return false;
		so->got += (size_t)r;
		n = so->got / sizeof(*so->answers);
		so->got %= sizeof(*so->answers);
		for (size_t i = 0; i < n && !so->ended; i++) {
			judge(so, &so->answers[i]);
			so->ended = !so->answers[i].agreed_to_read;
		}
		memmove(so->answers, so->answers + n, so->got);
		if (wait)
			return true;
	}
	return true;
}

static void blame(const struct asked *a)
{
	const struct document *d = &a->s->documents.v[a->document];

	a->s->second.unanswered--;
	stream_problem(a->s, PROBLEM_AMBIGUOUS, d->input, d->body,
		       "libfyaml gave up on this document (a crash, or its limit of time or memory)");
}

/* The child died over the first document that it did not answer: that one is ambiguous, a new child takes the rest. */
static int replace_child(struct second_opinion *so, struct err *err)
{
	receive_some(so, 0); /* what it said before it died still counts */
	if (so->ended)
		return restart(so, err);
	if (so->first < so->last && so->queue[so->first++].s)
		blame(&so->queue[so->first - 1]);
	if (++so->failures > MAX_FAILURES)
		return err_set(err, STATUS_HELPER, "the second reader failed %u times", so->failures);
	return restart(so, err);
}

/* Until `s` has all its answers; all streams, if it is NULL. */
static int wait_for(struct second_opinion *so, const struct stream *s, struct err *err)
{
	for (;;) {
		/* What is there already needs no questions sent: those behind wait for their batch. */
		bool alive = (s && !s->second.unanswered) || (receive_some(so, 0) && send_some(so, true));
		size_t missing = s ? s->second.unanswered : so->last - so->first;
		struct pollfd p = {.fd = so->fd, .events = POLLIN | POLLOUT};

		if (so->out.failed)
			return err_nomem(err);
		if (alive && !so->ended && missing && !unsent(so))
			alive = receive_some(so, missing);
		if (so->ended && restart(so, err) < 0)
			return err->status;
		if (!missing)
			return 0;
		if (!alive && replace_child(so, err) < 0)
			return err->status;
		if (alive && unsent(so) && poll(&p, 1, -1) < 0 && errno != EINTR)
			return err_errno(err, STATUS_HELPER, "waiting for the second reader");
	}
}

bool second_opinion_events(struct second_opinion *so, const struct document *d, struct buf *events)
{
	size_t most = (question_text(d).n + 64) * EVENT_BYTES;
	struct err ignored = ERR_INIT;
	struct answer a = {.agreed_to_read = 0};
	uint32_t n = 0;
	char *at = NULL;

	if (wait_for(so, NULL, &ignored) < 0)
		return false;
	put_question(so, d, true);
	if (!so->out.failed && send_exactly(so->fd, so->out.p + so->sent, unsent(so)) &&
	    read_exactly(so->fd, &a, sizeof(a)) && read_exactly(so->fd, &n, sizeof(n)))
		at = n <= most ? buf_reserve(events, (size_t)n + 1) : NULL;
	if (at && !read_exactly(so->fd, at, n))
		at = NULL;
	so->sent = so->out.n;
	/* Half of an answer may be on its way, or the child has ended. */
	if ((!at || !a.agreed_to_read) && restart(so, &ignored) < 0)
		return false;
	if (at)
		events->n = n;
	return at != NULL;
}

/* --- streams --------------------------------------------------------------------------------------------------- */

void second_opinion_follow(struct second_opinion *so, struct stream *s)
{
	s->digest_secret = so->secret;
	s->second.by = so;
}

void second_opinion_offer(struct stream *s, size_t n)
{
	struct second_opinion *so = s->second.by;

	if (s->problems.n) /* then it is not asked about at all */
		return;
	for (; s->second.offered < n; s->second.offered++) {
		if (!is_asked(&s->documents.v[s->second.offered]))
			continue;
		if (!queue_add(so, s, s->second.offered)) {
			arena_fail(&s->arena);
			return;
		}
		s->second.unanswered++;
	}
	/* A dead child shows at the end. Answers that nobody takes would stop one that is alive. */
	if (++so->offers % ANSWERS == 0)
		receive_some(so, 0);
	if (so->ended)
		restart(so, &(struct err){0});
	send_some(so, false);
}

void second_opinion_drop(struct stream *s)
{
	struct second_opinion *so = s->second.by;
	size_t to = so->written;

	for (size_t i = so->first; i < so->written; i++)
		if (so->queue[i].s == s)
			so->queue[i].s = NULL;
	for (size_t i = so->written; i < so->last; i++)
		if (so->queue[i].s != s)
			so->queue[to++] = so->queue[i];
	so->last = to;
	s->second = (struct second_look){0};
}

int second_opinion_begin(struct second_opinion *so, struct stream *s, struct err *err)
{
	if (s->second.unanswered)
		second_opinion_drop(s);
	s->second = (struct second_look){.by = so};
	second_opinion_offer(s, s->documents.n);
	send_some(so, true);
	return arena_status(&s->arena, err);
}

int second_opinion_finish(struct second_opinion *so, struct stream *s, struct err *err)
{
	size_t doubts;

	if (wait_for(so, s, err) < 0)
		return err->status;
	doubts = s->second.doubts.n;
	s->second.by = NULL;
	for (size_t i = 0; i < doubts; i++)
		second_explain(so, s, &s->second.doubts.v[i]);
	s->second.doubts.n = 0;
	return arena_status(&s->arena, err);
}
