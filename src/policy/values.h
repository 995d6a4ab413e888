/*
 * values.h: values files as a statement of intent.
 *
 * Each file is read like a manifest (strict typing, duplicate keys, positions). Later files win key by key, as Helm
 * merges them. Keys are compared with those that some version of the chart knows.
 *
 * The struct owns its streams; slices and nodes live as long as it does.
 */
#ifndef PXB_POLICY_VALUES_H
#define PXB_POLICY_VALUES_H

#include "base/err.h"
#include "yaml/stream.h"

enum chart_value {
#define CHART_VALUE(name, key, def, hooks) VALUE_##name,
#include "policy/chart_values.def"
#undef CHART_VALUE
	VALUE_COUNT
};

struct chart_value_info {
	const char *key; /* "pxbackup.federated" */
	const char *def; /* the chart's default as text, "" for none */
	bool reaches_hooks;
};

extern const struct chart_value_info chart_value_infos[VALUE_COUNT];

struct values_file {
	const char *name;
	struct buf text;
	struct stream stream;
	const struct node *root; /* a mapping, or NULL for an empty file */
};

struct values {
	struct arena arena;
	VEC(struct values_file *) files;
};

#define cleanup_values PXB_CLEANUP(values_release)

void values_init(struct values *v);
void values_release(struct values *v);

/* Reads one more file; STATUS_USAGE with "FILE:LINE:COLUMN: ..." when it cannot be read, is no mapping or has a second
   document (Helm 3 ignores that, Helm 4 merges it). Keys that stand twice are left to the rules: Helm takes the last.
 */
int values_add(struct values *v, const char *path, struct err *err);

/* The winning node for a dotted key ("istio.hostName"), NULL when no file says it and the chart's default holds, or
   when a value that is no mapping stands in its way; *file (if not NULL) gets the file it stands in. A null node is no
   absence: Helm deletes the key then, the chart's default included. It is returned for a key below a deleted mapping
   too. */
const struct node *values_get(const struct values *v, const char *key, struct values_file **file);

/* Whether a template takes the node for true: all but false, null, 0, the empty text and empty collections. The texts
   "false" and "0" (--set-string) are true. */
bool values_is_true(const struct node *n);

/* Calls fn for every key of every file that no version of the chart knows; `path` shows where it is (as findings write
   paths; valid during the call), `near` is the known path probably meant, or NULL. `distance` is the edit distance in
   the last part: 0 when the same key is known at another place, 1 when only case, '-' or '_' differ. Does not look
   below an unknown key, nor into free maps and lists. Helm's own `global` is known. */
typedef void (*unknown_key_fn)(void *arg, const struct values_file *f, const struct node *key, const char *path,
			       const char *near, unsigned distance);
void values_unknown_keys(const struct values *v, unknown_key_fn fn, void *arg);

#endif
