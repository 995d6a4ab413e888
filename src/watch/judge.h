/*
 * judge.h: what the state of a namespace means for an installation.
 *
 * Takes a snapshot; gives a picture: groups with their counts, the one thing that everything waits for, what has failed
 * for good, and what is degraded. Pure: the same snapshot gives the same picture, nothing is asked, waited for or
 * printed. What is normal while an installation starts is known from chart/components.def, what cannot heal from
 * signs.def.
 *
 * A picture and its texts live in the arena that was given, and borrow the snapshot. Texts may hold what a stranger
 * wrote, secrets included: whoever prints them escapes and redacts (clean.h).
 */
#ifndef PXB_WATCH_JUDGE_H
#define PXB_WATCH_JUDGE_H

#include "chart/component.h"
#include "watch/snapshot.h"

enum trouble_weight {
	TROUBLE_NONE,
	TROUBLE_NORMAL,	 /* part of every start */
	TROUBLE_RETRIED, /* something is wrong; it is tried again, and may work */
	TROUBLE_FINAL,	 /* waiting cannot help */
};

/* Whose log says more. */
struct log_place {
	const char *pod, *container; /* NULL: no log */
	bool previous;		     /* of the container that ended before this one */
};

struct trouble {
	enum trouble_weight weight;
	bool absence;	   /* it rests on something that is not there: another list may be late */
	bool crash;	   /* a container that ends again and again */
	bool hooks;	   /* of the chart's hooks: the report ConfigMap says more */
	bool registration; /* of telemetry: it needs the vendor's cloud */
	long restarts;
	const char *crash_from; /* when the run that crashed began, as in the object; "" unknown */
	const char *subject;	/* "Pod pxcentral-keycloak-0" */
	const char *text;
	const char *fix; /* NULL: none to give */
	struct log_place log;
};

struct workload_state {
	const struct chart_component *component; /* NULL: not in the table */
	const char *kind, *name, *group;
	const struct node *root; /* NULL: it is not there yet */
	long want, ready;	 /* pods */
	bool is_ready, telemetry;
	struct trouble trouble; /* of what is not ready */
};

struct group_state {
	const char *name;
	size_t ready, total; /* workloads */
	enum trouble_weight weight;
	const struct workload_state *first; /* not ready; NULL: all are */
};

enum stand { STAND_WAITS, STAND_READY, STAND_FAILED, STAND_BLIND /* it cannot be judged */ };

enum { GROUPS_MAX = 12 };

struct picture {
	enum stand stand;
	VEC(struct workload_state) work;
	struct group_state groups[GROUPS_MAX];
	size_t groups_n;
	struct trouble thing; /* what everything waits for, or why it failed; subject NULL: nothing */
	const char *behind;   /* "Deployment pxcentral-backend, ...": what waits for it; "" */
	size_t behind_n;
	const char *led_to;   /* a failure that the thing led to; NULL */
	const char *degraded; /* NULL: nothing is */
	const char *unseen;   /* what may not be read, so that causes may be missing; NULL */
	const char *silent;   /* what the cluster has not answered yet, with the same effect; NULL */
};

/* 0, or the status of an allocation that failed. */
int judge(const struct snapshot *s, struct arena *a, struct picture *p, struct err *err) PXB_MUST_CHECK;

/* --- parts of the judge ----------------------------------------------------------------------------------------------
 */

enum sign_place { SIGN_PULL, SIGN_CREATE, SIGN_CONFIGURE, SIGN_START, SIGN_PROVISION };

/* signs.c: TROUBLE_NONE when no row fits. */
enum trouble_weight sign_weight(enum sign_place place, struct slice message);

/* objects.c: reading objects. */
long node_number(const struct node *n, long missing);
struct slice condition_field(const struct node *status, const char *type, const char *field);
/* "failed (REASON): MESSAGE", without what is empty. */
const char *failed_text(struct arena *a, struct slice reason, struct slice message);
bool condition_is(const struct node *status, const char *type, const char *value);
struct slice owner_name(const struct node *object, const char *kind); /* empty: none of that kind */
struct slice pod_deployment(const struct snapshot *s, const struct node *pod);
bool pod_is_of(const struct snapshot *s, const struct workload_state *w, const struct node *pod);
long long seconds_of(struct slice timestamp); /* since 1970; -1: none */
struct slice event_time(const struct node *event);
const struct node *latest_event(const struct snapshot *s, const char *kind, struct slice name,
				const char *const *reasons);

/* wants.c: something that a pod names is not there (yet). False: the message does not speak of that. */
bool wants_object(const struct snapshot *s, struct arena *a, const struct node *pod, struct slice message,
		  struct trouble *t);

/* ground.c: whether something makes the rest of the picture meaningless; which lists are missing. */
bool judge_ground(const struct snapshot *s, struct arena *a, struct picture *p);
void judge_unseen(const struct snapshot *s, struct arena *a, struct picture *p);

/* pod.c, claim.c, work.c */
void judge_pod(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t);
bool judge_claims(const struct snapshot *s, struct arena *a, const struct node *pod, struct trouble *t);
void judge_workload(const struct snapshot *s, struct arena *a, struct workload_state *w);
bool job_has(const struct node *job, const char *condition);

/* The newest pod of a Job that has failed, for its log; NULL: none. */
const struct node *failed_pod(const struct snapshot *s, const struct workload_state *w);
void log_of(struct arena *a, const struct node *pod, struct trouble *t);

#endif
