/*
 * main.c: finds the command, nothing else.
 */
#include "cmd/cmd.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* What people look for here because `helm pxb-fed install` is here. */
static bool is_helms(const char *name)
{
	static const char *const words[] = {"uninstall", "delete", "rollback", "status", "history", "list",
					    "get",	 "test",   "show",     "pull",	 "repo",    "dependency"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

static int unknown_command(const char *name)
{
	const char *near = command_nearest(name);
	struct err err = ERR_INIT;

	if (is_helms(name))
		err_set(&err, STATUS_USAGE, "no command '%s': '%s' is Helm's own: helm %s", name, name, name);
	else if (near)
		err_set(&err, STATUS_USAGE, "no command '%.60s'; did you mean '%s'?", name, near);
	else
		err_set(&err, STATUS_USAGE, "no command '%.60s'", name);
	fail(&err);
	fprintf(stderr, "see '%s help'\n", program_name());
	return EXIT_USAGE;
}

/* Helm 3 calls a post-renderer without arguments; as a plugin, no arguments ask for help. */
static int no_command(void)
{
	if (!getenv("HELM_PLUGIN_NAME") && !isatty(STDIN_FILENO)) {
		const struct command *render = command_find(SLICE("render"));

		return render->run(render, 0, NULL);
	}
	help_print();
	return EXIT_OK;
}

/*
 * A descriptor that is closed would be taken by the next file that is opened, and the stream would go there. Without a
 * standard output nothing can be passed on; reading from a closed standard input fails, as it should.
 */
static bool descriptors_are_open(void)
{
	bool out = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_WRONLY) != fd)
			return false;
	return out;
}

int main(int argc, char **argv)
{
	const struct command *c;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!descriptors_are_open()) {
		fputs("pxb-fed: standard output is closed\n", stderr);
		return EXIT_INTERNAL;
	}
	signal(SIGPIPE, SIG_IGN); /* a closed pipe shows as a failed write, and so as exit code 4 */
	signal(SIGCHLD, SIG_DFL); /* inherited as ignored, it would take our children's exit codes from us */
	if (!name)
		return no_command();
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	else if (name[0] == '-') {
		/* Options alone mean render: --post-renderer-args --policy --post-renderer-args FILE */
		c = command_find(SLICE("render"));
		return c->run(c, argc - 1, argv + 1);
	}
	c = command_find(slice_str(name));
	return c ? c->run(c, argc - 2, argv + 2) : unknown_command(name);
}
