/*
 * matrix.h: what came of many clusters: one row each, without the answers. Clusters with the same results are one
 * group; groups are ordered worst first.
 *
 * Memory: a matrix owns its arena and every text of its rows; nothing points into the facts that it was made of.
 */
#ifndef PXB_CHECKS_MATRIX_H
#define PXB_CHECKS_MATRIX_H

#include "checks/checks.h"

/* What a cluster is in one word, the worst first. One that could not be asked is neither failed nor passed. */
enum cluster_class { CLASS_FAIL, CLASS_LOST, CLASS_UNKNOWN, CLASS_WARN, CLASS_PASS, CLASSES };

const char *class_name(enum cluster_class c);
enum cluster_class facts_class(const struct facts *f);

enum { NOT_RUN = OUTCOMES };

struct matrix_row {
	const char *name;
	enum cluster_class class;
	enum answer_kind kind;		     /* of a lost cluster: why */
	unsigned char outcomes[CHECK_COUNT]; /* of enum outcome, or NOT_RUN */
	const struct check_result *results;  /* those that are to be examined: neither passed nor skipped */
	size_t results_n;
};

struct matrix {
	struct arena arena;
	VEC(struct matrix_row) rows;
};

/* Rows with the same class and the same outcomes. */
struct matrix_group {
	const struct matrix_row *rows;
	size_t n;
};

#define MATRIX_INIT ((struct matrix){.arena = ARENA_INIT((size_t)512 << 20)})

void matrix_release(struct matrix *m);
void matrix_add(struct matrix *m, const struct facts *f);

/* Orders the rows: by class, by outcomes, by name. */
void matrix_sort(struct matrix *m);

/* The group that begins with row `from` of a sorted matrix. */
struct matrix_group matrix_group_at(const struct matrix *m, size_t from);

/* How many rows of the group say something else of a check than the first row does. */
size_t matrix_group_differs(const struct matrix_group *g, size_t result);

/* "px-version failed, stork-ready unknown" */
void matrix_group_title(const struct matrix_group *g, struct buf *out);

/* --- an earlier run ---------------------------------------------------------------------------------------------- */

struct past_cluster {
	const char *name;
	enum cluster_class class;
	unsigned char outcomes[CHECK_COUNT];
};

struct past {
	struct arena arena;
	const char *file;
	bool is_cut, schema_is_other;
	VEC(struct past_cluster) clusters; /* by name */
};

#define PAST_INIT ((struct past){.arena = ARENA_INIT((size_t)256 << 20)})

void past_release(struct past *p);

/* Reads what '-o json' or '-o jsonl' of the same command has printed. */
int past_load(struct past *p, const char *file, enum check_command command, struct err *err) PXB_MUST_CHECK;

/* NULL: it was not there. */
const struct past_cluster *past_find(const struct past *p, const char *name);

enum fleet_change_kind { CHANGE_NEW, CHANGE_GONE, CHANGE_CLASS, CHANGE_CHECK };

struct fleet_change {
	enum fleet_change_kind kind;
	const char *cluster;
	enum check_id check; /* of CHANGE_CHECK */
	const char *before, *now;
};

/* Calls `tell` for each difference, cluster by cluster. Sorts the matrix by name. */
void past_compare(const struct past *p, struct matrix *m, void (*tell)(const struct fleet_change *c, void *to),
		  void *to);

#endif
