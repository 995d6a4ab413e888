/*
 * lock_source.h: where `lock` takes the state of an installation from: rendered manifests, an installed release, or the
 * objects of the cluster.
 */
#ifndef PXB_CMD_LOCK_SOURCE_H
#define PXB_CMD_LOCK_SOURCE_H

#include "cmd/inputs.h"
#include "edit/pass.h"

struct source_args {
	const char *release; /* --release NAME */
	bool cluster;	     /* --cluster */
	const char *ns;	     /* --release-namespace */
	size_t max_mib;
};

extern const struct option_table source_options_table;

/* The state itself: the pass has judged it as far as it can be read, `lock` is what it shows. */
struct source {
	struct pass_setup setup;
	struct pass pass;
	struct lock lock;
	struct buf *texts; /* what the pass has read */
	size_t texts_n;
	const char *ns;		    /* of the cluster; NULL: the kubeconfig's */
	const struct lock *against; /* what the pass was compared with; NULL: nothing */
};

#define cleanup_source PXB_CLEANUP(source_release)

void source_init(struct source *s);
void source_release(struct source *s);

/* STATUS_USAGE when the arguments contradict each other, before anything is read. `files` are the command's arguments
   from `first` on. */
int source_check(const struct source_args *a, const struct string_list *files, size_t first,
		 struct err *err) PXB_MUST_CHECK;

/* Takes the state. `against` is the lock that it will be compared with, which also says where to look; NULL for none.
   STATUS_INPUT when it cannot be read, STATUS_USAGE when the lock is another
   installation's, STATUS_HELPER when Helm or the cluster does not answer. */
int source_take(struct source *s, const struct source_args *a, const struct string_list *files, size_t first,
		const struct lock *against, struct err *err) PXB_MUST_CHECK;

#endif
