/*
 * rights.c: roles and their bindings as facts: one for each verb on each resource.
 */
#include "audit/seen.h"

#include "base/buf.h"

static const char *text(struct fact_set *s, const struct node *n)
{
	return arena_str(&s->arena, node_text(node_real(n)));
}

/* "secrets" or "secrets/pxc" of resourceNames, each with each. */
static const char *limited(struct fact_set *s, const char *resource, const struct node *names)
{
	cleanup_buf struct buf out = BUF_TEXT;

	buf_adds(&out, resource);
	for (struct seq_iter it = seq_iter_of(names); seq_next(&it);)
		buf_addf(&out, "%s" SLICE_FMT, it.index ? "," : "=", SLICE_ARG(node_text(node_real(it.item))));
	if (out.failed)
		arena_fail(&s->arena);
	return arena_str(&s->arena, buf_slice(&out));
}

static void add_verbs(struct fact_set *s, const struct object *o, const struct fact *at, const char *group,
		      const char *resource, const struct node *verbs)
{
	for (struct seq_iter it = seq_iter_of(verbs); seq_next(&it);) {
		struct fact f = *at;

		f.kind = FACT_RBAC;
		f.v[0] = arena_str(&s->arena, o->kind);
		f.v[1] = arena_str(&s->arena, o->name);
		f.v[2] = group;
		f.v[3] = resource;
		f.v[4] = text(s, it.item);
		fact_add(s, &f);
	}
}

static void add_rule(struct fact_set *s, const struct object *o, const struct fact *at, const struct node *rule)
{
	const struct node *verbs = node_lookup(rule, "verbs"), *names = node_lookup(rule, "resourceNames");

	for (struct seq_iter g = seq_iter_of(node_lookup(rule, "apiGroups")); seq_next(&g);)
		for (struct seq_iter r = seq_iter_of(node_lookup(rule, "resources")); seq_next(&r);)
			add_verbs(s, o, at, text(s, g.item), limited(s, text(s, r.item), names), verbs);
	for (struct seq_iter u = seq_iter_of(node_lookup(rule, "nonResourceURLs")); seq_next(&u);)
		add_verbs(s, o, at, "", text(s, u.item), verbs);
}

static void add_binding(struct fact_set *s, const struct object *o, const struct fact *at)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(o->root, "subjects")); seq_next(&it);) {
		struct fact f = *at;

		f.kind = FACT_BINDING;
		f.v[0] = arena_str(&s->arena, o->kind);
		f.v[1] = arena_str(&s->arena, o->name);
		f.v[2] = text(s, node_at(o->root, "roleRef/kind"));
		f.v[3] = text(s, node_at(o->root, "roleRef/name"));
		f.v[4] = arena_printf(&s->arena, "%s/%s", text(s, node_lookup(it.item, "kind")),
				      text(s, node_lookup(it.item, "name")));
		fact_add(s, &f);
	}
}

void facts_of_rights(struct fact_set *s, const struct object *o, const struct fact *at)
{
	if (slice_is(o->kind, "Role") || slice_is(o->kind, "ClusterRole"))
		for (struct seq_iter it = seq_iter_of(node_lookup(o->root, "rules")); seq_next(&it);)
			add_rule(s, o, at, it.item);
	else if (slice_is(o->kind, "RoleBinding") || slice_is(o->kind, "ClusterRoleBinding"))
		add_binding(s, o, at);
}
