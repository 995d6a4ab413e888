#include "rules/values_stated.h"

#include "credentials/path.h"

bool values_stated(const struct gate *g, enum chart_value v, struct stated *s)
{
	struct values_file *file = NULL;

	s->node = values_get(g->values, g->value_keys[v], &file);
	s->file = file;
	s->value = v;
	s->key = g->value_keys[v];
	return s->node && !node_is_null(s->node);
}

/* "key: value" and nothing else, and the value is no text, which may be a secret under any name. */
static bool may_show_line(struct gate *g, struct slice line, const struct node *n)
{
	const struct node *key = n->flags & NODE_KEY ? n : NULL, *value = key ? n->next : n;
	struct slice rest, name = slice_trim(slice_cut(slice_trim(line), ':', &rest));
	struct slice text;

	if (!rest.p || value->kind == NODE_ALIAS || (key && !slice_eq(name, node_text(key))) ||
	    values_key_is_private(name) || credential_name_is_secret(line))
		return false;
	rest = slice_trim(rest);
	if (value->kind != NODE_SCALAR)
		return key && rest.n == 0;
	text = node_text(value);
	if (value->type == TYPE_STRING || rest.n > text.n + 2 || slice_find(rest, "#") != SIZE_MAX ||
	    slice_chr(text, '\n') != SIZE_MAX)
		return false;
	return slice_find(rest, arena_str(&g->arena, text)) != SIZE_MAX && slice_is(text, gate_show(g, text));
}

static void place_in_file(struct gate *g, struct finding *f, const struct values_file *file, const struct node *n)
{
	struct slice bytes = buf_slice(&file->text), line = SLICE_EMPTY, rest = bytes;
	size_t length = n->end > n->start ? n->end - n->start : 1;

	for (size_t i = 0; rest.p && i < f->place.line; i++)
		line = slice_cut(rest, '\n', &rest);
	if (n->kind != NODE_SCALAR || !may_show_line(g, line, n))
		return;
	f->place.text = line;
	f->place.length = length < line.n ? length : line.n;
	f->show_line = true;
}

struct finding *values_find(struct gate *g, const struct values_file *file, const struct node *n)
{
	struct finding *f = gate_find(g, NULL, NULL);
	struct position pos = values_position(file, n);

	f->place = (struct place){.input = file->name, .line = pos.line, .column = pos.column, .length = 1};
	if (!file->is_option && pos.line)
		place_in_file(g, f, file, n);
	return f;
}

const char *values_text(struct gate *g, const struct node *n)
{
	n = node_real(n);
	return n->kind == NODE_SCALAR ? gate_show(g, node_text(n)) : "a collection";
}

const char *values_where(const struct values_file *file)
{
	static const char *const by[SET_KINDS] = {"by --set-json", "by --set", "by --set-string", "by --set-file",
						  "by --set-literal"};

	return file->is_option ? by[file->kind] : "in the values file";
}
