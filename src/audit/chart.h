/*
 * chart.h: all facts about one chart under one Helm. Internal to src/audit.
 */
#ifndef PXB_AUDIT_CHART_H
#define PXB_AUDIT_CHART_H

#include "audit/audit.h"
#include "audit/seen.h"
#include "base/children.h"
#include "values/values_keys.h"

struct variant_info {
	const char *name;
	bool cross;
	const char *flags, *values;
};

extern const struct variant_info variant_infos[];
extern const size_t variants_n;

struct value_render {
	const char *other, *needs;
	bool set; /* there is a row */
};

extern const struct value_render value_renders[VALUE_COUNT];

struct render {
	const char *key;   /* of its arguments: equal ones are rendered once */
	const char *label; /* "mesh, pxbackup.federated=false" */
	char **argv;
	size_t variant;
	bool is_base;	/* of the variant, without a value of its own */
	bool is_absent; /* a value is taken away */
	struct seen seen;
};

/* Two renders that differ in one value. */
struct pair {
	enum chart_value value;
	size_t a, b; /* of renders */
};

struct plan {
	struct arena arena;
	const struct audit_options *options;
	const char *helm, *chart;
	struct values values; /* the chart's own */
	VEC(struct render) renders;
	VEC(struct pair) pairs;
	VEC(size_t) again; /* each base a second time: what differs is random */
	VEC(size_t) bases; /* and the first, in the same order */
};

void plan_init(struct plan *p);
void plan_release(struct plan *p);

bool audit_wants_variant(const struct audit_options *o, size_t variant);
bool audit_wants_value(const struct audit_options *o, enum chart_value v);

const char *audit_value_name(enum chart_value v); /* "FEDERATED" */
const char *audit_shape_name(enum key_shape s);	  /* "MAP" */

/* compare.c */
int audit_compare(struct audit *a, const struct audit_options *o, struct err *err) PXB_MUST_CHECK;

/* plan.c: what is to be rendered; reads the chart's values for it. */
int plan_make(struct plan *p, struct err *err) PXB_MUST_CHECK;

/* differ.c: what each pair shows. */
int differ(struct plan *p, struct fact_set *facts, struct err *err) PXB_MUST_CHECK;

/* values_yaml.c, notes.c */
int facts_of_values(struct fact_set *facts, struct values *v, struct err *err) PXB_MUST_CHECK;
int facts_of_notes(struct fact_set *facts, const char *chart, struct err *err) PXB_MUST_CHECK;

#endif
