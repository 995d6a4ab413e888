/*
 * options.h: command-line options from tables: parsing, help and completion read the same rows.
 */
#ifndef PXB_CMD_OPTIONS_H
#define PXB_CMD_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"

struct string_list {
	const char **v; /* freed by string_list_release() */
	size_t n, cap;
};

#define cleanup_strings PXB_CLEANUP(string_list_release)
void string_list_release(struct string_list *l);
int string_list_add(struct string_list *l, const char *s, struct err *err) PXB_MUST_CHECK;

enum option_kind {
	OPTION_FLAG,	/* bool *: set to true */
	OPTION_STRING,	/* const char **: the last one wins */
	OPTION_LIST,	/* struct string_list *: repeatable */
	OPTION_CHOICE,	/* const char **: one of `choices` */
	OPTION_NUMBER,	/* size_t *: 1 or more */
	OPTION_SECONDS, /* size_t *: 1 to a day */
	OPTION_MIB,	/* size_t *: MiB of input, 1 to what offsets can count */
};

struct option {
	const char *name; /* without dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	const char *arg;     /* "FILE", for help */
	const char *help;    /* one sentence, no full stop; NULL: for this program itself, not offered to anybody */
	const char *choices; /* "chart|visible|never"; of a list: what comes before the '=' of an argument */
	size_t offset;	     /* of the field in the struct that parsing fills */
};

struct option_table {
	const struct option *v;
	size_t n;
};

#define OPTION_TABLE(name, rows) static const struct option_table name = {(rows), ARRAY_SIZE(rows)}

/* Fills `into[i]` from the options of tables[i]; what is not an option goes to `rest` in its order. `--x=y`, `--x y`,
   `-xy`,
   `-x y`; `--` ends the options; `-` alone is an argument. STATUS_USAGE names the option and the nearest known one.
   *help is set by -h and --help, which end the parsing. */
int options_parse(const struct option_table *const *tables, void *const *into, int argc, char **argv,
		  struct string_list *rest, bool *help, struct err *err) PXB_MUST_CHECK;

/* How many words an option of the tables takes with its value: of `words`, the first of which is one. */
int options_width(const struct option_table *const *tables, int left, char *const *words);

/* True for "--name", "--name=..." and "-n..." of an option in the tables. */
bool options_know(const struct option_table *const *tables, const char *word);

/* The options of a table as lines of help, 80 columns wide. */
void options_help(const struct option_table *t, struct buf *out);

#endif
