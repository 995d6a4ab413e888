/*
 * vap.h: what the files that make admission policies share. Internal to src/export.
 */
#ifndef PXB_EXPORT_VAP_H
#define PXB_EXPORT_VAP_H

#include "export/cel.h"
#include "export/export.h"

enum set_id {
#define SET(name, suffix, rules, kinds, pod, meta, by_controllers) SET_##name,
#include "export/sets.def"
#undef SET
	SET_COUNT
};

enum operations { CREATE_ONLY, CREATE_UPDATE };

/* What the names that a check finds are. An exception whose path names one covers that one, else the whole object. */
enum part_kind { NO_PART, PART_DATA, PART_ENV, PART_CONTAINER };

struct check {
	enum rule_id rule;
	unsigned sets; /* 1 << set_id */
	enum operations operations;
	enum part_kind names;
	const char *slug;
	bool (*when)(const struct demands *d);
	const char *objects, *part, *bad, *message, *cannot;
};

extern const struct set sets[SET_COUNT];
extern const struct check checks[];
extern const size_t checks_n;

/* One expression of a policy: a variable that lists what is wrong, and what to say about it. */
struct probe {
	const char *variable;
	struct slice bad;
	const char *message;
};

/* values.c: the probes of the values of Secrets (base64) or ConfigMaps. Texts go into *text, which must not move while
   the probes are used; `after`, if any, closes the parenthesis around each. Returns how many there are, at most room.
 */
size_t value_probes(bool encoded, struct slice after, struct buf *text, struct probe *probes, size_t room);

/* What a policy does about a violation of a rule, "Deny", "Warn", "Audit". */
const char *const *vap_actions(const struct demands *d, const struct vap_options *opt, enum rule_id rule, size_t *n);
enum severity vap_severity(const struct demands *d, enum rule_id rule);

/* "pxb-fed-NAMESPACE" */
void vap_name(const struct demands *d, struct buf *out);
void vap_labels(const struct demands *d, const char *rule, struct buf *out);

/* exceptions.c: names of objects that no check of the rule may refuse, as a CEL list of "Kind/name", and of their
   parts, as "Kind/name PART". Returns how many; comments that say until when go to `remarks`. */
size_t excepted_objects(const struct demands *d, const struct check *c, const struct set *set, struct buf *list,
			struct buf *remarks);
size_t excepted_parts(const struct demands *d, const struct check *c, const struct set *set, struct buf *list,
		      struct buf *remarks);

/* params.c */
void params_write(const struct demands *d, const struct vap_options *opt, struct buf *out);
struct slice params_image_prefix(const struct demands *d, struct buf *scratch);

#endif
