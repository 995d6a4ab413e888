#include "yaml/second_opinion.h"

#include "yaml/second_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* EVENT_BYTES: no byte of a document becomes more of its event list. */
enum { EVENT_WORDS = 80, MAX_FAILURES = 16, EVENT_BYTES = 64 };

/* A document that the readers see differently. */
struct doubt {
	size_t document;
	bool refused; /* by libfyaml */
};

struct second_opinion {
	unsigned char secret[DIGEST_SECRET_BYTES];
	pid_t pid;
	int fd;
	unsigned failures;
	size_t sending, answered; /* documents of the stream at hand */
	size_t sent;		  /* bytes of the question being sent */
	size_t got;
	bool busy; /* a stream was begun and not finished: answers to it may still be on their way */
	struct answer answer;
	VEC(struct doubt) doubts; /* in the stream's arena */
};

/* --- the parent ------------------------------------------------------------------------------------------------ */

static int spawn(struct second_opinion *so, struct err *err)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		return err_errno(err, STATUS_HELPER, "cannot start the second reader");
	so->pid = fork();
	if (so->pid < 0) {
		int rc = err_errno(err, STATUS_HELPER, "cannot start the second reader");

		close(sv[0]);
		close(sv[1]);
		return rc;
	}
	if (so->pid == 0) {
		close(sv[0]);
		second_reader_main(sv[1], so->secret);
	}
	close(sv[1]);
	so->fd = sv[0];
	setsockopt(so->fd, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int));
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

int second_opinion_new(struct second_opinion **out, struct err *err)
{
	struct second_opinion *so = calloc(1, sizeof(*so));

	if (!so)
		return err_nomem(err);
	so->fd = -1;
	so->pid = -1;
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
	reap(*so);
	free(*so);
	*so = NULL;
}

const unsigned char *second_opinion_secret(const struct second_opinion *so)
{
	return so->secret;
}

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

static void skip_unasked(const struct stream *s, size_t *i)
{
	while (*i < s->documents.n && !is_asked(&s->documents.v[*i]))
		(*i)++;
}

/* Sends as much as the socket takes. False: the child is gone. */
static bool send_some(struct second_opinion *so, const struct stream *s)
{
	for (skip_unasked(s, &so->sending); so->sending < s->documents.n; skip_unasked(s, &so->sending)) {
		struct slice text = question_text(&s->documents.v[so->sending]);
		struct question q = {.n = (uint32_t)text.n, .newline = text.n && text.p[text.n - 1] != '\n'};

		while (so->sent < sizeof(q) + text.n) {
			struct iovec iov[2];
			struct msghdr m = {.msg_iov = iov};
			ssize_t w;

			if (so->sent < sizeof(q))
				iov[m.msg_iovlen++] = (struct iovec){(char *)&q + so->sent, sizeof(q) - so->sent};
			size_t done = so->sent > sizeof(q) ? so->sent - sizeof(q) : 0;

			iov[m.msg_iovlen++] = (struct iovec){(void *)(uintptr_t)(text.p + done), text.n - done};
			w = sendmsg(so->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (w < 0 && errno == EINTR)
				continue;
			if (w < 0)
				return errno == EAGAIN || errno == EWOULDBLOCK;
			so->sent += (size_t)w;
		}
		so->sent = 0;
		so->sending++;
	}
	return true;
}

static void judge(struct second_opinion *so, struct stream *s)
{
	const struct document *d = &s->documents.v[so->answered];
	const struct answer *a = &so->answer;
	bool same = a->digest[0] == d->digest[0] && a->digest[1] == d->digest[1];
	struct doubt *doubt = a->agreed_to_read && same ? NULL : VEC_PUSH(&s->arena, so->doubts);

	if (doubt)
		*doubt = (struct doubt){.document = so->answered, .refused = !a->agreed_to_read};
}

/* Takes the answers that are there. False: the child is gone. */
static bool receive_some(struct second_opinion *so, struct stream *s)
{
	for (skip_unasked(s, &so->answered); so->answered < so->sending; skip_unasked(s, &so->answered)) {
		ssize_t r = recv(so->fd, (char *)&so->answer + so->got, sizeof(so->answer) - so->got, MSG_DONTWAIT);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		if (r == 0)
			return false;
		so->got += (size_t)r;
		if (so->got < sizeof(so->answer))
			continue;
		so->got = 0;
		judge(so, s);
		so->answered++;
	}
	return true;
}

/* The child died over the first document that it did not answer: that one is ambiguous, a new child takes the rest. */
static int replace_child(struct second_opinion *so, struct stream *s, struct err *err)
{
	receive_some(so, s); /* what it said before it died still counts */
	reap(so);
	skip_unasked(s, &so->answered);
	if (so->answered < s->documents.n) {
		const struct document *d = &s->documents.v[so->answered++];

		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, d->body,
			       "libfyaml gave up on this document (a crash, or its limit of time or memory)");
	}
	so->sending = so->answered;
	so->sent = so->got = 0;
	if (++so->failures > MAX_FAILURES)
		return err_set(err, STATUS_HELPER, "the second reader failed %u times", so->failures);
	return spawn(so, err);
}

/* --- what the readers differ in -------------------------------------------------------------------------------- */

