#include "cmd/diff.h"

static struct slice lines_around(const struct input *input, uint32_t *from, uint32_t *to)
{
	struct slice in = input->bytes;
	const char *nl;

	while (*from && in.p[*from - 1] != '\n')
		(*from)--;
	if (*to == *from || in.p[*to - 1] != '\n') {
		nl = memchr(in.p + *to, '\n', in.n - *to);
		*to = nl ? (uint32_t)(nl - in.p + 1) : (uint32_t)in.n;
	}
	return slice_of(in.p + *from, *to - *from);
}

static void put_lines(char mark, struct slice text, struct buf *out)
{
	while (text.n) {
		struct slice line = slice_cut(text, '\n', &text);

		buf_addc(out, mark);
		for (size_t i = 0; i < line.n; i++)
			buf_addc(out, (unsigned char)line.p[i] < ' ' ? ' ' : line.p[i]);
		buf_addc(out, '\n');
	}
}

static void put_title(const struct gate *g, const struct finding *f, const struct change *c, size_t line,
		      struct buf *out)
{
	buf_addf(out, "@@ line %zu @@ %s %s\n", line, object_title(g->release, c->object), f->path);
}

static void put_change(struct edit_plan *p, const struct gate *g, const struct finding *f, const struct change *c,
		       struct buf *out)
{
	const struct document *d = c->object->doc;
	struct position pos;
	uint32_t from, to;
	struct slice old;

	switch (c->kind) {
	case CHANGE_DELETE_OBJECT:
		pos = input_position(d->input, d->start);
		put_title(g, f, c, pos.line, out);
		buf_adds(out, "-(the whole document)\n");
		return;
	case CHANGE_DELETE_ITEM:
		put_title(g, f, c, f->place.line, out);
		buf_adds(out, "-(the list item)\n");
		return;
	case CHANGE_INSERT_ENV:
		put_title(g, f, c, f->place.line, out);
		buf_addf(out, "+- name: %s\n+  value: \"%s\"\n", c->name, c->text);
		return;
	case CHANGE_COMMENT:
		return; /* nothing that the cluster would see */
	case CHANGE_SET:
		break;
	}
	put_title(g, f, c, f->place.line, out);
	if (!f->show_line) {
		buf_addf(out, "+(set to \"%s\")\n", c->text);
		return;
	}
	from = c->node->start;
	to = c->node->end;
	old = lines_around(d->input, &from, &to);
	put_lines('-', old, out);
	put_lines('+', edit_plan_text(p, d->input, from, to), out);
}

void diff_write(struct edit_plan *p, const struct gate *g, struct buf *out)
{
	for (size_t k = 0; k < p->stream->inputs.n; k++) {
		const struct input *in = p->stream->inputs.v[k];
		bool named = false;

		for (size_t i = 0; i < g->findings.n; i++) {
			const struct finding *f = g->findings.v[i];

			for (size_t j = 0; f->patched && j < f->changes.n; j++) {
				if (f->changes.v[j].object->doc->input != in)
					continue;
				if (!named)
					buf_addf(out, "--- %s\n+++ %s (repaired)\n", in->name, in->name);
				named = true;
				put_change(p, g, f, &f->changes.v[j], out);
			}
		}
	}
}
