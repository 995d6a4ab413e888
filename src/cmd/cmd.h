/*
 * cmd.h: the commands. Each is thin: it reads its options, calls the library, maps the outcome to an exit code. Only
 * this folder prints and only main() exits.
 */
#ifndef PXB_CMD_CMD_H
#define PXB_CMD_CMD_H

#include "base/err.h"
#include "cmd/options.h"

enum {
	EXIT_OK = 0,
	EXIT_VIOLATIONS = 1,
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_INTERNAL = 4,
	EXIT_HELPER = 5,
	EXIT_HELM = 6
};

struct command {
	const char *name;
	const char *synopsis;			  /* "[FILE or DIR ...]" */
	const char *summary;			  /* one line for the list of commands */
	const char *details;			  /* paragraphs for its own help */
	const struct option_table *const *tables; /* NULL-terminated */
	int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command commands[];
extern const size_t commands_n;

const struct command *command_find(struct slice name);
const char *command_nearest(const char *name); /* the one that was probably meant, or NULL */

/* "init|show|check", "vap": the words of which one must come first; empty when any word may. */
struct slice command_verbs(const struct command *c);

/* How the program was called: "helm pxb-fed" as a plugin of Helm, else "pxb-fed". */
const char *program_name(void);

int exit_code(int status);

/* Prints "pxb-fed: MESSAGE" and returns the exit code; for usage errors of a command the place of its help too. */
int fail(const struct err *err);
int fail_usage(const struct command *self, const struct err *err);

/* Writes to standard output; a failure is printed and is EXIT_INTERNAL. */
int print_out(struct slice text, int code);

/* The completion script for "bash", "zsh" or "fish"; NULL for any other word. Static. */
const char *shell_completion(const char *shell);

void help_print(void);
void help_command(const struct command *c, struct buf *out);

/* Texts that go to this stream are as wide as its terminal, 60 to 160 columns; 80 elsewhere. */
void use_width_of(int fd);

/* Standard streams are read as UTF-8. */
bool speaks_utf8(void);

/* A terminal whose lines can be drawn over. */
bool can_redraw(int fd);

/* True for a stream that people read in colour: NO_COLOR, CLICOLOR_FORCE, TERM and the terminal decide. */
bool wants_color(int fd);

#define COMMAND(name) int cmd_##name(const struct command *self, int argc, char **argv)
COMMAND(render);
COMMAND(helm); /* template, install, upgrade */
COMMAND(check);
COMMAND(read);
COMMAND(explain);
COMMAND(policy);
COMMAND(lock);
COMMAND(export);
COMMAND(spec);
COMMAND(values);
COMMAND(audit);
COMMAND(post_renderer);
COMMAND(argocd);
COMMAND(verify);
COMMAND(role);
COMMAND(preflight);
COMMAND(watch);
COMMAND(version);
COMMAND(completion);
COMMAND(help);
#undef COMMAND

#endif
