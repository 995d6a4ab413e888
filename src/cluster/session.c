#include "cluster/session.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { CHUNK = 65536, HELLO_SECONDS = 10 };

/* --- the helper ------------------------------------------------------------------------------------------------ */

int kube_helper_path(struct buf *path, struct err *err)
{
	static const char *const places[] = {"pxb-fed-kube", "../libexec/pxb-fed/pxb-fed-kube"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	size_t slash;

	if (n <= 0 || (size_t)n >= sizeof(self))
		return err_errno(err, STATUS_HELPER, "cannot find out where this program is");
	slash = slice_rchr(slice_of(self, (size_t)n), '/');
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		buf_reuse(path);
		buf_add(path, slice_of(self, slash + 1));
		buf_adds(path, places[i]);
		if (path->failed)
			return err_nomem(err);
		if (access(buf_str(path), X_OK) == 0)
			return 0;
	}
	return err_set(err, STATUS_HELPER,
		       "this command needs the program pxb-fed-kube beside '" SLICE_FMT "'; install it together with "
		       "pxb-fed ('helm plugin update pxb-fed', or 'make install')",
		       SLICE_ARG(slice_of(self, (size_t)n)));
}

static void become_helper(const char *path, int in, int out)
{
	char *argv[] = {(char *)(uintptr_t)path, NULL};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(126);
	closefrom(3);
	signal(SIGPIPE, SIG_DFL);
	execv(path, argv);
	_exit(127);
}

static int start(struct kube *k, const char *path, struct err *err)
{
	int to[2] = {-1, -1}, from[2] = {-1, -1};

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
		fd_close(&to[0]);
		fd_close(&to[1]);
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", path);
	}
	k->pid = fork();
	if (k->pid == 0)
		become_helper(path, to[0], from[1]);
	fd_close(&to[0]);
	fd_close(&from[1]);
	k->to = to[1];
	k->from = from[0];
	if (k->pid < 0) {
		k->pid = 0;
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", path);
	}
	fcntl(k->to, F_SETFL, O_NONBLOCK);
	return 0;
}

void kube_close(struct kube *k)
{
	fd_close(&k->to);
	fd_close(&k->from);
	if (k->pid > 0) {
		kill(k->pid, SIGTERM);
		kill(k->pid, SIGCONT); /* one that was stopped would never see it */
		while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	k->pid = 0;
	stream_release(&k->head);
	buf_release(&k->in);
	if (k->out.p)
		explicit_bzero(k->out.p, k->out.room);
	buf_release(&k->out);
	*k = KUBE_INIT;
}

/* --- sending --------------------------------------------------------------------------------------------------- */

/* What does not fit into the pipe waits in `out`; kube_next() sends it on. */
static int flush(struct kube *k, struct err *err)
{
	ssize_t n;

	while (k->out.n) {
		n = write(k->to, k->out.p, k->out.n);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, STATUS_HELPER, "pxb-fed-kube ended");
		memmove(k->out.p, k->out.p + n, k->out.n - (size_t)n);
		k->out.n -= (size_t)n;
		explicit_bzero(k->out.p + k->out.n, (size_t)n); /* a token may have been in it */
	}
	return 0;
}

static int send(struct kube *k, enum frame_kind kind, struct buf *head, struct slice body, struct err *err)
{
	buf_addc(head, '}');
	if (!head->failed)
		frame_write(&k->out, kind, buf_slice(head), body);
	if (head->failed || k->out.failed)
		err_nomem(err);
	if (head->p)
		explicit_bzero(head->p, head->room);
	buf_release(head);
	return err->status ? err->status : flush(k, err);
}

static void put_text(struct buf *b, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(b, ",\"%s\":", key);
	json_quote(slice_str(value), b);
}

int kube_contexts(struct kube *k, const char *kubeconfig, struct err *err)
{
	struct buf head = BUF_TEXT;

	buf_adds(&head, "{\"protocol\":1");
	put_text(&head, "kubeconfig", kubeconfig);
	return send(k, FRAME_CONTEXTS, &head, SLICE_EMPTY, err);
}

