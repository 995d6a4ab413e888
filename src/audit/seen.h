/*
 * seen.h: what one render shows: the facts that are in it, and what two renders are compared by. Internal to src/audit.
 *
 * Objects and env entries are kept as names and digests, so that hundreds of renders fit: no value of a manifest stays,
 * except the short words that a switch has.
 */
#ifndef PXB_AUDIT_SEEN_H
#define PXB_AUDIT_SEEN_H

#include "audit/fact.h"
#include "kube/release.h"

struct seen_object {
	const char *kind, *name, *source;
	const char *event; /* of a hook; "" for an object that stays */
	bool hook;
	uint64_t digest;
	size_t leaves_from, leaves_to; /* in seen.leaves */
};

/* A scalar of an object, by its path: items of a list by their name, scalars of a list all together. */
struct seen_leaf {
	const char *path;
	uint64_t digest;
};

struct seen_env {
	const char *env, *kind, *name, *container, *source;
	const char *event; /* of a hook; "" for an object that stays */
	bool from;	   /* a key of the ConfigMap that envFrom names */
	bool is_switch;
	uint64_t digest;
};

/* Both in the byte order of their names; of several with the same names the last. */
struct seen {
	const char *error; /* NULL: it was rendered; else the first line of what Helm said */
	VEC(struct seen_object) objects;
	VEC(struct seen_env) envs;
	VEC(struct seen_leaf) leaves; /* of each object in the byte order of their paths, each path once */
};

/* What a reader of the render gets. */
struct seen_options {
	struct arena *arena;	/* of what is seen */
	struct fact_set *facts; /* NULL: none are wanted */
	bool registry;		/* the values move all images to AUDIT_REGISTRY */
};

/* Reads what Helm rendered. STATUS_INPUT when that cannot be read. */
int seen_fill(struct seen *s, struct slice text, const struct seen_options *o, struct err *err) PXB_MUST_CHECK;

/* <0, 0, >0: names only. */
int seen_object_compare(const struct seen_object *a, const struct seen_object *b);
int seen_env_compare(const struct seen_env *a, const struct seen_env *b);

/* leaves.c: appends those of an object. */
void see_leaves(struct seen *s, struct arena *a, const struct node *root);

/* switches.c: "true", "off": a word that a switch has. */
bool is_switch_text(struct slice value);
bool is_switch_name(struct slice env);

/* rights.c: what a role allows, and whom a binding gives it. */
void facts_of_rights(struct fact_set *s, const struct object *o, const struct fact *at);

#endif
