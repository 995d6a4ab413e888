/*
 * exception.c: exceptions end. An expired one is an error where it would have applied; one that covers nothing is a
 * note.
 */
#include "rules/settle.h"

static bool covers(const struct policy_exception *e, const struct finding *f)
{
	return f->excepted == e;
}

static void say_expired(struct gate *g, struct finding *f, const struct policy_exception *e)
{
	finding_say(g, f, "the exception for %s expired on %s", rule_infos[e->rule].id, e->expires);
	finding_fix(g, f, "Fix what it excused, or have the platform team renew 'expires' in %s, line %zu.",
		    e->origin.file ? e->origin.file : "the policy", e->origin.line);
}

static void policy_place(struct finding *f, const struct policy_exception *e)
{
	f->place = (struct place){.input = e->origin.file ? e->origin.file : "policy",
				  .line = e->origin.line,
				  .column = e->origin.column,
				  .length = 1};
}

void rule_exception_expired(struct gate *g)
{
	size_t findings = g->findings.n;

	for (size_t i = 0; i < g->policy->exceptions.n; i++) {
		const struct policy_exception *e = &g->policy->exceptions.v[i];
		bool used = false;

		for (size_t j = 0; j < findings; j++) {
			struct finding *excused = g->findings.v[j], *f;

			if (!covers(e, excused))
				continue;
			used = true;
			if (!e->expired)
				continue;
			excused->excepted = NULL;
			f = gate_find(g, excused->object, excused->node);
			say_expired(g, f, e);
		}
		if (used || (!gate_is_of_release(g) && !e->expired)) /* one file of many: the next may use it */
			continue;
		struct finding *f = gate_find(g, NULL, NULL);

		policy_place(f, e);
		if (e->expired) {
			say_expired(g, f, e);
			continue;
		}
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "the exception for %s of " SLICE_FMT "/" SLICE_FMT " covers nothing in this stream",
			    rule_infos[e->rule].id, SLICE_ARG(e->kind), SLICE_ARG(e->name));
		finding_fix(g, f, "Remove it if it is no longer needed.");
	}
	gate_settle_findings(g);
}
