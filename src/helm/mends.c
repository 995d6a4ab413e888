#include "helm/mends.h"

void mends_release(struct mend_list *m)
{
	arena_release(&m->arena);
	memset(m, 0, sizeof(*m));
}

/* The rules write this where they know a key and no value. */
static bool is_open(struct slice set)
{
	return slice_ends(set, "=NAME") || slice_chr(set, '<') != SIZE_MAX;
}

/* "--set a.b=c" and "--set a.b=d" are about one key: the more important finding has spoken first. */
static bool is_known(const char *const *v, size_t n, struct slice text, char until)
{
	size_t end = slice_chr(text, until);

	for (size_t i = 0; i < n; i++)
		if (slice_eq(slice_to(slice_str(v[i]), slice_chr(slice_str(v[i]), until)), slice_to(text, end)))
			return true;
	return false;
}

static bool add_mend(struct mend_list *m, const char *mend)
{
	struct slice text = slice_str(mend);
	const char **slot;

	if (slice_starts(text, "--set ")) {
		text = slice_trim(slice_from(text, strlen("--set ")));
		if (is_known(m->sets.v, m->sets.n, text, '=') || is_known(m->open.v, m->open.n, text, '='))
			return true;
		slot = is_open(text) ? VEC_PUSH(&m->arena, m->open) : VEC_PUSH(&m->arena, m->sets);
	} else if (slice_starts(text, "--namespace ")) {
		if (is_known(m->others.v, m->others.n, text, ' '))
			return true;
		slot = VEC_PUSH(&m->arena, m->others);
	} else {
		return true;
	}
	if (slot)
		*slot = arena_str(&m->arena, text);
	return slot;
}

int mends_collect(struct mend_list *m, const struct gate *g, struct err *err)
{
	m->arena = ARENA_INIT((size_t)1 << 24);
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];
		bool counts = f->patched || f->severity == SEVERITY_ERROR ||
			      (g->warnings_count && f->severity == SEVERITY_WARNING);

		for (size_t k = 0; counts && !f->excepted && k < f->mends.n; k++)
			if (!add_mend(m, f->mends.v[k]))
				return err_nomem(err);
	}
	return arena_failed(&m->arena) ? err_nomem(err) : 0;
}
