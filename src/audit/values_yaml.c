/*
 * values_yaml.c: the keys of the chart's values: which there are, what shape and what type they have.
 */
#include "audit/chart.h"
#include "rules/values_stated.h"

static const char *type_name(const struct node *n)
{
	n = node_real(n);
	if (node_is_null(n))
		return "null";
	if (node_is_mapping(n))
		return "a mapping";
	if (node_is_sequence(n))
		return "a list";
	switch (n->type) {
	case TYPE_BOOL:
		return "a boolean";
	case TYPE_INT:
	case TYPE_FLOAT:
		return "a number";
	default:
		return "a text";
	}
}

static void add(struct fact_set *s, const struct fact *at, enum fact_kind kind, const char *path, const char *what)
{
	struct fact f = *at;

	f.kind = kind;
	f.v[0] = path;
	f.v[1] = what;
	fact_add(s, &f);
}

/* The row needs a type: its name is for a person to choose, so what the default is goes along. */
static void add_untyped(struct fact_set *s, const struct fact *at, const char *path, const struct node *n)
{
	struct fact f = *at;

	f.more = type_name(n);
	add(s, &f, FACT_TYPE, path, NULL);
}

static bool is_image(const char *path)
{
	return slice_starts(slice_str(path), "images.");
}

static void add_key(struct fact_set *s, const struct values *v, const struct chart_key *k, const struct node *n)
{
	const struct node *key = node_key_of(n);
	struct position pos = values_position(&v->chart, key ? key : n);
	struct fact at = {.source = "values.yaml", .line = pos.line, .column = pos.column};
	const char *fault = node_is_null(n) ? NULL : value_type_fault(slice_str(k->path), node_real(n));

	add(s, &at, FACT_KEY, k->path, NULL);
	add(s, &at, FACT_SHAPE, k->path, audit_shape_name(k->shape));
	if (!node_is_null(n) && !node_is_mapping(n))
		add(s, &at, FACT_DEFAULT, k->path, type_name(n));
	if (k->shape != SHAPE_MAP && !is_image(k->path) && !value_type_known(slice_str(k->path)))
		add_untyped(s, &at, k->path, n);
	if (fault)
		add(s, &at, FACT_MISTYPED, k->path, fault);
}

int facts_of_values(struct fact_set *facts, struct values *v, struct err *err)
{
	for (size_t i = 0; i < v->keys.n; i++) {
		const struct chart_key *k = &v->keys.v[i];
		const struct node *n = node_find_path(v->chart.root, slice_str(k->path));

		if (n) /* else one that templates read */
			add_key(facts, v, k, n);
	}
	return arena_status(&facts->arena, err);
}
