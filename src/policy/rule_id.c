#include "policy/rule_id.h"

const struct rule_info rule_infos[RULE_COUNT] = {
#define RULE(name, id_, severity_, lowerable_, exceptable_, lines_, needs_, turn_, cluster_, subject_, check) \
	[RULE_##name] = {.id = (id_),                                                                         \
			 .severity = SEVERITY_##severity_,                                                    \
			 .lowerable = (lowerable_),                                                           \
			 .exceptable = (exceptable_),                                                         \
			 .lines = (lines_),                                                                   \
			 .needs = NEEDS_##needs_,                                                             \
			 .turn = TURN_##turn_,                                                                \
			 .cluster = CLUSTER_##cluster_,                                                       \
			 .subject = SUBJECT_##subject_},
#include "policy/rules.def"
#undef RULE
};

static const char *const severity_names[] = {"unset", "note", "warning", "error"};

const char *severity_name(enum severity s)
{
	return severity_names[s];
}

bool severity_parse(struct slice text, enum severity *out)
{
	for (unsigned i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++) {
		if (slice_is(text, severity_names[i])) {
			*out = (enum severity)i;
			return true;
		}
	}
	return false;
}

bool rule_parse(struct slice id, enum rule_id *out)
{
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		if (slice_is(id, rule_infos[i].id)) {
			*out = (enum rule_id)i;
			return true;
		}
	}
	return false;
}

const char *rule_nearest(struct slice id)
{
	const char *names[RULE_COUNT], *begins = NULL;

	for (unsigned i = 0; i < RULE_COUNT; i++) {
		names[i] = rule_infos[i].id;
		/* The shortest name that begins with the word adds the least to what was typed. */
		if (id.n >= 3 && slice_eq(slice_to(slice_str(names[i]), id.n), id) &&
		    (!begins || strlen(names[i]) < strlen(begins)))
			begins = names[i];
	}
	return begins ? begins : slice_nearest(id, names, RULE_COUNT);
}
