/*
 * namespace.c: one namespace that never changes. Claims are made in it, addresses and permissions repeat it, and it
 * cannot be changed on upgrade ("a one-time configuration step", vendor's install page).
 */
#include "rules/places.h"

static struct finding *find_other(struct gate *g, const struct object *o, const struct node *at, struct slice found,
				  struct slice want)
{
	struct finding *f = gate_find(g, o, at);
	const char *ns = arena_str(&g->arena, want);

	finding_found(g, f, found);
	finding_expected(g, f, "%s", ns);
	finding_fix(g, f, "--namespace %s", ns);
	return f;
}

static void check_objects(struct gate *g, struct slice want)
{
	size_t placed = 0, floating = 0;

	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		struct finding *f;

		placed += o->ns.n > 0;
		if (o->ns.n && !slice_eq(o->ns, want)) {
			f = find_other(g, o, node_at(o->root, "metadata/namespace"), o->ns, want);
			finding_say(g, f, "the object is in namespace %s; the installation belongs in %s", f->found,
				    f->expected);
		} else if (!g->options.namespace_given && !o->ns.n && !object_is_cluster_scoped(o) &&
			   !object_is(o, "Namespace", NULL)) {
			floating++;
			f = gate_find(g, o, node_lookup(o->root, "metadata"));
			finding_severity(f, SEVERITY_NOTE);
			finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
			finding_say(g, f, "the object names no namespace: it lands where the caller points");
			finding_fix(g, f, "--namespace " SLICE_FMT, SLICE_ARG(want));
		}
	}
	/* The chart names the namespace in every object. Where none does, only the caller's context decides. */
	if (floating && !placed)
		find_unseen(g, "namespace");
}

/* Names of the release's objects of one kind, sorted: addresses and subjects are many. */
struct name_list {
	struct slice *v;
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static struct name_list names_of(struct gate *g, const char *kind)
{
	struct name_list l = {arena_alloc(&g->arena, (g->release->objects.n + 1) * sizeof(struct slice)), 0};

	for (size_t i = 0; l.v && i < g->release->objects.n; i++)
		if (object_is(g->release->objects.v[i], kind, NULL))
			l.v[l.n++] = g->release->objects.v[i]->name;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), compare_names);
	return l;
}

static bool name_is_in(const struct name_list *l, struct slice name)
{
	return l->n && bsearch(&name, l->v, l->n, sizeof(*l->v), compare_names);
}

/* The chart's hooks run as the account `default`; in another binding it is the account of another namespace. */
static bool is_own_account(const struct object *o, const struct name_list *accounts, struct slice name)
{
	return slice_is(name, "default") ? slice_starts(o->name, "px-backup-") : name_is_in(accounts, name);
}

/* The account of this namespace has the permission as well: the other one is a neighbour of the same name. */
static bool is_also_here(const struct object *o, struct slice name, struct slice want)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(o->root, "subjects")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "kind"), "ServiceAccount") &&
		    slice_eq(node_string(node_lookup(it.item, "name")), name) &&
		    slice_eq(node_string(node_lookup(it.item, "namespace")), want))
			return true;
	return false;
}

static void check_subjects(struct gate *g, const struct object *o, const struct name_list *accounts, struct slice want)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(o->root, "subjects")); seq_next(&it);) {
		const struct node *ns = node_lookup(it.item, "namespace");
		struct finding *f;

		if (!node_string_is(node_lookup(it.item, "kind"), "ServiceAccount") || !node_is_string(ns) ||
		    slice_eq(node_string(ns), want) ||
		    !is_own_account(o, accounts, node_string(node_lookup(it.item, "name"))) ||
		    is_also_here(o, node_string(node_lookup(it.item, "name")), want))
			continue;
		f = find_other(g, o, ns, node_string(ns), want);
		finding_say(g, f, "the permission goes to an account in namespace %s; the installation belongs in %s",
			    f->found, f->expected);
	}
}

static void check_env(struct gate *g, struct slice want)
{
	static const char *const names[] = {"NAMESPACE", "PXC_NAMESPACE", "PX_NAMESPACE", "PX_BACKUP_NAMESPACE"};

	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
			struct finding *f;

			if (!slice_is(e->name, names[j]) || !node_is_string(e->value) ||
			    slice_eq(node_string(e->value), want))
				continue;
			f = find_other(g, e->object, e->value, node_string(e->value), want);
			finding_say(g, f, "%s is \"%s\"; the installation belongs in %s", names[j], f->found,
				    f->expected);
		}
	}
}

static void check_appliance(struct gate *g, struct slice want)
{
	static const char prefix[] = "px-backup-";

	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];
		struct slice value = node_string(e->value);
		struct finding *f;

		if (!slice_is(e->name, "APPLIANCE_NAME") || !slice_starts(value, prefix) ||
		    slice_eq(slice_from(value, strlen(prefix)), want))
			continue;
		f = find_other(g, e->object, e->value, slice_from(value, strlen(prefix)), want);
		finding_say(g, f, "APPLIANCE_NAME is made of namespace %s; the installation belongs in %s", f->found,
			    f->expected);
	}
}

