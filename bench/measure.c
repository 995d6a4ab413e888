/*
 * measure.c: runs one command and prints what it and the children it waited for took. A small process of its own,
 * because the peak memory that Linux reports for a child starts at what its parent held when it forked.
 *
 *   measure STDIN STDOUT COMMAND [ARGUMENT ...]
 *
 * Prints: exit status (or 128 + signal), seconds by the clock, seconds of user and system time, peak memory in KiB.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The child's side: no way back. */
static void become(char **argv)
{
	int in = open(argv[1], O_RDONLY);
	int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	int null = open("/dev/null", O_WRONLY);

	if (in >= 0 && out >= 0 && null >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(null, 2) == 2) {
		close(in);
		close(out);
		close(null);
		execvp(argv[3], argv + 3);
	}
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage u;
	double start, clock;
	int status;
	pid_t child;

	if (argc < 4) {
		fputs("Usage: measure STDIN STDOUT COMMAND [ARGUMENT ...]\n", stderr);
		return 2;
	}
	start = now();
	child = fork();
	if (child == 0)
		become(argv);
	if (child < 0) {
		perror("fork");
		return 4;
	}
	while (wait4(child, &status, 0, &u) < 0)
		if (errno != EINTR) {
			perror("wait4");
			return 4;
		}
	clock = now() - start;
	printf("%d %.9f %.9f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), clock,
	       seconds(u.ru_utime) + seconds(u.ru_stime), u.ru_maxrss);
	return 0;
}
