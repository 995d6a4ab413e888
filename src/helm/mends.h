/*
 * mends.h: the values that the findings of a judged gate name, as options for Helm.
 */
#ifndef PXB_HELM_MENDS_H
#define PXB_HELM_MENDS_H

#include "rules/gate.h"

struct mend_list {
	struct arena arena;
	VEC(const char *) sets;	  /* "pxbackup.federated=true": of --set, each key once, in the order of the findings */
	VEC(const char *) others; /* "--namespace central": other options of Helm */
	VEC(const char *) open;	  /* sets whose value a person must choose */
};

#define cleanup_mends PXB_CLEANUP(mends_release)

void mends_release(struct mend_list *m);

/* From every finding that refuses the run or was repaired. */
int mends_collect(struct mend_list *m, const struct gate *g, struct err *err);

#endif