int kube_connect(struct kube *k, long cluster, const struct kube_target *t, struct err *err)
{
	struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"cluster\":%ld", cluster);
	put_text(&head, "kubeconfig", t->kubeconfig);
	put_text(&head, "context", t->context);
	put_text(&head, "server", t->server);
	put_text(&head, "caFile", t->ca_file);
	put_text(&head, "tlsServerName", t->tls_server_name);
	put_text(&head, "token", t->token);
	put_text(&head, "as", t->as);
	put_text(&head, "asUid", t->as_uid);
	buf_adds(&head, ",\"asGroups\":[");
	for (size_t i = 0; i < t->as_groups_n; i++) {
		if (i)
			buf_addc(&head, ',');
		json_quote(slice_str(t->as_groups[i]), &head);
	}
	buf_addf(&head, "],\"insecure\":%s,\"allowExec\":%s", t->insecure ? "true" : "false",
		 t->allow_exec ? "true" : "false");
	if (t->text.n) {
		buf_adds(&head, ",\"text\":");
		json_quote(t->text, &head);
	}
	return send(k, FRAME_CONNECT, &head, SLICE_EMPTY, err);
}

int kube_disconnect(struct kube *k, long cluster, struct err *err)
{
	struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"cluster\":%ld", cluster);
	return send(k, FRAME_DISCONNECT, &head, SLICE_EMPTY, err);
}

static int ask(struct kube *k, enum frame_kind kind, long cluster, long question, const struct kube_question *q,
	       struct err *err)
{
	struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"cluster\":%ld,\"question\":%ld,\"list\":%s,\"seconds\":%u", cluster, question,
		 q->list ? "true" : "false", q->seconds);
	if (q->raw)
		buf_adds(&head, ",\"raw\":true");
	if (q->apply)
		buf_adds(&head, ",\"apply\":true");
	if (q->metadata)
		buf_adds(&head, ",\"metadata\":true");
	put_text(&head, "path", q->path);
	put_text(&head, "needs", q->needs);
	buf_adds(&head, ",\"fields\":[");
	for (const char *const *f = q->fields; f && *f; f++) {
		if (f != q->fields)
			buf_addc(&head, ',');
		json_quote(slice_str(*f), &head);
	}
	buf_addc(&head, ']');
	return send(k, kind, &head, q->post, err);
}

int kube_ask(struct kube *k, long cluster, long question, const struct kube_question *q, struct err *err)
{
	return ask(k, FRAME_ASK, cluster, question, q, err);
}

int kube_watch(struct kube *k, long cluster, long question, const struct kube_question *q, struct err *err)
{
	return ask(k, FRAME_WATCH, cluster, question, q, err);
}

/* --- receiving ------------------------------------------------------------------------------------------------- */

/* Reads once; *late: nothing came within `ms`. */
static int receive_once(struct kube *k, int ms, bool *late, struct err *err)
{
	struct pollfd p[] = {{.fd = k->from, .events = POLLIN}, {.fd = k->out.n ? k->to : -1, .events = POLLOUT}};
	char *to;
	ssize_t n;
	int ready = poll(p, ARRAY_SIZE(p), ms);

	*late = ready == 0;
	if (ready == 0 || (ready < 0 && errno == EINTR))
		return 0;
	if (ready < 0)
		return err_errno(err, STATUS_HELPER, "cannot wait for pxb-fed-kube");
	if (p[1].revents && flush(k, err) < 0)
		return err->status;
	if (!p[0].revents)
		return 0;
	to = buf_reserve(&k->in, CHUNK);
	if (!to)
		return err_nomem(err);
	n = read(k->from, to, CHUNK);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return err_set(err, STATUS_HELPER, "pxb-fed-kube ended");
	k->in.n += (size_t)n;
	return 0;
}

static int receive(struct kube *k, unsigned seconds, struct err *err)
{
	bool late = false;

	if (receive_once(k, (int)(seconds < 100000 ? seconds * 1000 : 100000000), &late, err) < 0)
		return err->status;
	return late ? err_set(err, STATUS_HELPER, "pxb-fed-kube did not answer within %u seconds", seconds) : 0;
}

/* The bytes of the event before this one are given back. */
static void forget_taken(struct kube *k)
{
	if (!k->taken)
		return;
	memmove(k->in.p, k->in.p + k->taken, k->in.n - k->taken);
	k->in.n -= k->taken;
	k->taken = 0;
}

static int next_frame(struct kube *k, unsigned seconds, struct frame *f, struct err *err)
{
	long n;

	forget_taken(k);
	while ((n = frame_read(buf_slice(&k->in), f)) == 0)
		if (receive(k, seconds, err) < 0)
			return err->status;
	if (n < 0)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube sent something that is not a frame");
	k->taken = (size_t)n;
	return 0;
}

static int read_head(struct kube *k, const struct frame *f, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	stream_release(&k->head);
	stream_init(&k->head, &limits);
	if (stream_add(&k->head, "frame", f->head, err) < 0)
		return err->status;
	if (k->head.problems.n || k->head.documents.n != 1)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube sent a frame without a head");
	*root = k->head.documents.v[0].root;
	return 0;
}

