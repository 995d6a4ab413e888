#include "helm/printed.h"

#include "helm/render.h"

/* The manifests without the white space around them, a line end, and the hooks. */
static bool find_in_template(struct slice printed, struct slice handed_on, struct slice *hooks)
{
	struct slice manifests = slice_trim(handed_on);

	if (printed.n <= manifests.n || memcmp(printed.p, manifests.p, manifests.n) != 0 ||
	    printed.p[manifests.n] != '\n')
		return false;
	*hooks = slice_from(printed, manifests.n + 1);
	return true;
}

/* "HOOKS:", the hooks, "MANIFEST:" and the manifests as they are, each on a line of its own. */
static bool find_in_dry_run(struct slice printed, struct slice handed_on, struct slice *hooks)
{
	static const char before[] = "\nHOOKS:\n", between[] = "MANIFEST:\n";
	size_t start = slice_find(printed, before);
	bool found = false;
	struct slice rest;

	if (start == SIZE_MAX)
		return false;
	printed = slice_from(printed, start + sizeof(before) - 1);
	for (rest = printed; rest.n;) {
		size_t at = slice_find(rest, between);
		struct slice behind;

		if (at == SIZE_MAX)
			break;
		behind = slice_from(rest, at + sizeof(between) - 1);
		if (behind.n > handed_on.n && memcmp(behind.p, handed_on.p, handed_on.n) == 0 &&
		    behind.p[handed_on.n] == '\n' && (behind.p - sizeof(between))[0] == '\n') {
			if (found)
				return false; /* a hook that holds all of it: not for us to tell */
			*hooks = slice_to(printed, (size_t)(behind.p - printed.p) - (sizeof(between) - 1));
			found = true;
		}
		rest = behind;
	}
	return found;
}

int printed_hooks(const struct helm_line *l, struct slice printed, struct slice handed_on, struct buf *hooks,
		  bool *told, struct err *err)
{
	const char *form = helm_line_value(l, "output");
	struct slice found = SLICE_EMPTY;

	if (l->command != HELM_TEMPLATE && form && strcmp(form, "table") != 0) {
		*told = hooks_of_release(printed, hooks, err) == 0;
		if (err->status == STATUS_HELPER) /* a form that is none */
			*err = ERR_INIT;
		return err->status;
	}
	*told = (l->command == HELM_TEMPLATE ? find_in_template : find_in_dry_run)(printed, handed_on, &found);
	buf_add(hooks, found);
	return hooks->failed ? err_nomem(err) : 0;
}
