#include "cluster/reduce.h"

#include "cluster/secret_facts.h"
#include "yaml/stream.h"

enum way { WAY_ALL, WAY_ENV, WAY_SIZE, WAY_SECRET, WAY_KEYS, WAY_CLOUD, WAY_HOLD };

struct keep {
	struct slice name; /* "*": all */
	bool whole;	   /* the value is kept, in this way */
	enum way way;
	struct keep *child, *next;
};

void reduction_release(struct reduction *r)
{
	arena_release(&r->arena);
	r->root = NULL;
}

/* --- the tree of what is kept ---------------------------------------------------------------------------------- */

static bool parse_way(struct slice word, enum way *way)
{
	static const char *const words[] = {"", "env", "size", "secret", "keys", "cloud", "hold"};

	for (unsigned i = 1; i < ARRAY_SIZE(words); i++) {
		if (!slice_is(word, words[i]))
			continue;
		*way = (enum way)i;
		return true;
	}
	return false;
}

static struct slice unescape(struct arena *a, struct slice segment)
{
	char *text;
	size_t n = 0;

	if (slice_chr(segment, '~') == SIZE_MAX)
		return arena_copy(a, segment);
	text = arena_bytes(a, segment.n + 1);
	if (!text)
		return SLICE_EMPTY;
	for (size_t i = 0; i < segment.n; i++) {
		char c = segment.p[i];

		if (c == '~' && i + 1 < segment.n)
			c = segment.p[++i] == '1' ? '/' : '~';
		text[n++] = c;
	}
	return slice_of(text, n);
}

static struct keep *descend(struct reduction *r, struct keep *parent, struct slice segment)
{
	struct slice name = unescape(&r->arena, segment);
	struct keep *k = parent->child;

	for (; k; k = k->next)
		if (slice_eq(k->name, name))
			return k;
	k = ARENA_NEW(&r->arena, struct keep);
	if (!k)
		return NULL;
	k->name = name;
	k->next = parent->child;
	parent->child = k;
	return k;
}

bool reduction_add(struct reduction *r, struct slice field)
{
	struct slice word, rest = slice_cut(field, '@', &word);
	enum way way = WAY_ALL;
	struct keep *at;

	if (!r->root)
		r->root = ARENA_NEW(&r->arena, struct keep);
	at = r->root;
	if (!field.n || (word.p && !parse_way(word, &way)))
		return false;
	while (at && rest.p) {
		struct slice segment = slice_cut(rest, '/', &rest);

		if (!segment.n)
			return false;
		at = descend(r, at, segment);
	}
	if (!at)
		return false;
	at->whole = true;
	at->way = way;
	return !arena_failed(&r->arena);
}

/* --- writing --------------------------------------------------------------------------------------------------- */

struct pair {
	const struct node *key, *value;
};

static int by_key(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return slice_cmp(node_text(x->key), node_text(y->key));
}

/* The pairs of a mapping by key, to free(); NULL when there are none or memory is short (out fails then). */
static struct pair *sorted(const struct node *map, size_t *n, struct buf *out)
{
	size_t room = node_count(map);
	struct pair *v = room ? calloc(room, sizeof(*v)) : NULL;

	*n = 0;
	if (!v) {
		out->failed |= room > 0;
		return NULL;
	}
	for (struct map_iter it = map_iter_of(map); *n < room && map_next(&it);)
		v[(*n)++] = (struct pair){it.key, it.value};
	qsort(v, *n, sizeof(*v), by_key);
	return v;
}

static void write_scalar(const struct node *n, struct buf *out)
{
	switch (n->type) {
	case TYPE_NULL:
		buf_adds(out, "null");
		break;
	case TYPE_BOOL:
		buf_adds(out, n->flags & NODE_TRUE ? "true" : "false");
		break;
	case TYPE_INT:
	case TYPE_FLOAT:
		if (n->flags & NODE_JSON)
			buf_add(out, node_text(n));
		else
			node_to_json(n, out, &(const char *){0}, &(const struct node *){0});
		break;
	default:
		json_quote(node_text(n), out);
	}
}

void canonical_json(const struct node *value, struct buf *out)
{
	struct pair *pairs;
	size_t n, written = 0;

	value = node_real(value);
	if (!value) {
		buf_adds(out, "null");
	} else if (value->kind == NODE_SCALAR) {
		write_scalar(value, out);
	} else if (value->kind == NODE_SEQUENCE) {
		buf_addc(out, '[');
		for (struct seq_iter it = seq_iter_of(value); seq_next(&it);) {
			if (written++)
				buf_addc(out, ',');
			canonical_json(it.item, out);
		}
		buf_addc(out, ']');
	} else {
		pairs = sorted(value, &n, out);
		buf_addc(out, '{');
		for (size_t i = 0; i < n; i++) {
			if (i)
				buf_addc(out, ',');
			json_quote(node_text(pairs[i].key), out);
			buf_addc(out, ':');
			canonical_json(pairs[i].value, out);
		}
		buf_addc(out, '}');
		free(pairs);
	}
}

