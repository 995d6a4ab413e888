/*
 * path.c: nodes by their path, as people write it in an exception.
 */
#include "yaml/node.h"

struct step {
	char text[1024];
	size_t n;
	bool quoted, bracket;
};

/* The next step of a path, and what follows it. False: there is none, or it is too long to be a key. */
static bool next_step(struct slice *path, struct step *s)
{
	struct slice p = *path;
	size_t i = 0;
	char end;

	*s = (struct step){.n = 0};
	if (p.n && p.p[0] == '.')
		p = slice_from(p, 1);
	s->bracket = p.n && p.p[0] == '[';
	i = s->bracket;
	s->quoted = s->bracket && i < p.n && p.p[i] == '"';
	i += s->quoted;
	end = s->quoted ? '"' : ']';
	for (; i < p.n && s->n < sizeof(s->text); i++) {
		if (s->bracket ? p.p[i] == end : p.p[i] == '.' || p.p[i] == '[')
			break;
		if (s->quoted && p.p[i] == '\\' && i + 1 < p.n)
			i++;
		s->text[s->n++] = p.p[i];
	}
	if (s->bracket)
		i += s->quoted ? 2 : 1;
	if (i > p.n || s->n == 0 || s->n == sizeof(s->text))
		return false;
	*path = slice_from(p, i);
	return true;
}

static bool read_index(const struct step *s, size_t *index)
{
	*index = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (s->quoted || s->text[i] < '0' || s->text[i] > '9' || i > 9)
			return false;
		*index = *index * 10 + (size_t)(s->text[i] - '0');
	}
	return true;
}

static const struct node *item_of(const struct node *seq, const struct step *s)
{
	size_t index, same;

	if (read_index(s, &index)) {
		const struct node *item = seq->child;

		while (item && index--)
			item = item->next;
		return item;
	}
	seq = node_named(seq, slice_of(s->text, s->n), &same);
	return same == 1 ? seq : NULL;
}

const struct node *node_find_path(const struct node *root, struct slice path)
{
	struct step s;

	while (path.n) {
		root = node_real(root);
		if (!root || !next_step(&path, &s))
			return NULL;
		if (root->kind == NODE_SEQUENCE)
			root = s.bracket ? item_of(root, &s) : NULL;
		else
			root = node_get(root, slice_of(s.text, s.n));
	}
	return root;
}
