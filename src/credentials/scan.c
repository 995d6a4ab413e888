#include "credentials/site.h"

/* Kinds whose names say where a value is, and never what it is. */
static bool is_pointer_kind(const struct object *o)
{
	static const char *const kinds[] = {"ExternalSecret",	  "ClusterExternalSecret", "PushSecret",
					    "SealedSecret",	  "SecretProviderClass",   "VaultStaticSecret",
					    "VaultDynamicSecret", "AzureKeyVaultSecret",   "CustomResourceDefinition"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_is(o->kind, kinds[i]))
			return true;
	return false;
}

/* --- comments: they are kept with the release, too ------------------------------------------------------------- */

/* The scalar whose span holds the byte, or the first one behind it. */
static const struct node *scalar_at(const struct node *n, size_t at, bool *inside)
{
	const struct node *last = n;

	if (n->kind == NODE_SCALAR || n->kind == NODE_ALIAS) {
		*inside = n->kind == NODE_SCALAR && n->start <= at && at < n->end;
		return n;
	}
	for (const struct node *i = n->child; i; i = i->next) {
		if (i->end > at)
			return scalar_at(i, at, inside);
		last = i;
	}
	return last->kind == NODE_SCALAR || last == n ? last : scalar_at(last, at, inside);
}

/* A run of comment lines, as one text without the signs: a key in PEM may stand in them. */
static size_t comment_end(struct slice doc, size_t at)
{
	for (;;) {
		size_t nl = slice_chr(slice_from(doc, at), '\n');
		size_t next;

		if (nl == SIZE_MAX)
			return doc.n;
		at += nl + 1;
		next = at + run_forward(doc, at, CHAR_SPACE, 200);
		if (next >= doc.n || doc.p[next] != '#')
			return at;
		at = next;
	}
}

static void scan_comments(struct scan *s)
{
	const struct object *o = s->object;
	struct slice bytes = o->doc->input->bytes;
	struct slice doc = slice_of(bytes.p + o->doc->start, o->doc->end - o->doc->start);

	if (o->doc->json || o->root != o->doc->root)
		return;
	for (size_t at = 0; at < doc.n;) {
		const char *hash = memchr(doc.p + at, '#', doc.n - at);
		struct site here = {.in_comment = true};
		bool inside = false;
		size_t end;

		if (!hash)
			return;
		at = (size_t)(hash - doc.p);
		if (at && !char_in(doc.p[at - 1], CHAR_SPACE)) {
			at++;
			continue;
		}
		end = comment_end(doc, at);
		if (end - at >= 20) {
			here.node = scalar_at(o->root, o->doc->start + at, &inside);
			/* Inside a block scalar it is no comment, and has been looked at. */
			if (!inside)
				scan_text(s, &here, slice_of(doc.p + at, end - at));
		}
		at = inside ? here.node->end - o->doc->start : end;
	}
}

/* --- objects --------------------------------------------------------------------------------------------------- */

static void scan_object(struct credential_scan *out, const struct object *o)
{
	struct scan s = {.out = out, .arena = out->arena, .object = o};
	struct site at = {.node = o->root};
	struct scope scope;

	s.families = families_of_object(o);
	s.in_secret = object_is(o, "Secret", NULL);
	s.pointers_only = is_pointer_kind(o);
	scope_enter(&s, &scope);
	scan_tree(&s, &at, o->root);
	scan_comments(&s);
	scope_leave(&s);
}

bool credential_scan_release(struct credential_scan *s, const struct release *r)
{
	for (size_t i = 0; i < r->objects.n; i++)
		if (!r->objects.v[i]->owner)
			scan_object(s, r->objects.v[i]);
	if (s->failed || arena_failed(s->arena))
		s->failed = true;
	return !s->failed;
}
