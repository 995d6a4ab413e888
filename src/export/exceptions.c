/*
 * exceptions.c: what the policy lets pass, for the cluster. CEL has no clock, so an exception is exported until its day
 * and is gone from the export of the day after.
 */
#include "export/vap.h"
#include "export/yaml.h"

static bool has_word(const char *words, struct slice word)
{
	for (struct slice rest = slice_str(words); rest.p && rest.n;)
		if (slice_eq(slice_cut(rest, ' ', &rest), word))
			return true;
	return false;
}

/* The name in brackets behind a list of that key: "env[NAME]". */
static struct slice item_of(struct slice path, const char *list)
{
	size_t at = slice_find(path, list);
	struct slice name;

	if (at == SIZE_MAX)
		return SLICE_EMPTY;
	name = slice_from(path, at + strlen(list));
	name = slice_to(name, slice_chr(name, ']'));
	/* [0] is a place in a list and no name. */
	return name.n && name.p[0] >= '0' && name.p[0] <= '9' ? SLICE_EMPTY : name;
}

/* data.KEY, data["a.b"] */
static struct slice key_of(struct slice path)
{
	static const char *const maps[] = {"data", "stringData", "binaryData"};

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct slice rest = slice_from(path, strlen(maps[i]));

		if (!slice_starts(path, maps[i]) || !rest.n)
			continue;
		if (rest.p[0] == '.' && slice_chr(slice_from(rest, 1), '.') == SIZE_MAX &&
		    slice_chr(rest, '[') == SIZE_MAX)
			return slice_from(rest, 1);
		if (slice_starts(rest, "[\"") && slice_ends(rest, "\"]"))
			return slice_of(rest.p + 2, rest.n - 4);
	}
	return SLICE_EMPTY;
}

static struct slice part_of(struct slice path, enum part_kind kind)
{
	struct slice name;

	switch (kind) {
	case PART_DATA:
		return key_of(path);
	case PART_ENV:
		return item_of(path, "env[");
	case PART_CONTAINER:
		/* Also of initContainers and ephemeralContainers. */
		name = item_of(path, "ontainers[");
		return name;
	default:
		return SLICE_EMPTY;
	}
}

/* The cluster's policies tell objects of the guarded namespace apart by kind and name alone. */
static bool applies(const struct demands *d, const struct policy_exception *e, const struct check *c,
		    const struct set *set)
{
	if (e->ns.n && !slice_eq(e->ns, d->ns))
		return false;
	if (e->group.n && !kind_is_of_group(e->kind, e->group))
		return false;
	return e->rule == c->rule && !e->expired && has_word(set->kinds, e->kind);
}

/* An exception of one place must not open the whole object where that matters most. */
static bool covers_object(const struct policy_exception *e, const struct check *c)
{
	return !part_of(e->path, c->names).n && (!e->path.n || rule_infos[e->rule].lowerable);
}

static void put(struct buf *list, size_t n, const struct policy_exception *e, struct slice part)
{
	cleanup_buf struct buf name = BUF_TEXT;

	buf_addf(&name, SLICE_FMT "/" SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(e->kind), SLICE_ARG(e->name),
		 part.n ? " " : "", SLICE_ARG(part));
	buf_adds(list, n ? ", " : "");
	cel_quote(buf_slice(&name), list);
	list->failed |= name.failed;
}

static void remark(struct buf *remarks, const struct policy_exception *e)
{
	cleanup_buf struct buf text = BUF_TEXT;

	buf_addf(&text, "Excepted until %s: " SLICE_FMT " " SLICE_FMT ". Export again after that day.", e->expires,
		 SLICE_ARG(e->object), SLICE_ARG(e->path));
	yaml_comment(remarks, 0, 2, buf_str(&text));
	remarks->failed |= text.failed;
}

size_t excepted_objects(const struct demands *d, const struct check *c, const struct set *set, struct buf *list,
			struct buf *remarks)
{
	size_t n = 0;

	for (size_t i = 0; i < d->exceptions_n; i++) {
		const struct policy_exception *e = &d->exceptions[i];

		if (!applies(d, e, c, set) || !covers_object(e, c))
			continue;
		put(list, n++, e, SLICE_EMPTY);
		remark(remarks, e);
	}
	return n;
}

size_t excepted_parts(const struct demands *d, const struct check *c, const struct set *set, struct buf *list,
		      struct buf *remarks)
{
	size_t n = 0;

	for (size_t i = 0; i < d->exceptions_n; i++) {
		const struct policy_exception *e = &d->exceptions[i];

		if (!applies(d, e, c, set) || !part_of(e->path, c->names).n)
			continue;
		put(list, n++, e, part_of(e->path, c->names));
		remark(remarks, e);
	}
	return n;
}
