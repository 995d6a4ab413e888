#include "lock/canonical.h"

#include "yaml/stream.h"

#include <xxhash.h>

#define DIGEST_LABEL "xxh3-128:"

struct slice canonical_keep(struct arena *a, struct slice s)
{
	return slice_str(arena_str(a, s));
}

static int compare(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

void canonical_sort(struct slice *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
}

typedef VEC(struct slice) texts;

static void push(struct arena *a, texts *t, struct slice s)
{
	struct slice *slot = VEC_PUSH(a, *t);

	if (slot)
		*slot = s;
}

/* The arena's copy of what a buffer holds; the buffer is given back. */
static struct slice keep(struct arena *a, struct buf *b)
{
	struct slice s = SLICE_EMPTY;

	if (b->failed)
		a->failed = true;
	else
		s = slice_str(arena_str(a, buf_slice(b)));
	buf_release(b);
	return s;
}

static struct slice join(struct arena *a, texts *t, const char *glue)
{
	struct buf out = BUF_TEXT;

	canonical_sort(t->v, t->n);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(&out, "%s" SLICE_FMT, i ? glue : "", SLICE_ARG(t->v[i]));
	return keep(a, &out);
}

/* --- selectors and lists --------------------------------------------------------------------------------------- */

static struct slice values_of(struct arena *a, const struct node *list)
{
	texts t = {0};

	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);)
		push(a, &t, node_text(node_real(it.item)));
	return join(a, &t, ",");
}

static void add_expression(struct arena *a, texts *t, const struct node *e)
{
	struct slice key = node_string(node_lookup(e, "key")), op = node_string(node_lookup(e, "operator"));
	struct slice values = values_of(a, node_lookup(e, "values"));
	const char *text;

	if (slice_is(op, "Exists"))
		text = arena_printf(a, SLICE_FMT, SLICE_ARG(key));
	else if (slice_is(op, "DoesNotExist"))
		text = arena_printf(a, "!" SLICE_FMT, SLICE_ARG(key));
	else if (slice_is(op, "In") || slice_is(op, "NotIn"))
		text = arena_printf(a, SLICE_FMT " %s (" SLICE_FMT ")", SLICE_ARG(key),
				    slice_is(op, "In") ? "in" : "notin", SLICE_ARG(values));
	else
		text = arena_printf(a, SLICE_FMT " " SLICE_FMT " (" SLICE_FMT ")", SLICE_ARG(key), SLICE_ARG(op),
				    SLICE_ARG(values));
	push(a, t, slice_str(text));
}

struct slice canonical_selector(struct arena *a, const struct node *selector)
{
	texts t = {0};

	for (struct map_iter it = map_iter_of(node_lookup(selector, "matchLabels")); map_next(&it);)
		push(a, &t,
		     slice_str(arena_printf(a, SLICE_FMT "=" SLICE_FMT, SLICE_ARG(node_text(it.key)),
					    SLICE_ARG(node_text(node_real(it.value))))));
	for (struct seq_iter it = seq_iter_of(node_lookup(selector, "matchExpressions")); seq_next(&it);)
		add_expression(a, &t, it.item);
	return join(a, &t, ",");
}

struct slice canonical_list(struct arena *a, const struct node *list)
{
	texts t = {0};

	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);)
		push(a, &t, node_text(node_real(it.item)));
	return join(a, &t, ", ");
}

/* --- digests --------------------------------------------------------------------------------------------------- */

struct writer {
	struct arena *a;
	const char *const *without;
};

static bool is_left_out(const struct writer *w, struct slice path, const struct node *value)
{
	for (const char *const *p = w->without; *p; p++) {
		struct slice want;
		struct slice at = slice_cut(slice_str(*p), '=', &want);

		if (slice_eq(at, path) && (!want.p || slice_eq(node_string(value), want)))
			return true;
	}
	return false;
}

static struct slice write_node(const struct writer *w, struct slice path, const struct node *n);

static struct slice write_mapping(const struct writer *w, struct slice path, const struct node *n)
{
	texts t = {0};
	struct slice inner;

	for (struct map_iter it = map_iter_of(n); map_next(&it);) {
		struct slice key = node_text(it.key);
		struct buf line = BUF_TEXT;
		struct slice below = slice_str(arena_printf(w->a, SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(path),
							    path.n ? "/" : "", SLICE_ARG(key)));

		if (is_left_out(w, below, it.value))
			continue;
		inner = write_node(w, below, it.value);
		if (!inner.n)
			continue;
		json_quote(key, &line);
		buf_addf(&line, ":" SLICE_FMT, SLICE_ARG(inner));
		push(w->a, &t, keep(w->a, &line));
	}
	if (!t.n)
		return SLICE_EMPTY;
	inner = join(w->a, &t, ",");
	return slice_str(arena_printf(w->a, "{" SLICE_FMT "}", SLICE_ARG(inner)));
}

/* JSON with sorted keys; the empty slice for null and for collections with nothing in them. The reader's limit on depth
   bounds the recursion. */
static struct slice write_node(const struct writer *w, struct slice path, const struct node *n)
{
	struct buf out = BUF_TEXT;
	bool any = false;

	n = node_real(n);
	if (node_is_null(n))
		return SLICE_EMPTY;
	if (n->kind == NODE_MAPPING)
		return write_mapping(w, path, n);
	if (n->kind == NODE_SCALAR) {
		if (n->type == TYPE_STRING)
			json_quote(node_text(n), &out);
		else if (n->type == TYPE_BOOL)
			buf_adds(&out, n->flags & NODE_TRUE ? "true" : "false");
		else
			buf_add(&out, node_text(n));
		return keep(w->a, &out);
	}
	buf_addc(&out, '[');
	for (struct seq_iter it = seq_iter_of(n); seq_next(&it);) {
		struct slice item = write_node(w, SLICE("-"), it.item);

		buf_addf(&out, "%s" SLICE_FMT, any ? "," : "", item.n ? (int)item.n : 4, item.n ? item.p : "null");
		any = true;
	}
	buf_addc(&out, ']');
	if (!any)
		buf_clear(&out);
	return keep(w->a, &out);
}

struct slice canonical_digest(struct arena *a, const struct node *map, const char *const *without)
{
	struct writer w = {a, without};
	struct slice text = write_node(&w, SLICE_EMPTY, map);
	XXH128_hash_t h;

	if (!text.n)
		return SLICE_EMPTY;
	h = XXH3_128bits(text.p, text.n);
	return slice_str(arena_printf(a, DIGEST_LABEL "%016llx%016llx", (unsigned long long)h.high64,
				      (unsigned long long)h.low64));
}

bool canonical_is_digest(struct slice text)
{
	struct slice hex = slice_from(text, strlen(DIGEST_LABEL));

	if (!slice_starts(text, DIGEST_LABEL) || hex.n != 32)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (!((hex.p[i] >= '0' && hex.p[i] <= '9') || (hex.p[i] >= 'a' && hex.p[i] <= 'f')))
			return false;
	return true;
}
