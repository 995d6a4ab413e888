#include "base/child.h"

#include "base/child_signals.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* --- starting -------------------------------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && memcmp(a, b, n) == 0;
}

static bool is_overlaid(const char *const *env, const char *variable)
{
	for (; *env; env++)
		if (same_name(*env, variable))
			return true;
	return false;
}

/* Our environment with `env` laid over it: a vector to free(), its strings are borrowed. NULL: no memory. */
static char **environment(const char *const *env)
{
	size_t n = 0, room = 1;
	char **all;

	for (char **e = environ; *e; e++)
		room++;
	for (const char *const *e = env; *e; e++)
		room++;
	all = calloc(room, sizeof(*all));
	if (!all)
		return NULL;
	for (char **e = environ; *e; e++)
		if (!is_overlaid(env, *e))
			all[n++] = *e;
	for (; *env; env++)
		if (strchr(*env, '='))
			all[n++] = (char *)(uintptr_t)*env;
	return all;
}

/* Descriptors of the child; -1: it keeps ours. `report` tells why it could not be started. */
struct ends {
	int in, out, errors, report;
};

static bool is_kept(const struct child *c, int fd)
{
	for (size_t i = 0; i < c->keep_n; i++)
		if (c->keep[i] == fd)
			return true;
	return false;
}

/* All but the first three, those to keep and `report`, which exec closes. */
static void close_others(const struct child *c, int report)
{
	int last = report;

	for (size_t i = 0; i < c->keep_n; i++) {
		if (c->keep[i] > last)
			last = c->keep[i];
		fcntl(c->keep[i], F_SETFD, 0);
	}
	for (int fd = 3; fd < last; fd++)
		if (fd != report && !is_kept(c, fd))
			close(fd);
	closefrom(last + 1);
}

static void child_exec(const struct child *c, char **env, const struct ends *e)
{
	int why, report = fcntl(e->report, F_DUPFD_CLOEXEC, 3); /* out of the way of the first three */

	if (report >= 0 && (e->in < 0 || dup2(e->in, 0) >= 0) && (e->out < 0 || dup2(e->out, 1) >= 0) &&
	    (e->errors < 0 || dup2(e->errors, 2) >= 0) && (!c->directory || chdir(c->directory) == 0)) {
		close_others(c, report);
		execvpe(c->argv[0], c->argv, env ? env : environ);
	}
	why = errno;
	if (write(report, &why, sizeof(why)) < 0)
		_exit(126);
	_exit(127);
}

/* The reading end of `report` says nothing if the program was started. */
static int started(int report, const struct child *c, struct err *err)
{
	int why = 0;

	if (read(report, &why, sizeof(why)) != (ssize_t)sizeof(why))
		return 0;
	errno = why;
	return err_errno(err, STATUS_HELPER, "cannot start '%s'", c->argv[0]);
}

/* --- a program that is asked ----------------------------------------------------------------------------------- */

/* Our ends of its pipes, -1 when closed. */
struct talk {
	int in, out, errors;
	struct slice left; /* of its input */
	long long until;   /* monotonic milliseconds */
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void feed(struct talk *t)
{
	ssize_t n = write(t->in, t->left.p, t->left.n);

	if (n > 0)
		t->left = slice_from(t->left, (size_t)n);
	if (t->left.n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		fd_close(&t->in); /* it need not read all of it */
}

enum { READ_BYTES = 65536 };

/* False: there is more than fits, and it counts. */
static bool take(int *fd, struct buf *b, bool may_drop)
{
	char dropped[4096];
	size_t room = b->cap - b->n < READ_BYTES ? b->cap - b->n : READ_BYTES;
	char *at = room ? buf_reserve(b, room) : NULL;
	ssize_t n = at ? read(*fd, at, room) : read(*fd, dropped, sizeof(dropped));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		fd_close(fd);
		b->failed |= n < 0 && !may_drop; /* what could not be read may be its whole answer */
		return n == 0 || may_drop;
	}
	if (!at) {
		b->failed |= !may_drop;
		return may_drop;
	}
	b->n += (size_t)n;
	b->p[b->n] = '\0';
	return true;
}

/* Until both of its outputs end. False: the deadline passed or there was more than fits. */
static bool converse(struct talk *t, const struct child *c)
{
	while (t->out >= 0 || t->errors >= 0) {
		struct pollfd p[] = {{.fd = t->out, .events = POLLIN},
				     {.fd = t->errors, .events = POLLIN},
				     {.fd = t->in, .events = POLLOUT}};
		long long left = t->until - now_ms();

		if (left <= 0)
			return false;
		if (poll(p, ARRAY_SIZE(p), left < 1000000 ? (int)left : 1000000) < 0 && errno != EINTR)
			return false;
		if (p[2].revents)
			feed(t);
		if (p[0].revents && !take(&t->out, c->out, false))
			return false;
		if (p[1].revents && !take(&t->errors, c->errors, true))
			return false;
	}
	return true;
}

static int exit_code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int lost_child(const struct child *c, struct err *err)
{
	return err_errno(err, STATUS_HELPER, "cannot wait for '%s' to end", c->argv[0]);
}

/* Waits for the end, or kills the process group at the deadline. -1 with errno: there is no such child any more. */
static int reap(pid_t pid, long long until, bool *late)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
	int status = 0;
	pid_t got;

