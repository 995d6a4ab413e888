/*
 * fixes.h: the advice of a refused run as options that Helm takes.
 *
 * What `--fix-values` does rests on this: exactly the options that the findings name are added to Helm's command line,
 * nothing is derived. Texts live in the arena that is passed.
 */
#ifndef PXB_RULES_FIXES_H
#define PXB_RULES_FIXES_H

#include "rules/gate.h"

struct set_fixes {
	VEC(struct value_set)
	sets;			   /* each once, in the order of the findings; in Helm's command line they come last */
	VEC(const char *) options; /* the same as text: "--set pxbackup.federated=true" */
	size_t unfixed;		   /* findings that refuse the run and that no option can fix */
	const char *why_not;	   /* not NULL: they must not be applied, and why (one sentence, no full stop) */
};

/*
 * Collects the options of all findings that refuse the run, also where the gate itself could patch. They are not to be
 * applied when two of them give one key two values, when one needs a word that only the user knows (FIX_BLANK, unless
 * another finding knows it), or when Helm would refuse them or let another option win (--set-string over --set):
 * `why_not` tells, and names the keys.
 */
int gate_set_fixes(const struct gate *g, struct arena *a, struct set_fixes *out, struct err *err) PXB_MUST_CHECK;

#endif
