/*
 * nested.c: documents found in texts: JSON, YAML, what Helm keeps of a release.
 */
#include "credentials/site.h"

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
	while (rest.p && rest.n) {
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

/* What Helm keeps in a release Secret: manifests, hooks and values are examined as they are; the chart's own files are
   templates, where a placeholder under a credential's name is no slot of this installation. */
static void helm_release(struct scan *s, const struct site *at, const struct node *root)
{
	for (const struct node *k = root->child; k; k = k->next->next) {
		bool chart = slice_is(node_text(k), "chart"), was = s->quiet_slots;

		s->quiet_slots |= chart;
		scan_node(s, at, k);
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
	while (at->outer)
		at = at->outer;
	return at->ring && slice_is(node_text(at->ring->key), ".dockercfg");
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
		hit_unchecked(s, at, "documents are nested deeper than the limit");
		return false;
	}
	s->decoded += text.n;
	if (s->decoded > LADDER_OBJECT) {
		if (!s->capped)
			hit_unchecked(s, at, "the object decodes to more than the limit");
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
	around_forget(s, at->depth + 1); /* those mappings are gone */
	return ok;
}
