/*
 * checks.h: the steps of the vendor's procedure as checks over what a cluster answered.
 *
 * A check is pure: it reads the answers, the policy's requirements and the options, and gives one result. It never
 * asks, never waits, never prints. An answer that is not known (forbidden, late, foreign) never makes a check pass or
 * fail: it makes it unknown, with what would answer it.
 *
 * Memory: `struct facts` owns the answers and all texts of the results, in one arena, until facts_release().
 */
#ifndef PXB_CHECKS_CHECKS_H
#define PXB_CHECKS_CHECKS_H

#include "base/arena.h"
#include "base/err.h"
#include "cluster/answer.h"
#include "kube/version.h"
#include "yaml/stream.h"

enum question_id {
#define QUESTION(id, ...) Q_##id,
#include "checks/checks.def"
	QUESTION_COUNT
};

enum check_id {
#define CHECK(id, ...) CHECK_##id,
#include "checks/checks.def"
	CHECK_COUNT
};

enum question_when { FIRST, LATER, MADE };
enum question_form { OBJECT, LIST, METADATA /* a list of which only the metadata is wanted */ };
enum check_command { VERIFY = 1, PREFLIGHT = 2, ROLE = 4 };

const char *check_command_name(enum check_command c);

struct question_info {
	const char *name;
	unsigned commands; /* of enum check_command */
	enum question_when when;
	const char *path;
	enum question_form form;
	const char *needs;
	const char *const *fields;
};

struct facts;

struct check_info {
	const char *name;
	enum check_command command;
	const char *group, *title;
	void (*run)(struct facts *f);
};

extern const struct question_info question_infos[QUESTION_COUNT];
extern const struct check_info check_infos[CHECK_COUNT];

enum outcome { OUTCOME_PASS, OUTCOME_WARN, OUTCOME_FAIL, OUTCOME_UNKNOWN, OUTCOME_SKIP, OUTCOMES };

const char *outcome_name(enum outcome o);

struct check_result {
	enum check_id check;
	enum outcome outcome;
	bool set;
	const char *text;	    /* one sentence */
	const char *object, *path;  /* what it is about; NULL: nothing in particular */
	const char *found, *needed; /* values; NULL: none to show */
	const char *fix;	    /* a command or a change; NULL: none */
};

struct fact {
	bool asked;
	enum answer_kind kind;
	const char *text;	 /* of the server */
	const char *path;	 /* what was asked */
	struct slice json;	 /* the reduced answer */
	const struct node *root; /* NULL unless kind is ANSWER_OK */
};

/* What the clusters must have; versions are texts such as "3.6.1". */
struct demands {
	const char *px_central; /* the row of the table: "3.0" */
	const char *px, *operator_, *stork, *kubernetes;
	bool azure_only;
	struct slice storage; /* "standard", "immutable" or empty */
};

struct facts {
	struct arena arena;
	struct stream stream;
	const char *cluster;	  /* for messages */
	const char *px_namespace; /* by option; NULL: where the StorageCluster is */
	const struct demands *demands;
	const void *more; /* what the checks of preflight read beside the answers */
	struct fact v[QUESTION_COUNT];
	struct check_result results[CHECK_COUNT];
	enum check_id current;
};

#define cleanup_facts PXB_CLEANUP(facts_release)

void facts_init(struct facts *f, const char *cluster);
void facts_release(struct facts *f);

/* Takes an answer. `body` is JSON and is copied; what cannot be read makes the answer broken. */
int facts_take(struct facts *f, enum question_id q, enum answer_kind kind, struct slice text, struct slice body,
	       struct err *err) PXB_MUST_CHECK;

/* Whether the cluster gave no answer to Q_VERSION: nothing else that it said counts. */
bool facts_are_lost(const struct facts *f);

/* A text that could not be made fails the facts: checks_run() says so, and no result is shown. */
static inline void facts_need(struct facts *f, const struct buf *text)
{
	if (text->failed)
		arena_fail(&f->arena);
}

/* What a server, a plugin or a file of saved answers says, without what a terminal would act on. */
const char *facts_printable(struct arena *a, struct slice text);

/* The path of a question for this cluster; NULL when an earlier answer does not name what it needs. */
const char *facts_path(struct facts *f, enum question_id q);

/* Whether a question belongs to what `command` asks now. */
bool facts_asks(const struct facts *f, enum question_id q, enum check_command command, enum question_when when);

/* Runs every check of the command. */
int checks_run(struct facts *f, enum check_command command, struct err *err) PXB_MUST_CHECK;

/* CHECK_COUNT when there is none of that name. */
enum check_id check_parse(struct slice name);
const char *check_nearest(struct slice name);

/* --- for the checks --------------------------------------------------------------------------------------------- */

void result_put(struct facts *f, enum outcome o, const char *fmt, ...) PXB_PRINTF(3, 4);
#define pass(f, ...)	result_put(f, OUTCOME_PASS, __VA_ARGS__)
#define warn(f, ...)	result_put(f, OUTCOME_WARN, __VA_ARGS__)
#define fail_(f, ...)	result_put(f, OUTCOME_FAIL, __VA_ARGS__)
#define unknown(f, ...) result_put(f, OUTCOME_UNKNOWN, __VA_ARGS__)
#define skip(f, ...)	result_put(f, OUTCOME_SKIP, __VA_ARGS__)

void result_about(struct facts *f, const char *object, const char *path);
void result_values(struct facts *f, const char *found, const char *needed);
void result_fix(struct facts *f, const char *fmt, ...) PXB_PRINTF(2, 3);

/* Keeps the worse of two results, the first of equals: failed, unknown, warned. True: nothing can be worse. */
bool result_keep_worst(struct check_result *worst, const struct check_result *r);

/* The current result as unknown, because of the answer to q: what the server said, and what would answer it. */
void result_unanswered(struct facts *f, enum question_id q);

/* A list's or an object's root when the answer is OK. */
const struct node *facts_root(const struct facts *f, enum question_id q);

/* Whether the question was answered, be it with "not there". */
static inline bool facts_known(const struct facts *f, enum question_id q)
{
	return f->v[q].asked && answer_is_known(f->v[q].kind);
}

/* A value as one line for a message: at most 100 characters, control characters escaped. */
const char *shown(struct facts *f, struct slice value);

/* "Kind NAMESPACE/NAME" of an item. */
const char *object_name(struct facts *f, const char *kind, const struct node *item);

/* --- what several checks read ----------------------------------------------------------------------------------- */

/* The one StorageCluster, or NULL. */
const struct node *facts_storagecluster(const struct facts *f);
const char *facts_namespace(struct facts *f);

/* The same for a check that is about nothing else: without one the result is set. */
const struct node *need_storagecluster(struct facts *f);

/* The client id that the StorageCluster gives for azure; empty when there is none. */
struct slice identity_of(const struct node *storagecluster);

enum proof { PROOF_NO, PROOF_YES, PROOF_UNKNOWN };

/* Whether every Stork pod that runs has the token volume and a client id. */
enum proof pods_proof(const struct facts *f);

bool is_guid(struct slice s);

/* The variable of a reduced list of variables, or NULL. */
const struct node *variable(const struct node *env, const char *name);

#define CHECK(id, name, command, group, title, function) void function(struct facts *f);
#include "checks/checks.def"

#endif
