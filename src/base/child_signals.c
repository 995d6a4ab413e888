#include "base/child_signals.h"

static const int ending[ENDING_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t current; /* the child's pid: its group's as well, unless it runs in the foreground */

/* What was asked ends with us. */
static void end_group(int sig)
{
	if (current > 0)
		kill(-(pid_t)current, SIGKILL);
	signal(sig, SIG_DFL);
	raise(sig); /* blocked here, so it strikes when this handler returns */
}

static void pass_on(int sig)
{
	if (current > 0)
		kill((pid_t)current, sig);
}

/* Blocks the signals and sets the handlers. The child of a fork must call signals_of_child(), the parent
   signals_unblock() as soon as it knows the pid. */
void signals_take(struct signals *s, bool foreground)
{
	struct sigaction act = {.sa_flags = 0};
	sigset_t block;

	sigemptyset(&block);
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&block, ending[i]);
	sigprocmask(SIG_BLOCK, &block, &s->mask);
	current = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
		sigaction(ending[i], NULL, &s->before[i]);
		if (s->before[i].sa_handler == SIG_IGN)
			continue; /* nohup, or a shell's background job */
		if (!foreground)
			act.sa_handler = end_group;
		else
			act.sa_handler = ending[i] == SIGINT ? SIG_IGN : pass_on; /* the terminal told the child too */
		sigaction(ending[i], &act, NULL);
	}
	act.sa_handler = SIG_IGN;
	sigaction(SIGQUIT, foreground ? &act : NULL, &s->quit_before);
	sigaction(SIGPIPE, &act, &s->pipe_before); /* a child need not read all of its input */
	act.sa_handler = SIG_DFL; /* inherited as ignored, it would take the child's exit code from us */
	sigaction(SIGCHLD, &act, &s->child_before);
}

void signals_unblock(const struct signals *s, pid_t pid)
{
	current = (sig_atomic_t)pid;
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

void signals_of_child(const struct signals *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &s->before[i], NULL);
	sigaction(SIGQUIT, &s->quit_before, NULL);
	signal(SIGPIPE, SIG_DFL);
	sigaction(SIGCHLD, &s->child_before, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

void signals_give_back(const struct signals *s)
{
	current = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &s->before[i], NULL);
	sigaction(SIGQUIT, &s->quit_before, NULL);
	sigaction(SIGPIPE, &s->pipe_before, NULL);
	sigaction(SIGCHLD, &s->child_before, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}
