/*
 * tree.c: an object, or a document found in a text, walked with key names. The raw tree is walked, so the losers of
 * duplicate keys are seen too; an anchored value is seen where it is, and under the names of its aliases.
 */
#include "credentials/site.h"

#include "base/base64.h"
#include "credentials/chars.h"

static void walk(struct scan *s, const struct site *at, const struct node *n, struct slice name, bool is_env);

static struct site site_of(const struct site *at, const struct node *n)
{
	struct site here = *at;

	here.node = n;
	return here;
}

/* --- Secret.data and binaryData: base64 that must be some ------------------------------------------------------ */

/* The API server refuses it; here it is scanned as it is. What SOPS has sealed is decrypted before it gets
 * there.
 */
static void undecoded(struct scan *s, const struct site *at, struct slice name, struct slice text)
{
	if (literal_is_sealed(text))
		return;
	scan_value(s, at, name, text);
	if (!literal_is_placeholder(text))
		hit_add(s, at,
			&(struct hit_say){.class = HIT_UNDECODED, .what = "the value is not base64", .reason = ""});
}

static void encoded_value(struct scan *s, const struct site *at, const struct node *n, struct slice name)
{
	struct site here = site_of(at, n), inner = {.outer = &here, .step = "base64", .depth = at->depth + 1};
	struct buf out = BUF_INIT(LADDER_TEXT + 4);
	struct slice text = node_text(n);
	enum sniff kind;

	if (text.n / 4 * 3 + 3 > LADDER_TEXT) {
		hit_unchecked(s, &here, "a value is longer than the limit");
		return;
	}
	/* Some people forget to encode: what stands there is examined as it is, too. */
	if (text.n >= 16 && name.n)
		scan_bytes(s, &here, text);
	if (!base64_decode(text, BASE64_STANDARD, &out)) {
		if (out.failed)
			s->out->failed = true;
		else
			undecoded(s, &here, name, text);
		buf_release(&out);
		return;
	}
	s->decoded += out.n;
	kind = sniff_bytes(buf_slice(&out));
	if (kind == SNIFF_TEXT)
		scan_value(s, &inner, name, buf_slice(&out));
	else
		decode_bytes(s, &inner, name, buf_slice(&out), kind);
	buf_release(&out);
}

static void encoded_mapping(struct scan *s, const struct site *at, const struct node *map)
{
	for (const struct node *k = map->child; k; k = k->next->next) {
		const struct node *v = node_real(k->next);
		struct ring ring = {.key = k, .up = at->ring};
		struct site inner = *at;

		walk(s, at, k, SLICE_EMPTY, false);
		inner.ring = &ring;
		if (v && v->kind == NODE_SCALAR)
			encoded_value(s, &inner, k->next->kind == NODE_ALIAS ? v : k->next, node_text(k));
		else
			walk(s, &inner, k->next, node_text(k), false);
	}
}

static bool holds_base64(const struct node *map, const struct node *key)
{
	struct slice text = node_text(key);

	if (!node_is_mapping(key->next))
		return false;
	if (slice_is(text, "data"))
		return node_string_is(node_lookup(map, "kind"), "Secret");
	return slice_is(text, "binaryData") && node_string_is(node_lookup(map, "kind"), "ConfigMap");
}

/* --- mappings -------------------------------------------------------------------------------------------------- */

/* {name: X, value: V} calls its value X; so do {key: X, value: V} and {Name: X, Value: V}. */
static struct slice name_of(const struct node *map, const struct node *key, bool *is_env)
{
	static const char *const names[] = {"name", "key", "Name"};
	struct slice name = node_text(key);

	*is_env = false;
	if (name.n != 5 || !slice_eq_nocase(name, SLICE("value")))
		return name;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct node *given = node_lookup(map, names[i]);

		if (node_is_string(given)) {
			*is_env = true;
			return node_string(given);
		}
	}
	return name;
}

static void walk_pair(struct scan *s, const struct site *at, const struct node *map, const struct node *k)
{
	struct ring ring = {.key = k, .up = at->ring};
	struct site inner = *at;
	struct slice key = node_text(k), name;
	bool is_env;

	inner.ring = &ring;
	if (key.n >= 16) {
		struct site here = site_of(at, k);

		here.is_key = true;
		scan_bytes(s, &here, key);
	}
	if (key.n == 4 && slice_is(key, "data") ? holds_base64(map, k) : key.n == 10 && holds_base64(map, k)) {
		encoded_mapping(s, &inner, node_real(k->next));
		return;
	}
	if (key.n == 5 && slice_is(key, "auths") && node_is_mapping(k->next)) {
		scan_registry_auths(s, &inner, node_real(k->next));
		return;
	}
	/* Descriptions speak of names and mean nothing by it. */
	inner.bare |= key.n == 11 && slice_is(key, "description");
	name = name_of(map, k, &is_env);
	walk(s, &inner, k->next, name, is_env);
}

