#include "kube/release.h"

#define HELM4_FILE_ANNOTATION "postrenderer.helm.sh/postrender-filename"

void release_init(struct release *r)
{
	memset(r, 0, sizeof(*r));
	r->arena = ARENA_INIT((size_t)1 << 30);
}

void release_release(struct release *r)
{
	for (size_t i = 0; i < r->nested.n; i++)
		stream_release(r->nested.v[i]);
	arena_release(&r->arena);
	memset(r, 0, sizeof(*r));
}

/* "# Source: px-central/templates/x.yaml" among the comments before the document's first node. */
static struct slice source_comment(const struct document *d)
{
	struct slice head = slice_of(d->input->bytes.p + d->start, (d->root ? d->root->start : d->end) - d->start);
	size_t at = slice_find(head, "# Source: ");
	struct slice rest;

	if (at == SIZE_MAX || (at > 0 && head.p[at - 1] != '\n'))
		return SLICE_EMPTY;
	rest = slice_from(head, at + strlen("# Source: "));
	at = slice_chr(rest, '\n');
	return slice_trim(slice_to(rest, at == SIZE_MAX ? rest.n : at));
}

/* A hook of Helm. `crd-install` is a relic of Helm 2 that Helm 3 and 4 ignore. */
static bool is_hook(const struct object *o)
{
	struct slice rest = object_annotation(o, "helm.sh/hook");

	while (rest.p && rest.n) {
		struct slice event = slice_trim(slice_cut(rest, ',', &rest));

		if (event.n && !slice_is(event, "crd-install"))
			return true;
	}
	return false;
}

/* --- pods, env, claims ------------------------------------------------------------------------------------------- */

static bool add_env(struct release *r, const struct container *c)
{
	for (struct seq_iter it = seq_iter_of(c->env); seq_next(&it);) {
		const struct node *name = node_lookup(it.item, "name");
		struct env_var *e;

		if (!node_is_string(name))
			continue;
		e = VEC_PUSH(&r->arena, r->envs);
		if (!e)
			return false;
		e->object = c->object;
		e->container = c;
		e->item = it.item;
		e->value = node_lookup(it.item, "value");
		e->name = node_string(name);
	}
	return true;
}

static bool add_containers(struct release *r, const struct object *o, const struct node *list, bool init)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		struct container *c;

		if (!node_is_mapping(it.item))
			continue;
		c = VEC_PUSH(&r->arena, r->containers);
		if (!c)
			return false;
		c->object = o;
		c->node = it.item;
		c->name = node_string(node_lookup(it.item, "name"));
		c->is_init = init;
		c->env = node_lookup(it.item, "env");
	}
	return true;
}

static bool add_claim(struct release *r, const struct object *o, enum claim_kind kind, const struct node *name,
		      const struct node *spec)
{
	struct claim *c = VEC_PUSH(&r->arena, r->claims);

	if (!c)
		return false;
	c->object = o;
	c->kind = kind;
	c->name = node_string(name);
	c->spec = spec;
	c->class_name = node_lookup(spec, "storageClassName");
	return true;
}

static bool add_claims(struct release *r, const struct object *o)
{
	const struct node *spec = node_lookup(o->root, "spec");

	if (object_is(o, "PersistentVolumeClaim", NULL))
		return add_claim(r, o, CLAIM_PVC, node_at(o->root, "metadata/name"), spec);
	if (object_is(o, "StatefulSet", NULL)) {
		for (struct seq_iter it = seq_iter_of(node_lookup(spec, "volumeClaimTemplates")); seq_next(&it);)
			if (!add_claim(r, o, CLAIM_TEMPLATE, node_at(it.item, "metadata/name"),
				       node_lookup(it.item, "spec")))
				return false;
		return true;
	}
	if (slice_is(o->kind, "Prometheus") || slice_is(o->kind, "PrometheusAgent") ||
	    slice_is(o->kind, "Alertmanager") || slice_is(o->kind, "ThanosRuler")) {
		const struct node *claim = node_at(spec, "storage/volumeClaimTemplate");

		if (claim)
			return add_claim(r, o, CLAIM_OPERATOR, node_at(o->root, "metadata/name"),
					 node_lookup(claim, "spec"));
	}
	return true;
}

static bool index_object(struct release *r, const struct object *o)
{
	const struct node *pod = object_pod_spec(o);

	return add_containers(r, o, node_lookup(pod, "initContainers"), true) &&
	       add_containers(r, o, node_lookup(pod, "containers"), false) &&
	       add_containers(r, o, node_lookup(pod, "ephemeralContainers"), false) && add_claims(r, o);
}

/* --- objects ---------------------------------------------------------------------------------------------------------
 */

static bool is_list(const struct node *root)
{
	return slice_ends(node_string(node_lookup(root, "kind")), "List") &&
	       node_is_sequence(node_lookup(root, "items"));
}

