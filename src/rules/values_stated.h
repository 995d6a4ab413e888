/*
 * values_stated.h: what the parts of the rule `values` share. Internal to src/rules.
 */
#ifndef PXB_RULES_VALUES_STATED_H
#define PXB_RULES_VALUES_STATED_H

#include "rules/gate.h"

/* One chart value as the winning source states it. */
struct stated {
	const struct values_file *file;
	const struct node *node;
	enum chart_value value;
	const char *key;
};

/* False when no source states it, or a null takes it away. */
bool values_stated(const struct gate *g, enum chart_value v, struct stated *s);

/* A finding about a node of a source. */
struct finding *values_find(struct gate *g, const struct values_file *file, const struct node *n);

/* The value as it may be shown; "in the values file", "by --set-string". */
const char *values_text(struct gate *g, const struct node *n);
const char *values_where(const struct values_file *file);

/* values_keys.c: the keys that the chart does not know. */
void check_values_keys(struct gate *g);

/* values_sources.c: what the sources say against each other, and each against itself. */
void check_values_sources(struct gate *g);

/* What is wrong with the type or form of a value, as the end of a sentence that begins with its key; NULL when nothing
   is, or when the table of value types says nothing of it. `path` is the chart's own key. */
const char *value_type_fault(struct slice path, const struct node *n);
bool value_type_known(struct slice path);

/* All that can be said of values without a render. */
void check_values_alone(struct gate *g);

/* values_causes.c: for each cause of which a source states the value, a finding about that line. */
void explain_causes_by_values(struct gate *g);

#endif
