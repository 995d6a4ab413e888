/*
 * values_keys.c: keys that the chart does not know. It ignores them without a word, so `pxbackup.federted: true`
 * installs Classic mode. Where the key that was meant is known and its value may be shown, the advice is the option
 * that says it.
 */
#include "rules/values_stated.h"

enum { LEAVES_MAX = 8 };

/* What stands below an unknown key, at the places where it was probably meant to be. */
struct leaves {
	struct gate *g;
	const struct values_file *file;
	const char *option[LEAVES_MAX];
	size_t n;
	bool all;      /* each has its option */
	bool in_force; /* each value holds at its right place already */
	bool disputed; /* a right place says something else, and not by an earlier source */
};

static size_t rank(const struct gate *g, const struct values_file *file)
{
	for (size_t i = 0; i < g->values->files.n; i++)
		if (g->values->files.v[i] == file)
			return i;
	return 0;
}

/* What is typed so that it tells nothing, or a text without any sign of a secret in its name and itself. */
static bool may_be_shown(struct gate *g, const char *path, const struct node *n)
{
	if (n->type == TYPE_BOOL || n->type == TYPE_NULL)
		return true;
	return !values_key_is_private(slice_str(path)) && slice_is(node_text(n), gate_show(g, node_text(n)));
}

/* A switch of the chart is a boolean, in whatever way it was written. */
static bool write_leaf(const struct gate *g, const char *path, const struct node *n, struct buf *out)
{
	bool yes = slice_eq_nocase(node_text(n), SLICE("true"));

	for (size_t i = 0; i < VALUE_COUNT; i++) {
		if (strcmp(g->value_keys[i], path) != 0 || !chart_value_is_switch((enum chart_value)i) ||
		    n->type != TYPE_STRING || (!yes && !slice_eq_nocase(node_text(n), SLICE("false"))))
			continue;
		buf_addf(out, "--set %s=%s", path, yes ? "true" : "false");
		return true;
	}
	return values_write_option(path, n, out);
}

/* Advice never leads into Classic mode. */
static bool is_classic(const struct gate *g, const char *path, const struct buf *option)
{
	return strcmp(path, g->value_keys[VALUE_FEDERATED]) == 0 && slice_ends(buf_slice(option), "=false");
}

/* Said in the same words, what is written `"true"` is what is written `true`. */
static bool says_the_same(const struct gate *g, const char *path, const struct node *a, const struct node *b,
			  const struct buf *option)
{
	cleanup_buf struct buf other = BUF_TEXT;

	if (node_equal(a, b))
		return true;
	return option->n && b->kind == NODE_SCALAR && write_leaf(g, path, b, &other) &&
	       slice_eq(buf_slice(option), buf_slice(&other));
}

static void add_leaf(struct leaves *l, const char *path, const struct node *n)
{
	cleanup_buf struct buf option = BUF_TEXT;
	struct values_file *winner = NULL;
	const struct node *have = values_get(l->g->values, path, &winner);
	bool written = write_leaf(l->g, path, n, &option),
	     same = have && says_the_same(l->g, path, n, node_real(have), &option);

	l->in_force &= same;
	l->disputed |= have && !same && rank(l->g, winner) >= rank(l->g, l->file);
	if (l->n == LEAVES_MAX || !values_knows(l->g->values, l->g->values_under, path) ||
	    !may_be_shown(l->g, path, n) || !written || is_classic(l->g, path, &option))
		l->all = false;
	else
		l->option[l->n++] = arena_str(&l->g->arena, buf_slice(&option));
	l->g->arena.failed |= option.failed;
}

static void collect(struct leaves *l, const char *path, const struct node *n)
{
	n = node_real(n);
	if (n->kind == NODE_SEQUENCE || (n->kind == NODE_MAPPING && !n->child)) {
		l->all = l->in_force = false;
	} else if (n->kind == NODE_SCALAR) {
		add_leaf(l, path, n);
	} else {
		for (struct map_iter it = map_iter_of(n); map_next(&it) && (l->all || l->in_force);)
			collect(l,
				gate_printf(l->g, "%s%s" SLICE_FMT, path, *path ? "." : "",
					    SLICE_ARG(node_text(it.key))),
				it.value);
	}
}

