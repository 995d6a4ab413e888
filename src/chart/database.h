/*
 * database.h: the chart's databases and the volume that holds the data of each (databases.def).
 */
#ifndef PXB_CHART_DATABASE_H
#define PXB_CHART_DATABASE_H

#include "base/slice.h"

enum { DATABASE_COUNT = 4 };

struct database {
	const char *kind, *name, *volume, *container, *data, *settings;
};

extern const struct database databases[DATABASE_COUNT];

/* NULL: no database has that kind and name. */
const struct database *database_find(struct slice kind, struct slice name);

/* A volume of this name, or of a name that begins so. */
bool database_volume_is(const struct database *db, struct slice name);

#endif
