/*
 * values_set_key.c: the keys of a --set option, written into what was merged so far as they are read. Helm does the
 * same, so an index counts in the list that a file brought, and a key below what is not a mapping is refused.
 */
#include "userfile/user_file.h"
#include "values/values_set.h"

static const char *noun(const struct merged *m)
{
	if (merged_is_null(m))
		return "null";
	return m->kind == NODE_MAPPING ? "a mapping" : m->kind == NODE_SEQUENCE ? "a list" : node_noun(m->node);
}

static enum set_outcome misfit(struct set *s, const struct merged *have, const char *what)
{
	return set_refuse(s, "it is %s%s%s, and Helm sets no %s", noun(have), have->file ? " in " : "",
			  have->file ? have->file->name : "", what);
}

/* strconv.Atoi: signs and leading zeros are fine. */
static bool read_index(struct set *s, size_t *index, enum set_outcome *outcome)
{
	struct slice text;
	int64_t i = 0;
	char stop;
	size_t at;

	*outcome = SET_REFUSED;
	if (!set_read_until(s, "]", &text, &stop)) {
		set_refuse(s, "the index must end with ']'");
		return false;
	}
	at = text.n && text.p[0] == '+';
	while (at + 1 < text.n && text.p[at] == '0')
		at++;
	if (slice_is(slice_from(text, at), "0")) {
		*index = 0;
		return true;
	}
	if (!set_is_integer(slice_from(text, at), &i) || (at && (text.p[at] == '+' || text.p[at] == '-'))) {
		set_refuse(s, "an index must be a number");
		return false;
	}
	if (i < 0 || i > SET_INDEX_MAX) {
		set_refuse(s, i < 0 ? "an index must not be negative" : "an index must be 65536 or less");
		return false;
	}
	*index = (size_t)i;
	return true;
}

/* Behind `[index]`. What cannot be finished leaves the list as it was, except for items of another kind than needed. */
static enum set_outcome read_item(struct set *s, struct merged *list, size_t index, unsigned depth)
{
	struct merged *item = NULL;
	enum set_outcome outcome = SET_READ;
	struct slice key;
	char stop;
	bool more = set_read_until(s, "[.=", &key, &stop), ended;
	size_t next;

	if (key.n)
		return set_refuse(s, "'=', '.' or '[' must follow an index");
	if (!more)
		return SET_ENDED;
	if (stop == '=') {
		item = set_read_value(s, &ended);
		outcome = item ? SET_READ : SET_REFUSED;
	} else {
		enum node_kind kind = stop == '[' ? NODE_SEQUENCE : NODE_MAPPING;

		item = merged_item(s->v, list, index);
		if (stop == '[' && !read_index(s, &next, &outcome))
			return outcome;
		if (item && item->kind != kind) {
			if (stop == '[' && !merged_is_null(item))
				return misfit(s, item, "item of that");
			if (stop == '.')
				merged_set_item(s->v, list, index, merged_new_collection(s->v, kind));
			else
				item = NULL;
		}
		if (!item)
			item = merged_new_collection(s->v, kind);
		if (!item)
			return set_no_memory(s);
		outcome = stop == '[' ? read_item(s, item, next, depth) : set_read_key(s, item, depth);
	}
	if (outcome == SET_READ)
		merged_set_item(s->v, list, index, item);
	return outcome;
}

static bool is_empty(const struct merged *map)
{
	struct map_iter it;

	if (map->open)
		return !map->child;
	it = map_iter_of(map->node);
	return !map_next(&it);
}

/* An empty key sets nothing. */
static void put(struct set *s, struct merged *map, struct slice key, struct merged *value)
{
	if (key.n)
		merged_set(s->v, map, key, value);
}

static enum set_outcome read_list(struct set *s, struct merged *map, struct slice key, unsigned depth)
{
	struct merged *list = merged_get(s->v, map, key);
	enum set_outcome outcome;
	size_t index;

	s->in_list = true;
	if (!read_index(s, &index, &outcome))
		return outcome;
	if (list && list->kind != NODE_SEQUENCE)
		return misfit(s, list, "item of that");
	if (!list || !key.n)
		list = merged_new_collection(s->v, NODE_SEQUENCE);
	if (!list)
		return set_no_memory(s);
	outcome = read_item(s, list, index, depth);
	if (outcome != SET_REFUSED)
		put(s, map, key, list);
	return outcome;
}

static enum set_outcome read_nested(struct set *s, struct merged *map, struct slice key, unsigned depth)
{
	struct merged *inner = merged_get(s->v, map, key);
	enum set_outcome outcome;

	if (depth > SET_DEPTH_MAX)
		return set_refuse(s, "more than %d levels of keys", SET_DEPTH_MAX);
	if (inner && inner->kind != NODE_MAPPING)
		return misfit(s, inner, "key below that");
	if (!inner)
		inner = merged_new_collection(s->v, NODE_MAPPING);
	if (!inner)
		return set_no_memory(s);
	outcome = set_read_key(s, inner, depth);
	if (outcome == SET_READ && is_empty(inner))
		return set_refuse(s, "a key without a value");
	if (outcome != SET_REFUSED && !is_empty(inner))
		put(s, map, key, inner);
	return outcome;
}

static enum set_outcome no_value(struct set *s)
{
	if (s->assignment > 1)
		return set_refuse(s, "no '=' and value; inside a value, a comma is written '\\,'");
	return set_refuse(s, "no '=' and value");
}

enum set_outcome set_read_key(struct set *s, struct merged *map, unsigned depth)
{
	struct merged *value;
	struct slice key;
	bool ended;
	char stop;

	if (!set_read_until(s, s->kind == SET_LITERAL ? "=[." : "=[,.", &key, &stop) && !key.n)
		return SET_ENDED;
	if (!s->in_list)
		s->path[s->path_n++] = key;
	switch (stop) {
	case '[':
		return read_list(s, map, key, depth);
	case '.':
		return read_nested(s, map, key, depth + 1);
	case '=':
		value = set_read_value(s, &ended);
		if (!value)
			return SET_REFUSED;
		put(s, map, key, value);
		return ended ? SET_ENDED : SET_READ;
	default:
		return no_value(s);
	}
}
