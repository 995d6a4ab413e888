#include "policy/values.h"

#include "policy/user_file.h"

void values_init(struct values *v)
{
	memset(v, 0, sizeof(*v));
	v->arena = ARENA_INIT((size_t)16 << 20);
}

void values_release(struct values *v)
{
	for (size_t i = 0; i < v->files.n; i++) {
		stream_release(&v->files.v[i]->stream);
		buf_release(&v->files.v[i]->text);
	}
	arena_release(&v->arena);
	memset(v, 0, sizeof(*v));
}

int values_add(struct values *v, const char *path, struct err *err)
{
	struct values_file *f = ARENA_NEW(&v->arena, struct values_file);
	struct values_file **slot = f ? VEC_PUSH(&v->arena, v->files) : NULL;

	if (!slot)
		return err_nomem(err);
	*slot = f; /* from here on values_release() frees what it holds */
	f->name = arena_str(&v->arena, slice_str(path));
	if (arena_failed(&v->arena))
		return err_nomem(err);
	if (user_file_read(path, &f->text, err) < 0)
		return err_wrap(err, "values");
	if (user_file_parse(&f->stream, f->name, buf_slice(&f->text), &f->root, err) < 0)
		return err->status;
	if (f->root && f->root->kind != NODE_MAPPING)
		return user_file_fault(&f->stream, f->root->start, err, "values must be a mapping, not %s",
				       node_noun(f->root));
	return 0;
}

/* Follows a key as far as the file has it. *depth is the number of parts found, *rest what is left of the key. NULL:
   the mapping at that depth has no such key, the file is silent. */
static const struct node *follow(const struct values_file *f, const char *key, size_t *depth, struct slice *rest)
{
	const struct node *n = f->root;

	*depth = 0;
	*rest = slice_str(key);
	while (n && rest->p && node_is_mapping(n)) {
		n = node_get(n, slice_cut(*rest, '.', rest));
		*depth += n != NULL;
	}
	return n;
}

/*
 * Helm merges mappings key by key and lets any other value replace what the files before it said. A null in place of a
 * mapping (`istio:`) deletes all below it, unless a later file brings the mapping back: then only what that file says
 * counts, over the chart's defaults.
 */
const struct node *values_get(const struct values *v, const char *key, struct values_file **file)
{
	size_t mapped = 0; /* so deep do later files hold mappings along the key */

	if (file)
		*file = NULL;
	for (size_t i = v->files.n; i-- > 0;) {
		size_t depth;
		struct slice rest;
		const struct node *n = follow(v->files.v[i], key, &depth, &rest);

		if (!n) {
			mapped = depth > mapped ? depth : mapped;
			continue;
		}
		if (rest.p && (depth <= mapped || !node_is_null(n)))
			return NULL;
		if (file)
			*file = v->files.v[i];
		return n;
	}
	return NULL;
}

static bool number_is_true(const struct node *n)
{
	struct resolved r = scalar_resolve(NULL, node_text(n));

	if (r.type == TYPE_INT)
		return r.is_unsigned || r.as.i != 0;
	return r.type != TYPE_FLOAT || r.as.f < 0 || r.as.f > 0;
}

bool values_is_true(const struct node *n)
{
	struct map_iter keys;

	n = node_real(n);
	if (node_is_null(n))
		return false;
	if (n->kind == NODE_SEQUENCE)
		return n->child != NULL;
	if (n->kind == NODE_MAPPING) {
		keys = map_iter_of(n);
		return map_next(&keys);
	}
	if (n->type == TYPE_BOOL)
		return n->flags & NODE_TRUE;
	return n->type == TYPE_STRING ? n->text_n > 0 : number_is_true(n);
}
