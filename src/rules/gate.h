/*
 * gate.h: a release compared with a policy.
 *
 * The gate runs every rule once and collects findings; a finding may carry changes (the repair) and names the chart
 * value behind it. Rules are pure: they read release, policy and values, add findings, and know nothing of output,
 * memory or order. Severity, exceptions, positions, redaction and the question whether a repair is allowed are settled
 * here, after all rules have run. The gate never prints and never changes the release: src/edit applies changes.
 *
 * All texts are NUL-terminated and live in the gate's arena; the gate borrows release, policy and values.
 */
#ifndef PXB_RULES_GATE_H
#define PXB_RULES_GATE_H

#include "kube/release.h"
#include "lock/lock.h"
#include "policy/policy.h"
#include "values/values.h"

/* --- changes: what a repair does to the tree and the bytes ----------------------------------------------------- */

enum change_kind {
	CHANGE_SET,	      /* node: a scalar; text: its new string */
	CHANGE_INSERT_ENV,    /* node: an env list; name, text: the entry put behind `after` */
	CHANGE_DELETE_ITEM,   /* node: an item of a list */
	CHANGE_DELETE_OBJECT, /* the object's whole document, its separator included */
	CHANGE_COMMENT,	      /* bytes [from, to) inside a comment become text; the tree stays as it is */
};

struct change {
	enum change_kind kind;
	const struct object *object;
	const struct node *node;
	const struct node *after; /* CHANGE_INSERT_ENV: the item that the new one follows */
	const char *name, *text;
	uint32_t from, to;
};

/* --- findings -------------------------------------------------------------------------------------------------- */

struct object_names {
	const char *api_version, *kind, *ns, *name;
};

struct finding {
	enum rule_id rule;
	enum severity severity;
	const struct object_names *names; /* of the object, as they may be shown; set when the finding is settled */
	const struct object *object; /* NULL: about the stream, a document that is not an object, or a values file */
	const struct node *node;     /* NULL: about the object as a whole */
	const char *path;	     /* of the node in its object, "" for none */
	struct place place;
	bool show_line;		 /* the source line holds nothing but this node and its key, and nothing secret */
	const char *source;	 /* template file, "" if unknown */
	const char *message;	 /* one sentence, lower case, no full stop */
	const char *found;	 /* "" when there is nothing to show, or nothing that may be shown */
	const char *expected;	 /* "" when it cannot be put in a word */
	VEC(const char *) fixes; /* "--set key=value" options or one sentence */
	const char *not_patched; /* why a repair was not made; NULL if there is nothing to say */
	VEC(struct change) changes;
	int value;	    /* enum chart_value that the changes give a new value, -1 for none */
	bool follows;	    /* no changes of its own: goes with the repairs that other findings make for the value */
	bool patchable;	    /* has changes and every place of the value is there */
	bool patched;	    /* set when the whole run was patched */
	const char *cause;  /* which findings one change fixes: see causes.h */
	unsigned depth;	    /* the deepest of a cause explains the others; a rule may set it */
	const char *stated; /* the chart's value behind it; NULL: the one that the first option names */
	bool heads;	    /* the line of the values that states it: for the cause, beside its places */
	bool chart_fault;   /* of the vendor's own templates: counted, and shown only on request */
	bool beside;	    /* about a comment next to the node */
	bool settled;	    /* by the gate, after the rules */
	const struct policy_exception *excepted;
	char fingerprint[33]; /* stable while lines move; reveals nothing of values */
};

enum verdict { VERDICT_COMPLIANT, VERDICT_PATCHED, VERDICT_REFUSED, VERDICT_UNREADABLE };

/* What Application manifests of Argo CD are compared with, beside the policy. */
struct app_demands {
	const char *plugin;   /* the name of the config management plugin */
	const char *rule_set; /* see policy/rule_set.h */
	bool has_lock;	      /* the one-time choices are locked, so that a wrong render cannot take them back */
};

/* What a run checks, and so which rules run. */
enum gate_scope {
	GATE_RELEASE,	   /* a rendered release */
	GATE_OBJECTS,	   /* `check --any`: any objects, one by one */
	GATE_LOCKS,	   /* `lock verify`: a release, compared with locks alone */
	GATE_APPLICATIONS, /* `argocd check-app`: Application manifests */
	GATE_VALUES,	   /* `values check`: values files, without a render */
};

struct gate_options {
	enum gate_scope scope;
	bool argo_expected;		 /* called by Argo CD */
	bool warnings_count;		 /* --fail-on warning */
	bool live;			 /* the stream is what a cluster has: others' objects may be in it */
	bool hooks_out_of_reach;	 /* hooks are checked, but Helm 3 lets nobody change them */
	bool cut_accepted;		 /* a missing last line end is a note */
	bool namespace_given;		 /* Helm puts what names no namespace into the policy's */
	bool hooks_checked;		 /* hooks are hidden, but were checked in an earlier run of the same objects */
	const struct lock *const *locks; /* what the installation was made with; borrowed */
	size_t locks_n;
	const struct app_demands *applications; /* of GATE_APPLICATIONS; borrowed */
	const struct values *against; /* of GATE_VALUES: what the values must equal; NULL: nothing; borrowed */
};

