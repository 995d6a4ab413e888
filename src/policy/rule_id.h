/*
 * rule_id.h: names of the rules, their severities, and what may be done to them. One table: rules.def.
 */
#ifndef PXB_POLICY_RULE_ID_H
#define PXB_POLICY_RULE_ID_H

#include "base/slice.h"

enum rule_id {
#define RULE(name, id, severity, lowerable, general, check) RULE_##name,
#include "policy/rules.def"
#undef RULE
	RULE_COUNT
};

/* In rising order: a repository's policy may only raise. */
enum severity { SEVERITY_UNSET, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

struct rule_info {
	const char *id;
	enum severity severity;
	bool lowerable;
	bool general;
};

extern const struct rule_info rule_infos[RULE_COUNT];

const char *severity_name(enum severity s); /* "error", "warning", "note" */
bool severity_parse(struct slice text, enum severity *out);
bool rule_parse(struct slice id, enum rule_id *out);
bool rule_is_about_locks(enum rule_id rule);
const char *rule_nearest(struct slice id); /* the id that was probably meant, or NULL */

#endif