	while ((got = waitpid(pid, &status, *late ? 0 : WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (got == 0 && now_ms() >= until) {
			*late = true;
			kill(-pid, SIGKILL);
		} else if (got == 0) {
			nanosleep(&pause, NULL);
		}
	}
	return got < 0 ? -1 : exit_code_of(status);
}

/* A pair that is never inherited; ours[k] is our end, theirs[k] the child's. */
static int open_pipe(int *ours, int *theirs, bool we_write)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	*ours = fd[we_write];
	*theirs = fd[!we_write];
	return 0;
}

static int open_ends(const struct child *c, struct talk *t, struct ends *e, int *report)
{
	if (open_pipe(report, &e->report, false) < 0 || open_pipe(&t->out, &e->out, false) < 0 ||
	    (c->errors && open_pipe(&t->errors, &e->errors, false) < 0))
		return -1;
	if (!c->input.p)
		return (e->in = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0 ? -1 : 0;
	if (open_pipe(&t->in, &e->in, true) < 0)
		return -1;
	return fcntl(t->in, F_SETFL, O_NONBLOCK);
}

static void close_ends(struct ends *e)
{
	fd_close(&e->in);
	fd_close(&e->out);
	fd_close(&e->errors);
	fd_close(&e->report);
}

static int run(const struct child *c, char **env, struct talk *t, struct ends *e, struct child_result *result,
	       struct err *err)
{
	struct signals signals;
	bool whole, late;
	pid_t pid;

	signals_take(&signals, false);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* we may be killed outright: it must not go on alone */
		signals_of_child(&signals);
		child_exec(c, env, e);
	}
	if (pid > 0)
		setpgid(pid, pid); /* whoever comes first: a signal must not find the group missing */
	signals_unblock(&signals, pid);
	close_ends(e);
	if (pid < 0) {
		signals_give_back(&signals);
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", c->argv[0]);
	}
	whole = converse(t, c);
	fd_close(&t->in);
	fd_close(&t->out);
	fd_close(&t->errors);
	if (!whole)
		kill(-pid, SIGKILL);
	late = !whole;
	result->exit_code = reap(pid, t->until, &late);
	if (result->exit_code < 0)
		lost_child(c, err);
	signals_give_back(&signals);
	if (result->exit_code < 0)
		return err->status;
	result->timed_out = late && !c->out->failed;
	if (result->timed_out)
		return err_set(err, STATUS_HELPER, "'%s' did not end within %u seconds", c->argv[0], c->seconds);
	if (!whole && c->out->n < c->out->cap)
		return err_set(err, STATUS_HELPER, "the output of '%s' could not be read", c->argv[0]);
	if (!whole)
		return err_set(err, STATUS_HELPER, "'%s' printed more than %zu bytes", c->argv[0], c->out->cap);
	return 0;
}

int child_run(const struct child *c, struct child_result *result, struct err *err)
{
	struct talk t = {-1, -1, -1, c->input, now_ms() + (long long)c->seconds * 1000};
	struct ends e = {-1, -1, -1, -1};
	cleanup_fd int report = -1;
	char **env = c->env ? environment(c->env) : NULL;
	struct err ran = ERR_INIT;

	*result = (struct child_result){0};
	if (c->env && !env)
		return err_nomem(err);
	if (open_ends(c, &t, &e, &report) < 0) {
		err_errno(err, STATUS_HELPER, "cannot start '%s'", c->argv[0]);
		close_ends(&e);
		fd_close(&t.in);
		fd_close(&t.out);
		fd_close(&t.errors);
		free(env);
		return err->status;
	}
	run(c, env, &t, &e, result, &ran);
	free(env);
	if (started(report, c, err) < 0)
		return err->status;
	if (ran.status)
		*err = ran;
	return ran.status;
}

/* --- the program that does the work ---------------------------------------------------------------------------- */

/* A file without a name that holds the input, open at its start. -1 with errno on failure. */
static int input_file(struct slice input, struct err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0) {
		err_errno(err, STATUS_FAILED, "cannot hold the standard input");
		return -1;
	}
	if (file_write_all(fd, input, "standard input", err) == 0 && lseek(fd, 0, SEEK_SET) < 0)
		err_errno(err, STATUS_FAILED, "cannot hold the standard input");
	if (err->status)
		fd_close(&fd);
	return fd;
}

