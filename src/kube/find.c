/*
 * find.c: objects by kind and name.
 */
#include "kube/release.h"

static int compare_objects(const void *pa, const void *pb)
{
	const struct object *a = *(struct object *const *)pa, *b = *(struct object *const *)pb;
	int c = slice_cmp(a->kind, b->kind);

	if (!c)
		c = slice_cmp(a->name, b->name);
	return c ? c : (a->number > b->number) - (a->number < b->number);
}

bool release_index(struct release *r)
{
	size_t n = r->objects.n;

	r->by_name = arena_alloc(&r->arena, (n + 1) * sizeof(*r->by_name));
	if (!r->by_name)
		return false;
	for (size_t i = 0; i < n; i++) {
		r->objects.v[i]->number = i;
		r->by_name[i] = r->objects.v[i];
	}
	if (n)
		qsort(r->by_name, n, sizeof(*r->by_name), compare_objects);
	return true;
}

/* The first object that does not come before kind and name. */
size_t release_lower_bound(const struct release *r, struct slice kind, struct slice name)
{
	size_t from = 0, to = r->objects.n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int c = slice_cmp(r->by_name[mid]->kind, kind);

		if (c < 0 || (c == 0 && slice_cmp(r->by_name[mid]->name, name) < 0))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static const struct object *first_of_kind(const struct release *r, const char *kind)
{
	for (size_t i = 0; i < r->objects.n; i++)
		if (!r->objects.v[i]->owner && object_is(r->objects.v[i], kind, NULL))
			return r->objects.v[i];
	return NULL;
}

static bool is_near(const struct object *o, const struct object *near)
{
	return !near || !o->ns.n || !near->ns.n || slice_eq(o->ns, near->ns);
}

const struct object *release_find_near(const struct release *r, const char *kind, struct slice name,
				       const struct object *near)
{
	struct slice k = slice_str(kind);

	for (size_t i = release_lower_bound(r, k, name); i < r->objects.n; i++) {
		const struct object *o = r->by_name[i];

		if (!slice_eq(o->kind, k) || !slice_eq(o->name, name))
			break;
		if (!o->owner && !o->is_generated && object_is(o, kind, NULL) && is_near(o, near))
			return o;
	}
	return NULL;
}

const struct object *release_find(const struct release *r, const char *kind, const char *name)
{
	return name ? release_find_near(r, kind, slice_str(name), NULL) : first_of_kind(r, kind);
}
