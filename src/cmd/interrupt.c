#include "cmd/interrupt.h"

#include "base/setup.h"

#include <signal.h>

static volatile sig_atomic_t came;

static void note(int sig)
{
	came = sig;
}

void interrupt_catch(void)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	/* Without SA_RESTART: a signal ends the waiting. */
	struct sigaction act = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND}, before;

	came = 0;
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
		sigaction(ending[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(ending[i], &act, NULL);
	}
}

bool interrupt_came(void)
{
	return came != 0;
}
