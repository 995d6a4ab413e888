#include "helm/locks.h"

void lock_set_release(struct lock_set *s)
{
	for (size_t i = 0; i < s->owned.n; i++)
		lock_release(s->owned.v[i]);
	arena_release(&s->arena);
	memset(s, 0, sizeof(*s));
}

static struct lock *new_lock(struct lock_set *s)
{
	struct lock *l = ARENA_NEW(&s->arena, struct lock);
	struct lock **owned = l ? VEC_PUSH(&s->arena, s->owned) : NULL;
	const struct lock **slot;

	if (!owned)
		return NULL;
	lock_init(l);
	*owned = l;
	slot = VEC_PUSH(&s->arena, s->all);
	if (slot)
		*slot = l;
	return l;
}

/* --- claims of pods -------------------------------------------------------------------------------------------- */

/* TEMPLATE-STATEFULSET-ORDINAL */
static bool is_claim_of(struct slice name, const struct claim *template)
{
	struct slice set = template->object->name;

	if (template->kind != CLAIM_TEMPLATE || !template->name.n ||
	    !slice_eq(slice_to(name, template->name.n), template->name))
		return false;
	name = slice_from(name, template->name.n);
	if (!slice_starts(name, "-") || !slice_eq(slice_to(slice_from(name, 1), set.n), set))
		return false;
	name = slice_from(name, 1 + set.n);
	if (!slice_starts(name, "-") || name.n < 2)
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	return true;
}

static const struct claim *template_of(const struct release *rendered, const struct object *pvc)
{
	for (size_t i = 0; i < rendered->claims.n; i++)
		if (object_is(pvc, "PersistentVolumeClaim", NULL) && is_claim_of(pvc->name, &rendered->claims.v[i]))
			return &rendered->claims.v[i];
	return NULL;
}

/* The class of volumes that are there is what the template must have; their size may have grown by hand. */
static bool add_template(struct lock *l, const struct claim *template, const struct claim *live)
{
	struct slice class_name = node_string(live->class_name);
	struct lock_claim *c;

	for (size_t i = 0; i < l->claims.n; i++)
		if (slice_eq(l->claims.v[i].object, template->object->name) &&
		    slice_eq(l->claims.v[i].name, template->name))
			return true;
	c = VEC_PUSH(&l->arena, l->claims);
	if (!c)
		return false;
	c->kind = SLICE("StatefulSet");
	c->object = arena_copy(&l->arena, template->object->name);
	c->name = arena_copy(&l->arena, template->name);
	c->class_name = arena_copy(&l->arena, class_name);
	return true;
}

static int by_name(const void *pa, const void *pb)
{
	const struct lock_claim *a = pa, *b = pb;
	int c = slice_cmp(a->kind, b->kind);

	if (c == 0)
		c = slice_cmp(a->object, b->object);
	return c ? c : slice_cmp(a->name, b->name);
}

/* Takes the pods' claims out of the release, for they are nobody's choice, and puts their templates into the lock. */
static void take_templates(struct lock *l, struct release *live, const struct release *rendered)
{
	size_t kept = 0;

	for (size_t i = 0; i < live->claims.n; i++) {
		const struct claim *template = template_of(rendered, live->claims.v[i].object);

		if (template)
			add_template(l, template, &live->claims.v[i]);
		else
			live->claims.v[kept++] = live->claims.v[i];
	}
	live->claims.n = kept;
	kept = 0;
	for (size_t i = 0; i < live->objects.n; i++)
		if (!template_of(rendered, live->objects.v[i]))
			live->objects.v[kept++] = live->objects.v[i];
	live->objects.n = kept;
	if (l->claims.n)
		qsort(l->claims.v, l->claims.n, sizeof(*l->claims.v), by_name);
}

static int add_claims(struct lock_set *s, struct state *claims, const char *release_name, struct slice manifests,
		      struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct lock *plain = new_lock(s), *pods = new_lock(s);
	struct stream stream;
	struct release rendered;

	if (!plain || !pods)
		return err_nomem(err);
	limits.bytes = manifests.n + 1;
	stream_init(&stream, &limits);
	release_init(&rendered);
	if (stream_add(&stream, "manifests", manifests, err) == 0 && release_build(&rendered, &stream, err) == 0) {
		pods->source = claims->source;
		take_templates(pods, &claims->release, &rendered);
		lock_from_cluster(plain, claims->source, release_name, &claims->release, err);
	}
	release_release(&rendered);
	stream_release(&stream);
	return arena_failed(&pods->arena) ? err_nomem(err) : err->status;
}

/* --- all of them ----------------------------------------------------------------------------------------------- */

int lock_set_fill(struct lock_set *s, const struct lock *file, struct baseline *b, const char *release_name,
		  struct slice manifests, struct err *err)
{
	s->arena = ARENA_INIT((size_t)1 << 20);
	if (file) {
		const struct lock **slot = VEC_PUSH(&s->arena, s->all);

		if (slot)
			*slot = file;
	}
	for (size_t i = 0; i < b->releases.n; i++) {
		struct state *state = b->releases.v[i].state;
		struct lock *l;

		if (!state)
			continue;
		l = new_lock(s);
		if (!l)
			return err_nomem(err);
		if (lock_from_release(l, state->source, &state->release, err) < 0)
			return err->status;
	}
	if (b->claims && b->claims->release.objects.n && add_claims(s, b->claims, release_name, manifests, err) < 0)
		return err->status;
	return arena_failed(&s->arena) ? err_nomem(err) : 0;
}
