/*
 * values_causes.c: the values file or option behind a cause. What was rendered shows where a value arrived; the line
 * that states the value is what the reader changes.
 */
#include "rules/values_stated.h"

static bool wants_a_change(const struct finding *f)
{
	return f->severity >= SEVERITY_WARNING && !f->excepted && !f->chart_fault && f->rule != RULE_VALUES;
}

/* "--set KEY=VALUE" among the fixes, as KEY and VALUE. */
static bool find_option(const struct finding *f, struct slice *key, struct slice *value)
{
	for (size_t i = 0; i < f->fixes.n; i++) {
		struct slice fix = slice_str(f->fixes.v[i]), words;

		if (!slice_starts(fix, "--set"))
			continue;
		slice_cut(fix, ' ', &words);
		*key = slice_cut(slice_cut(words, ' ', &words), '=', value);
		return key->n > 0 && value->p;
	}
	return false;
}

/* Another change may fix the cause as a whole: the class alone does not bring storage back. */
static bool is_named_after(const char *cause, struct slice key)
{
	return strncmp(cause, "value ", strlen("value ")) == 0 && slice_is(key, cause + strlen("value "));
}

/* What a source states and what the advice would change; NULL where it is what the advice asks for, or where nobody
   states it. */
static const struct node *find_stated(const struct gate *g, const char *key, struct slice want,
				      struct values_file **file)
{
	const struct node *n = values_get(g->values, key, file);
	struct slice have;

	if (!n || (!node_is_null(n) && node_real(n)->kind != NODE_SCALAR))
		return NULL;
	have = node_is_null(n) ? SLICE_EMPTY : node_text(node_real(n));
	return slice_eq(have, want) || (have.n && slice_is(want, FIX_BLANK)) ? NULL : n;
}

static const char *stated_text(struct gate *g, const char *key, const struct node *n)
{
	bool empty = node_is_null(n) || !node_text(node_real(n)).n;
	const char *text = empty || values_key_is_private(slice_str(key)) ? "" : values_text(g, n);

	return empty ? "empty" : text[0] ? text : "set";
}

static void explain(struct gate *g, const struct finding *of, const char *key, const struct node *n,
		    const struct values_file *file)
{
	struct finding *f = values_find(g, file, n);

	finding_severity(f, of->severity);
	finding_say(g, f, "%s is %s %s; %s", key, stated_text(g, key, n), values_where(file), of->message);
	for (size_t i = 0; i < of->fixes.n; i++)
		finding_fix(g, f, "%s", of->fixes.v[i]);
	f->value = of->value;
	f->cause = of->cause;
	f->depth = 2;
	f->rule = of->rule; /* by which people look it up, and except it */
	f->heads = true;
}

static bool is_explained(const struct gate *g, const char *cause)
{
	for (size_t i = g->findings.n; i > 0; i--)
		if ((g->findings.v[i - 1]->rule == RULE_VALUES || g->findings.v[i - 1]->heads) &&
		    strcmp(g->findings.v[i - 1]->cause, cause) == 0)
			return true;
	return false;
}

void explain_causes_by_values(struct gate *g)
{
	const char *last = "";
	size_t n = g->findings.n;

	if (!g->values || !g->values->files.n || g->options.scope != GATE_RELEASE)
		return;
	g->running = RULE_VALUES;
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = g->findings.v[i];
		struct values_file *file = NULL;
		struct slice key = SLICE_EMPTY, want = SLICE_EMPTY;
		const struct node *stated;
		const char *path;

		if (!wants_a_change(f) || strcmp(f->cause, last) == 0 ||
		    !(f->stated || (find_option(f, &key, &want) && is_named_after(f->cause, key))))
			continue;
		last = f->cause;
		path = f->stated ? gate_key(g, f->stated) : arena_str(&g->arena, key);
		stated = path ? find_stated(g, path, f->stated ? SLICE_EMPTY : want, &file) : NULL;
		if (stated && !is_explained(g, f->cause))
			explain(g, f, path, stated, file);
	}
}
