/*
 * second_reader.c: libfyaml's reading of a document, reduced to a digest of its events. The only file that knows
 * libfyaml, and it runs only in a child with limits: versions before 0.9.5 crash on hostile input.
 */
#include "yaml/second_reader.h"

#include "yaml/second_opinion.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PXB_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define PXB_ADDRESS_SANITIZER 1
#endif
#ifndef PXB_ADDRESS_SANITIZER
#define PXB_ADDRESS_SANITIZER 0
#endif

enum {
	CPU_SECONDS = 2,
	CPU_BYTES_PER_SECOND = 256 * 1024,
	INTAKE_BYTES = 256 * 1024, /* received at once */
	INTAKE_MAX = 8 << 20,	   /* of questions that wait here, so that the parent need not wait for us */
	GLANCE_BYTES = 16 * 1024,  /* read between two looks at what has come */
};

bool read_exactly(int fd, void *p, size_t n)
{
	while (n) {
		ssize_t r = read(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		p = (char *)p + r;
		n -= (size_t)r;
	}
	return true;
}

static struct slice token_text(struct fy_token *t)
{
	size_t n = 0;
	const char *p = t ? fy_token_get_text(t, &n) : NULL;

	return slice_of(p ? p : "", p ? n : 0);
}

static void digest_event(struct event_digest *d, const struct fy_event *e)
{
	switch (e->type) {
	case FYET_SCALAR:
		event_digest_scalar(d, !e->scalar.value || fy_token_scalar_style(e->scalar.value) == FYSS_PLAIN,
				    token_text(e->scalar.anchor), token_text(e->scalar.value));
		return;
	case FYET_ALIAS:
		event_digest_alias(d, token_text(e->alias.anchor));
		return;
	case FYET_MAPPING_START:
		event_digest_open(d, '{', token_text(e->mapping_start.anchor));
		return;
	case FYET_SEQUENCE_START:
		event_digest_open(d, '[', token_text(e->sequence_start.anchor));
		return;
	case FYET_MAPPING_END:
		event_digest_close(d, '}');
		return;
	case FYET_SEQUENCE_END:
		event_digest_close(d, ']');
		return;
	default:
		return;
	}
}

static bool read_document(struct event_digest *d, const char *text, size_t n)
{
	static const struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_1 | FYPCF_SLOPPY_FLOW_INDENTATION,
	};
	struct fy_parser *p = fy_parser_create(&cfg);
	struct fy_event *e;
	bool ended = false;
	int documents = 0;

	if (!p)
		return false;
	event_digest_reset(d);
	if (fy_parser_set_string(p, text, n) == 0) {
		while ((e = fy_parser_parse(p)) != NULL) {
			documents += e->type == FYET_DOCUMENT_START;
			ended = e->type == FYET_STREAM_END;
			digest_event(d, e);
			fy_parser_event_free(p, e);
		}
	}
	/* After a refusal 0.7.12 would free some of it twice; the process ends then, and with it this memory. */
	if (ended)
		fy_parser_destroy(p);
	return ended && documents <= 1;
}

/* The hard limit stays: it may be lower already, and cannot be raised. */
static void limit_soft(int what, rlim_t value)
{
	struct rlimit l;

	if (getrlimit((unsigned)what, &l) < 0)
		return;
	l.rlim_cur = value < l.rlim_max ? value : l.rlim_max;
	setrlimit((unsigned)what, &l);
}

