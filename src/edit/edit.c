#include "edit/edit.h"

#include "base/file.h"

void edit_plan_init(struct edit_plan *p)
{
	struct limits limits = LIMITS_DEFAULT;

	memset(p, 0, sizeof(*p));
	p->arena = ARENA_INIT((size_t)1 << 30);
	stream_init(&p->fresh, &limits);
	stream_init(&p->after, &limits);
}

void edit_plan_release(struct edit_plan *p)
{
	stream_release(&p->fresh);
	stream_release(&p->after);
	arena_release(&p->arena);
	memset(p, 0, sizeof(*p));
}

static const char *operation_name(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_INSERT_ENV:
		return "insert";
	case CHANGE_DELETE_ITEM:
	case CHANGE_DELETE_OBJECT:
		return "delete";
	default:
		return "set";
	}
}

/* --- the tree, in step with the splices ------------------------------------------------------------------------ */

static struct node *mutable_node(const struct node *n)
{
	return (struct node *)(uintptr_t)n;
}

static struct node *new_scalar(struct arena *a, struct node *parent, const char *text, uint8_t flags)
{
	struct node *n = ARENA_NEW(a, struct node);

	if (!n)
		return NULL;
	n->kind = NODE_SCALAR;
	n->type = TYPE_STRING;
	n->flags = flags;
	n->parent = parent;
	n->text = text;
	n->text_n = (uint32_t)strlen(text);
	return n;
}

static int tree_insert_env(struct edit_plan *p, const struct change *c, struct err *err)
{
	struct node *seq = mutable_node(node_real(c->node)), *after = mutable_node(c->after);
	struct node *item = ARENA_NEW(&p->arena, struct node), *part[4];
	const char *texts[] = {"name", c->name, "value", c->text};

	if (!item)
		return err_nomem(err);
	item->kind = NODE_MAPPING;
	item->type = TYPE_COLLECTION;
	item->parent = seq;
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		part[i] = new_scalar(&p->arena, item, texts[i], i % 2 == 0 ? NODE_KEY : 0);
		if (!part[i])
			return err_nomem(err);
		if (i)
			part[i - 1]->next = part[i];
	}
	item->child = part[0];
	item->next = after->next;
	after->next = item;
	return 0;
}

static int tree_change(struct edit_plan *p, const struct change *c, struct err *err)
{
	struct node *n = mutable_node(c->node), **link;

	switch (c->kind) {
	case CHANGE_SET:
		n->kind = NODE_SCALAR;
		n->type = TYPE_STRING;
		n->flags &= (uint8_t) ~(NODE_TRUE | NODE_JSON);
		n->child = NULL;
		n->text = c->text;
		n->text_n = (uint32_t)strlen(c->text);
		return 0;
	case CHANGE_INSERT_ENV:
		return tree_insert_env(p, c, err);
	case CHANGE_DELETE_ITEM:
		for (link = &n->parent->child; *link != n; link = &(*link)->next)
			;
		*link = n->next;
		return 0;
	default:
		return 0;
	}
}

/* --- plan ------------------------------------------------------------------------------------------------------ */

static size_t document_index(const struct edit_plan *p, const struct change *c)
{
	return (size_t)(c->object->doc - p->stream->documents.v);
}

static int note_edit(struct edit_plan *p, const struct finding *f, const struct change *c, struct err *err)
{
	struct edit *e;
	size_t line = f->place.line;

	if (c->kind == CHANGE_COMMENT)
		return 0; /* nothing that the cluster would see */
	e = VEC_PUSH(&p->arena, p->edits);
	if (!e)
		return err_nomem(err);
	*e = (struct edit){.rule = f->rule,
			   .object = c->object,
			   .path = f->path,
			   .operation = operation_name(c->kind),
			   .line = line};
	return 0;
}

static int by_start(const void *pa, const void *pb)
{
	const struct splice *a = pa, *b = pb;

	if (a->input != b->input)
		return (uintptr_t)a->input < (uintptr_t)b->input ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static int order_splices(struct edit_plan *p, struct err *err)
{
	if (p->splices.n)
		qsort(p->splices.v, p->splices.n, sizeof(*p->splices.v), by_start);
	for (size_t i = 1; i < p->splices.n; i++)
		if (p->splices.v[i].input == p->splices.v[i - 1].input && p->splices.v[i].from < p->splices.v[i - 1].to)
			return err_set(err, STATUS_FAILED, "internal error: two repairs meet at byte %u",
				       p->splices.v[i].from);
	return 0;
}

typedef int (*change_fn)(struct edit_plan *p, const struct finding *f, const struct change *c, struct err *err);

static int each_change(struct edit_plan *p, const struct gate *g, change_fn fn, struct err *err)
{
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];

		for (size_t j = 0; f->patched && j < f->changes.n; j++)
			if (fn(p, f, &f->changes.v[j], err) < 0)
				return err->status;
	}
	return 0;
}

