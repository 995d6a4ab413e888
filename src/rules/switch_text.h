/*
 * switch_text.h: texts that a container may run and that set or unset an environment variable: commands, arguments,
 * probes, and the texts of ConfigMaps and Secrets. Internal to src/rules.
 */
#ifndef PXB_RULES_SWITCH_TEXT_H
#define PXB_RULES_SWITCH_TEXT_H

#include "rules/gate.h"

enum switch_use { SWITCH_SET, SWITCH_UNSET, SWITCH_DYNAMIC };

struct switch_hit {
	const struct object *object;
	const struct node *node;
	enum switch_use use;
	struct slice value; /* of SWITCH_SET */
	const void *arg;    /* the caller's own */
};

typedef void (*switch_fn)(struct gate *g, const char *name, const struct switch_hit *hit);

/* Calls fn for every text of the release that sets `name` or unsets it. One that reads it is none. */
void each_switch_text(struct gate *g, const char *name, switch_fn fn, const void *arg);

/* The use of `name` that begins at `at` of a text. False: it is only mentioned or read there. */
bool switch_use_at(struct slice text, size_t at, struct slice name, struct switch_hit *hit);

#endif
