/*
 * count.c: how much work a run is, in basic blocks. The compiler calls __sanitizer_cov_trace_pc() at the begin of each
 * (-fsanitize-coverage=trace-pc); the number goes to the file PXB_WORK at exit. Unlike seconds it is the same on every
 * machine, idle or busy. This file is compiled without that option: it would count itself.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

void __sanitizer_cov_trace_pc(void);

static atomic_ullong blocks;
static pid_t owner;

void __sanitizer_cov_trace_pc(void)
{
	atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void begin(void)
{
	owner = getpid();
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("PXB_WORK");
	FILE *f;

	/* A child is work of another kind: the libraries' own. */
	if (!path || getpid() != owner)
		return;
	f = fopen(path, "w");
	if (!f)
		return;
	fprintf(f, "%llu\n", (unsigned long long)blocks);
	fclose(f);
}