static int mark_deleted(struct edit_plan *p, const struct finding *f, const struct change *c, struct err *err)
{
	const struct node **slot;

	(void)f;
	if (c->kind == CHANGE_DELETE_OBJECT)
		p->deleted[document_index(p, c)] = true;
	if (c->kind != CHANGE_DELETE_ITEM)
		return 0;
	slot = VEC_PUSH(&p->arena, p->deleted_items);
	if (!slot)
		return err_nomem(err);
	*slot = c->node;
	return 0;
}

static int plan_change(struct edit_plan *p, const struct finding *f, const struct change *c, struct err *err)
{
	size_t doc = document_index(p, c);

	if (note_edit(p, f, c, err) < 0)
		return err->status;
	/* A change inside a document that goes as a whole goes with it. */
	if (p->deleted[doc] && c->kind != CHANGE_DELETE_OBJECT)
		return 0;
	p->changed[doc] = true;
	return change_splice(p, c, err);
}

static int apply_change(struct edit_plan *p, const struct finding *f, const struct change *c, struct err *err)
{
	(void)f;
	return p->deleted[document_index(p, c)] ? 0 : tree_change(p, c, err);
}

int edit_plan_build(struct edit_plan *p, struct gate *g, struct err *err)
{
	p->stream = g->release->stream;
	p->changed = arena_alloc(&p->arena, p->stream->documents.n + 1);
	p->deleted = arena_alloc(&p->arena, p->stream->documents.n + 1);
	if (!p->changed || !p->deleted)
		return err_nomem(err);
	/* Spans are read while the tree is as it was parsed; only then it changes. */
	if (each_change(p, g, mark_deleted, err) < 0 || each_change(p, g, plan_change, err) < 0 ||
	    order_splices(p, err) < 0 || each_change(p, g, apply_change, err) < 0)
		return err->status;
	return arena_failed(&p->arena) ? err_nomem(err) : 0;
}

/* An insertion at the end of a document belongs to it, one at its start to the document before. */
static bool is_inside(const struct splice *s, const struct input *in, uint32_t from, uint32_t to)
{
	return s->input == in && s->from >= from && s->to <= to && !(s->from == s->to && s->from == from && from);
}

struct slice edit_plan_text(struct edit_plan *p, const struct input *in, uint32_t from, uint32_t to)
{
	size_t n = to - from, len = 0;
	uint32_t at = from;
	char *out;

	for (size_t i = 0; i < p->splices.n; i++)
		if (is_inside(&p->splices.v[i], in, from, to))
			n += p->splices.v[i].text.n;
	out = arena_bytes(&p->arena, n);
	if (!out)
		return SLICE_EMPTY;
	for (size_t i = 0; i < p->splices.n; i++) {
		const struct splice *s = &p->splices.v[i];

		if (!is_inside(s, in, from, to))
			continue;
		memcpy(out + len, in->bytes.p + at, s->from - at);
		len += s->from - at;
		memcpy(out + len, s->text.p, s->text.n);
		len += s->text.n;
		at = s->to;
	}
	memcpy(out + len, in->bytes.p + at, to - at);
	len += to - at;
	return slice_of(out, len);
}

int edit_plan_write(const struct edit_plan *p, const struct stream *s, int fd, struct err *err)
{
	struct slice in = s->inputs.n ? s->inputs.v[0]->bytes : SLICE_EMPTY;
	struct iovec *iov = calloc(p->splices.n * 2 + 1, sizeof(*iov));
	size_t n = 0, at = 0;
	int rc;

	if (!iov)
		return err_nomem(err);
	for (size_t i = 0; i < p->splices.n; i++) {
		const struct splice *sp = &p->splices.v[i];

		iov[n++] = (struct iovec){(void *)(uintptr_t)(in.p + at), sp->from - at};
		iov[n++] = (struct iovec){(void *)(uintptr_t)sp->text.p, sp->text.n};
		at = sp->to;
	}
	iov[n++] = (struct iovec){(void *)(uintptr_t)(in.p + at), in.n - at};
	rc = file_writev_all(fd, iov, n, "standard output", err);
	free(iov);
	return rc;
}
