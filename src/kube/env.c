/*
 * env.c: what a container finds in its environment, as the kubelet puts it together.
 */
#include "kube/release.h"

#include "base/base64.h"

/* --- ConfigMaps and Secrets ------------------------------------------------------------------------------------- */

static struct slice decoded(struct slice text, struct arena *arena)
{
	struct buf out = BUF_TEXT;
	struct slice s = SLICE_EMPTY;

	if (base64_decode(text, BASE64_STANDARD, &out))
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

static struct env_value from_entry(const struct release *r, const struct container *c, const struct node *item,
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

struct env_value container_env(const struct release *r, const struct container *c, const char *name,
			       struct arena *arena)
{
	struct env_value v = {.state = ENV_ABSENT};
	const struct node *own = NULL;

	for (struct seq_iter it = seq_iter_of(c->env); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "name"), name))
			own = it.item;
	if (own)
		return from_entry(r, c, own, arena);
	for (struct seq_iter it = seq_iter_of(node_lookup(c->node, "envFrom")); seq_next(&it);) {
		struct env_value next = from_source(r, c, it.item, slice_str(name), arena);

		if (next.state != ENV_ABSENT)
			v = next;
	}
	return v;
}
