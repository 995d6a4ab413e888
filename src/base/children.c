#include "base/children.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { WORKERS_MAX = 64 };

/* What stands before each answer in a worker's pipe: its two texts follow. */
struct head {
	size_t index, out_n, errors_n;
	int status, exit_code;
};

struct worker {
	pid_t pid;
	int fd; /* -1: it has ended */
};

struct crew {
	const struct children *c;
	size_t *next; /* shared by all: the first question that nobody has taken */
	struct worker v[WORKERS_MAX];
	size_t n, answered;
};

/* --- a worker --------------------------------------------------------------------------------------------------- */

static int answer(const struct children *c, size_t i, int fd)
{
	cleanup_buf struct buf out = BUF_INIT(c->bytes), errors = BUF_INIT(c->words);
	struct child child = c->v[i];
	struct child_result result = {0};
	struct err err = ERR_INIT, lost = ERR_INIT;
	struct head head = {.index = i};
	struct slice words;

	child.out = &out;
	child.errors = &errors;
	head.status = child_run(&child, &result, &err);
	head.exit_code = result.exit_code;
	words = head.status ? slice_str(err.text) : buf_slice(&errors);
	head.out_n = head.status ? 0 : out.n;
	head.errors_n = words.n;
	if (file_write_all(fd, slice_of((const char *)&head, sizeof(head)), "a pipe", &lost) < 0 ||
	    file_write_all(fd, slice_to(buf_slice(&out), head.out_n), "a pipe", &lost) < 0)
		return -1;
	return file_write_all(fd, words, "a pipe", &lost);
}

static _Noreturn void work(const struct crew *crew, int fd, pid_t parent)
{
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* the handlers of child_run() end the child too */
	if (getppid() != parent)
		_exit(1);
	signal(SIGPIPE, SIG_IGN);
	while ((i = __atomic_fetch_add(crew->next, 1, __ATOMIC_RELAXED)) < crew->c->n)
		if (answer(crew->c, i, fd) < 0)
			_exit(1);
	_exit(0);
}

/* --- the crew --------------------------------------------------------------------------------------------------- */

static int hire(struct crew *crew, struct err *err)
{
	struct worker *w = &crew->v[crew->n];
	pid_t parent = getpid();
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_errno(err, STATUS_HELPER, "cannot start a worker");
	w->pid = fork();
	if (w->pid < 0) {
		err_errno(err, STATUS_HELPER, "cannot start a worker");
		close(fd[0]);
		close(fd[1]);
		return err->status;
	}
	if (w->pid == 0) {
		close(fd[0]);
		work(crew, fd[1], parent);
	}
	close(fd[1]);
	w->fd = fd[0];
	crew->n++;
	return 0;
}

static void dismiss(struct crew *crew)
{
	for (size_t i = 0; i < crew->n; i++) {
		fd_close(&crew->v[i].fd);
		kill(crew->v[i].pid,
		     SIGTERM); /* one that has ended is not reaped yet, so the number is still its own */
	}
	for (size_t i = 0; i < crew->n; i++)
		while (waitpid(crew->v[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
}

/* False: the pipe ended before. */
static bool take(int fd, char *into, size_t n)
{
	while (n) {
		ssize_t got = read(fd, into, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		into += got;
		n -= (size_t)got;
	}
	return true;
}

static int hear(struct crew *crew, struct worker *w, child_answer_fn fn, void *context, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(crew->c->bytes + crew->c->words + sizeof(err->text));
	struct child_answer a = {0};
	struct head head;
	char *at;

	if (!take(w->fd, (char *)&head, sizeof(head))) {
		fd_close(&w->fd);
		return 0;
	}
	at = buf_reserve(&text, head.out_n + head.errors_n + 1);
	if (!at)
		return err_nomem(err);
	if (!take(w->fd, at, head.out_n + head.errors_n)) {
		fd_close(&w->fd);
		return 0;
	}
	crew->answered++;
	a = (struct child_answer){head.index, head.status, head.exit_code, slice_of(at, head.out_n),
				  slice_of(at + head.out_n, head.errors_n)};
	return fn(context, &a, err);
}

static int listen_to(struct crew *crew, child_answer_fn fn, void *context, struct err *err)
{
	while (crew->answered < crew->c->n) {
		struct pollfd p[WORKERS_MAX];
		bool any = false;

		for (size_t i = 0; i < crew->n; i++) {
			p[i] = (struct pollfd){.fd = crew->v[i].fd, .events = POLLIN};
			any |= crew->v[i].fd >= 0;
		}
		if (!any)
			return err_set(err, STATUS_HELPER, "%zu of %zu questions to '%s' were not answered",
				       crew->c->n - crew->answered, crew->c->n, crew->c->v[0].argv[0]);
		if (poll(p, crew->n, -1) < 0 && errno != EINTR)
			return err_errno(err, STATUS_FAILED, "cannot wait for the workers");
		for (size_t i = 0; i < crew->n; i++)
			if (p[i].revents && hear(crew, &crew->v[i], fn, context, err) < 0)
				return err->status;
	}
	return 0;
}

static size_t workers_of(const struct children *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = c->workers ? c->workers : cores > 0 ? (size_t)cores : 1;

	n = n < c->n ? n : c->n;
	return n < WORKERS_MAX ? n : WORKERS_MAX;
}

int children_run(const struct children *c, child_answer_fn fn, void *context, struct err *err)
{
	struct crew crew = {.c = c};
	size_t workers = workers_of(c);

	crew.next = mmap(NULL, sizeof(*crew.next), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew.next == MAP_FAILED)
		return err_nomem(err);
	fflush(NULL);
	while (crew.n < workers && hire(&crew, err) == 0)
		;
	if (!err->status)
		listen_to(&crew, fn, context, err);
	dismiss(&crew);
	munmap(crew.next, sizeof(*crew.next));
	return err->status;
}
