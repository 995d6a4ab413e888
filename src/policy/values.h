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

/* Reads one more file; STATUS_USAGE with "FILE:LINE:COLUMN: ..." when it cannot be read or is no mapping. */
int values_add(struct values *v, const char *path, struct err *err);

/* The winning node for a dotted key ("istio.hostName"), NULL when no file has it; *file gets the file it stands in. */
const struct node *values_get(const struct values *v, const char *key, struct values_file **file);

/* Whether Helm would take the node for "set and true": true, or a non-empty string (which templates take for true). */
bool values_is_true(const struct node *n);

/* Calls fn for every key path of a file that no version of the chart knows; `near` is the known path probably meant, or
   NULL, `distance` its edit distance in the part that differs. Stops below an unknown key and at free maps and lists. */
typedef void (*unknown_key_fn)(void *arg, const struct values_file *f, const struct node *key, const char *path, const char *near,
			       unsigned distance);
void values_unknown_keys(const struct values *v, unknown_key_fn fn, void *arg);

#endif