static long number(const struct node *head, const char *key)
{
	struct slice s = node_text(node_real(node_lookup(head, key)));
	long n = 0;

	for (size_t i = 0; i < s.n && i < 9 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n = n * 10 + (s.p[i] - '0');
	return n;
}

static bool parse_change(struct slice word, enum kube_change *change)
{
	static const char *const words[] = {"list", "added", "modified", "deleted", "state"};

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		if (!slice_is(word, words[i]))
			continue;
		*change = (enum kube_change)i;
		return true;
	}
	return false;
}

static int read_event(struct kube *k, const struct frame *frame, struct kube_event *event, struct err *err)
{
	const struct node *head = NULL;
	const struct frame f = *frame;

	if (read_head(k, &f, &head, err) < 0)
		return err->status;
	*event = (struct kube_event){.cluster = number(head, "cluster"),
				     .question = number(head, "question"),
				     .answer = answer_parse(node_string(node_lookup(head, "kind"))),
				     .status = number(head, "status"),
				     .text = node_string(node_lookup(head, "text")),
				     .body = f.body,
				     .head = head};
	if (f.kind == FRAME_CONTEXTS)
		event->kind = KUBE_CONTEXTS;
	else if (f.kind == FRAME_CONNECT)
		event->kind = KUBE_CONNECTED;
	else if (f.kind == FRAME_ANSWER)
		event->kind = KUBE_ANSWERED;
	else if (f.kind == FRAME_CHANGE && parse_change(node_string(node_lookup(head, "change")), &event->change))
		event->kind = KUBE_CHANGED;
	else
		return err_set(err, STATUS_FAILED, "pxb-fed-kube sent a frame of an unknown kind");
	if (f.kind != FRAME_CONTEXTS && event->answer == ANSWER_KINDS)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube sent an answer of an unknown kind");
	return 0;
}

int kube_next(struct kube *k, unsigned seconds, struct kube_event *event, struct err *err)
{
	struct frame f;

	return next_frame(k, seconds, &f, err) < 0 ? err->status : read_event(k, &f, event, err);
}

int kube_wait(struct kube *k, unsigned ms, bool *got, struct kube_event *event, struct err *err)
{
	struct frame f;
	bool late = false;
	long n;

	*got = false;
	forget_taken(k);
	n = frame_read(buf_slice(&k->in), &f);
	if (n == 0) {
		if (receive_once(k, (int)ms, &late, err) < 0)
			return err->status;
		n = frame_read(buf_slice(&k->in), &f);
	}
	if (n < 0)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube sent something that is not a frame");
	if (n == 0)
		return 0;
	k->taken = (size_t)n;
	*got = true;
	return read_event(k, &f, event, err);
}

static int greet(struct kube *k, const char *path, struct err *err)
{
	struct buf head = BUF_TEXT;
	const struct node *hello = NULL;
	struct frame f;
	struct slice version;

	if (next_frame(k, HELLO_SECONDS, &f, err) < 0 || read_head(k, &f, &hello, err) < 0)
		return err_wrap(err, "'%s'", path);
	version = node_string(node_lookup(hello, "version"));
	if (f.kind != FRAME_HELLO || number(hello, "protocol") != KUBE_PROTOCOL || !slice_is(version, PXB_VERSION)) {
		char self[PATH_MAX];
		ssize_t n = readlink("/proc/self/exe", self, sizeof(self));

		return err_set(err, STATUS_FAILED,
			       "'" SLICE_FMT "' is version %s, but '%s' is version " SLICE_FMT
			       ": install both from one release",
			       SLICE_ARG(slice_of(self, n > 0 ? (size_t)n : 0)), PXB_VERSION, path,
			       SLICE_ARG(slice_to(version, 40)));
	}
	k->connections = (unsigned)number(hello, "connections");
	buf_addf(&head, "{\"protocol\":%d", KUBE_PROTOCOL);
	put_text(&head, "version", PXB_VERSION);
	return send(k, FRAME_HELLO, &head, SLICE_EMPTY, err);
}

int kube_open(struct kube *k, struct err *err)
{
	cleanup_buf struct buf path = BUF_TEXT;

	*k = KUBE_INIT;
	k->in = BUF_INIT((size_t)FRAME_MAX + CHUNK);
	k->out = BUF_INIT((size_t)FRAME_MAX * 2);
	if (kube_helper_path(&path, err) < 0)
		return err->status;
	if (start(k, buf_str(&path), err) < 0 || greet(k, buf_str(&path), err) < 0) {
		kube_close(k);
		return err->status;
	}
	return 0;
}
