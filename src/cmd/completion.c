/*
 * completion.c: Helm's static completion.yaml, and candidates for its plugin.complete and for shells.
 */
#include "checks/checks.h"
#include "cmd/cmd.h"
#include "policy/rule_id.h"

static const struct option_table *const none[] = {NULL};
const struct option_table *const completion_tables[] = {NULL};

/* Helm pairs the one-letter flags of this file with its long ones by their order, beside flags of its own: a letter
   that Helm has already (-v, -n) makes it panic, and any other is shown beside the wrong word. -h is the first of both.
 */
static void put_flags(const struct option_table *const *tables, struct buf *out)
{
	buf_adds(out, "  flags:\n  - help\n  - h\n");
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (tables[t]->v[i].help)
				buf_addf(out, "  - %s\n", tables[t]->v[i].name);
}

static void put_verbs(const struct command *c, struct buf *out)
{
	struct slice rest = command_verbs(c);

	if (rest.n)
		buf_adds(out, "  validArgs:\n");
	while (rest.p && rest.n) {
		struct slice verb = slice_cut(rest, '|', &rest);

		buf_addf(out, "  - " SLICE_FMT "\n", SLICE_ARG(verb));
	}
}

static void put_yaml(struct buf *out)
{
	buf_adds(out, "# Made by 'pxb-fed completion'. Helm reads it while it completes a command line.\nname: "
		      "pxb-fed\ncommands:\n");
	for (size_t i = 0; i < commands_n; i++) {
		buf_addf(out, "- name: %s\n", commands[i].name);
		if (strcmp(commands[i].name, "explain") == 0) {
			buf_adds(out, "  validArgs:\n");
			for (unsigned r = 0; r < RULE_COUNT; r++)
				buf_addf(out, "  - %s\n", rule_infos[r].id);
			for (unsigned c = 0; c < CHECK_COUNT; c++)
				buf_addf(out, "  - %s\n", check_infos[c].name);
		}
		put_verbs(&commands[i], out);
		put_flags(commands[i].tables ? commands[i].tables : none, out);
	}
}

/* The option whose argument comes after `word`: "--name" or a cluster of letters that ends with its own. */
static const struct option *option_before_argument(const struct option_table *const *tables, struct slice word)
{
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct option *o = &tables[t]->v[i];

			if (slice_starts(word, "--") ? slice_is(slice_from(word, 2), o->name)
						     : slice_starts(word, "-") && o->letter && word.n > 1 &&
							       word.p[word.n - 1] == o->letter)
				return o->kind == OPTION_FLAG ? NULL : o;
		}
	return NULL;
}

/* Each choice that begins with `typed`. Of a list the choice is the part before "=": no blank after it, then a file. */
static void put_choices(const struct option *o, struct slice typed, struct buf *out)
{
	struct slice rest = slice_str(o->choices);
	bool is_list = o->kind == OPTION_LIST;

	if (is_list && slice_chr(typed, '=') != SIZE_MAX)
		return;
	while (rest.p) {
		struct slice choice = slice_cut(rest, '|', &rest);

		if (slice_eq(slice_to(choice, typed.n), typed))
			buf_addf(out, SLICE_FMT "%s\n", SLICE_ARG(choice), is_list ? "=" : "");
	}
	buf_adds(out, is_list ? ":6\n" : ":4\n");
}

static void put_options(const struct option_table *const *tables, struct slice typed, struct buf *out)
{
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct option *o = &tables[t]->v[i];

			if (o->help && slice_eq(slice_to(slice_str(o->name), typed.n), typed))
				buf_addf(out, "--%s\t%s\n", o->name, o->help);
		}
	if (slice_eq(slice_to(slice_str("help"), typed.n), typed))
		buf_adds(out, "--help\tprint this help\n");
	buf_adds(out, ":4\n");
}

/* Words typed so far, the last one being completed: one candidate a line. Helm completes options itself, from
   completion.yaml; a shell has no such list. */
static void put_candidates(int argc, char **argv, bool with_options, struct buf *out)
{
	struct slice rest, last = slice_str(argc > 0 ? argv[argc - 1] : "");
	const struct command *command;
	const struct option *option;

	if (argc <= 1) {
		for (size_t i = 0; i < commands_n; i++)
			if (slice_eq(slice_to(slice_str(commands[i].name), last.n), last))
				buf_addf(out, "%s\t%s\n", commands[i].name, commands[i].summary);
		if (with_options)
			buf_adds(out, ":4\n");
		return;
	}
	command = command_find(slice_str(argv[0]));
	option = command ? option_before_argument(command->tables, slice_str(argv[argc - 2])) : NULL;
	if (option && option->choices) {
		put_choices(option, last, out);
		return;
	}
	if (with_options && command && slice_starts(last, "-") && !option) {
		put_options(command->tables ? command->tables : none, slice_from(last, last.n > 1 ? 2 : 1), out);
		return;
	}
	rest = command && argc == 2 ? command_verbs(command) : SLICE_EMPTY;
	if (!rest.n && strcmp(argv[0], "explain") != 0)
		return; /* files: Helm's own completion knows them */
	while (rest.p && rest.n) {
		struct slice verb = slice_cut(rest, '|', &rest);

		if (slice_eq(slice_to(verb, last.n), last))
			buf_addf(out, SLICE_FMT "\n", SLICE_ARG(verb));
	}
	for (unsigned r = 0; r < RULE_COUNT && strcmp(argv[0], "explain") == 0; r++)
		if (slice_eq(slice_to(slice_str(rule_infos[r].id), last.n), last))
			buf_addf(out, "%s\n", rule_infos[r].id);
	for (unsigned c = 0; c < CHECK_COUNT && strcmp(argv[0], "explain") == 0; c++)
		if (slice_eq(slice_to(slice_str(check_infos[c].name), last.n), last))
			buf_addf(out, "%s\n", check_infos[c].name);
	buf_adds(out, ":4\n");
}

int cmd_completion(const struct command *self, int argc, char **argv)
{
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	const char *script;

	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0))
		return cmd_help(self, 0, NULL);
	script = argc == 1 ? shell_completion(argv[0]) : NULL;
	if (script)
		buf_adds(&out, script);
	else if (argc > 0 && (strcmp(argv[0], "--helm") == 0 || strcmp(argv[0], "--") == 0))
		put_candidates(argc - 1, argv + 1, argv[0][2] == '\0', &out);
	else if (argc > 0)
		put_candidates(argc, argv, false, &out);
	else
		put_yaml(&out);
	return out.failed ? fail((err_nomem(&err), &err)) : print_out(buf_slice(&out), EXIT_OK);
}
