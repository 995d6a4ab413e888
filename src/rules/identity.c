/*
 * identity.c: what an object is: the keys that say so are there once, in the cluster's own spelling, and Helm does not
 * leave the object out.
 */
#include "rules/identity.h"
#include "rules/places.h"

static struct finding *find_in_document(struct gate *g, const struct document *d, const struct node *at)
{
	struct finding *f = gate_find(g, NULL, NULL);
	struct position pos = input_position(d->input, at->start);

	f->place = (struct place){.input = d->input->name, .line = pos.line, .column = pos.column, .length = 1};
	return f;
}

static const struct node *last_equal(const struct node *key)
{
	const struct node *last = key;

	for (const struct node *k = key->next->next; k; k = k->next->next)
		if (slice_eq(node_text(k), node_text(key)))
			last = k;
	return last;
}

/* A key that a later one overrides, on the level that says what an object is. */
static const struct node *overridden(const struct node *map, bool (*counts)(const struct node *key))
{
	map = node_real(map);
	if (!map || map->kind != NODE_MAPPING)
		return NULL;
	for (const struct node *k = map->child; k; k = k->next->next)
		if ((k->flags & NODE_SHADOWED) && counts(k))
			return k;
	return NULL;
}

static bool always(const struct node *key)
{
	(void)key;
	return true;
}

static bool names_another(const struct node *key)
{
	static const char *const names[] = {"name", "namespace", "generateName"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_is(node_text(key), names[i]))
			return !node_equal(node_real(key->next), node_real(last_equal(key)->next));
	return false;
}

/* Two objects with the separator between them lost: the cluster would keep the second, and Helm delete the first. */
static bool find_fused(struct gate *g, const struct document *d, const struct node *root)
{
	const struct node *key = overridden(root, always);
	struct finding *f;

	if (key) {
		f = find_in_document(g, d, last_equal(key));
		finding_say(g, f,
			    "the document defines '%s' twice: the cluster would keep the second and lose the first",
			    gate_show(g, node_text(key)));
		finding_fix(g, f, "Put a line '---' between the two objects, or remove one of the two keys.");
		return true;
	}
	key = overridden(node_lookup(root, "metadata"), names_another);
	if (!key)
		return false;
	f = find_in_document(g, d, last_equal(key));
	finding_say(g, f, "the document defines metadata.%s twice, with two values", gate_show(g, node_text(key)));
	finding_fix(g, f, "Remove one of the two keys.");
	return true;
}

/* Helm decodes these keys in any case, the API server in this one alone. */
static bool find_other_case(struct gate *g, const struct document *d, const struct node *map, const char *const *names,
			    size_t n)
{
	map = node_real(map);
	for (const struct node *k = map && map->kind == NODE_MAPPING ? map->child : NULL; k; k = k->next->next) {
		for (size_t i = 0; i < n; i++) {
			struct finding *f;

			if (!slice_is_nocase(node_text(k), names[i]) || slice_is(node_text(k), names[i]))
				continue;
			f = find_in_document(g, d, k);
			finding_say(g, f, "Helm reads key '%s' as '%s', the cluster does not know it",
				    gate_show(g, node_text(k)), names[i]);
			finding_fix(g, f, "Write '%s'.", names[i]);
			return true;
		}
	}
	return false;
}

bool document_is_misread(struct gate *g, const struct document *d, const struct node *root)
{
	static const char *const top[] = {"apiVersion", "kind", "metadata"};
	static const char *const inner[] = {"name", "namespace", "generateName", "annotations", "labels"};

	return find_fused(g, d, root) || find_other_case(g, d, root, top, ARRAY_SIZE(top)) ||
	       find_other_case(g, d, node_lookup(root, "metadata"), inner, ARRAY_SIZE(inner));
}

/* Helm leaves an object out whose hook it does not know; it is in no release, and an upgrade deletes it. */
static void find_dropped(struct gate *g, const struct object *o)
{
	struct finding *f;

	if (!o->is_dropped || g->options.live)
		return;
	f = gate_find(g, o, o->hook);
	finding_found(g, f, node_text(node_real(o->hook)));
	finding_say(g, f, "helm.sh/hook names an event that Helm does not know: Helm leaves this object out");
	finding_fix(g, f, "Remove the annotation, or name known events only, such as pre-install or pre-upgrade.");
}

/* Argo CD applies no object that it takes for a hook of no phase. */
static void find_skipped(struct gate *g, const struct object *o)
{
	struct finding *f;

	if (o->owner || !wants_argo(g) || !object_argo_skips(o))
		return;
	f = gate_find(g, o, object_argo_hook(o));
	finding_found(g, f, node_text(node_real(object_argo_hook(o))));
	finding_say(g, f, "argocd.argoproj.io/hook names no phase of a sync: Argo CD leaves this object out");
	finding_fix(g, f, "Remove the annotation, or name a phase, such as PreSync.");
}

static void find_spelling(struct gate *g, const struct object *o)
{
	const char *kind = o->owner ? NULL : object_spelling_fault(o);
	struct finding *f;

	if (!kind)
		return;
	f = gate_find(g, o, NULL);
	finding_say(g, f, "the cluster knows no kind '%s' of '%s': it spells it %s, and its group in lower case",
		    gate_show(g, o->kind), gate_show(g, o->api_version), kind);
	finding_fix(g, f, "Write kind: %s.", kind);
}

void check_identities(struct gate *g)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		find_spelling(g, g->release->objects.v[i]);
		if (!gate_is_of_release(g))
			continue;
		find_dropped(g, g->release->objects.v[i]);
		find_skipped(g, g->release->objects.v[i]);
	}
}
