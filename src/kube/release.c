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

/* --- pods, env, claims ----------------------------------------------------------------------------------------- */

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

bool claim_is_made_of(const struct claim *template, struct slice name)
{
	struct slice set = template->object->name, ordinal;

	if (template->kind != CLAIM_TEMPLATE || !template->name.n ||
	    !slice_eq(slice_to(name, template->name.n), template->name))
		return false;
	name = slice_from(name, template->name.n);
	if (!slice_starts(name, "-") || !slice_eq(slice_to(slice_from(name, 1), set.n), set))
		return false;
	name = slice_from(name, 1 + set.n);
	ordinal = slice_from(name, 1);
	if (!slice_starts(name, "-") || !ordinal.n || (ordinal.n > 1 && ordinal.p[0] == '0'))
		return false;
	for (size_t i = 0; i < ordinal.n; i++)
		if (ordinal.p[i] < '0' || ordinal.p[i] > '9')
			return false;
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
	if (object_is_monitoring(o)) {
		const struct node *claim = node_at(spec, "storage/volumeClaimTemplate");

		if (claim)
			return add_claim(r, o, CLAIM_OPERATOR, node_at(o->root, "metadata/name"),
					 node_lookup(claim, "spec"));
	}
	return true;
}

static bool index_object(struct release *r, struct object *o)
{
	const struct node *pod = object_pod_spec(o);

	o->containers_from = r->containers.n;
	if (!add_containers(r, o, node_lookup(pod, "initContainers"), true) ||
	    !add_containers(r, o, node_lookup(pod, "containers"), false) ||
	    !add_containers(r, o, node_lookup(pod, "ephemeralContainers"), false))
		return false;
	o->containers_to = r->containers.n;
	return add_claims(r, o);
}

/* --- objects --------------------------------------------------------------------------------------------------- */

bool release_is_list(const struct node *root)
{
	return node_lookup(root, "items") != NULL;
}

static struct object *add_object(struct release *r, struct stream *s, const struct document *d, const struct node *root)
{
	const struct node *at;
	struct object **slot;
	struct object *o;

	if (release_object_fault(root, &at) && !(r->nameless && release_is_object_like(root)))
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
	o->is_generated = !o->name.n;
	if (o->is_generated)
		o->name = node_string(node_at(root, "metadata/generateName"));
	return o;
}

/* The object of a document, or the items of a List, and of the Lists in it. */
static void add_objects(struct release *r, struct stream *s, const struct document *d, const struct node *root)
{
	if (!release_is_list(root)) {
		add_object(r, s, d, root);
		return;
	}
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
		add_objects(r, s, d, it.item);
}

static void add_document(struct release *r, struct stream *s, const struct document *d, struct slice source,
			 const struct object *owner, const struct node *owner_text)
{
	size_t first = r->objects.n;

	add_objects(r, s, d, d->root);
	for (size_t i = first; i < r->objects.n; i++) {
		struct object *o = r->objects.v[i];
		struct slice file = object_annotation(o, HELM4_FILE_ANNOTATION);

		o->source = file.n ? file : source;
		o->owner = owner;
		o->owner_text = owner_text;
		if (owner) /* a nested document shows nothing of what Helm hides */
			continue;
		object_read_hook(o);
		r->hooks_visible |= o->is_hook;
		if (file.n)
			r->flavour = FLAVOUR_HELM4;
		if (!r->name.n)
			r->name = object_label(o, "app.kubernetes.io/instance");
	}
}

/* Some line begins with the word, plain or in quotes. */
static bool has_key_line(struct slice text, const char *word)
{
	for (size_t at; (at = slice_find(text, word)) != SIZE_MAX; text = slice_from(text, at + strlen(word))) {
		size_t start = at;

		while (start && (text.p[start - 1] == '"' || text.p[start - 1] == '\''))
			start--;
		if (start == 0 || text.p[start - 1] == '\n')
			return true;
	}
	return false;
}

/* The text of an object, or of several: YAML with these keys at the left edge, or JSON. */
static bool looks_like_objects(struct slice text)
{
	struct slice trimmed = slice_trim(text);

	if (trimmed.n && trimmed.p[0] == '{')
		return slice_find(text, "\"apiVersion\"") != SIZE_MAX && slice_find(text, "\"kind\"") != SIZE_MAX;
	return has_key_line(text, "apiVersion") && has_key_line(text, "kind");
}

/* Whole objects kept as text in a ConfigMap or Secret (later charts hand them to a hook Job). */
static int add_nested(struct release *r, const struct object *owner, const struct node *value, struct err *err)
{
	struct slice text = node_string(value);
	struct limits limits = owner->stream->limits;
	struct stream **slot;
	struct stream *s;

	if (!looks_like_objects(text))
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
	if (s->problems.n) {
		struct unread_text *u = VEC_PUSH(&r->arena, r->unread);

		if (!u)
			return err_nomem(err);
		*u = (struct unread_text){owner, value};
		return 0;
	}
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

		const char *texts = object_is(o, "ConfigMap", NULL) ? "data"
				    : object_is(o, "Secret", NULL)  ? "stringData"
								    : NULL;

		if (!texts)
			continue;
		for (struct map_iter it = map_iter_of(node_lookup(o->root, texts)); map_next(&it);)
			if (node_is_string(it.value) && add_nested(r, o, it.value, err) < 0)
				return err->status;
	}
	for (size_t i = 0; i < r->objects.n; i++)
		if (!index_object(r, r->objects.v[i]))
			return err_nomem(err);
	for (size_t i = 0; i < r->containers.n; i++)
		if (!add_env(r, &r->containers.v[i]))
			return err_nomem(err);
	if (!release_index(r))
		return err_nomem(err);
	r->flavour = flavour_of(r, sources);
	return arena_failed(&r->arena) ? err_nomem(err) : 0;
}
