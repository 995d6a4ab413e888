#include "rules/values_stated.h"

bool values_stated(const struct gate *g, enum chart_value v, struct stated *s)
{
	struct values_file *file = NULL;

	s->node = values_get(g->values, g->value_keys[v], &file);
	s->file = file;
	s->value = v;
	s->key = g->value_keys[v];
	return s->node && !node_is_null(s->node);
}

struct finding *values_find(struct gate *g, const struct values_file *file, const struct node *n)
{
	struct finding *f = gate_find(g, NULL, NULL);
	struct position pos = values_position(file, n);

	f->place = (struct place){.input = file->name, .line = pos.line, .column = pos.column, .length = 1};
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