/* --- findings ---------------------------------------------------------------------------------------------------- */

static const char *hidden(const struct unknown_key *u, const char *text)
{
	return u->file->doubtful ? "(hidden)" : text;
}

static void fix(struct gate *g, struct finding *f, const struct unknown_key *u, const char *path)
{
	if (u->file->doubtful)
		finding_fix(g, f, "Write '\\,' for a comma inside a value.");
	else if (u->kind == UNKNOWN_OUTER && u->file->is_option)
		finding_fix(g, f, "Leave %s out of the key of %s.", path, u->file->name);
	else if (u->kind == UNKNOWN_OUTER)
		finding_fix(g, f, "Move what is below %s in %s to the top level.", path, u->file->name);
	else
		finding_fix(g, f, "Write %s instead of %s in %s.", u->near, path, u->file->name);
}

/* A slip of the pen: the value was meant, and is lost. */
static void find_slip(struct gate *g, const struct unknown_key *u)
{
	struct leaves l = {.g = g, .file = u->file, .all = true, .in_force = true};
	struct finding *f = values_find(g, u->file, u->key);
	const char *path = hidden(u, u->path);

	f->depth = 3;
	collect(&l, u->near, u->key->next);
	if (u->kind == UNKNOWN_OUTER)
		finding_say(g, f,
			    "the chart knows no key '%s', so all below it is ignored; its values are at the top level",
			    path);
	else if (l.in_force)
		finding_say(g, f, "the chart knows no key '%s'; '%s', which was probably meant, says the same", path,
			    u->near);
	else
		finding_say(g, f, "the chart knows no key '%s'; did you mean '%s'?", path, u->near);
	if (*u->near)
		finding_expected(g, f, "%s", u->near);
	if (l.in_force)
		finding_severity(f, SEVERITY_WARNING);
	for (size_t i = 0; i < l.n && l.all && !l.disputed && !l.in_force && !u->file->doubtful; i++)
		finding_fix(g, f, "%s", l.option[i]);
	fix(g, f, u, path);
}

/* Farther away it may be meant for another tool. */
static void find_stranger(struct gate *g, const struct unknown_key *u)
{
	struct finding *f = values_find(g, u->file, u->key);
	const char *path = hidden(u, u->path);

	finding_severity(f, SEVERITY_WARNING);
	if (u->near)
		finding_say(g, f, "the chart knows no key '%s', so it is ignored; did you mean '%s'?", path, u->near);
	else
		finding_say(g, f, "the chart knows no key '%s'; it is ignored", path);
	if (u->file->is_option)
		finding_fix(g, f, "Leave %s out.", u->file->name);
	else if (u->near)
		finding_fix(g, f, "Write %s instead, or remove %s from %s.", u->near, path, u->file->name);
	else
		finding_fix(g, f, "Remove %s from %s.", path, u->file->name);
}

static bool is_judged(const struct gate *g, const char *path)
{
	for (size_t i = 0; i < VALUE_COUNT; i++)
		if (strcmp(g->value_keys[i], path) == 0)
			return true;
	return false;
}

static void find_version(struct gate *g, const struct unknown_key *u)
{
	struct finding *f = values_find(g, u->file, u->key);

	if (!is_judged(g, u->path))
		finding_severity(f, SEVERITY_WARNING);
	finding_say(g, f, "this version of the chart knows no key '%s', so it is ignored; another version does",
		    u->path);
	finding_fix(g, f, "Take the version of the chart that knows it, or remove %s from %s.", u->path, u->file->name);
}

static void unknown_key(void *arg, const struct unknown_key *u)
{
	if (u->kind == UNKNOWN_HERE)
		find_version(arg, u);
	else if (u->near && u->distance <= 2)
		find_slip(arg, u);
	else
		find_stranger(arg, u);
}

void check_values_keys(struct gate *g)
{
	values_unknown_keys(g->values, g->values_under, unknown_key, g);
}