static void check_annotation(struct gate *g, const struct object *o, struct slice want)
{
	const struct node *ns = node_lookup(node_at(o->root, "metadata/annotations"), "meta.helm.sh/release-namespace");
	struct finding *f;

	if (!node_is_string(ns) || slice_eq(node_string(ns), want))
		return;
	f = find_other(g, o, ns, node_string(ns), want);
	finding_say(g, f, "the annotation says namespace %s; the installation belongs in %s", f->found, f->expected);
}

static void check_args(struct gate *g, const struct container *c, struct slice want)
{
	static const struct {
		const char *flag;
		char end; /* what follows the namespace */
	} flags[] = {{"-namespaces=", '\0'},
		     {"--namespaces=", '\0'},
		     {"--kubelet-service=", '/'},
		     {"--cluster.label=", '/'}};

	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "args")); seq_next(&it);) {
		struct slice arg = node_string(it.item);

		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			struct slice value, rest;
			struct finding *f;

			if (!slice_starts(arg, flags[i].flag))
				continue;
			value = slice_from(arg, strlen(flags[i].flag));
			if (flags[i].end)
				value = slice_cut(value, flags[i].end, &rest);
			if (slice_eq(value, want))
				continue;
			f = find_other(g, c->object, it.item, value, want);
			finding_say(g, f, "the argument %s names namespace %s; the installation belongs in %s",
				    flags[i].flag, f->found, f->expected);
		}
	}
}

static bool is_name_byte(char c)
{
	return c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "px-backup.central.svc": the address of a Service of this release. */
static void check_addresses(struct gate *g, const struct object *o, const struct node *n,
			    const struct name_list *services, struct slice want)
{
	struct slice text = node_string(n);

	for (size_t at; (at = slice_find(text, ".svc")) != SIZE_MAX; text = slice_from(text, at + 4)) {
		size_t dot = slice_rchr(slice_to(text, at), '.'), begin;
		struct slice ns, service;
		struct finding *f;

		if (dot == SIZE_MAX || (at + 4 < text.n && is_name_byte(text.p[at + 4])))
			continue;
		ns = slice_of(text.p + dot + 1, at - dot - 1);
		for (begin = dot; begin && is_name_byte(text.p[begin - 1]);)
			begin--;
		service = slice_of(text.p + begin, dot - begin);
		if (!service.n || !ns.n || slice_eq(ns, want) || !name_is_in(services, service))
			continue;
		f = find_other(g, o, n, ns, want);
		finding_say(g, f,
			    "the address of Service " SLICE_FMT
			    " points into namespace %s; the installation belongs in %s",
			    SLICE_ARG(service), f->found, f->expected);
		return; /* one finding for one text, however many addresses it holds */
	}
}

/* A walk over every text of a large release is dear; most documents hold no address at all. */
static bool has_addresses(const struct object *o)
{
	const struct document *d = o->doc;

	return slice_find(slice_of(d->input->bytes.p + d->body, d->end - d->body), ".svc") != SIZE_MAX;
}

static void check_hosts(struct gate *g, const struct object *o, const struct node *n, const struct name_list *services,
			struct slice want)
{
	n = node_real(n);
	if (!n)
		return;
	if (n->kind == NODE_SCALAR && slice_find(node_text(n), ".svc") != SIZE_MAX)
		check_addresses(g, o, n, services, want);
	for (const struct node *c = n->kind == NODE_SCALAR ? NULL : n->child; c; c = c->next)
		if (!(c->flags & NODE_KEY))
			check_hosts(g, o, c, services, want);
}

static void check_release_name(struct gate *g)
{
	const struct policy *p = g->policy;

	if (!p->release_name.n)
		return;
	if (!g->release->name.n)
		find_unseen(g, "releaseName");
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *label =
			node_lookup(node_at(o->root, "metadata/labels"), "app.kubernetes.io/instance");
		struct finding *f;

		if (!node_is_string(label) || slice_eq(node_string(label), p->release_name))
			continue;
		f = gate_find(g, o, label);
		finding_found(g, f, node_string(label));
		finding_expected(g, f, SLICE_FMT, SLICE_ARG(p->release_name));
		finding_say(g, f, "the release is named %s; the policy says %s, and selectors cannot be changed later",
			    f->found, f->expected);
		finding_fix(g, f, "Name the release %s: helm install %s ...", f->expected, f->expected);
		return;
	}
}

void rule_namespace(struct gate *g)
{
	struct slice want = expected_namespace(g);
	struct name_list services, accounts;

	check_release_name(g);
	if (!want.n)
		return;
	services = names_of(g, "Service");
	accounts = names_of(g, "ServiceAccount");
	check_objects(g, want);
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (object_is(o, "RoleBinding", NULL) || object_is(o, "ClusterRoleBinding", NULL))
			check_subjects(g, o, &accounts, want);
		check_annotation(g, o, want);
		if (has_addresses(o))
			check_hosts(g, o, node_lookup(o->root, slice_is(o->kind, "ConfigMap") ? "data" : "spec"),
				    &services, want);
	}
	check_env(g, want);
	check_appliance(g, want);
	for (size_t i = 0; i < g->release->containers.n; i++)
		check_args(g, &g->release->containers.v[i], want);
}
