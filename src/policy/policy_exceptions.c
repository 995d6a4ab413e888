/*
 * policy_exceptions.c: what a policy lets pass. An exception names one object, gives a reason and ends on a day.
 */
#include "policy/policy_reader.h"

#include "policy/policy_key.h"
#include "userfile/syntax.h"

enum part { PART_RULE, PART_OBJECT, PART_PATH, PART_REASON, PART_EXPIRES, PARTS };

static const struct {
	const char *key, *must_be;
	bool optional;
} parts[PARTS] = {
	[PART_RULE] = {"rule", "the id of a rule", false},
	[PART_OBJECT] = {"object", "KIND[.GROUP]/[NAMESPACE/]NAME, such as ConfigMap/pxcentral-admin-user", false},
	[PART_PATH] = {"path", "a place as findings write it, such as data.KEY or spec.containers[name].image", true},
	[PART_REASON] = {"reason", "a sentence that says why", false},
	[PART_EXPIRES] = {"expires", "the last day of the exception, such as 2027-01-31", false},
};

static int take_part(struct policy_reader *r, const struct node *key, const struct node *found[PARTS])
{
	const char *names[PARTS];

	for (size_t i = 0; i < PARTS; i++) {
		names[i] = parts[i].key;
		if (slice_is(node_text(key), parts[i].key)) {
			found[i] = key->next;
			return 0;
		}
	}
	return strict_unknown(&r->in, key, "exceptions", key_nearest(node_text(key), names, PARTS));
}

static const char *instead(enum rule_id rule)
{
	if (rule_infos[rule].needs == NEEDS_VALUES)
		return ": values files contain no objects; lower its severity instead";
	return rule_infos[rule].needs == NEEDS_LOCK
		       ? ": what is meant is recorded with 'pxb-fed lock update --reason TEXT'"
		       : "";
}

static int check_rule(struct policy_reader *r, const struct node *n, struct slice id, enum rule_id *rule)
{
	if (!rule_parse(id, rule))
		return reader_unknown_rule(r, n, id);
	if (!rule_infos[*rule].exceptable)
		return strict_fail(&r->in, n, "rule '%s' allows no exception%s", rule_infos[*rule].id, instead(*rule));
	return 0;
}

static int check_unique(struct policy_reader *r, const struct node *item, const struct policy_exception *e)
{
	for (size_t i = 0; i < r->p->exceptions.n; i++) {
		const struct policy_exception *o = &r->p->exceptions.v[i];

		if (o->rule == e->rule && slice_eq(o->object, e->object) && slice_eq(o->path, e->path))
			return strict_fail(&r->in, item, "this exception repeats the one at %s",
					   origin_where(o->origin).text);
	}
	return 0;
}

static int read_exception(struct policy_reader *r, const struct node *item)
{
	const struct node *found[PARTS] = {0};
	struct slice text[PARTS] = {0};
	struct policy_exception e = {0}, *slot;
	struct object_ref ref;

	if (!node_is_mapping(item))
		return strict_fail(&r->in, item,
				   "an exception must be a mapping with rule, object, reason and expires, not %s",
				   node_noun(item));
	for (const struct node *k = item->child; k; k = k->next->next)
		if (take_part(r, k, found) < 0)
			return r->in.err->status;
	for (size_t i = 0; i < PARTS; i++) {
		if (!found[i] && !parts[i].optional)
			return strict_fail(&r->in, item, "an exception needs '%s': %s", parts[i].key, parts[i].must_be);
		if (found[i] && strict_text(&r->in, found[i], parts[i].key, parts[i].must_be, &text[i]) < 0)
			return r->in.err->status;
	}
	if (check_rule(r, found[PART_RULE], text[PART_RULE], &e.rule) < 0)
		return r->in.err->status;
	if (!is_full_object_ref(text[PART_OBJECT], &ref))
		return strict_fail(&r->in, found[PART_OBJECT], "'object' must be %s, not %s",
				   parts[PART_OBJECT].must_be, show_text(text[PART_OBJECT]).text);
	if (found[PART_PATH] && !is_node_path(text[PART_PATH]))
		return strict_fail(&r->in, found[PART_PATH], "'path' must be %s, not %s", parts[PART_PATH].must_be,
				   show_text(text[PART_PATH]).text);
	/* The rest of an object may hold a second credential, tomorrow if not today. */
	if (!found[PART_PATH] && !rule_infos[e.rule].lowerable)
		return strict_fail(&r->in, item,
				   "an exception from '%s' needs a 'path': it covers one place, never a whole object",
				   rule_infos[e.rule].id);
	if (slice_trim(text[PART_REASON]).n == 0)
		return strict_fail(&r->in, found[PART_REASON], "'reason' must be %s", parts[PART_REASON].must_be);
	if (!is_date(text[PART_EXPIRES]))
		return strict_fail(&r->in, found[PART_EXPIRES],
				   "'expires' must be a day that exists, written like 2027-01-31, not %s",
				   show_text(text[PART_EXPIRES]).text);
	e.object = text[PART_OBJECT];
	e.path = text[PART_PATH];
	if (check_unique(r, item, &e) < 0)
		return r->in.err->status;
	slot = VEC_PUSH(&r->p->arena, r->p->exceptions);
	if (!slot)
		return err_nomem(r->in.err);
	e.object = arena_copy(&r->p->arena, e.object);
	if (!is_full_object_ref(e.object, &ref))
		return err_nomem(r->in.err);
	e.kind = ref.kind;
	e.group = ref.group;
	e.ns = ref.ns;
	e.name = ref.name;
	e.path = arena_copy(&r->p->arena, e.path);
	e.reason = arena_copy(&r->p->arena, slice_trim(text[PART_REASON]));
	memcpy(e.expires, text[PART_EXPIRES].p, 10);
	e.expired = strcmp(e.expires, r->p->today) < 0;
	e.origin = reader_origin(r, item);
	*slot = e;
	return 0;
}

int reader_exceptions(struct policy_reader *r, const struct node *key, const struct node *list)
{
	if (!node_is_sequence(list))
		return strict_fail(&r->in, list, "'exceptions' must be a list, not %s", node_noun(list));
	if (r->tighten && list->child)
		return strict_fail(&r->in, key,
				   "'exceptions' cannot be made here; this file may only tighten the policy");
	for (const struct node *i = list->child; i; i = i->next)
		if (read_exception(r, i) < 0 && !reader_goes_on(r))
			return r->in.err->status;
	return 0;
}
