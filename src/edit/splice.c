/*
 * splice.c: where the bytes of a change go. What stands around them (comments, order, quoting, blank lines) stays.
 */
#include "edit/edit.h"

struct site {
	const struct document *doc;
	const char *bytes;
};

static struct site site_of(const struct change *c)
{
	return (struct site){c->object->doc, c->object->doc->input->bytes.p};
}

static int add(struct edit_plan *p, const struct change *c, uint32_t from, uint32_t to, const struct buf *text,
	       struct err *err)
{
	struct splice *s = VEC_PUSH(&p->arena, p->splices);

	if (!s || text->failed)
		return err_nomem(err);
	*s = (struct splice){c->object->doc->input, from, to, arena_copy(&p->arena, buf_slice(text))};
	return arena_failed(&p->arena) ? err_nomem(err) : 0;
}

static uint32_t line_start(const struct site *at, uint32_t pos)
{
	while (pos > at->doc->start && at->bytes[pos - 1] != '\n')
		pos--;
	return pos;
}

/* The first byte of the next line, or the end of the document when its last line has no end. */
static uint32_t next_line(const struct site *at, uint32_t pos)
{
	const char *nl = pos < at->doc->end ? memchr(at->bytes + pos, '\n', at->doc->end - pos) : NULL;

	return nl ? (uint32_t)(nl - at->bytes + 1) : at->doc->end;
}

static const char *line_end(const struct site *at)
{
	const char *nl = memchr(at->bytes + at->doc->start, '\n', at->doc->end - at->doc->start);

	return nl && nl > at->bytes && nl[-1] == '\r' ? "\r\n" : "\n";
}

/* A block scalar's span runs over the blank lines below it; they are not its own. */
static uint32_t last_text_line_end(const struct site *at, const struct node *n)
{
	uint32_t end = n->end;

	while (end > n->start &&
	       (at->bytes[end - 1] == '\n' || at->bytes[end - 1] == '\r' || at->bytes[end - 1] == ' '))
		end--;
	return end == n->end ? end : next_line(at, end);
}

/* `|- # why` */
static void keep_header_comment(const struct site *at, const struct node *n, struct buf *text)
{
	struct slice rest, header = slice_cut(slice_of(at->bytes + n->start, n->end - n->start), '\n', &rest);
	size_t hash = slice_find(header, " #");

	if (hash != SIZE_MAX) {
		buf_addc(text, ' ');
		buf_add(text, slice_trim(slice_from(header, hash)));
	}
}

static int splice_set(struct edit_plan *p, const struct change *c, struct buf *text, struct err *err)
{
	struct site at = site_of(c);
	const struct node *n = c->node;
	uint32_t end = n->end;
	bool block = n->kind == NODE_SCALAR && (n->style == STYLE_LITERAL || n->style == STYLE_FOLDED);

	/* `key:` with nothing behind it */
	if (n->start == n->end && n->start && at.bytes[n->start - 1] == ':')
		buf_addc(text, ' ');
	scalar_write(slice_str(c->text),
		     c->object->doc->json ? STYLE_DOUBLE
		     : block		  ? STYLE_PLAIN
					  : (enum node_style)n->style,
		     text);
	if (block) {
		end = last_text_line_end(&at, n);
		keep_header_comment(&at, n, text);
	}
	if (block && end > n->start && at.bytes[end - 1] == '\n')
		buf_adds(text, line_end(&at));
	return add(p, c, n->start, end, text, err);
}

static void env_entry_flow(const struct change *c, bool json, struct buf *text)
{
	if (json) {
		buf_adds(text, "{\"name\": ");
		json_quote(slice_str(c->name), text);
		buf_adds(text, ", \"value\": ");
	} else {
		buf_addf(text, "{name: %s, value: ", c->name);
	}
	json_quote(slice_str(c->text), text);
	buf_addc(text, '}');
}

/* The column of an item's dash. The list's own start may be an anchor on the line above. */
static uint32_t dash_column(const struct site *at, const struct node *item)
{
	uint32_t pos = item->start;

	while (pos > at->doc->start && at->bytes[pos - 1] != '-')
		pos--;
	return pos - 1 - line_start(at, pos - 1);
}

static int splice_insert_env(struct edit_plan *p, const struct change *c, struct buf *text, struct err *err)
{
	struct site at = site_of(c);
	const struct node *seq = node_real(c->node), *last = c->after;
	const char *nl = line_end(&at);
	uint32_t column, pos;

	if (seq->style == STYLE_FLOW) {
		buf_adds(text, ", ");
		env_entry_flow(c, at.doc->json, text);
		return add(p, c, last->end, last->end, text, err);
	}
	column = dash_column(&at, last);
	pos = last->end && at.bytes[last->end - 1] == '\n' ? last->end : next_line(&at, last->end);
	if (pos && at.bytes[pos - 1] != '\n') /* the document ends without a line end, and so will its new last line */
		buf_adds(text, nl);
	buf_fill(text, ' ', column);
	buf_addf(text, "- name: %s%s", c->name, nl);
	buf_fill(text, ' ', column + 2);
	buf_adds(text, "value: ");
	json_quote(slice_str(c->text), text);
	if (pos && at.bytes[pos - 1] == '\n')
		buf_adds(text, nl);
	return add(p, c, pos, pos, text, err);
}

static bool is_deleted(const struct edit_plan *p, const struct node *item)
{
	for (size_t i = 0; i < p->deleted_items.n; i++)
		if (p->deleted_items.v[i] == item)
			return true;
	return false;
}

/* Neighbours go as one run, with the comma on one side of it. */
static int splice_delete_flow(struct edit_plan *p, const struct change *c, struct buf *text, struct err *err)
{
	const struct node *item = c->node;
	const struct node *before = NULL, *last = item;

	for (const struct node *i = item->parent->child; i != item; i = i->next)
		before = i;
	if (before && is_deleted(p, before))
		return 0; /* the first of the run has taken this one with it */
	while (last->next && is_deleted(p, last->next))
		last = last->next;
	if (before)
		return add(p, c, before->end, last->end, text, err);
	return add(p, c, item->start, last->next ? last->next->start : last->end, text, err);
}

static int splice_delete_item(struct edit_plan *p, const struct change *c, struct buf *text, struct err *err)
{
	struct site at = site_of(c);
	const struct node *item = c->node;
	uint32_t from, to;

	if (item->parent->style == STYLE_FLOW)
		return splice_delete_flow(p, c, text, err);
	from = line_start(&at, item->start);
	to = at.bytes[item->end - 1] == '\n' ? item->end : next_line(&at, item->end);
	for (uint32_t i = from; i < item->start; i++)
		if (at.bytes[i] != ' ' && at.bytes[i] != '-')
			return err_set(err, STATUS_FAILED, "internal error: a list item that does not begin its line");
	return add(p, c, from, to, text, err);
}

int change_splice(struct edit_plan *p, const struct change *c, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;

	switch (c->kind) {
	case CHANGE_SET:
		return splice_set(p, c, &text, err);
	case CHANGE_INSERT_ENV:
		return splice_insert_env(p, c, &text, err);
	case CHANGE_DELETE_ITEM:
		return splice_delete_item(p, c, &text, err);
	case CHANGE_DELETE_OBJECT:
		return add(p, c, c->object->doc->start, c->object->doc->end, &text, err);
	case CHANGE_COMMENT:
		buf_adds(&text, c->text);
		return add(p, c, c->from, c->to, &text, err);
	}
	return err_set(err, STATUS_FAILED, "internal error: a change of unknown kind");
}
