/*
 * rule_id.h: names of the rules, their severities, and what may be done to them. One table: rules.def.
 */
#ifndef PXB_POLICY_RULE_ID_H
#define PXB_POLICY_RULE_ID_H

#include "base/slice.h"

enum rule_id {
#define RULE(name, ...) RULE_##name,
#include "policy/rules.def"
#undef RULE
	RULE_COUNT
};

/* In rising order: a repository's policy may only raise. */
enum severity { SEVERITY_UNSET, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

/* What a rule is about. A run checks one kind of input, and with it the rules about some of these: see gate.h. */
enum rule_subject {
	SUBJECT_STREAM,	     /* any input: it can be read, in one way */
	SUBJECT_OBJECT,	     /* single objects, whosever they are */
	SUBJECT_RELEASE,     /* an installation of px-central as a whole */
	SUBJECT_LOCK,	     /* the same, compared with what was chosen once */
	SUBJECT_APPLICATION, /* Application manifests of Argo CD */
};

/* What a rule compares the release with. */
enum rule_needs { NEEDS_NOTHING, NEEDS_LOCK, NEEDS_VALUES, NEEDS_REGISTRY };

/* Rules of a turn run after those of the turns before it. */
enum rule_turn {
	TURN_READING, /* whether the input can be read: if not, every other rule would miss things too */
	TURN_JUDGING,
	TURN_COMPARING, /* with what the others have found */
	TURN_SETTLED,	/* when it is known what the exceptions cover */
};

/* How far the cluster holds a rule by the policies that are exported for it. */
enum rule_cluster { CLUSTER_NO, CLUSTER_PARTLY, CLUSTER_YES };

struct rule_info {
	const char *id;
	enum severity severity;
	bool lowerable, exceptable, lines;
	enum rule_needs needs;
	enum rule_turn turn;
	enum rule_cluster cluster;
	enum rule_subject subject;
};

extern const struct rule_info rule_infos[RULE_COUNT];

const char *severity_name(enum severity s); /* "error", "warning", "note" */
bool severity_parse(struct slice text, enum severity *out);
bool rule_parse(struct slice id, enum rule_id *out);
const char *rule_nearest(struct slice id); /* the id that was probably meant, or NULL */

#endif