static void walk_mapping(struct scan *s, const struct site *at, const struct node *n)
{
	for (const struct node *k = n->child; k; k = k->next->next)
		walk_pair(s, at, n, k);
}

void scan_list_fields(struct scan *s, const struct site *at, const struct node *list)
{
	for (const struct node *k = list->kind == NODE_MAPPING ? list->child : NULL; k; k = k->next->next)
		if (!slice_is(node_text(k), "items"))
			walk_pair(s, at, list, k);
}

void scan_node(struct scan *s, const struct site *at, const struct node *key)
{
	struct ring ring = {.key = key, .up = at->ring};
	struct site inner = *at;

	inner.ring = &ring;
	walk(s, &inner, key->next, node_text(key), false);
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

/* An option, and no secret that happens to begin with a dash. */
static bool is_option(struct slice text)
{
	return slice_starts(text, "-") && !(text.n >= 20 && is_mixed(text));
}

static struct slice without_dashes(struct slice text, size_t *dashes)
{
	for (*dashes = 0; *dashes < 2 && *dashes < text.n && text.p[*dashes] == '-';)
		++*dashes;
	return slice_from(text, *dashes);
}

/* --secret-key=V, NAME=V: the whole rest of the item, unless the item's text has told already. */
static void item_with_sign(struct scan *s, const struct site *at, const struct node *i, struct slice name)
{
	enum rank before = s->best;
	size_t dashes;
	struct slice rest, flag = slice_cut(without_dashes(node_text(i), &dashes), '=', &rest);
	struct site here = site_of(at, i);

	s->best = RANK_NOTHING;
	walk(s, at, i, name, false);
	if (s->best < RANK_VALUE && flag.n < 200 && slice_all(flag, CHAR_NAME)) {
		here.is_env = dashes == 0;
		/* An option is as good as a file's key: it belongs to a program that knows it. */
		here.families = dashes ? FAMILY_KEYS | FAMILY_FILE : 0;
		scan_named(s, &here, flag, rest);
	}
	s->best = before > s->best ? before : s->best;
}

/* The item before says that this one is a value: --secret-key V; set secret_key V. */
static bool is_value_of(const struct node *before_last, const struct node *last, struct slice value)
{
	size_t dashes;
	struct slice flag = without_dashes(node_text(last), &dashes);

	if (flag.n == 0 || is_option(value) || slice_chr(flag, '=') != SIZE_MAX || !name_find(flag))
		return false;
	return dashes || slice_is(node_text(before_last), "set") || (name_is_row(flag) && holds_chance(value));
}

static void commands_of_list(struct scan *s, const struct site *at, const struct node *list)
{
	enum { WORDS = 128 };
	struct slice words[WORDS];
	size_t n = 0;

	/* The words of a command line are scalars; a list of something else ends it. */
	for (const struct node *i = list->child; i && i->kind == NODE_SCALAR && n < WORDS; i = i->next)
		words[n++] = node_text(i);
	if (n > 1) {
		struct site here = site_of(at, list);

		scan_command(s, &here, words, n);
	}
}

static void walk_sequence(struct scan *s, const struct site *at, const struct node *n, struct slice name)
{
	const struct node *before_last = NULL, *last = NULL;

	for (const struct node *i = n->child; i; before_last = last, last = i, i = i->next) {
		struct slice text = node_text(i);

		if (i->kind != NODE_SCALAR) {
			walk(s, at, i, name, false);
		} else if (last && last->kind == NODE_SCALAR && is_value_of(before_last, last, text)) {
			struct site here = site_of(at, i);
			size_t dashes;

			here.families = FAMILY_KEYS | FAMILY_FILE;
			scan_value(s, &here, without_dashes(node_text(last), &dashes), text);
		} else if (memchr(text.p, '=', text.n)) {
			item_with_sign(s, at, i, name);
		} else {
			walk(s, at, i, name, false);
		}
	}
	commands_of_list(s, at, n);
}

static void walk(struct scan *s, const struct site *at, const struct node *n, struct slice name, bool is_env)
{
	struct site here;

	switch ((enum node_kind)n->kind) {
	case NODE_SCALAR:
		here = site_of(at, n);
		here.is_env = is_env;
		here.is_key = (n->flags & NODE_KEY) != 0;
		scan_value(s, &here, name, node_text(n));
		return;
	case NODE_SEQUENCE:
		walk_sequence(s, at, n, name);
		return;
	case NODE_MAPPING:
		walk_mapping(s, at, n);
		return;
	case NODE_ALIAS: /* what is anchored is walked where it is; here only under another name */
		if (node_is(n, NODE_SCALAR) && name.n && name_find(name)) {
			here = site_of(at, n);
			here.is_env = is_env;
			scan_value(s, &here, name, node_text(node_real(n)));
		}
		return;
	}
}

void scan_tree(struct scan *s, const struct site *at, const struct node *root)
{
	walk(s, at, root, SLICE_EMPTY, false);
}
