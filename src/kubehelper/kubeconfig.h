/*
 * kubeconfig.h: the files of a kubeconfig, merged as kubectl merges them: of clusters, users and contexts the first
 * definition of a name counts, of current-context the first that is not empty. A file of the KUBECONFIG list that is
 * not there is skipped. Unknown fields are ignored; a field of a wrong type is an error with its place.
 *
 * The kubeconfig owns the bytes, and with them every node that it hands out.
 */
#ifndef PXB_KUBEHELPER_KUBECONFIG_H
#define PXB_KUBEHELPER_KUBECONFIG_H

#include "yaml/stream.h"

struct config_file {
	const char *path, *directory; /* the directory of relative paths; NULL: the text came from elsewhere */
	struct buf text;
	struct stream stream;
	const struct node *root; /* NULL: empty */
	unsigned mode;		 /* permission bits; 0: no file */
};

/* One entry of a list, for looking names up. */
struct config_entry {
	struct slice name;
	const struct node *node;
	const struct config_file *file;
	size_t order; /* the lower one counts */
};

enum config_list { CONFIG_CLUSTERS, CONFIG_USERS, CONFIG_CONTEXTS, CONFIG_LISTS };

struct kubeconfig {
	struct arena arena;
	VEC(struct config_file *) files;
	struct {
		VEC(struct config_entry) entries; /* by name and order */
	} lists[CONFIG_LISTS];
};

#define KUBECONFIG_INIT	   ((struct kubeconfig){.arena = ARENA_INIT((size_t)16 << 20)})
#define cleanup_kubeconfig PXB_CLEANUP(kubeconfig_release)

void kubeconfig_release(struct kubeconfig *k);

/* `option` as of --kubeconfig, else $KUBECONFIG, else ~/.kube/config. No file at all is not an error. */
int kubeconfig_load(struct kubeconfig *k, const char *option, struct err *err) PXB_MUST_CHECK;

/* The text of one kubeconfig that is in no file. */
int kubeconfig_load_text(struct kubeconfig *k, struct slice text, struct err *err) PXB_MUST_CHECK;

/* The kubeconfig that was read last: a fleet's contexts are mostly of one, and it is read once for all of them. */
struct kubeconfig_cache {
	struct kubeconfig k;
	char *option;
	bool loaded;
};

/* As kubeconfig_load(). *k is valid until the next call. */
int kubeconfig_cached(struct kubeconfig_cache *c, const char *option, const struct kubeconfig **k,
		      struct err *err) PXB_MUST_CHECK;
void kubeconfig_cache_release(struct kubeconfig_cache *c);

/* An entry of a list, and the file that has it. NULL: there is none. */
const struct node *kubeconfig_entry(const struct kubeconfig *k, enum config_list list, struct slice name,
				    const struct config_file **file);

struct slice kubeconfig_current(const struct kubeconfig *k);

/* The text at `key` of a mapping: the empty slice when it is not there. STATUS_USAGE for another type. */
int config_text(const struct config_file *f, const struct node *map, const char *key, struct slice *text,
		struct err *err) PXB_MUST_CHECK;
int config_bool(const struct config_file *f, const struct node *map, const char *key, bool *value,
		struct err *err) PXB_MUST_CHECK;

/* "FILE:LINE:COLUMN: ..." */
int config_fail(const struct config_file *f, const struct node *at, struct err *err, const char *fmt, ...)
	PXB_PRINTF(4, 5) PXB_MUST_CHECK;

/* A path of the file as kubectl takes it: relative to the file's directory. */
const char *config_path(struct arena *a, const struct config_file *f, struct slice path);

#endif
