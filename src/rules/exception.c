/*
 * exception.c: exceptions end. An expired one is an error where it would have applied; one that covers nothing is a
 * note.
 */
#include "rules/places.h"
#include "policy/policy_key.h"
#include "rules/settle.h"

/* The namespace that the object ends up in. */
static struct slice namespace_of(const struct gate *g, const struct object *o)
{
	if (object_is_cluster_scoped(o))
		return SLICE_EMPTY;
	return o->ns.n || !gate_is_of_release(g) ? o->ns : expected_namespace(g);
}

bool exception_names(const struct gate *g, const struct policy_exception *e, const struct object *o)
{
	struct slice group = slice_is(e->group, "core") ? SLICE_EMPTY : e->group;

	if (!slice_eq(e->kind, o->kind) || !slice_eq(e->name, o->name))
		return false;
	if (e->group.n && !slice_eq(group, object_group(o)))
		return false;
	return !e->ns.n || slice_eq(e->ns, namespace_of(g, o));
}

/* Objects of one kind and name are neighbours in the index. */
static int check_one(const struct gate *g, const struct policy_exception *e, struct err *err)
{
	const struct object *first = NULL;

	for (size_t i = release_lower_bound(g->release, e->kind, e->name); i < g->release->objects.n; i++) {
		const struct object *o = g->release->by_name[i];

		if (!slice_eq(o->kind, e->kind) || !slice_eq(o->name, e->name))
			break;
		if (!exception_names(g, e, o))
			continue;
		if (first && (!slice_eq(object_group(first), object_group(o)) ||
			      !slice_eq(namespace_of(g, first), namespace_of(g, o))))
			return err_set(err, STATUS_USAGE,
				       "%s: the exception for '" SLICE_FMT
				       "' matches several objects; write KIND.GROUP/NAMESPACE/NAME",
				       origin_where(e->origin).text, SLICE_ARG(e->object));
		if (!first)
			first = o;
	}
	return 0;
}

int exceptions_check(struct gate *g, struct err *err)
{
	for (size_t i = 0; i < g->policy->exceptions.n; i++)
		if (check_one(g, &g->policy->exceptions.v[i], err) < 0)
			return err->status;
	return 0;
}

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
		finding_say(g, f, "the exception for %s of " SLICE_FMT " covers nothing in this stream",
			    rule_infos[e->rule].id, SLICE_ARG(e->object));
		finding_fix(g, f, "Remove it if it is no longer needed.");
	}
	gate_settle_findings(g);
}
