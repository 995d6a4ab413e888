/*
 * snapshot.h: the objects of a namespace as they were when the cluster last reported them.
 *
 * Takes lists and changes as pxb-fed-kube sends them, or as a file has recorded them; gives objects by resource and
 * name. It never asks and never checks. A snapshot owns all of its objects; what snapshot_find() returns lives until
 * the next snapshot_apply().
 */
#ifndef PXB_WATCH_SNAPSHOT_H
#define PXB_WATCH_SNAPSHOT_H

#include "base/err.h"
#include "cluster/session.h"

enum resource_id {
#define RESOURCE(id, ...) RESOURCE_##id,
#include "watch/resources.def"
	RESOURCE_COUNT
};

enum resource_need { ESSENTIAL, CAUSES };

struct resource_info {
	const char *name;
	enum resource_need need;
	const char *path;
	const char *const *fields;
};

extern const struct resource_info resource_infos[RESOURCE_COUNT];

/* RESOURCE_COUNT for a name that is none. */
enum resource_id resource_parse(struct slice name);

/* The path of a resource in namespace ns; false when memory is short. */
bool resource_path(enum resource_id r, const char *ns, struct buf *out);

struct thing {
	struct thing *next;
	char *json;
	struct stream stream;
	const struct node *root;
	struct slice name;
};

/* The objects of one resource, by name; `kind` is OK when they are up to date. */
struct shelf {
	bool told;   /* the cluster said something about it */
	bool silent; /* it was given up: the cluster has not answered for so long that the rest is judged without it */
	bool known;  /* it was listed at least once */
	enum answer_kind kind;
	char text[200]; /* of a kind that is not OK */
	struct thing *first;
};

struct snapshot {
	const char *ns, *release;    /* borrowed */
	long long now;		     /* seconds since 1970 */
	bool namespace_seen;	     /* the namespace was there once */
	const char *const *expected; /* names of workloads that the render has; NULL: not known */
	size_t expected_n;
	struct shelf shelf[RESOURCE_COUNT];
};

void snapshot_release(struct snapshot *s);

/* Applies a change: `body` is a list, an object, or (KUBE_STATE) nothing. Text of a stranger, so it is read with every
   check; what is not an object is left out. */
int snapshot_apply(struct snapshot *s, enum resource_id r, enum kube_change change, enum answer_kind kind,
		   struct slice text, struct slice body, struct err *err) PXB_MUST_CHECK;

/* NULL: there is none of that name. */
const struct node *snapshot_find(const struct snapshot *s, enum resource_id r, struct slice name);

/* Every resource has been listed, or is known not to be readable, or was given up. */
bool snapshot_complete(const struct snapshot *s);

/* Gives up for now what the cluster said nothing about yet: one list that hangs must not hide the others. */
void snapshot_give_up(struct snapshot *s);

/* The resource is readable, so what it lacks is not there. */
static inline bool snapshot_knows(const struct snapshot *s, enum resource_id r)
{
	return s->shelf[r].known && s->shelf[r].kind == ANSWER_OK;
}

/* The objects of a resource, one by one: `for (const struct thing *t = things(s, r); t; t = t->next)`. */
static inline const struct thing *things(const struct snapshot *s, enum resource_id r)
{
	return s->shelf[r].first;
}

#endif
