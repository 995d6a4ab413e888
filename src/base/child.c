#include "base/child.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static void child_exec(char *const argv[], int out, int report)
{
	int null = open("/dev/null", O_RDONLY);
	int why;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(report, 3) >= 0 &&
	    fcntl(3, F_SETFD, FD_CLOEXEC) >= 0) {
		closefrom(4);
		execvp(argv[0], argv);
	}
	why = errno;
	if (write(3, &why, sizeof(why)) < 0)
		_exit(126);
	_exit(127);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum { DRAIN_BYTES = 4096 };

/* Reads fd to its end. False: the deadline passed or there was more than fits. */
static bool drain(int fd, long long until, struct buf *out)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		long long left = until - now_ms();
		char *at, one_more;
		size_t room;
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)left) <= 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		room = out->cap - out->n < DRAIN_BYTES ? out->cap - out->n : DRAIN_BYTES;
		at = room ? buf_reserve(out, room) : &one_more;
		if (!at)
			return false;
		n = read(fd, at, room ? room : 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (!room) {
			out->failed = true; /* there is more than fits */
			return false;
		}
		out->n += (size_t)n;
		out->p[out->n] = '\0';
	}
}

/* Waits for the end, or kills the process group at the deadline. */
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
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(char *const argv[], unsigned seconds, struct buf *out, struct child_result *result, struct err *err)
{
	long long until = now_ms() + (long long)seconds * 1000;
	cleanup_fd int report_r = -1;
	int pipe_out[2], pipe_report[2], why = 0;
	pid_t pid;
	bool whole, late;

	if (pipe2(pipe_out, O_CLOEXEC) < 0)
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", argv[0]);
	if (pipe2(pipe_report, O_CLOEXEC) < 0) {
		close(pipe_out[0]);
		close(pipe_out[1]);
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", argv[0]);
	}
	report_r = pipe_report[0];
	pid = fork();
	if (pid == 0)
		child_exec(argv, pipe_out[1], pipe_report[1]);
	close(pipe_out[1]);
	close(pipe_report[1]);
	if (pid < 0) {
		close(pipe_out[0]);
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", argv[0]);
	}
	whole = drain(pipe_out[0], until, out);
	close(pipe_out[0]);
	if (!whole)
		kill(-pid, SIGKILL);
	late = !whole;
	result->exit_code = reap(pid, until, &late);
	result->timed_out = late && !out->failed;
	if (read(report_r, &why, sizeof(why)) == (ssize_t)sizeof(why)) {
		errno = why;
		return err_errno(err, STATUS_HELPER, "cannot start '%s'", argv[0]);
	}
	if (result->timed_out)
		return err_set(err, STATUS_HELPER, "'%s' did not end within %u seconds", argv[0], seconds);
	if (!whole)
		return err_set(err, STATUS_HELPER, "'%s' said more than %zu bytes", argv[0], out->cap);
	return 0;
}
