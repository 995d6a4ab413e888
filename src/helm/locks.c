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

static const struct claim *template_of(const struct release *rendered, const struct object *pvc)
{
	for (size_t i = 0; i < rendered->claims.n; i++)
		if (object_is(pvc, "PersistentVolumeClaim", NULL) &&
		    claim_is_made_of(&rendered->claims.v[i], pvc->name))
			return &rendered->claims.v[i];
	return NULL;
}

static const struct lock_claim *find_claim(const struct lock *l, const struct claim *template)
{
	for (size_t i = 0; i < l->claims.n; i++)
		if (slice_eq(l->claims.v[i].object, template->object->name) &&
		    slice_eq(l->claims.v[i].name, template->name))
			return &l->claims.v[i];
	return NULL;
}

/* The class of volumes that are there is what the template must have. All else is taken from the template: their size
   may have grown by hand. */
static void add_template(struct lock *l, const struct lock *now, const struct claim *template, const struct claim *live)
{
	const struct lock_claim *as_is = find_claim(now, template);
	struct lock_claim *c = as_is && !find_claim(l, template) ? VEC_PUSH(&l->arena, l->claims) : NULL;

	if (!c)
		return;
	c->kind = arena_copy(&l->arena, as_is->kind);
	c->object = arena_copy(&l->arena, as_is->object);
	c->name = arena_copy(&l->arena, as_is->name);
	c->size = arena_copy(&l->arena, as_is->size);
	c->access_modes = arena_copy(&l->arena, as_is->access_modes);
	c->rest = arena_copy(&l->arena, as_is->rest);
	c->class_name = arena_copy(&l->arena, node_string(live->class_name));
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
static void take_templates(struct lock *l, const struct lock *now, struct release *live, const struct release *rendered)
{
	size_t kept = 0;

	for (size_t i = 0; i < live->claims.n; i++) {
		const struct claim *template = template_of(rendered, live->claims.v[i].object);

		if (template)
			add_template(l, now, template, &live->claims.v[i]);
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

static bool is_known(const struct lock_set *s, size_t locks, const struct lock_claim *c)
{
	for (size_t i = 0; i < locks; i++)
		for (size_t k = 0; k < s->owned.v[i]->claims.n; k++) {
			const struct lock_claim *have = &s->owned.v[i]->claims.v[k];

			if (slice_eq(have->kind, c->kind) && slice_eq(have->object, c->object) &&
			    slice_eq(have->name, c->name) && slice_eq(have->class_name, c->class_name))
				return true;
		}
	return false;
}

/* What the installed release says already would be told twice. */
static void drop_known(const struct lock_set *s, size_t locks, struct lock *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->claims.n; i++)
		if (!is_known(s, locks, &l->claims.v[i]))
			l->claims.v[kept++] = l->claims.v[i];
	l->claims.n = kept;
}

static int add_claims(struct lock_set *s, struct state *claims, const char *release_name, struct slice manifests,
		      struct err *err)
{
	struct limits limits = {.bytes = manifests.n + 1, .depth = LIMITS_DEFAULT.depth, .nodes = LIMITS_DEFAULT.nodes};
	size_t releases = s->owned.n;
	struct lock *plain = new_lock(s), *pods = new_lock(s);
	cleanup_stream struct stream stream;
	cleanup_release struct release rendered;
	cleanup_lock struct lock now;

	stream_init(&stream, &limits);
	release_init(&rendered);
	lock_init(&now);
	if (!plain || !pods)
		return err_nomem(err);
	if (stream_add(&stream, "manifests", manifests, err) < 0 || release_build(&rendered, &stream, err) < 0 ||
	    lock_from_release(&now, "now", &rendered, err) < 0)
		return err->status;
	pods->source = claims->source;
	take_templates(pods, &now, &claims->release, &rendered);
	if (arena_failed(&pods->arena))
		return err_nomem(err);
	if (lock_from_cluster(plain, claims->source, release_name, &claims->release, err) < 0)
		return err->status;
	drop_known(s, releases, plain);
	drop_known(s, releases, pods);
	return 0;
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