static struct object *add_object(struct release *r, struct stream *s, const struct document *d, const struct node *root)
{
	const struct node *at;
	struct object **slot;
	struct object *o;

	if (release_object_fault(root, &at))
		return NULL;
	o = ARENA_NEW(&r->arena, struct object);
	slot = o ? VEC_PUSH(&r->arena, r->objects) : NULL;
	if (!slot)
		return NULL;
	*slot = o;
	o->stream = s;
	o->doc = d;
	o->root = root;
	o->api_version = node_string(node_lookup(root, "apiVersion"));
	o->kind = node_string(node_lookup(root, "kind"));
	o->ns = node_string(node_at(root, "metadata/namespace"));
	o->name = node_string(node_at(root, "metadata/name"));
	if (!o->name.n)
		o->name = node_string(node_at(root, "metadata/generateName"));
	o->is_hook = is_hook(o);
	return o;
}

/* Adds the object of a document, or the items of a List: kubectl and Helm take them one by one. */
static void add_document(struct release *r, struct stream *s, const struct document *d, struct slice source,
			 const struct object *owner, const struct node *owner_text)
{
	size_t first = r->objects.n;

	if (is_list(d->root)) {
		for (struct seq_iter it = seq_iter_of(node_lookup(d->root, "items")); seq_next(&it);)
			add_object(r, s, d, it.item);
	} else {
		add_object(r, s, d, d->root);
	}
	for (size_t i = first; i < r->objects.n; i++) {
		struct object *o = r->objects.v[i];
		struct slice file = object_annotation(o, HELM4_FILE_ANNOTATION);

		o->source = file.n ? file : source;
		o->owner = owner;
		o->owner_text = owner_text;
		if (file.n)
			r->flavour = FLAVOUR_HELM4;
		if (o->is_hook)
			r->hooks_visible = true;
		if (!r->name.n)
			r->name = object_label(o, "app.kubernetes.io/instance");
	}
}

static bool line_starts_with(struct slice text, const char *what)
{
	size_t at = slice_find(text, what);

	return at != SIZE_MAX && (at == 0 || text.p[at - 1] == '\n');
}

/* Whole objects kept as text in a ConfigMap (later charts hand them to a hook Job). A text that cannot be read is a
   template or something else, and no business of the release. */
static int add_nested(struct release *r, const struct object *owner, const struct node *value, struct err *err)
{
	struct slice text = node_string(value);
	struct limits limits = owner->stream->limits;
	struct stream **slot;
	struct stream *s;

	if (!line_starts_with(text, "apiVersion:") || !line_starts_with(text, "kind:"))
		return 0;
	s = ARENA_NEW(&r->arena, struct stream);
	if (!s)
		return err_nomem(err);
	stream_init(s, &limits);
	slot = VEC_PUSH(&r->arena, r->nested);
	if (!slot)
		return err_nomem(err);
	*slot = s;
	if (stream_add(s, "nested", text, err) < 0)
		return err->status;
	if (s->problems.n)
		return 0;
	for (size_t i = 0; i < s->documents.n; i++)
		if (s->documents.v[i].root)
			add_document(r, s, &s->documents.v[i], owner->source, owner, value);
	return 0;
}

static enum flavour flavour_of(const struct release *r, bool sources)
{
	if (r->flavour == FLAVOUR_HELM4)
		return FLAVOUR_HELM4;
	if (!sources)
		return FLAVOUR_PLAIN;
	return r->hooks_visible ? FLAVOUR_TEMPLATE : FLAVOUR_HELM3;
}

int release_build(struct release *r, struct stream *s, struct err *err)
{
	struct slice source = SLICE_EMPTY;
	bool sources = false;
	size_t top;

	r->stream = s;
	r->flavour = FLAVOUR_PLAIN;
	for (size_t i = 0; i < s->documents.n; i++) {
		const struct document *d = &s->documents.v[i];
		struct slice own = source_comment(d);

		/* A file that begins with its own separator leaves Helm's comment in a document of its own. */
		if (own.n || i == 0 || s->documents.v[i - 1].root)
			source = own;
		sources |= own.n > 0;
		if (d->root)
			add_document(r, s, d, source, NULL, NULL);
	}
	top = r->objects.n;
	for (size_t i = 0; i < top; i++) {
		const struct object *o = r->objects.v[i];

		if (!object_is(o, "ConfigMap", NULL))
			continue;
		for (struct map_iter it = map_iter_of(node_lookup(o->root, "data")); map_next(&it);)
			if (node_is_string(it.value) && add_nested(r, o, it.value, err) < 0)
				return err->status;
	}
	for (size_t i = 0; i < r->objects.n; i++)
		if (!index_object(r, r->objects.v[i]))
			return err_nomem(err);
	for (size_t i = 0; i < r->containers.n; i++)
		if (!add_env(r, &r->containers.v[i]))
			return err_nomem(err);
	r->flavour = flavour_of(r, sources);
	return arena_failed(&r->arena) ? err_nomem(err) : 0;
}
