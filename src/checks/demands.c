#include "checks/demands.h"

static const struct demands rows[] = {
#define DEMANDS(central, px, op, stork, kubernetes, azure) {central, px, op, stork, kubernetes, azure, {0}},
#include "checks/demands.def"
#undef DEMANDS
};

int demands_for(const char *px_central, struct demands *d, struct err *err)
{
	struct version wanted = version_parse(slice_str(px_central));

	*d = rows[0];
	if (!px_central)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct version row = version_parse(slice_str(rows[i].px_central));

		if (!wanted.known || row.part[0] != wanted.part[0] || row.part[1] != wanted.part[1])
			continue;
		*d = rows[i];
		return 0;
	}
	return err_set(err, STATUS_USAGE, "px-central '%.40s' is not known; known are 3.0 and 3.1", px_central);
}

const char *demands_higher(const char *a, struct slice b)
{
	return b.n && version_compare(version_parse(b), version_parse(slice_str(a))) > 0 ? b.p : a;
}
