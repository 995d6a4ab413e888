/*
 * peak.c: runs a command and writes its peak resident memory in bytes to a file. The parent is this small process: the
 * kernel counts what was resident before exec, so a large parent would be measured too.
 *   peak FILE COMMAND [ARGUMENT ...]
 */
#include "base/setup.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;
	pid_t pid;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "peak FILE COMMAND [ARGUMENT ...]\n");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !(out = fopen(argv[1], "we")))
		return 2;
	fprintf(out, "%ld\n", usage.ru_maxrss * 1024);
	return fclose(out) == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
