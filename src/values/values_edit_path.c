/*
 * values_edit_path.c: the path of an option as steps. What Helm would unescape is in no key of the chart.
 */
#include "values/values_edit_parts.h"

static bool add_step(struct edit *e, struct step s)
{
	if (e->steps_n == STEPS_MAX)
		return false;
	e->steps[e->steps_n++] = s;
	return true;
}

static bool read_index(struct slice digits, size_t *index)
{
	*index = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		*index = *index * 10 + (size_t)(digits.p[i] - '0');
	}
	return digits.n > 0 && digits.n <= 4;
}

/* "b[0][1]" */
static bool add_part(struct edit *e, struct slice part)
{
	size_t open = slice_chr(part, '['), close;
	struct step s = {.key = open == SIZE_MAX ? part : slice_to(part, open)};

	if (!s.key.n || slice_chr(part, '\\') != SIZE_MAX || !add_step(e, s))
		return false;
	s = (struct step){.is_index = true};
	for (part = slice_from(part, open == SIZE_MAX ? part.n : open); part.n; part = slice_from(part, close + 1)) {
		close = slice_chr(part, ']');
		if (part.p[0] != '[' || close == SIZE_MAX || !read_index(slice_of(part.p + 1, close - 1), &s.index) ||
		    !add_step(e, s))
			return false;
	}
	return true;
}

bool edit_split_key(struct edit *e)
{
	struct slice rest = e->key;

	while (rest.p)
		if (!add_part(e, slice_cut(rest, '.', &rest)))
			return false;
	return e->steps_n > 0;
}
