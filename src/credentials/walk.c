#include "credentials/walk.h"

#include "base/base64.h"

struct walk {
	const struct object *object;
	scalar_fn fn;
	void *arg;
	const struct node *secret_data; /* the mapping whose values are base64 */
	bool failed;
};

static void emit(struct walk *w, const struct node *n, struct slice name, struct slice value, bool decoded, bool is_key)
{
	struct scalar s = {.object = w->object, .node = n, .name = name, .value = value, .decoded = decoded, .is_key = is_key};

	if (value.n)
		w->fn(w->arg, &s);
}

static void emit_decoded(struct walk *w, const struct node *n, struct slice name)
{
	struct buf out = BUF_INIT((size_t)256 << 20);

	if (base64_decode(node_text(n), BASE64_STANDARD, &out))
		emit(w, n, name, buf_slice(&out), true, false);
	else
		emit(w, n, name, node_text(n), false, false);
	w->failed |= out.failed;
	buf_release(&out);
}

/* The value's name: an env entry {name: X, value: V} calls its value X. */
static struct slice name_of(const struct node *map, const struct node *key)
{
	struct slice name = node_text(key);
	const struct node *given = slice_is(name, "value") ? node_lookup(map, "name") : NULL;

	return node_is_string(given) ? node_string(given) : name;
}

static void walk_node(struct walk *w, const struct node *n, struct slice name)
{
	switch ((enum node_kind)n->kind) {
	case NODE_SCALAR:
		if (n->parent == w->secret_data && w->secret_data)
			emit_decoded(w, n, name);
		else
			emit(w, n, name, node_text(n), false, false);
		return;
	case NODE_SEQUENCE:
		for (const struct node *i = n->child; i; i = i->next) {
			struct slice text = node_text(i), rest = SLICE_EMPTY, flag = name;

			/* --secret-key=V */
			if (i->kind == NODE_SCALAR && slice_starts(text, "--")) {
				flag = slice_from(slice_cut(text, '=', &rest), 2);
				if (rest.p) {
					emit(w, i, flag, rest, false, false);
					continue;
				}
			}
			/* --secret-key, then V */
			walk_node(w, i, name);
			if (flag.p != name.p && i->next && i->next->kind == NODE_SCALAR && !slice_starts(node_text(i->next), "-"))
				emit(w, i->next, flag, node_text(i->next), false, false);
		}
		return;
	case NODE_MAPPING:
		for (const struct node *k = n->child; k; k = k->next->next) {
			emit(w, k, SLICE_EMPTY, node_text(k), false, true);
			walk_node(w, k->next, name_of(n, k));
		}
		return;
	case NODE_ALIAS: /* its anchor is walked where it stands */
		return;
	}
}

int credential_walk(const struct object *o, scalar_fn fn, void *arg)
{
	struct walk w = {.object = o, .fn = fn, .arg = arg};

	if (object_is(o, "Secret", NULL))
		w.secret_data = node_real(node_lookup(o->root, "data"));
	walk_node(&w, o->root, SLICE_EMPTY);
	return w.failed ? STATUS_FAILED : 0;
}
