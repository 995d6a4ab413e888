/*
 * answer.h: the kinds of answers, and one answer as both programs know it.
 */
#ifndef PXB_CLUSTER_ANSWER_H
#define PXB_CLUSTER_ANSWER_H

#include "base/slice.h"

enum answer_kind {
#define ANSWER(id, name, meaning) ANSWER_##id,
#include "cluster/answers.def"
#undef ANSWER
	ANSWER_KINDS
};

const char *answer_name(enum answer_kind kind);
const char *answer_meaning(enum answer_kind kind);

/* ANSWER_KINDS for a name that is not known. */
enum answer_kind answer_parse(struct slice name);

/* The answer says whether the object is there. */
static inline bool answer_is_known(enum answer_kind kind)
{
	return kind == ANSWER_OK || kind == ANSWER_ABSENT || kind == ANSWER_NO_API;
}

/* The line was lost: nothing can be said of what is there. Everything else (a right that is missing, a kubeconfig that
   only Helm understands) leaves Helm's own answers. */
bool answer_is_lost(enum answer_kind kind);

#endif