static void limit_child(void)
{
	struct rlimit none = {0, 0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
#if !PXB_ADDRESS_SANITIZER /* whose shadow memory is far larger than any limit */
	limit_soft(RLIMIT_AS, (rlim_t)4 << 30);
#endif
}

/* CPU time is never more than the clock's: a limit that was set a moment ago is as good as a new one. */
static void limit_cpu(size_t bytes)
{
	static struct timespec set_at;
	static size_t set_for = SIZE_MAX;
	size_t more = bytes / CPU_BYTES_PER_SECOND;
	struct rusage used;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (more == set_for && (now.tv_sec - set_at.tv_sec) * 1000 + (now.tv_nsec - set_at.tv_nsec) / 1000000 < 100)
		return;
	if (getrusage(RUSAGE_SELF, &used) == 0)
		limit_soft(RLIMIT_CPU, (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS + more);
	set_at = now;
	set_for = more;
}

bool send_exactly(int fd, const void *p, size_t n)
{
	while (n) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p = (const char *)p + w;
		n -= (size_t)w;
	}
	return true;
}

static bool send_events(int fd, const struct event_digest *d)
{
	struct slice events = event_digest_events(d);
	uint32_t n = (uint32_t)events.n;

	return send_exactly(fd, &n, sizeof(n)) && send_exactly(fd, events.p, events.n);
}

/* What has come and was not read yet: bytes from `at` on. */
struct intake {
	int fd;
	struct buf bytes;
	size_t at, glanced;
};

static size_t intake_has(const struct intake *in)
{
	return in->bytes.n - in->at;
}

/* Receives once, with room for `least` bytes. False: the other side is gone, or memory is short. */
static bool intake_more(struct intake *in, size_t least, int flags)
{
	size_t room = least > INTAKE_BYTES ? least : INTAKE_BYTES;
	char *to;
	ssize_t r;

	if (in->at >= INTAKE_BYTES || !intake_has(in)) {
		if (intake_has(in))
			memmove(in->bytes.p, in->bytes.p + in->at, intake_has(in));
		in->bytes.n -= in->at;
		in->at = 0;
	}
	to = buf_reserve(&in->bytes, room);
	if (!to)
		return false;
	do
		r = recv(in->fd, to, room, flags);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK;
	in->bytes.n += (size_t)r;
	in->glanced = in->at;
	return r > 0;
}

/* The next question and its text, which stays until the next call. */
static bool intake_next(struct intake *in, struct question *q, struct slice *text)
{
	size_t need = sizeof(*q);

	if (in->at >= in->glanced + GLANCE_BYTES && intake_has(in) < INTAKE_MAX) {
		in->glanced = in->at;
		if (!intake_more(in, 0, MSG_DONTWAIT))
			return false;
	}
	for (bool known = false;; known = true) {
		while (intake_has(in) < need)
			if (!intake_more(in, need, 0))
				return false;
		memcpy(q, in->bytes.p + in->at, sizeof(*q));
		if (known)
			break;
		need += q->n;
	}
	*text = slice_of(in->bytes.p + in->at + sizeof(*q), q->n);
	in->at += need;
	return true;
}

/* Every answer is sent before the next document is examined: a crash then belongs to the one without an answer. */
static void serve(int fd, const unsigned char *secret)
{
	struct event_digest *d = event_digest_new(secret);
	struct intake in = {.fd = fd, .bytes = BUF_INIT((size_t)1 << 31)};
	struct question q;
	struct slice text;

	while (d && intake_next(&in, &q, &text)) {
		struct answer a = {.agreed_to_read = 0};

		limit_cpu(text.n);
		a.agreed_to_read = read_document(d, text.p, text.n) && event_digest_get(d, a.digest);
		if (!send_exactly(fd, &a, sizeof(a)) || (q.events && !send_events(fd, d)) || !a.agreed_to_read)
			break;
	}
	event_digest_free(d);
	buf_release(&in.bytes);
}

/* Our handlers speak of our children, and are none of its business. */
static void forget_handlers(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* Ctrl-C ends the parent, and with it this process */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void second_reader_main(int fd, const unsigned char *secret)
{
	int null;

	forget_handlers();
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || dup2(fd, 3) < 0)
		_exit(1);
	closefrom(4);
	limit_child();
	serve(3, secret);
	_exit(0);
}

const char *libfyaml_version(void)
{
	return fy_library_version();
}
