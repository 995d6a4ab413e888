/*
 * show.h: a command line as people may see it and paste it: whole, quoted for a shell, and without a secret in it.
 */
#ifndef PXB_HELM_SHOW_H
#define PXB_HELM_SHOW_H

#include "base/buf.h"
#include "credentials/custom.h"
#include "helm/command_line.h"
#include "values/values.h"

/* What decides beside the built-in names and looks of secrets: the policy's own names and patterns, and the chart, of
   whose keys it is known that no secret belongs there. NULL: neither. */
struct show_rules {
	const struct credential_custom *custom; /* NULL: none */
	const struct values *values;
	const char *under; /* where the chart's values are, "" for the root */
};

/* The text of --set, --set-string and their kin; "..." stands for each value that its name or its looks give away as a
   secret, and of a key that the chart does not know for all but a boolean or null: *hidden is set then. */
void show_set(struct slice text, const struct show_rules *rules, struct buf *out, bool *hidden);

/* A value of a flag: as show_set() for the values family, "..." for passwords and tokens. */
void show_flag_value(const struct helm_flag *flag, const char *value, const struct show_rules *rules, struct buf *out,
		     bool *hidden);

/*
 * The command that was given: `program` (several words), the command, our own options, then Helm's arguments as they
 * were written, then what Helm took away from its plugin and put into the environment, then `more` (words in pairs or
 * alone). Broken into lines that end with a backslash. Returns whether a value was hidden.
 */
bool show_command(const struct helm_line *l, const char *program, const char *const *own, size_t own_n,
		  const char *const *more, size_t more_n, const struct show_rules *rules, struct buf *out);

#endif
