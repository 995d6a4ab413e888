#include "yaml/stream.h"

static bool has_hash(const char *bytes, uint32_t from, uint32_t to)
{
	return to > from && memchr(bytes + from, '#', to - from);
}

/* What lies between the scalars is syntax and comments. */
static bool walk(const char *bytes, const struct node *n, uint32_t *at)
{
	if (n->kind == NODE_SCALAR || n->kind == NODE_ALIAS) {
		bool found = has_hash(bytes, *at, n->start);

		*at = n->end > *at ? n->end : *at;
		return found;
	}
	for (const struct node *c = n->child; c; c = c->next)
		if (walk(bytes, c, at))
			return true;
	return false;
}

bool document_has_comment(const struct document *d)
{
	const char *bytes = d->input->bytes.p;
	uint32_t at = d->body;

	return (d->root && walk(bytes, d->root, &at)) || has_hash(bytes, at, d->end);
}
