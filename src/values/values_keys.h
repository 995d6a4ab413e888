/*
 * values_keys.h: the keys that the chart knows. Internal to src/policy.
 */
#ifndef PXB_VALUES_VALUES_KEYS_H
#define PXB_VALUES_VALUES_KEYS_H

#include "values/values.h"

enum key_shape { SHAPE_ONE, SHAPE_MAP, SHAPE_LIST, SHAPE_FREE };

struct chart_key {
	const char *path;
	enum key_shape shape;
	bool template_only; /* read by templates, in no chart's own values */
};

/* In byte order of their paths. */
struct known_keys {
	const struct chart_key *v;
	size_t n;
};

/* Those of the chart at hand, else of every version. */
struct known_keys values_known_keys(const struct values *v, const char *under);

extern const struct known_keys every_known_key;

/* The key `part` of the known mapping `parent` ("" is the root). */
const struct chart_key *known_key(struct known_keys keys, const char *parent, struct slice part);

/* A word that is in a path as it is. */
bool key_is_plain(struct slice s);

/* Makes the keys of v->chart the known ones; a failed arena says that memory was short. */
void values_know_chart(struct values *v);

#endif
