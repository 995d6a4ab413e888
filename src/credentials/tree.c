/*
 * tree.c: an object, or a document found in a text, walked with key names. The raw tree is walked, so the losers of
 * duplicate keys are seen too; an anchored value is seen where it stands, and under the names of its aliases.
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

static void encoded_value(struct scan *s, const struct site *at, const struct node *n, struct slice name)
{
	struct site here = site_of(at, n), inner = {.outer = &here, .step = "base64", .depth = at->depth + 1};
	struct buf out = BUF_INIT(LADDER_TEXT + 4);
	struct slice text = node_text(n);
	enum sniff kind;

	if (text.n / 4 * 3 + 3 > LADDER_TEXT) {
		hit_unchecked(s, &here, "a value is longer than is looked through");
		return;
	}
	/* Some people forget to encode: what stands there is looked at as it is, too. */
	if (text.n >= 16 && name.n)
		scan_bytes(s, &here, text);
	if (!base64_decode(text, BASE64_STANDARD, &out)) {
		if (out.failed)
			s->out->failed = true;
		else if (literal_is_placeholder(text))
			scan_value(s, &here, name, text);
		else
			hit_unchecked(s, &here, "the value is no base64, which the API server refuses too");
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

		walk(s, at, k, SLICE_EMPTY, false);
		if (v && v->kind == NODE_SCALAR)
			encoded_value(s, at, k->next->kind == NODE_ALIAS ? v : k->next, node_text(k));
		else
			walk(s, at, k->next, node_text(k), false);
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

/* Ciphertext: the values of SealedSecret's encryptedData and of a file that SOPS has sealed. */
static bool is_ciphertext(struct slice key)
{
	return slice_is(key, "encryptedData");
}

static void walk_mapping(struct scan *s, const struct site *at, const struct node *n)
{
	for (const struct node *k = n->child; k; k = k->next->next) {
		struct slice key = node_text(k), name;
		bool is_env;

		if (key.n >= 16) {
			struct site here = site_of(at, k);

			here.is_key = true;
			scan_bytes(s, &here, key);
		}
		if (key.n == 4 && slice_is(key, "data") ? holds_base64(n, k) : key.n == 10 && holds_base64(n, k)) {
			encoded_mapping(s, at, node_real(k->next));
			continue;
		}
		if (key.n == 13 && is_ciphertext(key))
			continue;
		if (key.n == 5 && slice_is(key, "auths") && node_is_mapping(k->next)) {
			scan_registry_auths(s, at, node_real(k->next));
			continue;
		}
		name = name_of(n, k, &is_env);
		s->key = k;
		walk(s, at, k->next, name, is_env);
	}
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

/* An option, and no secret that happens to begin with a dash. */
static bool is_option(struct slice text)
{
	return slice_starts(text, "-") && !(text.n >= 20 && is_mixed(text));
}

/* --secret-key=V; --secret-key, V; NAME=V */
static void walk_sequence(struct scan *s, const struct site *at, const struct node *n, struct slice name)
{
	for (const struct node *i = n->child; i; i = i->next) {
		struct slice text = node_text(i), rest, flag;
		size_t dashes = 0;

		if (i->kind != NODE_SCALAR) {
			walk(s, at, i, name, false);
			continue;
		}
		while (dashes < 2 && dashes < text.n && text.p[dashes] == '-')
			dashes++;
		flag = slice_from(slice_cut(text, '=', &rest), dashes);
		if (rest.p && flag.n < 60 && slice_all(flag, CHAR_NAME) && name_find(flag)) {
			struct site here = site_of(at, i);

			here.is_env = dashes == 0;
			/* An option is as good as a file's key: it belongs to a program that knows it. */
			here.families = dashes ? FAMILY_KEYS | FAMILY_FILE : 0;
			scan_value(s, &here, flag, rest);
			continue;
		}
		walk(s, at, i, name, false);
		if (dashes && !rest.p && i->next && i->next->kind == NODE_SCALAR && !is_option(node_text(i->next)) &&
		    name_find(flag)) {
			struct site here = site_of(at, i->next);

			here.families = FAMILY_KEYS | FAMILY_FILE;
			scan_value(s, &here, flag, node_text(i->next));
		}
	}
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
	case NODE_ALIAS: /* what is anchored is walked where it stands; here only under another name */
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

/* --- documents in texts ---------------------------------------------------------------------------------------- */

static bool begins_json(struct slice text)
{
	struct slice inner = text.n ? slice_trim(slice_from(text, 1)) : SLICE_EMPTY;

	if (!inner.n)
		return false;
	/* A bracket may open a section of INI as well. */
	return text.p[0] == '{' || (text.p[0] == '[' && (inner.p[0] == '{' || inner.p[0] == '[' || inner.p[0] == '"'));
}

/* The first line that says something is a key, an item or an opening bracket. */
static const char *language_of(struct slice text)
{
	struct slice rest = slice_trim(text);

	if (begins_json(rest))
		return "JSON";
	for (unsigned lines = 0; rest.p && rest.n && lines < 50; lines++) {
		struct slice line = slice_trim(slice_cut(rest, '\n', &rest));
		size_t colon = slice_chr(line, ':');

		if (line.n == 0 || line.p[0] == '#' || slice_is(line, "---"))
			continue;
		if (line.p[0] == '[' || slice_starts(line, "//") || slice_starts(line, "export "))
			return NULL;
		if (slice_starts(line, "- ") && rest.p)
			return "YAML";
		if (colon == SIZE_MAX || (colon + 1 < line.n && line.p[colon + 1] != ' '))
			return NULL;
		return slice_chr(slice_to(line, colon), '=') == SIZE_MAX && (rest.p || colon + 2 < line.n) ? "YAML"
													   : NULL;
	}
	return NULL;
}

/* What Helm keeps in a release Secret: manifests, hooks and values are looked at as they are; the chart's own files are
   templates, where a placeholder under a credential's name is no slot of this installation. */
static void helm_release(struct scan *s, const struct site *at, const struct node *root)
{
	for (const struct node *k = root->child; k; k = k->next->next) {
		bool chart = slice_is(node_text(k), "chart"), was = s->quiet_slots;

		s->quiet_slots |= chart;
		walk(s, at, k->next, node_text(k), false);
		s->quiet_slots = was;
	}
}

static bool is_helm_release(const struct node *root)
{
	return node_is_mapping(root) && node_is_string(node_lookup(root, "manifest")) &&
	       node_is_mapping(node_lookup(root, "chart"));
}

static bool is_dockercfg(const struct site *at)
{
	const struct node *top = site_top(at), *key = top->parent ? node_key_of(top) : NULL;

	return key && slice_is(node_text(key), ".dockercfg");
}

static bool is_collection(const struct document *d)
{
	return d->root && (d->root->kind == NODE_MAPPING || d->root->kind == NODE_SEQUENCE);
}

bool scan_nested(struct scan *s, const struct site *at, struct slice text)
{
	const char *language = language_of(text);
	struct limits limits = {.bytes = LADDER_TEXT, .depth = 100, .nodes = 2u << 20};
	struct err err = ERR_INIT;
	struct stream docs;
	bool ok;

	if (!language)
		return false;
	if (at->depth + 1 >= LADDER_STEPS) {
		hit_unchecked(s, at, "documents stand inside one another deeper than is looked");
		return false;
	}
	s->decoded += text.n;
	if (s->decoded > LADDER_OBJECT) {
		if (!s->capped)
			hit_unchecked(s, at, "the object decodes to more than is looked through");
		s->capped = true;
		return false;
	}
	stream_init(&docs, &limits);
	ok = stream_add(&docs, "nested", text, &err) == 0;
	if (!ok && err.status == STATUS_FAILED)
		s->out->failed = true;
	ok = ok && docs.problems.n == 0 && docs.documents.n > 0;
	for (size_t i = 0; ok && i < docs.documents.n; i++)
		ok = is_collection(&docs.documents.v[i]) || docs.documents.v[i].empty;
	if (ok) {
		struct site inner = {.outer = at, .step = language, .depth = at->depth + 1};
		struct scope scope;

		scope_enter(s, &scope);
		for (size_t i = 0; i < docs.documents.n; i++) {
			const struct node *root = docs.documents.v[i].root;

			if (!root)
				continue;
			inner.node = root;
			if (is_dockercfg(at) && node_is_mapping(root))
				scan_registry_auths(s, &inner, root); /* the old form: no "auths" around it */
			else if (is_helm_release(root))
				helm_release(s, &inner, root);
			else
				scan_tree(s, &inner, root);
		}
		scope_leave(s);
	}
	stream_release(&docs);
	s->key = NULL;
	memset(s->around, 0, sizeof(s->around)); /* it may know mappings that are gone */
	return ok;
}
