#include "helm/plan.h"

enum { WIDTH = 78, KIND_COLUMN = 26 };

static bool same_kind(const struct object *a, const struct object *b)
{
	return slice_eq(a->kind, b->kind) && slice_eq(a->api_version, b->api_version);
}

static bool counts(const struct object *o, bool hooks)
{
	return !o->owner && o->is_hook == hooks;
}

/* Whether an earlier object has the kind already: then it has been told. */
static bool is_first(const struct release *r, size_t at, bool hooks)
{
	for (size_t i = 0; i < at; i++)
		if (counts(r->objects.v[i], hooks) && same_kind(r->objects.v[i], r->objects.v[at]))
			return false;
	return true;
}

/* "  Deployment          6  px-backup, pxcentral-apiserver, ...", broken at 80 columns. */
static void put_kind(struct gate *g, const struct object *first, struct buf *out)
{
	const struct release *r = g->release;
	size_t n = 0, column, start = out->n;
	bool any = false;

	for (size_t i = 0; i < r->objects.n; i++)
		n += counts(r->objects.v[i], false) && same_kind(r->objects.v[i], first);
	buf_addf(out, "    %-*s %3zu  ", KIND_COLUMN, gate_show(g, first->kind), n);
	column = out->n - start;
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];
		const char *name;

		if (!counts(o, false) || !same_kind(o, first))
			continue;
		name = gate_show(g, o->name);
		if (any)
			buf_addc(out, ',');
		column += any;
		if (any && column + 2 + strlen(name) > WIDTH) {
			buf_addc(out, '\n');
			buf_fill(out, ' ', KIND_COLUMN + 10);
			column = KIND_COLUMN + 10;
		} else if (any) {
			buf_addc(out, ' ');
			column++;
		}
		buf_adds(out, name);
		column += strlen(name);
		any = true;
	}
	buf_addc(out, '\n');
}

static void put_objects(struct gate *g, struct buf *out)
{
	const struct release *r = g->release;
	size_t installed = 0, hooks = 0;

	for (size_t i = 0; i < r->objects.n; i++) {
		installed += counts(r->objects.v[i], false);
		hooks += counts(r->objects.v[i], true);
	}
	buf_addf(out, "  %zu objects and %zu hooks\n", installed, hooks);
	for (size_t i = 0; i < r->objects.n; i++)
		if (counts(r->objects.v[i], false) && is_first(r, i, false))
			put_kind(g, r->objects.v[i], out);
}

static const char *or_none(struct gate *g, struct slice s)
{
	return s.n ? gate_show(g, s) : "none";
}

/* "    OBJECT: WHAT", in two lines where one is too narrow. */
static void put_folded(const char *object, const char *what, struct buf *out)
{
	bool fits = strlen("    ") + strlen(object) + strlen(": ") + strlen(what) <= WIDTH;

	buf_addf(out, "    %s:%s%s\n", object, fits ? " " : "\n      ", what);
}

static void put_claim(struct gate *g, const struct claim *c, struct buf *out)
{
	struct slice size = node_text(node_real(node_at(c->spec, "resources/requests/storage")));
	const char *name = c->kind == CLAIM_TEMPLATE ? gate_printf(g, "%s, ", gate_show(g, c->name)) : "";

	put_folded(gate_printf(g, "%s %s", gate_show(g, c->object->kind), gate_show(g, c->object->name)),
		   gate_printf(g, "%sclass %s, size %s%s", name, or_none(g, node_string(c->class_name)),
			       or_none(g, size), c->object->is_hook ? " (hook)" : ""),
		   out);
}

static void put_claims(struct gate *g, struct buf *out)
{
	const struct release *r = g->release;
	bool any = false;

	for (size_t i = 0; i < r->claims.n; i++) {
		if (r->claims.v[i].object->owner)
			continue;
		if (!any)
			buf_adds(out, "  claims (their StorageClass is chosen once)\n");
		any = true;
		put_claim(g, &r->claims.v[i], out);
	}
}

static void put_hooks(struct gate *g, struct buf *out)
{
	const struct release *r = g->release;
	bool any = false;

	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];

		if (!counts(o, true))
			continue;
		if (!any)
			buf_adds(out, "  hooks\n");
		any = true;
		put_folded(gate_printf(g, "%s %s", gate_show(g, o->kind), gate_show(g, o->name)),
			   gate_show(g, object_annotation(o, "helm.sh/hook")), out);
	}
}

void plan_put(struct gate *g, struct buf *out)
{
	put_objects(g, out);
	put_claims(g, out);
	put_hooks(g, out);
}
