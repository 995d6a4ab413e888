/*
 * stand_in.c: workloads whose pods are taken for those of another. A Service tells pods apart by labels alone, so a
 * second Deployment with the labels of the first gets a share of its calls.
 */
#include "kube/release.h"

const struct node *object_pod_labels(const struct object *o)
{
	const struct node *spec = node_lookup(o->root, "spec");

	if (object_is(o, "Pod", NULL))
		return node_at(o->root, "metadata/labels");
	if (object_is(o, "CronJob", NULL))
		return node_at(spec, "jobTemplate/spec/template/metadata/labels");
	return node_at(spec, "template/metadata/labels");
}

/* Every label that the selector names is there. One without labels selects nothing here. */
static bool selects(const struct node *selector, const struct node *labels)
{
	bool any = false;

	for (struct map_iter it = map_iter_of(selector); map_next(&it);) {
		if (!slice_eq(node_string(node_get(labels, node_text(it.key))), node_string(it.value)))
			return false;
		any = true;
	}
	return any;
}

void stand_ins_of(const struct release *r, const struct object *original, struct stand_ins *out)
{
	const struct node *labels = object_pod_labels(original);
	const struct node *own = node_at(original->root, "spec/selector/matchLabels");

	*out = (struct stand_ins){.original = original};
	if (own)
		out->selectors[out->n++] = own;
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];
		const struct node *selector = node_at(o->root, "spec/selector");

		/* The Service that is named like the workload is asked for it, whatever it selects. */
		if (!object_is(o, "Service", NULL) ||
		    (!(labels && selects(selector, labels)) && !slice_eq(o->name, original->name)))
			continue;
		if (out->n < ARRAY_SIZE(out->selectors))
			out->selectors[out->n++] = selector;
		else
			out->overflow = true;
	}
}

bool stands_in(const struct stand_ins *s, const struct object *o)
{
	const struct node *labels = object_pod_labels(o);

	if (!labels || o == s->original || o->owner)
		return false;
	if (o->ns.n && s->original->ns.n && !slice_eq(o->ns, s->original->ns))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (selects(s->selectors[i], labels))
			return true;
	return s->overflow;
}
