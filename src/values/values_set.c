/*
 * values_set.c: Helm's --set options. One reader for the five of them, because they share the grammar of keys:
 *
 *     assignment  = { key "." | key index { index } [ "." ] } key "=" value
 *     index       = "[" digits "]"
 *
 * --set, --set-string and --set-file separate assignments by ',', take `{a,b}` for a list and a backslash for what it
 * stands before; --set-json has JSON values; --set-literal has one assignment and no escapes. A text that ends too
 * early is an error only where Helm makes it one: `a[0]` is an empty list, `a.b` is refused.
 *
 * Source: Helm's strvals and cli/values, 3.21 and 4.3.
 */
#include "values/values_set.h"

#include "userfile/user_file.h"

const char *set_kind_name(enum set_kind k)
{
	static const char *const names[] = {"--set-json", "--set", "--set-string", "--set-file", "--set-literal"};

	return names[k];
}

void set_write_key(struct slice key, enum set_kind kind, struct buf *out)
{
	for (size_t i = 0; i < key.n; i++) {
		if (kind != SET_LITERAL && strchr("\\.,=[", key.p[i]))
			buf_addc(out, '\\');
		buf_addc(out, key.p[i]);
	}
}

static struct merged *at_path(struct set *s)
{
	struct merged *m = s->v->merged;

	for (size_t i = 0; m && i < s->path_n; i++)
		m = m->kind == NODE_MAPPING ? merged_get(s->v, m, s->path[i]) : NULL;
	return m == s->v->merged ? NULL : m;
}

/* Values that tell nothing but themselves. */
static const char *harmless_text(const struct merged *m)
{
	if (m->kind != NODE_SCALAR || (m->node->type != TYPE_BOOL && m->node->type != TYPE_NULL))
		return NULL;
	return m->node->type == TYPE_NULL ? "null" : m->node->flags & NODE_TRUE ? "true" : "false";
}

static void name_file(struct set *s, const struct merged *said)
{
	cleanup_buf struct buf path = BUF_TEXT;
	const char *value = harmless_text(said);
	struct shown shown;

	set_write_path(s, &path);
	s->file->doubtful = s->doubtful;
	if (said->kind == NODE_SCALAR && said->node->type == TYPE_STRING)
		s->doubtful |= values_key_is_private(buf_slice(&path));
	if (s->file->doubtful) {
		s->file->name = arena_printf(&s->v->arena, "%s, assignment %u", set_kind_name(s->kind), s->assignment);
		return;
	}
	shown = show_text(buf_slice(&path));
	shown.text[strlen(shown.text) - 1] = '\0'; /* without its quotes */
	s->file->name = arena_printf(&s->v->arena, "%s %s%s%s", set_kind_name(s->kind), shown.text + 1,
				     value ? "=" : "", value ? value : "");
	if (path.failed)
		s->v->arena.failed = true;
}

/* What the assignment says as a file of its own: its keys, and below them what holds now. */
static void make_file(struct set *s)
{
	struct merged *said = at_path(s), *m = s->v->merged;
	struct node *map;

	if (!said)
		return;
	map = made_collection(s->v, NODE_MAPPING);
	s->file->root = map;
	for (size_t i = 0; map && i < s->path_n; i++) {
		bool last = i + 1 == s->path_n;
		struct node *key = made_scalar(s->v, TYPE_STRING, s->path[i]);
		struct node *value = last ? merged_node(s->v, said) : made_collection(s->v, NODE_MAPPING);

		if (key) {
			key->flags |= NODE_KEY;
			key->next = value;
		}
		made_append(map, key);
		m = merged_get(s->v, m, s->path[i]);
		m->node = node_real(value);
		m->file = s->file;
		map = value;
	}
	name_file(s, said);
}

static bool new_file(struct set *s)
{
	s->assignment++;
	s->path_n = 0;
	s->in_list = false;
	s->file = values_new_file(s->v, slice_str(set_kind_name(s->kind)));
	if (!s->file)
		return set_no_memory(s), false;
	s->file->is_option = true;
	s->file->kind = s->kind;
	return true;
}

static void read_assignments(struct set *s)
{
	enum set_outcome outcome = SET_READ;

	while (outcome == SET_READ && s->at < s->text.n && new_file(s)) {
		outcome = set_read_key(s, s->v->merged, 0);
		if (outcome != SET_REFUSED)
			make_file(s);
	}
}

/* A whole object is laid over like a file. */
static void read_object(struct set *s)
{
	if (!new_file(s))
		return;
	s->file->root = set_read_json(s, set_trim(s->text));
	if (s->file->root)
		merged_lay(s->v, s->v->merged, s->file->root, s->file);
}

int values_add_set(struct values *v, enum set_kind kind, const char *text, struct err *err)
{
	const struct values_file *last = v->files.n ? v->files.v[v->files.n - 1] : NULL;
	struct set s = {.v = v, .kind = kind, .text = set_text(&v->arena, text)};

	if (last && last->is_option && last->kind > kind)
		return err_set(err, STATUS_FAILED, "values: %s was added behind %s", set_kind_name(kind),
			       set_kind_name(last->kind));
	if (!values_merged(v))
		return err_nomem(err);
	if (kind == SET_JSON && slice_starts(set_trim(s.text), "{"))
		read_object(&s);
	else
		read_assignments(&s);
	if (arena_failed(&v->arena))
		return err_nomem(err);
	if (s.err.status)
		*err = s.err;
	return s.err.status;
}

int values_add_sets(struct values *v, const struct value_set *sets, size_t n, struct err *err)
{
	for (unsigned k = 0; k < SET_KINDS; k++)
		for (size_t i = 0; i < n; i++)
			if (sets[i].kind == (enum set_kind)k && values_add_set(v, sets[i].kind, sets[i].text, err) < 0)
				return err->status;
	return 0;
}
