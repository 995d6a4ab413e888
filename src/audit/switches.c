/*
 * switches.c: what an env entry that switches something looks like.
 */
#include "audit/seen.h"

static const char *const words[] = {
#define SWITCH_WORD(text) text,
#include "audit/switches.def"
};

static const char *const stems[] = {
#define SWITCH_STEM(stem) stem,
#include "audit/switches.def"
};

bool is_switch_text(struct slice value)
{
	value = slice_trim(value);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_is_nocase(value, words[i]))
			return true;
	return false;
}

bool is_switch_name(struct slice env)
{
	while (env.p) {
		struct slice part = slice_cut(env, '_', &env);

		for (size_t i = 0; i < ARRAY_SIZE(stems); i++)
			if (slice_is_nocase(part, stems[i]))
				return true;
	}
	return false;
}
