#include "chart/database.h"

const struct database databases[] = {
#define DATABASE(kind, name, volume, container, data, settings) \
	{(kind), (name), (volume), (container), (data), (settings)},
#include "chart/databases.def"
#undef DATABASE
};

_Static_assert(ARRAY_SIZE(databases) == DATABASE_COUNT, "DATABASE_COUNT is the number of rows in databases.def");

const struct database *database_find(struct slice kind, struct slice name)
{
	for (size_t i = 0; i < DATABASE_COUNT; i++)
		if (slice_is(kind, databases[i].kind) && slice_is(name, databases[i].name))
			return &databases[i];
	return NULL;
}

bool database_volume_is(const struct database *db, struct slice name)
{
	bool prefix = slice_ends(slice_str(db->volume), "-") || strcmp(db->volume, "pxcentral-mysql") == 0;

	return prefix ? slice_starts(name, db->volume) : slice_is(name, db->volume);
}
