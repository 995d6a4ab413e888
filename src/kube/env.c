/*
 * env.c: what a container finds in its environment, as the kubelet puts it together.
 */
#include "kube/release.h"

#include "base/base64.h"

/* --- ConfigMaps and Secrets ------------------------------------------------------------------------------------- */

/* A variable that is longer than this is no switch and no name: its beginning will do. */
static struct slice decoded(struct slice text, struct arena *arena)
{
	enum { MAX_ENCODED = 8192 };
	struct buf out = BUF_TEXT;
	struct slice s = SLICE_EMPTY;

	if (base64_decode(slice_to(text, MAX_ENCODED), BASE64_STANDARD, &out))
		s = arena_copy(arena, buf_slice(&out));
	if (out.failed)
		arena->failed = true;
	buf_release(&out);
	return s;
}

struct slice object_data(const struct object *o, struct slice key, struct arena *arena, const struct node **at)
{
	bool secret = object_is(o, "Secret", NULL);

	*at = node_get(node_lookup(o->root, secret ? "stringData" : "data"), key);
	if (*at || !secret)
		return node_string(*at);
	*at = node_get(node_lookup(o->root, "data"), key);
	return *at ? decoded(node_string(*at), arena) : SLICE_EMPTY;
}

/* --- one entry -------------------------------------------------------------------------------------------------- */

static struct env_value out_of_sight(const struct object *o, const struct node *at)
{
	return (struct env_value){.state = ENV_OUT_OF_SIGHT, .object = o, .at = at};
}

static struct env_value from_key(const struct release *r, const struct container *c, const char *kind,
				 const struct node *ref, struct slice key, struct arena *arena)
{
	const struct object *o = release_find_near(r, kind, node_string(node_lookup(ref, "name")), c->object);
	struct env_value v = out_of_sight(c->object, ref);

	if (!o)
		return v;
	v = (struct env_value){.state = ENV_ABSENT, .object = o, .key = key};
	v.text = object_data(o, key, arena, &v.at);
	if (v.at)
		v.state = ENV_TEXT;
	return v;
}

struct env_value entry_value(const struct release *r, const struct container *c, const struct node *item,
			     struct arena *arena)
{
	const struct node *value = node_lookup(item, "value"), *from = node_lookup(item, "valueFrom");
	const struct node *config = node_lookup(from, "configMapKeyRef"), *secret = node_lookup(from, "secretKeyRef");

	if (node_is_null(from))
		return (struct env_value){.state = ENV_TEXT,
					  .text = node_string(value),
					  .object = c->object,
					  .at = value ? value : item};
	if (config)
		return from_key(r, c, "ConfigMap", config, node_string(node_lookup(config, "key")), arena);
	if (secret)
		return from_key(r, c, "Secret", secret, node_string(node_lookup(secret, "key")), arena);
	return out_of_sight(c->object, from);
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static struct env_value from_source(const struct release *r, const struct container *c, const struct node *item,
				    struct slice name, struct arena *arena)
{
	const struct node *config = node_lookup(item, "configMapRef"), *secret = node_lookup(item, "secretRef");
	struct slice prefix = node_string(node_lookup(item, "prefix"));

	if (!slice_eq(slice_to(name, prefix.n), prefix) || prefix.n >= name.n)
		return (struct env_value){.state = ENV_ABSENT};
	name = slice_from(name, prefix.n);
	if (config)
		return from_key(r, c, "ConfigMap", config, name, arena);
	if (secret)
		return from_key(r, c, "Secret", secret, name, arena);
	return (struct env_value){.state = ENV_ABSENT};
}

static struct env_value value_of(const struct release *r, const struct container *c, struct slice name,
				 struct arena *arena)
{
	struct env_value v = {.state = ENV_ABSENT};
	const struct node *own = NULL;

	for (struct seq_iter it = seq_iter_of(c->env); seq_next(&it);)
		if (slice_eq(node_string(node_lookup(it.item, "name")), name))
			own = it.item;
	if (own)
		return entry_value(r, c, own, arena);
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "envFrom")); seq_next(&it);) {
		struct env_value next = from_source(r, c, it.item, name, arena);

		if (next.state != ENV_ABSENT)
			v = next;
	}
	return v;
}

struct env_value container_env(const struct release *r, const struct container *c, const char *name,
			       struct arena *arena)
{
	return value_of(r, c, slice_str(name), arena);
}

/* --- $(X) ------------------------------------------------------------------------------------------------------- */

/* A value may have references too, to entries before it. The work stays in proportion to the text. */
struct expansion {
	const struct release *release;
	const struct container *container;
	struct buf out;
	struct arena *arena;
	size_t most; /* bytes of the result */
	unsigned int *left;
};

enum { MAX_CHAIN = 8, MAX_VALUE = 4096, BYTES_OF_ONE = 64 };

/* What a look at a value costs of what is left. */
static void charge(struct expansion *e, size_t bytes)
{
	size_t cost = 1 + bytes / BYTES_OF_ONE;

	*e->left -= cost < *e->left ? (unsigned int)cost : *e->left;
}

static void expand(struct expansion *e, struct slice text, int depth)
{
	struct buf *out = &e->out;
	size_t at;

	while (depth < MAX_CHAIN && *e->left && out->n < e->most && (at = slice_chr(text, '$')) != SIZE_MAX) {
		struct slice rest = slice_from(text, at + 1);
		struct env_value v = {.state = ENV_ABSENT};
		size_t end;

		buf_add(out, slice_to(text, at));
		text = rest;
		if (slice_starts(rest, "$")) { /* `$$` is a dollar sign */
			buf_addc(out, '$');
			text = slice_from(rest, 1);
			continue;
		}
		end = slice_starts(rest, "(") ? slice_chr(slice_to(rest, 256), ')') : SIZE_MAX;
		if (end != SIZE_MAX) {
			v = value_of(e->release, e->container, slice_of(rest.p + 1, end - 1), e->arena);
			charge(e, v.text.n);
		}
		if (v.state != ENV_TEXT || v.text.n > MAX_VALUE) {
			buf_addc(out, '$');
			continue;
		}
		expand(e, v.text, depth + 1);
		text = slice_from(rest, end + 1);
	}
	buf_add(out, text);
}

struct slice container_expand(const struct release *r, const struct container *c, struct slice text, unsigned int *left,
			      struct arena *arena)
{
	struct expansion e = {r, c, BUF_TEXT, arena, 4 * text.n + MAX_VALUE, left};
	struct slice s = text;

	if (slice_find(text, "$(") == SIZE_MAX)
		return text;
	expand(&e, text, 0);
	if (!e.out.failed)
		s = arena_copy(arena, buf_slice(&e.out));
	else
		arena->failed = true;
	buf_release(&e.out);
	return s;
}
