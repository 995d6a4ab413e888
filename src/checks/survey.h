/*
 * survey.h: asks clusters what the checks of a command read, several clusters at a time over one helper, and runs the
 * checks of each as soon as its answers are there. `seconds` are a cluster's deadline, from its credentials to its last
 * answer. `parallel` counts clusters that answer: one that has been silent for a second waits beside them, so that a
 * dead cluster costs nothing but its own deadline. What bounds their number then is the helper's limit of connections.
 *
 * The facts of a cluster are released when `done` returns, so memory is bounded by the number asked at once. Each
 * cluster is done once: after `stopped` those without a result are clusters that were not asked.
 */
#ifndef PXB_CHECKS_SURVEY_H
#define PXB_CHECKS_SURVEY_H

#include "checks/checks.h"
#include "checks/dry_run.h"
#include "cluster/session.h"

struct survey_cluster {
	const char *name;
	const char *origin; /* where the name stands: tells clusters of equal names apart; NULL: nothing does */
	struct kube_target target;
	const char *folder; /* answers come from this folder; NULL: from the cluster */
	const char *ticket; /* path of a POST to the hub that gives the kubeconfig when its turn comes; NULL: none */
	const char *excuse; /* why it is not asked at all; NULL: it is */
};

struct survey {
	enum check_command command;
	const struct demands *demands;
	const char *px_namespace;
	const void *more;
	unsigned seconds, parallel;
	const struct kube_target *hub; /* where tickets are asked for; NULL: nowhere */
	const char *save;	       /* folder to keep the answers in; NULL: none */
	bool (*stopped)(void);	       /* asked between answers: true ends the asking; NULL: nothing does */
	struct dry_run *dry_run;       /* of one cluster: objects to try when the questions are answered; NULL: none */
	/* More questions of the caller's own may be marked as not asked: false leaves the question out. */
	bool (*asks)(const struct survey *s, enum question_id q);
	/* What went wrong without ending the run: answers that could not be kept, a helper that died. The first.
	 * NULL: nothing is kept, and a helper that dies ends the run. */
	struct err *late;
	int (*done)(const struct survey *s, const struct survey_cluster *c, struct facts *f, struct err *err);
	int (*warning)(const struct survey *s, const struct survey_cluster *c, struct slice text, struct err *err);
	void *context; /* the caller's own */
};

int survey_run(const struct survey *s, const struct survey_cluster *clusters, size_t n, struct err *err) PXB_MUST_CHECK;

#endif