/* Asks about one document again. False: the child is gone, or memory. */
static bool ask_events(struct second_opinion *so, const struct document *d, struct buf *events)
{
	struct slice text = question_text(d);
	struct question q = {.n = (uint32_t)text.n, .newline = text.n && text.p[text.n - 1] != '\n', .events = 1};
	struct answer a;
	uint32_t n;
	char *at;

	if (!send_exactly(so->fd, &q, sizeof(q)) || !send_exactly(so->fd, text.p, text.n) ||
	    !read_exactly(so->fd, &a, sizeof(a)) || !read_exactly(so->fd, &n, sizeof(n)))
		return false;
	at = n <= (text.n + 64) * EVENT_BYTES ? buf_reserve(events, (size_t)n + 1) : NULL;
	if (!at || !read_exactly(so->fd, at, n))
		return false;
	events->n = n;
	return true;
}

/* Values are spoken of by their length: they may be secrets. */
static void describe(const struct event *e, const struct event *rival, char out[EVENT_WORDS])
{
	bool alike = rival && e->kind == rival->kind && e->text.n == rival->text.n;

	switch (e->kind) {
	case '{':
	case '[':
		snprintf(out, EVENT_WORDS, "the start of a %s", e->kind == '{' ? "mapping" : "list");
		return;
	case '}':
	case ']':
		snprintf(out, EVENT_WORDS, "the end of a %s", e->kind == '}' ? "mapping" : "list");
		return;
	case '*':
		snprintf(out, EVENT_WORDS, "an alias");
		return;
	case '\0':
		snprintf(out, EVENT_WORDS, "nothing more");
		return;
	default:
		snprintf(out, EVENT_WORDS, "%s %stext of %zu byte%s",
			 alike		  ? "another"
			 : e->kind == 'p' ? "an"
					  : "a",
			 e->kind == 'p' ? "unquoted " : "quoted ", e->text.n, e->text.n == 1 ? "" : "s");
	}
}

/* The first event that is not the same; false when there is none, or the document could not be read again. */
static bool first_difference(struct second_opinion *so, const struct stream *s, const struct document *d, size_t *at,
			     struct event *ours, struct event *theirs, struct buf *mine, struct buf *yours)
{
	cleanup_buf struct buf marks = BUF_INIT((size_t)1 << 31);
	struct slice a, b;

	if (so->fd < 0 || !document_events(s, d, mine, &marks))
		return false;
	if (!ask_events(so, d, yours)) { /* half of an answer may be on its way */
		reap(so);
		spawn(so, &(struct err){0});
		return false;
	}
	a = buf_slice(mine);
	b = buf_slice(yours);
	for (size_t i = 0; a.n || b.n; i++) {
		*ours = event_next(&a);
		*theirs = event_next(&b);
		if (ours->kind == theirs->kind && slice_eq(ours->name, theirs->name) &&
		    slice_eq(ours->text, theirs->text))
			continue;
		*at = d->body;
		if ((i + 1) * sizeof(uint32_t) <= marks.n)
			*at = ((const uint32_t *)(const void *)marks.p)[i];
		return true;
	}
	return false;
}

static void explain(struct second_opinion *so, struct stream *s, const struct doubt *doubt)
{
	static const char hint[] = "'secondOpinion: false' in the policy takes libyaml's reading, as the cluster does";
	const struct document *d = &s->documents.v[doubt->document];
	cleanup_buf struct buf mine = BUF_INIT((size_t)1 << 31), yours = BUF_INIT((size_t)1 << 31);
	char ours[EVENT_WORDS], theirs[EVENT_WORDS];
	struct event a, b;
	size_t at = d->body;

	if (!first_difference(so, s, d, &at, &a, &b, &mine, &yours)) {
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "%s; %s",
			       doubt->refused ? "libfyaml refuses this document, libyaml reads it"
					      : "libfyaml and libyaml read this document differently",
			       hint);
		return;
	}
	describe(&a, NULL, ours);
	describe(&b, &a, theirs);
	if (doubt->refused && !b.kind)
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "libyaml reads %s here, libfyaml refuses it; %s",
			       a.kind ? ours : "the document to its end", hint);
	else
		stream_problem(s, PROBLEM_AMBIGUOUS, d->input, at, "libyaml reads %s here, libfyaml %s; %s", ours,
			       theirs, hint);
}

static int explain_doubts(struct second_opinion *so, struct stream *s, struct err *err)
{
	for (size_t i = 0; i < so->doubts.n; i++)
		explain(so, s, &so->doubts.v[i]);
	return arena_status(&s->arena, err);
}

/* --- one stream ------------------------------------------------------------------------------------------------ */

int second_opinion_begin(struct second_opinion *so, struct stream *s, struct err *err)
{
	(void)err;
	/* What is left of a stream that was given up would be taken for answers about this one. */
	if (so->busy) {
		reap(so);
		spawn(so, &(struct err){0});
	}
	so->busy = true;
	so->sending = so->answered = so->sent = so->got = 0;
	memset(&so->doubts, 0, sizeof(so->doubts));
	send_some(so, s); /* a dead child shows at the end */
	return 0;
}

int second_opinion_finish(struct second_opinion *so, struct stream *s, struct err *err)
{
	for (;;) {
		bool alive = send_some(so, s) && receive_some(so, s);
		struct pollfd p = {.fd = so->fd, .events = POLLIN};

		skip_unasked(s, &so->sending);
		skip_unasked(s, &so->answered);
		if (so->answered >= s->documents.n) {
			so->busy = false;
			return explain_doubts(so, s, err);
		}
		if (!alive) {
			if (replace_child(so, s, err) < 0)
				return err->status;
			continue;
		}
		if (so->sending < s->documents.n)
			p.events |= POLLOUT;
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return err_errno(err, STATUS_HELPER, "waiting for the second reader");
	}
}
