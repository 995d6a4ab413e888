/*
 * hook.c: hooks as Helm 3 and 4 see them.
 *
 * Helm reads the annotation of a document, never of a List's item; it splits the text at commas, trims each event and
 * takes it in any case. One event that it does not know, an empty one included, makes it leave the whole object out:
 * it is in no release and in no hook ("skipping unknown hooks").
 */
#include "kube/release.h"

#define HOOK_ANNOTATION "helm.sh/hook"

static const char *const events[] = {
	"pre-install", "post-install", "pre-upgrade",	"post-upgrade", "pre-delete",
	"post-delete", "pre-rollback", "post-rollback", "test",		"test-success",
};

static bool is_known(struct slice event)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (slice_is_nocase(event, events[i]))
			return true;
	return false;
}

static const struct node *annotation_of(const struct node *root)
{
	const struct node *annotations = node_at(root, "metadata/annotations");

	return node_lookup(annotations, HOOK_ANNOTATION);
}

static bool each_is_known(struct slice text)
{
	do {
		if (!is_known(slice_trim(slice_cut(text, ',', &text))))
			return false;
	} while (text.p);
	return true;
}

/* Charts of Helm 2 keep a copy of their CustomResourceDefinitions for it; Helm 3 and 4 take those of crds/. */
static bool is_relic(const struct object *o, const struct node *hook)
{
	return slice_is(slice_trim(node_string(hook)), "crd-install") && object_is(o, "CustomResourceDefinition", NULL);
}

void object_read_hook(struct object *o)
{
	const struct node *hook = annotation_of(o->doc->root);

	if (!hook || (o->root != o->doc->root && !release_is_list(o->doc->root)))
		return;
	o->hook = hook;
	o->is_hook = node_is_string(hook) && each_is_known(node_string(hook));
	o->is_dropped = !o->is_hook && !is_relic(o, hook);
}

bool object_was_hook(const struct object *o)
{
	const struct node *hook = annotation_of(o->root);

	return node_is_string(hook) && each_is_known(node_string(hook));
}

/* --- Argo CD ---------------------------------------------------------------------------------------------------- */

/* Argo CD's annotation counts before Helm's. It splits the text at commas, trims each phase, and takes it as it is. */
const struct node *object_argo_hook(const struct object *o)
{
	return node_lookup(node_at(o->root, "metadata/annotations"), "argocd.argoproj.io/hook");
}

bool object_argo_skips(const struct object *o)
{
	static const char *const phases[] = {"PreSync", "Sync", "PostSync", "SyncFail", "PreDelete", "PostDelete"};
	const struct node *hook = object_argo_hook(o);
	struct slice text = node_string(hook);

	if (!hook)
		return false;
	while (text.p) {
		struct slice phase = slice_trim(slice_cut(text, ',', &text));

		for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
			if (slice_is(phase, phases[i]))
				return false;
	}
	return true;
}

bool object_has_event(const struct object *o, const char *event)
{
	struct slice text = o->is_hook ? node_string(o->hook) : SLICE_EMPTY;

	while (text.p)
		if (slice_is_nocase(slice_trim(slice_cut(text, ',', &text)), event))
			return true;
	return false;
}