/* Which installation was checked, as the stream shows it; a text is NULL where the stream does not. May be shown. */
struct installation {
	const char *release, *ns, *chart, *version, *mode, *storage_class;
	size_t claims;
	const char *policy; /* its file; NULL: built in */
	const char *date;   /* of the run, "2027-01-31" (UTC) */
};

struct gate {
	struct arena arena;
	struct release *release;
	const struct policy *policy;
	const struct values *values; /* NULL: none given */
	struct gate_options options;
	bool second_evaluation; /* with the losers of duplicate keys in force: findings are counted, not shown */
	const struct installation *installation; /* NULL: what was checked is none, or cannot be read */
	VEC(struct finding *) findings;		 /* sorted: errors first, then by place */
	enum verdict verdict;
	enum rule_id running;  /* while a rule runs */
	bool overflow;	       /* there were more findings than are kept */
	bool ran[RULE_COUNT];  /* and were asked: the others say nothing about the release, not even that they pass */
	void *credential_scan; /* what the credential rules have in common; see credential_scan.h */
	const struct hidden *hidden; /* what no report may show; see hide.h */
	struct locked *locked;	     /* what the rules about locks have in common; see locked.h */
	/* Where the chart's values are: "" for px-central itself, "px-central" or its alias below the values of a chart
	   that has it as a dependency. And every key as it is written there. */
	const char *values_under;
	const char *value_keys[VALUE_COUNT];
};

/* The whole input is one installation. */
static inline bool gate_is_of_release(const struct gate *g)
{
	return g->options.scope == GATE_RELEASE || g->options.scope == GATE_LOCKS;
}

#define cleanup_gate PXB_CLEANUP(gate_release)

void gate_init(struct gate *g, const struct gate_options *opt);
void gate_release(struct gate *g);

/* Runs the rules and settles findings and verdict. 0 also when the verdict is a refusal. STATUS_USAGE when a lock is
   another installation's. */
int gate_run(struct gate *g, struct release *rel, const struct policy *policy, const struct values *values,
	     struct err *err) PXB_MUST_CHECK;

const char *verdict_name(enum verdict v);
const char *flavour_name(enum flavour f);

/* --- for rules ------------------------------------------------------------------------------------------------- */

/* A new finding of the running rule about `node` of `o` (both may be NULL). Never NULL: when memory is short a spare
   one is handed out and gate_run() fails. */
struct finding *gate_find(struct gate *g, const struct object *o, const struct node *node);
struct finding *gate_find_as(struct gate *g, enum rule_id rule, const struct object *o, const struct node *node);

void finding_say(struct gate *g, struct finding *f, const char *fmt, ...) PXB_PRINTF(3, 4);
void finding_found(struct gate *g, struct finding *f, struct slice text);
void finding_expected(struct gate *g, struct finding *f, const char *fmt, ...) PXB_PRINTF(3, 4);
void finding_fix(struct gate *g, struct finding *f, const char *fmt, ...) PXB_PRINTF(3, 4);

/* "--set key=value", escaped and quoted where it must be; FIX_BLANK for what only the reader knows. */
#define FIX_BLANK "NAME"
void finding_fix_value(struct gate *g, struct finding *f, enum chart_value v, const char *value);
void finding_fix_text(struct gate *g, struct finding *f, const char *path, struct slice text);

/* A dotted key of px-central as it is written in the values of the release's chart. */
const char *gate_key(struct gate *g, const char *key);

void finding_follows(struct finding *f, enum chart_value v); /* the repairs of this value fix it too */
void finding_severity(struct finding *f, enum severity s);   /* other than the rule's default: a policy leaves it */

void finding_set(struct gate *g, struct finding *f, const struct node *node, const char *text);
/* Behind the entry `after` when the list has it, else behind its last. */
void finding_insert_env(struct gate *g, struct finding *f, const struct node *env, const char *after, const char *name,
			const char *text);
void finding_delete_item(struct gate *g, struct finding *f, const struct node *item);
void finding_delete_object(struct gate *g, struct finding *f, const struct object *o);
void finding_comment(struct gate *g, struct finding *f, uint32_t from, uint32_t to, const char *text);

/* A value as it may be shown: quoted for the eye, at most 80 characters, userinfo of URLs masked, "" if it may be
 * secret. */
const char *gate_show(struct gate *g, struct slice text);
const char *gate_show_all(struct gate *g, struct slice text); /* whatever its length: for paths */
/* A name, kind, namespace or file as it may be shown: "***" when it may be a secret. Always a text. */
const char *gate_name(struct gate *g, struct slice name);
const char *gate_printf(struct gate *g, const char *fmt, ...) PXB_PRINTF(2, 3);

#define RULE(name, id, severity, lowerable, exceptable, lines, needs, turn, cluster, subject, check) \
	void check(struct gate *g);
#include "policy/rules.def"
#undef RULE

#endif
