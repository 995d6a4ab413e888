/*
 * values_sources.c: values files and --set options against each other, and each against itself.
 */
#include "rules/values_stated.h"

/* What one source says of a dotted key, whatever the others say. */
static const struct node *said(const struct values_file *file, const char *key)
{
	struct slice rest = slice_str(key);
	const struct node *n = file->root;

	while (n && rest.p)
		n = node_get(n, slice_cut(rest, '.', &rest));
	return n;
}

/* A later source silently overrides an earlier one: for a one-time choice that deserves a word. */
static void check_overrides(struct gate *g, enum chart_value v)
{
	struct stated last;

	if (!values_stated(g, v, &last))
		return;
	for (size_t i = 0; i < g->values->files.n; i++) {
		const struct values_file *file = g->values->files.v[i];
		const struct node *n = said(file, last.key);
		struct finding *f;

		/* A null that something else stands over says nothing. */
		if (file == last.file || node_is_null(n) || node_equal(node_real(n), node_real(last.node)))
			continue;
		f = values_find(g, file, n);
		finding_severity(f, SEVERITY_NOTE); /* layers of values are how charts are used */
		finding_say(g, f, "%s is %s here and %s in %s, which wins", last.key, values_text(g, n),
			    values_text(g, last.node), last.file->name);
	}
}

static void check_duplicates(struct gate *g, const struct values_file *file, const struct node *n)
{
	for (const struct node *c = n && n->kind != NODE_SCALAR ? n->child : NULL; c; c = c->next) {
		struct finding *f;

		if (c->flags & NODE_SHADOWED) {
			f = values_find(g, file, c);
			finding_say(g, f, "key '%s' is defined twice %s; Helm takes the last one",
				    gate_show(g, node_text(c)), values_where(file));
			finding_fix(g, f, "Keep one of the two in %s.", file->name);
		}
		if (c->kind != NODE_ALIAS)
			check_duplicates(g, file, c);
	}
}

void check_values_sources(struct gate *g)
{
	static const enum chart_value once[] = {VALUE_FEDERATED, VALUE_STORAGE_CLASS, VALUE_STORAGE_ENABLED,
						VALUE_BACKUP_ENABLED};

	for (size_t i = 0; i < g->values->files.n; i++)
		check_duplicates(g, g->values->files.v[i], g->values->files.v[i]->root);
	for (size_t i = 0; i < ARRAY_SIZE(once) && g->values->files.n > 1; i++)
		check_overrides(g, once[i]);
}
