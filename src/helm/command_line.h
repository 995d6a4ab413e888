/*
 * command_line.h: a command line of helm install, upgrade or template, as Helm's own parser would take it apart.
 *
 * Takes the arguments behind the command; gives them item by item with the flag that each one is, and the argument
 * vectors of our own calls of Helm. Judges nothing: what Helm will not take, it says itself. Flags that flags.def does
 * not know pass through.
 *
 * The line owns its arena, borrows the argument vector, and everything it gives lives as long as both.
 */
#ifndef PXB_HELM_COMMAND_LINE_H
#define PXB_HELM_COMMAND_LINE_H

#include "base/arena.h"
#include "base/err.h"

enum helm_command { HELM_INSTALL = 1 << 0, HELM_UPGRADE = 1 << 1, HELM_TEMPLATE = 1 << 2 };

enum helm_arity { ARITY_NONE, ARITY_VALUE, ARITY_OPTIONAL };

enum helm_part {
	PART_VALUES = 1 << 0,	  /* what the chart's values become */
	PART_SOURCE = 1 << 1,	  /* where the chart comes from: `helm show values` takes them too */
	PART_CONNECTION = 1 << 2, /* which cluster, as whom, which namespace: every command of Helm takes them */
	PART_REGISTRY = 1 << 3,	  /* repositories and caches: the same */
	PART_RENDERING = 1 << 4,
	PART_DRY_RUN = 1 << 5,
	PART_NAME = 1 << 6,
	PART_WAITING = 1 << 7,
	PART_HOOKS = 1 << 8,
	PART_OUTPUT = 1 << 9, /* what is printed, and where */
	PART_SECRETS = 1 << 10,
	PART_HELP = 1 << 11,
	PART_RENDERER = 1 << 12,
	PART_ALL = (1 << 13) - 1,
};

struct helm_flag {
	const char *name; /* without dashes */
	char letter;	  /* 0: none */
	enum helm_arity arity;
	enum helm_part part;
	unsigned commands; /* enum helm_command, those that know it */
};

/* One argument, or a flag with its value. */
struct helm_item {
	const struct helm_flag *flag; /* NULL: a positional argument, or a flag that is not known */
	const char *word;	      /* as it was written; of a letter in a cluster (-gf) the whole cluster */
	const char *value;	      /* of a flag: NULL when it has none */
	const char *given;	      /* what Helm is given in place of the value; NULL: the value */
	bool value_apart;	      /* the value is a word of its own */
	bool in_cluster;
	bool positional;
	bool after_end; /* behind `--` */
};

struct helm_line {
	struct arena arena;
	enum helm_command command;
	VEC(struct helm_item) items;
	const char *name; /* of the release; NULL when Helm is to find one, or will complain */
	const char *chart;
};

/* An argument vector in the line's arena, with the NULL that ends it. */
struct helm_argv {
	VEC(char *) args;
};

#define cleanup_helm_line PXB_CLEANUP(helm_line_release)

void helm_line_release(struct helm_line *l);

/* STATUS_FAILED when memory is short, and nothing else. */
int helm_line_parse(struct helm_line *l, enum helm_command command, int argc, char **argv,
		    struct err *err) PXB_MUST_CHECK;

/* How many words the first one takes with its value: 1 or 2. */
int helm_words(enum helm_command command, int left, char *const *words);

const char *helm_command_name(enum helm_command command);

/* The flag of that long name as the command has it, or as another command has it; NULL when none does. */
const struct helm_flag *helm_flag_find(struct slice name, enum helm_command command);

/* The value of the last such flag, NULL without one. */
const char *helm_line_value(const struct helm_line *l, const char *flag);

/* A boolean flag is set (and not by `=false`), or one with a value is there. */
bool helm_line_has(const struct helm_line *l, const char *flag);

/* --dry-run in one of its forms that installs nothing. */
bool helm_line_is_dry_run(const struct helm_line *l);

/* The release's name that `helm install --generate-name CHART` would make at that time. */
const char *helm_generated_name(struct arena *a, const char *chart, long long seconds);

/* Puts `name` into the place of the flags that would have Helm find one. */
void helm_line_set_name(struct helm_line *l, const char *name);

/* Appends an option of the values family ("set"), which so wins over those of its kind before it. */
void helm_line_add_value(struct helm_line *l, const char *flag, const char *text);

/* Takes the pairs whose key is one that `drop` wants out of --set and --set-string: another value belongs there.
   Texts with quoting in them stay as they are, and let the later one win. */
void helm_line_drop_values(struct helm_line *l, bool (*drop)(void *arg, struct slice key), void *arg);

/* Appends to an argument vector; the texts are borrowed. A failure shows in helm_argv_end(). */
void helm_argv_add(struct helm_line *l, struct helm_argv *a, const char *text);

/* Appends, in their order and as they were written, the flags of the parts (enum helm_part) that `command` knows, and
   with `rest` the positional arguments and what is not known. */
void helm_argv_items(struct helm_line *l, struct helm_argv *a, unsigned parts, enum helm_command command, bool rest);

/* The vector, ended with NULL; NULL when memory is short. */
char *const *helm_argv_end(struct helm_line *l, struct helm_argv *a);

/* Calls fn for each value of the values family in the order in which Helm merges them: files, then --set-json, --set,
   --set-string, --set-file, --set-literal; a list of files is taken apart. Stops at the first negative result. */
typedef int (*helm_value_fn)(void *arg, const struct helm_flag *flag, const char *value, struct err *err);
int helm_line_values(struct helm_line *l, helm_value_fn fn, void *arg, struct err *err) PXB_MUST_CHECK;

#endif
