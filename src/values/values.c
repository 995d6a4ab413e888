#include "values/values.h"

#include "userfile/user_file.h"
#include "values/values_keys.h"
#include "values/values_set.h"

void values_init(struct values *v)
{
	memset(v, 0, sizeof(*v));
	v->arena = ARENA_INIT((size_t)256 << 20);
}

static void file_release(struct values_file *f)
{
	stream_release(&f->stream);
	buf_release(&f->text);
}

void values_release(struct values *v)
{
	for (size_t i = 0; i < v->files.n; i++)
		file_release(v->files.v[i]);
	file_release(&v->chart);
	arena_release(&v->arena);
	memset(v, 0, sizeof(*v));
}

struct values_file *values_new_file(struct values *v, struct slice name)
{
	struct values_file *f = ARENA_NEW(&v->arena, struct values_file);
	struct values_file **slot = f ? VEC_PUSH(&v->arena, v->files) : NULL;

	if (!slot)
		return NULL;
	*slot = f; /* from here on values_release() frees what it holds */
	f->name = arena_str(&v->arena, name);
	return f;
}

struct merged *values_merged(struct values *v)
{
	if (!v->merged)
		v->merged = merged_new_collection(v, NODE_MAPPING);
	return v->merged;
}

/* --- files ------------------------------------------------------------------------------------------------------ */

static int parse_mapping(struct values_file *f, struct err *err)
{
	if (user_file_parse(&f->stream, f->name, buf_slice(&f->text), &f->root, err) < 0)
		return err->status;
	if (f->root && f->root->kind != NODE_MAPPING)
		return user_file_fault(&f->stream, f->root->start, err, "values must be a mapping, not %s",
				       node_noun(f->root));
	return 0;
}

static struct values_file *new_file(struct values *v, const char *name, struct err *err)
{
	struct values_file *f;

	if (v->files.n && v->files.v[v->files.n - 1]->is_option) {
		err_set(err, STATUS_FAILED, "values: the file '%s' was added behind a --set", name);
		return NULL;
	}
	f = values_new_file(v, slice_str(name));
	if (!f || arena_failed(&v->arena)) {
		err_nomem(err);
		return NULL;
	}
	return f;
}

static int take(struct values *v, struct values_file *f, struct err *err)
{
	if (parse_mapping(f, err) < 0)
		return err->status;
	if (f->root && values_merged(v))
		merged_lay(v, v->merged, f->root, f);
	return arena_failed(&v->arena) ? err_nomem(err) : 0;
}

int values_add(struct values *v, const char *path, struct err *err)
{
	struct values_file *f = new_file(v, path, err);

	if (!f)
		return err->status;
	if (user_file_read(path, &f->text, err) < 0)
		return err_wrap(err, "values");
	return take(v, f, err);
}

static int copy_text(struct values_file *f, struct slice text, struct err *err)
{
	f->text = BUF_INIT(USER_FILE_LIMIT);
	if (text.n > USER_FILE_LIMIT)
		return err_set(err, STATUS_USAGE, "values: '%s' is longer than %d MiB", f->name, USER_FILE_LIMIT >> 20);
	buf_add(&f->text, text);
	return f->text.failed ? err_nomem(err) : 0;
}

int values_add_text(struct values *v, const char *name, struct slice text, struct err *err)
{
	struct values_file *f = new_file(v, name, err);

	if (!f || copy_text(f, text, err) < 0)
		return err->status;
	return take(v, f, err);
}

int values_chart_defaults(struct values *v, struct slice yaml, struct err *err)
{
	file_release(&v->chart);
	memset(&v->chart, 0, sizeof(v->chart));
	v->chart.name = "the chart's own values";
	if (copy_text(&v->chart, yaml, err) < 0 || parse_mapping(&v->chart, err) < 0)
		return err->status;
	values_know_chart(v);
	return arena_failed(&v->arena) ? err_nomem(err) : 0;
}

/* --- what holds ------------------------------------------------------------------------------------------------- */

/* Where a merged tree is folded, its node tells on. */
static const struct node *get_folded(const struct node *n, struct slice rest)
{
	while (n && rest.p && node_is_mapping(n))
		n = node_get(n, slice_cut(rest, '.', &rest));
	return !rest.p || node_is_null(n) ? n : NULL;
}

const struct node *values_get(const struct values *v, const char *key, struct values_file **file)
{
	const struct merged *m = v->merged;
	struct slice rest = slice_str(key);
	const struct node *n;

	if (file)
		*file = NULL;
	while (m && rest.p && m->open && m->kind == NODE_MAPPING) {
		struct slice part = slice_cut(rest, '.', &rest);

		for (m = m->child; m && !slice_eq(m->key, part);)
			m = m->next;
	}
	n = m ? get_folded(m->node, rest) : NULL;
	if (n && file)
		*file = m->file;
	return n;
}

struct position values_position(const struct values_file *f, const struct node *n)
{
	if (f->is_option)
		return (struct position){.text = SLICE_EMPTY};
	return input_position(f->stream.inputs.v[0], n->start);
}

void values_write_json(struct values *v, struct buf *out)
{
	const struct node *n = v->merged ? merged_node(v, v->merged) : NULL, *where;
	const char *why;

	if (!n)
		buf_adds(out, "{}");
	else if (!node_to_json(n, out, &why, &where))
		out->failed = true;
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
