/*
 * leaves.c: the scalars of an object by their paths, so that two renders of it can be compared field by field.
 */
#include "audit/seen.h"

#include "base/buf.h"

#include <stdlib.h>
#include <xxhash.h>

struct walk {
	struct seen *s;
	struct arena *a;
	struct buf path;
};

static void walk(struct walk *w, const struct node *n);

static void add_leaf(struct walk *w, const struct node *n)
{
	struct seen_leaf *to = VEC_PUSH(w->a, w->s->leaves);
	struct slice text = node_text(n);

	if (to)
		*to = (struct seen_leaf){arena_str(w->a, buf_slice(&w->path)),
					 XXH3_64bits_withSeed(text.p, text.n, (uint64_t)n->type + 1)};
}

static void cut(struct walk *w, size_t n)
{
	w->path.n = n;
	if (w->path.p)
		w->path.p[n] = '\0';
}

static void walk_mapping(struct walk *w, const struct node *n)
{
	size_t length = w->path.n;

	for (struct map_iter it = map_iter_of(n); map_next(&it);) {
		buf_adds(&w->path, length ? "." : "");
		buf_add(&w->path, node_text(node_real(it.key)));
		walk(w, node_real(it.value));
		cut(w, length);
	}
}

static void walk_list(struct walk *w, const struct node *n)
{
	size_t length = w->path.n;

	for (struct seq_iter it = seq_iter_of(n); seq_next(&it);) {
		struct slice name = node_string(node_lookup(it.item, "name"));

		if (node_is(it.item, NODE_SCALAR))
			buf_adds(&w->path, "[*]");
		else if (name.n)
			buf_addf(&w->path, "[" SLICE_FMT "]", SLICE_ARG(name));
		else
			buf_addf(&w->path, "[%zu]", it.index);
		walk(w, node_real(it.item));
		cut(w, length);
	}
}

static void walk(struct walk *w, const struct node *n)
{
	if (node_is_mapping(n))
		walk_mapping(w, n);
	else if (node_is_sequence(n))
		walk_list(w, n);
	else if (n)
		add_leaf(w, n);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct seen_leaf *)a)->path, ((const struct seen_leaf *)b)->path);
}

void see_leaves(struct seen *s, struct arena *a, const struct node *root)
{
	struct walk w = {s, a, BUF_TEXT};
	size_t from = s->leaves.n, n = from;

	walk(&w, node_real(root));
	a->failed |= w.path.failed;
	buf_release(&w.path);
	if (s->leaves.n > from)
		qsort(s->leaves.v + from, s->leaves.n - from, sizeof(*s->leaves.v), by_path);
	for (size_t i = from; i < s->leaves.n; i++) {
		if (n > from && by_path(&s->leaves.v[n - 1], &s->leaves.v[i]) == 0)
			s->leaves.v[n - 1].digest += s->leaves.v[i].digest;
		else
			s->leaves.v[n++] = s->leaves.v[i];
	}
	s->leaves.n = n;
}