/* Variables whose value says where something is or who somebody is, and that the checks read. */
static bool value_is_public(struct slice name)
{
	static const char *const names[] = {"AZURE_CLIENT_ID",
					    "AZURE_TENANT_ID",
					    "AZURE_FEDERATED_TOKEN_FILE",
					    "PX_SERVICE_ACCOUNT",
					    "PX_IMAGE",
					    "OPERATOR_CONDITION_NAME",
					    "PX_NAMESPACE",
					    "ENABLE_NATIVE_SIDECARS"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static void write_variable(const struct node *item, struct buf *out)
{
	const struct node *name = node_lookup(item, "name"), *value = node_lookup(item, "value"),
			  *from = node_lookup(item, "valueFrom");

	buf_adds(out, "{\"name\":");
	canonical_json(name, out);
	if (value && value_is_public(node_string(name))) {
		buf_adds(out, ",\"value\":");
		canonical_json(value, out);
	} else if (value) {
		buf_addf(out, ",\"valueSize\":%zu", node_text(node_real(value)).n);
	}
	if (from) {
		buf_adds(out, ",\"valueFrom\":");
		canonical_json(from, out);
	}
	buf_addc(out, '}');
}

static void write_env(const struct node *list, struct buf *out)
{
	size_t n = 0;

	buf_addc(out, '[');
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		if (n++)
			buf_addc(out, ',');
		write_variable(it.item, out);
	}
	buf_addc(out, ']');
}

static void write_pairs(const struct node *map, enum way way, struct buf *out)
{
	size_t n = 0;
	struct pair *pairs = sorted(map, &n, out);

	buf_addc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		json_quote(node_text(pairs[i].key), out);
		buf_addc(out, ':');
		if (way == WAY_SECRET)
			secret_facts_write(node_string(pairs[i].value), out);
		else if (way == WAY_CLOUD)
			cloud_facts_write(node_string(pairs[i].value), out);
		else
			buf_adds(out, "true");
	}
	buf_addc(out, '}');
	free(pairs);
}

static void write_way(const struct node *value, enum way way, struct buf *out)
{
	bool text = value->kind == NODE_SCALAR;

	switch (way) {
	case WAY_ENV:
		write_env(value, out);
		break;
	case WAY_SIZE:
		if (node_is_null(value))
			buf_addc(out, '0');
		else
			buf_addf(out, "%zu", text ? node_text(value).n : node_count(value));
		break;
	case WAY_HOLD:
		buf_adds(out, slice_find(node_string(value), "holdApplicationUntilProxyStarts: true") != SIZE_MAX
				      ? "true"
				      : "false");
		break;
	case WAY_SECRET:
	case WAY_CLOUD:
	case WAY_KEYS:
		write_pairs(value, way, out);
		break;
	default:
		canonical_json(value, out);
	}
}

static const struct keep *kept(const struct keep *k, struct slice name)
{
	const struct keep *any = NULL;

	for (k = k->child; k; k = k->next) {
		if (slice_eq(k->name, name))
			return k;
		if (slice_is(k->name, "*"))
			any = k;
	}
	return any;
}

static void write_kept(const struct keep *k, const struct node *value, struct buf *out)
{
	const struct keep *inner = NULL;
	struct pair *pairs;
	size_t n, written = 0;

	value = node_real(value);
	if (!value || k->whole) {
		if (value)
			write_way(value, k->way, out);
		else
			buf_adds(out, "null");
	} else if (value->kind == NODE_SEQUENCE) {
		inner = kept(k, SLICE("*"));
		buf_addc(out, '[');
		for (struct seq_iter it = seq_iter_of(value); inner && seq_next(&it);) {
			if (written++)
				buf_addc(out, ',');
			write_kept(inner, it.item, out);
		}
		buf_addc(out, ']');
	} else if (value->kind == NODE_MAPPING) {
		pairs = sorted(value, &n, out);
		buf_addc(out, '{');
		for (size_t i = 0; i < n; i++) {
			inner = kept(k, node_text(pairs[i].key));
			if (!inner)
				continue;
			if (written++)
				buf_addc(out, ',');
			json_quote(node_text(pairs[i].key), out);
			buf_addc(out, ':');
			write_kept(inner, pairs[i].value, out);
		}
		buf_addc(out, '}');
		free(pairs);
	} else {
		/* A scalar where fields were expected: its type is told, its text is not. */
		buf_adds(out, node_is_null(value) ? "null" : "false");
	}
}

void reduce_write(const struct reduction *r, const struct node *value, struct buf *out)
{
	if (r->root)
		write_kept(r->root, value, out);
	else
		canonical_json(value, out);
}
