#include "rules/fixes.h"

#include "rules/settle.h"

/* The key of an option that advice gave: chart keys hold no escapes. */
static struct slice key_of(const struct value_set *set)
{
	return slice_to(slice_str(set->text), slice_chr(slice_str(set->text), '='));
}

static bool is_blank(const struct value_set *set)
{
	return slice_ends(slice_str(set->text), "=" FIX_BLANK);
}

static void refuse(struct arena *a, struct set_fixes *m, const char *fmt, ...) PXB_PRINTF(3, 4);
static void refuse(struct arena *a, struct set_fixes *m, const char *fmt, ...)
{
	va_list ap;

	if (m->why_not)
		return; /* the first reason is enough */
	va_start(ap, fmt);
	m->why_not = arena_vprintf(a, fmt, ap);
	va_end(ap);
}

static void push(struct arena *a, struct set_fixes *m, const struct value_set *set, const char *option)
{
	struct value_set *s = VEC_PUSH(a, m->sets);
	const char **text = VEC_PUSH(a, m->options);

	if (s && text) {
		*s = *set;
		*text = option;
	}
}

static void add_value(struct arena *a, struct set_fixes *m, const struct value_set *set, const char *option)
{
	for (size_t i = 0; i < m->sets.n; i++) {
		if (strcmp(m->options.v[i], option) == 0)
			return;
		if (slice_eq(key_of(&m->sets.v[i]), key_of(set)))
			refuse(a, m, "the findings ask for two values of " SLICE_FMT ": '%s' and '%s'",
			       SLICE_ARG(key_of(set)), m->options.v[i], option);
	}
	push(a, m, set, option);
}

/* What one finding leaves blank, another may know. */
static void add_blank(struct arena *a, struct set_fixes *m, const struct value_set *set, const char *option)
{
	for (size_t i = 0; i < m->sets.n; i++)
		if (slice_eq(key_of(&m->sets.v[i]), key_of(set)))
			return;
	refuse(a, m, "only you know the value of " SLICE_FMT, SLICE_ARG(key_of(set)));
	push(a, m, set, option);
}

/* Helm puts no key below what is not a mapping, not even below a null, and no index into what is not a list. */
static void check_parents(const struct gate *g, struct arena *a, struct set_fixes *m, struct slice key)
{
	for (size_t at = 0; at < key.n; at++) {
		const char *parent;
		struct values_file *file;
		const struct node *n;

		if (key.p[at] != '.' && key.p[at] != '[')
			continue;
		parent = arena_str(a, slice_to(key, at));
		n = values_get(g->values, parent, &file);
		if (n && !node_is(n, key.p[at] == '.' ? NODE_MAPPING : NODE_SEQUENCE))
			refuse(a, m, "%s is %s in %s, and Helm puts nothing below that", parent,
			       node_is_null(n) ? "null" : "another kind of value", file->name);
	}
}

/* An option among the user's that would still win over this one. */
static void check_winner(const struct gate *g, struct arena *a, struct set_fixes *m, const struct value_set *set)
{
	struct values_file *winner = NULL;

	if (!g->values)
		return;
	check_parents(g, a, m, key_of(set));
	if (values_get(g->values, arena_str(a, key_of(set)), &winner) && winner->is_option && winner->kind > set->kind)
		refuse(a, m, "Helm applies '%s' after %s, so it must be changed by hand", winner->name,
		       set_kind_name(set->kind));
}

/* The options of one finding: those with a value, or those left blank. False: it has none at all. */
static bool take(const struct gate *g, struct arena *a, struct set_fixes *m, const struct finding *f, bool blank)
{
	bool any = false;

	for (size_t i = 0; i < f->fixes.n; i++) {
		struct value_set set;

		if (!values_read_option(f->fixes.v[i], a, &set))
			continue;
		any = true;
		if (is_blank(&set) != blank)
			continue;
		if (blank)
			add_blank(a, m, &set, f->fixes.v[i]);
		else
			add_value(a, m, &set, f->fixes.v[i]);
		check_winner(g, a, m, &set);
	}
	return any;
}

int gate_set_fixes(const struct gate *g, struct arena *a, struct set_fixes *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < g->findings.n; i++)
		if (finding_is_open(g, g->findings.v[i]))
			out->unfixed += !take(g, a, out, g->findings.v[i], false);
	for (size_t i = 0; i < g->findings.n; i++)
		if (finding_is_open(g, g->findings.v[i]))
			take(g, a, out, g->findings.v[i], true);
	return arena_failed(a) ? err_nomem(err) : 0;
}
