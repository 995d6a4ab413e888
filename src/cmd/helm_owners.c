/*
 * helm_owners.c: cluster roles and their bindings that belong to somebody else. The chart gives them fixed names, and
 * Helm refuses to take over an object of another release, after everything was found right. Objects in namespaces are
 * Helm's to compare: there are many, and another installation has another namespace.
 */
#include "cluster/one.h"
#include "cmd/helm_run.h"

enum { OWNERS_MAX = 64 };

static const char *const fields[] = {"metadata/name", "metadata/annotations/meta.helm.sh~1release-name",
				     "metadata/annotations/meta.helm.sh~1release-namespace",
				     "metadata/labels/app.kubernetes.io~1managed-by", NULL};

static const struct {
	const char *kind, *plural;
} kinds[] = {{"ClusterRole", "clusterroles"}, {"ClusterRoleBinding", "clusterrolebindings"}};

/* Names of roles may hold more than other names do, but nothing that ends a part of a path. */
static bool may_be_asked(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || strchr("/%?#", name.p[i]))
			return false;
	return name.n > 0 && !slice_is(name, ".") && !slice_is(name, "..");
}

static const char *path_of(struct helm_run *r, const struct object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!o->owner && object_is(o, kinds[i].kind, NULL) &&
		    slice_starts(o->api_version, "rbac.authorization.k8s.io/") && may_be_asked(o->name))
			return arena_printf(&r->line.arena, "/apis/rbac.authorization.k8s.io/v1/%s/" SLICE_FMT,
					    kinds[i].plural, SLICE_ARG(o->name));
	return NULL;
}

struct owner {
	const struct object *object;
	const char *release, *ns; /* "" for none */
	size_t n;		  /* objects that are somebody else's */
};

static int read_owner(struct helm_run *r, const struct kube_get *g, const struct object *o, struct owner *first,
		      struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root, *metadata;
	struct slice name, ns;

	if (kube_get_root(g, &s, &root, err) < 0)
		return err->status;
	metadata = node_lookup(root, "metadata");
	name = node_string(node_lookup(node_lookup(metadata, "annotations"), "meta.helm.sh/release-name"));
	ns = node_string(node_lookup(node_lookup(metadata, "annotations"), "meta.helm.sh/release-namespace"));
	if (!metadata || (slice_is(name, r->line.name) && slice_is(ns, r->ns)))
		return 0;
	if (!first->n++)
		*first = (struct owner){o, arena_str(&r->line.arena, name), arena_str(&r->line.arena, ns), 1};
	return 0;
}

static int refuse(struct helm_run *r, const struct owner *of, struct err *err)
{
	struct arena *a = &r->line.arena;
	const char *more = of->n > 1 ? arena_printf(a, " (and %zu more)", of->n - 1) : "";
	const char *whose = *of->release ? arena_printf(a, "belongs to release '%s' in namespace '%s'",
							gate_show(&r->pass.gate, slice_str(of->release)),
							gate_show(&r->pass.gate, slice_str(of->ns)))
					 : "is there already and belongs to no release";

	r->fix = *of->release
			 ? "a cluster has one installation of this chart: uninstall that release first, or install "
			   "into another cluster"
			 : "remove it, or add --take-ownership if it is meant to belong to this release";
	return err_set(err, STATUS_REFUSED,
		       "refused: " SLICE_FMT " '%s'%s %s, and Helm does not take it over; nothing "
		       "was changed",
		       SLICE_ARG(of->object->kind), gate_show(&r->pass.gate, of->object->name), more, whose);
}

static int ask(struct helm_run *r, struct kube_get *v, const struct object **objects, size_t n, struct owner *first,
	       struct err *err)
{
	if (kube_one_get(&r->baseline.one, v, n, err) < 0)
		return err->status;
	/* What may not be read, and what the line loses now, is Helm's to find out. */
	for (size_t i = 0; i < n; i++)
		if (read_owner(r, &v[i], objects[i], first, err) < 0)
			return err->status;
	return 0;
}

int helm_check_owners(struct helm_run *r, struct err *err)
{
	struct kube_get v[OWNERS_MAX];
	const struct object *objects[OWNERS_MAX];
	struct owner first = {0};
	size_t n = 0;

	/* Of what a release has already, an upgrade asks nobody. */
	if (!r->call.one || !r->line.name || !helm_installs(r) || helm_line_has(&r->line, "take-ownership"))
		return 0;
	for (size_t i = 0; i < r->pass.release.objects.n && n < OWNERS_MAX; i++) {
		const char *path = path_of(r, r->pass.release.objects.v[i]);

		if (!path || r->pass.release.objects.v[i]->is_hook)
			continue;
		objects[n] = r->pass.release.objects.v[i];
		v[n++] = (struct kube_get){.path = path, .fields = fields, .body = BUF_INIT((size_t)1 << 20)};
	}
	if (n && !arena_failed(&r->line.arena))
		ask(r, v, objects, n, &first, err);
	for (size_t i = 0; i < n; i++)
		buf_release(&v[i].body);
	if (arena_failed(&r->line.arena))
		return err_nomem(err);
	return err->status < 0 ? err->status : first.n ? refuse(r, &first, err) : 0;
}
