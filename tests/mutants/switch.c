/*
 * switch.c: which mutant is on, and which places were executed.
 *
 * A place is recorded in a shared mapping at once, so that a program that is killed, or leaves by _exit(), is counted
 * too. Neither variable begins with PXB_FED_ or HELM_, which tests remove and the program refuses.
 */
#include "mutants/switch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned char nowhere[PXB_MUTANTS_MAX];

int pxb_mutant_on;
unsigned char *pxb_mutants_reached = nowhere;

/* A test of a bats file has a part of its own: one run of the bats file then tells them apart. The file has its size
   already, because a test may limit that of files. */
static void record_in(const char *path)
{
	const char *name = getenv("BATS_TEST_NUMBER");
	long test = name ? strtol(name, NULL, 10) : 0;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t from = PXB_MUTANTS_MAX * (test > 0 && test < PXB_TESTS_MAX ? test : 0);
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, PXB_MUTANTS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, from);
	close(fd);
	if (map != MAP_FAILED)
		pxb_mutants_reached = map;
}

__attribute__((constructor)) static void read_switch(void)
{
	const char *on = getenv("PXB_MUTANT"), *reached = getenv("PXB_MUTANT_REACHED");

	if (on)
		pxb_mutant_on = (int)strtol(on, NULL, 10);
	if (reached && *reached)
		record_in(reached);
}
