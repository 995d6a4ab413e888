/*
 * variable.c: a name whose value is $(X): what X is beside it. The kubelet puts env entries of the same list into one
 * another; a shell and dotenv files do so with the lines of their text.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

static int by_name(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;

	return slice_cmp(node_string(node_lookup(*x, "name")), node_string(node_lookup(*y, "name")));
}

/* The list's items by name, made once for the list asked for last. */
static bool index_env(struct scan *s, const struct node *list)
{
	if (s->env_list == list)
		return true;
	s->env_list = list;
	s->env.n = 0;
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		const struct node **item;

		if (!node_is_string(node_lookup(it.item, "name")))
			continue;
		item = VEC_PUSH(s->arena, s->env);
		if (!item) {
			s->out->failed = true;
			return false;
		}
		*item = it.item;
	}
	qsort(s->env.v, s->env.n, sizeof(*s->env.v), by_name);
	return true;
}

static const struct node *entry_of(struct scan *s, const struct node *list, struct slice name)
{
	size_t low = 0, high;

	if (!index_env(s, list))
		return NULL;
	for (high = s->env.n; low < high;) {
		size_t mid = (low + high) / 2;
		int c = slice_cmp(node_string(node_lookup(s->env.v[mid], "name")), name);

		if (c == 0)
			return s->env.v[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* {name, value} in a list: the list. */
static const struct node *list_of(const struct site *at)
{
	const struct node *item = at->node && !at->outer ? at->node->parent : NULL;

	return at->is_env && item && item->parent && item->parent->kind == NODE_SEQUENCE ? item->parent : NULL;
}

void scan_variables(struct scan *s, const struct site *at, const struct credential_name *name, struct slice value)
{
	enum { PARTS = 8 };
	const struct node *list = list_of(at);
	struct buf whole = BUF_INIT(1 << 16);
	size_t copied = 0, parts = 0;
	struct slice x;

	for (size_t from = 0; list && parts < PARTS && (x = placeholder_variable(value, &from)).n; parts++) {
		const struct node *entry = entry_of(s, list, x);
		size_t head = (size_t)(x.p - value.p);

		if (!entry)
			continue;
		head -= value.p[head - 1] == '$' ? 1 : 2;
		buf_add(&whole, slice_of(value.p + copied, head - copied));
		buf_add(&whole, node_string(node_lookup(entry, "value")));
		copied = from < value.n && (value.p[from] == ')' || value.p[from] == '}') ? from + 1 : from;
	}
	if (copied) {
		buf_add(&whole, slice_from(value, copied));
		if (literal_judge(buf_slice(&whole), name) == LITERAL_VALUE)
			hit_add(s, at,
				&(struct hit_say){.class = HIT_VALUE,
						  .provider = name->provider,
						  .confidence = CONFIDENCE_MEDIUM,
						  .what = "a value that other entries of the list make up",
						  .reason = arena_printf(s->arena, "its name %s", name->name),
						  .secret = buf_slice(&whole)});
	}
	if (whole.failed)
		s->out->failed = true;
	buf_release(&whole);
}
