#include "cluster/answer.h"

static const struct {
	const char *name, *meaning;
} rows[] = {
#define ANSWER(id, name, meaning) {name, meaning},
#include "cluster/answers.def"
#undef ANSWER
};

const char *answer_name(enum answer_kind kind)
{
	return kind < ANSWER_KINDS ? rows[kind].name : "?";
}

const char *answer_meaning(enum answer_kind kind)
{
	return kind < ANSWER_KINDS ? rows[kind].meaning : "?";
}

enum answer_kind answer_parse(struct slice name)
{
	unsigned i = 0;

	while (i < ANSWER_KINDS && !slice_is(name, rows[i].name))
		i++;
	return (enum answer_kind)i;
}

bool answer_is_lost(enum answer_kind answer)
{
	switch (answer) {
	case ANSWER_REFUSED:
	case ANSWER_NO_HOST:
	case ANSWER_DEADLINE:
	case ANSWER_BROKEN:
	case ANSWER_BUSY:
		return true;
	default:
		return false;
	}
}
