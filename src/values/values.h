/*
 * values.h: what the chart's user asked for, as a statement of intent: values files and Helm's --set options.
 *
 * Each file is read like a manifest (strict typing, duplicate keys, positions), each assignment of a --set becomes a
 * small file of its own, and all are merged as Helm merges them, key by key, later ones over earlier ones. Keys are
 * compared with those that the chart knows: the chart at hand when its own values are given, else every version.
 *
 * The struct owns its streams; slices and nodes live as long as it does.
 */
#ifndef PXB_VALUES_VALUES_H
#define PXB_VALUES_VALUES_H

#include "base/err.h"
#include "chart/chart_value.h"
#include "yaml/stream.h"

/* Helm's options, in the order in which it applies them, whatever their order on its command line. All of them come
   after all files. */
enum set_kind { SET_JSON, SET, SET_STRING, SET_FILE, SET_LITERAL };

#define SET_KINDS (SET_LITERAL + 1)

const char *set_kind_name(enum set_kind k); /* "--set-json" */

struct values_file {
	const char *name; /* a path, or "--set pxbackup.federated=true": fit to be shown, so without most values */
	bool is_option;	  /* one assignment of a --set option: its nodes have no place in a text */
	enum set_kind kind;
	bool doubtful; /* what looks like a key may be the rest of a private value behind a stray comma */
	struct buf text;
	struct stream stream;
	const struct node *root; /* a mapping, or NULL for an empty file */
};

struct chart_key;
struct merged;

struct values {
	struct arena arena;
	VEC(struct values_file *) files; /* in the order of their weight */
	struct merged *merged;		 /* see values_merge.h */
	struct values_file chart;	 /* the chart's own values; root NULL: not known */
	VEC(struct chart_key) keys;	 /* the paths that this chart knows, in byte order */
};

#define cleanup_values PXB_CLEANUP(values_release)

void values_init(struct values *v);
void values_release(struct values *v);

/* Reads one more file; STATUS_USAGE with "FILE:LINE:COLUMN: ..." when it cannot be read, is not a mapping or has a
   second document (Helm 3 ignores that, Helm 4 merges it). Keys that are defined twice are left to the rules: Helm
   takes the last.
 */
int values_add(struct values *v, const char *path, struct err *err) PXB_MUST_CHECK;

/* The same for a text that somebody else has read; name and text are copied. */
int values_add_text(struct values *v, const char *name, struct slice text, struct err *err) PXB_MUST_CHECK;

/*
 * Reads what follows one --set option of Helm, in Helm's own grammar. STATUS_USAGE, with the reason, for what
 * Helm would reject, which may depend on what was added before (`istio.enabled=true` over `istio: null`). Files come
 * first, then the kinds in their order: anything else is STATUS_FAILED; values_add_sets() sorts.
 *
 * Helm 3 and 4 differ in two things: a whole object (--set-json '{"a": 1}') is Helm 4's alone and taken here, an index
 * without its end (`a[0`) is ignored by Helm 4 and refused here.
 *
 * A file of --set-file is read only if its key is one of chart_value_infos; else its content may be a secret and stays
 * unknown. Messages name keys and never values.
 */
int values_add_set(struct values *v, enum set_kind kind, const char *text, struct err *err) PXB_MUST_CHECK;

struct value_set {
	enum set_kind kind;
	const char *text;
};

/* All of them, in Helm's order; among one kind in theirs. */
int values_add_sets(struct values *v, const struct value_set *sets, size_t n, struct err *err) PXB_MUST_CHECK;

/* The chart's own values, as `helm show values` prints them (copied): from now on the known keys are this chart's.
   A chart without values leaves the table of all versions in force. */
int values_chart_defaults(struct values *v, struct slice yaml, struct err *err) PXB_MUST_CHECK;

/* The winning node for a dotted key ("istio.hostName"), NULL when no file says it and the chart's default holds, or
   when a value that is not a mapping is in its way; *file (if not NULL) gets the file it is in. A null node is no
   absence: Helm deletes the key then, the chart's default included. It is returned for a key below a deleted mapping
   too. */
const struct node *values_get(const struct values *v, const char *key, struct values_file **file);

/* The position of a node in its file; line 0 for an option. */
struct position values_position(const struct values_file *f, const struct node *n);

/* Whether a template takes the node for true: all but false, null, 0, the empty text and empty collections. The texts
   "false" and "0" (--set-string) are true. */
bool values_is_true(const struct node *n);

/* Everything that was added, merged as Helm hands it to the chart (before the chart's defaults), as one line of JSON.
 */
void values_write_json(struct values *v, struct buf *out);

/* --- keys ------------------------------------------------------------------------------------------------------- */

enum unknown_kind {
	UNKNOWN_KEY,
	UNKNOWN_HERE,  /* other versions of the chart know it */
	UNKNOWN_OUTER, /* a mapping around what should be in the root: `px-central: {pxbackup: ...}` */
};

struct unknown_key {
	enum unknown_kind kind;
	const struct values_file *file;
	const struct node *key;
	const char *path;  /* where it is, as findings write paths */
	const char *near;  /* the known path probably meant, "" for the root; NULL: none */
	unsigned distance; /* in the last part: 0 the same key is known at another place, 1 only case, '-' or '_' differ
			    */
};

/* Calls fn for every key of every file that the chart does not know; the texts are valid during the call. Does not look
   below an unknown key, nor into free maps and lists. Helm's own `global` is known. */
typedef void (*unknown_key_fn)(void *arg, const struct unknown_key *u);

/* `under` is where the chart's values are: "" for the root; below another chart only they are examined, beside those
   that were put into the root instead. */
void values_unknown_keys(const struct values *v, const char *under, unknown_key_fn fn, void *arg);

/* Whether the chart knows the dotted path as a single value (or a list, or part of a free map). */
bool values_knows(const struct values *v, const char *under, const char *path);

/* --- options as text, for advice ---------------------------------------------------------------------------------- */

/* "--set PATH=VALUE", or the option of Helm that keeps the value's type, quoted for a shell where it must be. PATH is
   used as it is. False, and out as it was: a collection, or what does not fit into one line. */
bool values_write_option(const char *path, const struct node *value, struct buf *out);
bool values_write_string_option(const char *path, struct slice text, struct buf *out);

/* The other way round: a text that begins with one of Helm's --set options. set->text lives in the arena. */
bool values_read_option(const char *option, struct arena *a, struct value_set *set);

/* Whether a key's name says that its value is not for everybody's eyes; broad, so that doubt hides. */
bool values_key_is_private(struct slice path);

#endif
