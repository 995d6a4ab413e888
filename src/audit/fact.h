/*
 * fact.h: facts about a chart, each once, in the order in which they were found. Internal to src/audit.
 *
 * A set borrows nothing but literals of the tables: texts are copied into its arena.
 */
#ifndef PXB_AUDIT_FACT_H
#define PXB_AUDIT_FACT_H

#include "base/arena.h"
#include "policy/rule_id.h"

#define AUDIT_REGISTRY	 "registry.example.com"
#define AUDIT_REPOSITORY "audit/px"

enum audit_kind {
#define AUDIT_KIND(id, ...) KIND_##id,
#include "audit/kinds.def"
#undef AUDIT_KIND
	KIND_COUNT
};

struct audit_kind_info {
	const char *id;
	enum severity severity;
	const char *what, *why, *fix;
};

extern const struct audit_kind_info audit_kinds[KIND_COUNT];

enum fact_kind {
#define FACT(id, ...) FACT_##id,
#include "audit/facts.def"
#undef FACT
	FACT_COUNT
};

struct fact_info {
	const char *table;
	enum audit_kind new_kind, gone_kind;
	const char *new_text, *gone_text; /* "": no finding */
};

extern const struct fact_info fact_infos[FACT_COUNT];

enum { FACT_TEXTS = 6 };

struct fact {
	enum fact_kind kind;
	const char *v[FACT_TEXTS]; /* never NULL */
	/* Where it was seen first, "" and 0 when unknown; not part of what is compared. */
	const char *object_kind, *object_name, *source, *path;
	size_t line, column;
	const char *event; /* of the hook that it is in, "" for none */
	const char *more;  /* for the row: what the fact itself does not have */
};

struct fact_set {
	struct arena arena;
	VEC(struct fact) v;
	uint32_t *slots; /* of the hash table: an index of v + 1 */
	size_t slots_n;
};

void fact_set_init(struct fact_set *s);
void fact_set_release(struct fact_set *s);

/* Adds a copy; the one that already exists is returned. Texts of `f` may be NULL. NULL when memory is short. */
struct fact *fact_add(struct fact_set *s, const struct fact *f);

/* NULL: there is no such fact. */
struct fact *fact_find(const struct fact_set *s, const struct fact *f);

/* "%0 changes ..." with the texts in it, in the arena. */
const char *fact_text(struct arena *a, const struct fact *f, const char *format);

#define FACT_OF(k, ...) (&(struct fact){.kind = FACT_##k, .v = {__VA_ARGS__}})

/* tables.c: what the tables of src/chart and known.def say. */
int facts_of_tables(struct fact_set *s, struct err *err) PXB_MUST_CHECK;

#endif
