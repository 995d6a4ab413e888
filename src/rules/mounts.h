/*
 * mounts.h: the folders in which a database's container keeps its data, and what is mounted there. Internal to
 * src/rules.
 */
#ifndef PXB_RULES_MOUNTS_H
#define PXB_RULES_MOUNTS_H

#include "chart/database.h"
#include "rules/gate.h"

struct folder {
	struct slice path;
	const struct node *at; /* the setting that names it; NULL: the container's own default */
};

/* The default folder, unless a setting names another, and every folder that a setting names. */
struct folders {
	struct folder v[8];
	size_t n;
};

void folders_of(struct gate *g, const struct container *c, const struct database *db, struct folders *out);

/* The mount that holds a folder: of several the deepest. NULL: the folder is in the container's own file system. */
const struct node *mount_over(struct gate *g, const struct container *c, struct slice path);

/* The path without "//", "." and ".."; in the gate's arena where it changed. */
struct slice path_clean(struct gate *g, struct slice path);

/* Strictly below; neither is changed by slashes at its end. */
bool path_is_below(struct slice path, struct slice folder);

#endif
