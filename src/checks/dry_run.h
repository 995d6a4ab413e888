/*
 * dry_run.h: the rendered objects, each sent to the API server as a dry run: the server does all that it does to an
 * object that is created (schema, admission, quota), and keeps nothing.
 *
 * An object is created; one that already exists is applied, as an upgrade would change it. What came of each is one
 * answer to Q_DRY_RUN, so that it is saved and read back as the answers of the table are. Values of Secrets and what
 * the credential scan finds are taken out of the server's words before anybody else sees them.
 *
 * Memory: a dry run borrows the release and owns the rest, until dry_run_release().
 */
#ifndef PXB_CHECKS_DRY_RUN_H
#define PXB_CHECKS_DRY_RUN_H

#include "checks/checks.h"
#include "checks/secret_words.h"
#include "cluster/session.h"
#include "kube/release.h"

/* What was asked last. */
enum dry_run_round { DRY_RUN_NOTHING, DRY_RUN_START, DRY_RUN_KINDS, DRY_RUN_CREATE, DRY_RUN_APPLY, DRY_RUN_DONE };

/* One apiVersion of the render. */
struct dry_run_api {
	struct slice name;
	enum answer_kind answer;
	const char *text;
	const struct node *resources; /* what the server has of it: name, kind, namespaced */
};

struct dry_run_object {
	const struct object *object;
	struct slice ns;
	const char *path; /* of its kind; NULL: the server has no such kind */
	bool exists;	  /* it is there already: applied instead */
	enum answer_kind answer;
	long status;
	const char *text;
	VEC(const char *) warnings;
};

struct dry_run {
	const struct release *rendered;
	struct slice ns; /* of objects that name none */
	struct arena arena;
	struct stream stream; /* what the server has */
	struct secret_words secrets;
	enum dry_run_round round;
	VEC(struct dry_run_api) apis;
	VEC(struct dry_run_object) objects;
};

#define cleanup_dry_run PXB_CLEANUP(dry_run_release)

void dry_run_init(struct dry_run *d, const struct release *rendered, const char *ns);
void dry_run_release(struct dry_run *d);

/* Asks what comes next, when all that was asked is answered: *open counts the questions. None: the answer to Q_DRY_RUN
   is among the facts. */
int dry_run_ask(struct dry_run *d, struct kube *k, long cluster, unsigned seconds, struct facts *f, size_t *open,
		struct err *err) PXB_MUST_CHECK;

/* Takes an answer to a question of dry_run_ask(): their numbers begin at QUESTION_COUNT. */
int dry_run_take(struct dry_run *d, const struct kube_event *e, struct err *err) PXB_MUST_CHECK;

#endif
