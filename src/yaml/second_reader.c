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

enum { CPU_SECONDS = 2, CPU_BYTES_PER_SECOND = 256 * 1024 };

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

static void limit_cpu(size_t bytes)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		limit_soft(RLIMIT_CPU, (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS +
					       bytes / CPU_BYTES_PER_SECOND);
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

static void serve(int fd, const unsigned char *secret)
{
	struct event_digest *d = event_digest_new(secret);
	struct buf text = BUF_INIT((size_t)1 << 31);
	struct question q;

	while (d && read_exactly(fd, &q, sizeof(q))) {
		struct answer a = {0};
		char *at;

		buf_reuse(&text);
		at = buf_reserve(&text, (size_t)q.n + 1);
		if (!at || !read_exactly(fd, at, q.n))
			break;
		text.n = q.n;
		if (q.newline)
			buf_addc(&text, '\n');
		limit_cpu(q.n);
		a.agreed_to_read = read_document(d, buf_str(&text), text.n) && event_digest_get(d, a.digest);
		if (!send_exactly(fd, &a, sizeof(a)) || (q.events && !send_events(fd, d)))
			break;
	}
	event_digest_free(d);
	buf_release(&text);
}

_Noreturn void second_reader_main(int fd, const unsigned char *secret)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || dup2(fd, 3) < 0)
		_exit(1);
	closefrom(4);
	signal(SIGINT, SIG_IGN); /* Ctrl-C ends the parent, and with it this process */
	limit_child();
	serve(3, secret);
	_exit(0);
}

const char *libfyaml_version(void)
{
	return fy_library_version();
}