/* What it says of itself goes on to ours as it comes, and into `errors`. */
static void pass_words(int from, struct buf *errors, bool *ended)
{
	char some[4096];
	ssize_t n = read(from, some, sizeof(some));
	struct err ignored = ERR_INIT;

	*ended = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
	if (n <= 0)
		return;
	err_ignore(file_write_all(STDERR_FILENO, slice_of(some, (size_t)n), "standard error", &ignored));
	if (errors->n + (size_t)n <= errors->cap)
		buf_add(errors, slice_of(some, (size_t)n));
}

/* Until its end; a program that it left behind may hold its standard error open for longer. */
static pid_t wait_and_pass(pid_t pid, int from, struct buf *errors, int *status)
{
	bool ended = from < 0;
	pid_t got = 0;

	while (!ended && got == 0) {
		struct pollfd p = {.fd = from, .events = POLLIN};

		if (poll(&p, 1, 200) > 0)
			pass_words(from, errors, &ended);
		got = waitpid(pid, status, WNOHANG);
	}
	while (!ended && poll(&(struct pollfd){.fd = from, .events = POLLIN}, 1, 0) > 0)
		pass_words(from, errors, &ended);
	while (got == 0 && (got = waitpid(pid, status, 0)) < 0 && errno == EINTR)
		got = 0;
	return got;
}

static int run_foreground(const struct child *c, char **env, int *exit_code, struct err *err)
{
	struct ends e = {-1, -1, -1, -1};
	cleanup_fd int report = -1, errors = -1;
	struct signals signals;
	pid_t pid, got = 0;
	int status = 0;

	if (c->input.p && (e.in = input_file(c->input, err)) < 0)
		return err->status;
	if (open_pipe(&report, &e.report, false) < 0 || (c->errors && open_pipe(&errors, &e.errors, false) < 0)) {
		err_errno(err, STATUS_HELPER, "cannot start '%s'", c->argv[0]);
		close_ends(&e);
		return err->status;
	}
	signals_take(&signals, true);
	pid = fork();
	if (pid == 0) {
		signals_of_child(&signals);
		child_exec(c, env, &e);
	}
	signals_unblock(&signals, pid);
	if (pid < 0)
		err_errno(err, STATUS_HELPER, "cannot start '%s'", c->argv[0]);
	close_ends(&e);
	if (pid > 0)
		got = wait_and_pass(pid, errors, c->errors, &status);
	if (pid > 0 && got < 0)
		lost_child(c, err);
	signals_give_back(&signals);
	if (pid < 0 || got < 0 || started(report, c, err) < 0)
		return err->status;
	*exit_code = exit_code_of(status);
	return 0;
}

int child_foreground(const struct child *c, int *exit_code, struct err *err)
{
	char **env = c->env ? environment(c->env) : NULL;
	int rc;

	if (c->env && !env)
		return err_nomem(err);
	rc = run_foreground(c, env, exit_code, err);
	free(env);
	return rc;
}
