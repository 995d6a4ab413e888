#include "credentials/site.h"

/* Kinds whose names say where a value is, and never what it is. Only in their own group: a kind of that name elsewhere
   is somebody's own. */
static bool is_pointer_kind(const struct object *o)
{
	static const struct {
		const char *kind, *group;
	} kinds[] = {{"ExternalSecret", "external-secrets.io"},
		     {"ClusterExternalSecret", "external-secrets.io"},
		     {"PushSecret", "external-secrets.io"},
		     {"ExternalSecret", "kubernetes-client.io"},
		     {"SealedSecret", "bitnami.com"},
		     {"SecretProviderClass", "secrets-store.csi.x-k8s.io"},
		     {"VaultStaticSecret", "secrets.hashicorp.com"},
		     {"VaultDynamicSecret", "secrets.hashicorp.com"},
		     {"AzureKeyVaultSecret", "spv.no"},
		     {"CustomResourceDefinition", "apiextensions.k8s.io"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_is(o->kind, kinds[i].kind) && object_in_group(o, kinds[i].group))
			return true;
	return false;
}

/* --- comments: they are kept with the release, too ------------------------------------------------------------- */

/* Where the search for the comment before ended, by height: comments come in the order of the bytes, so the next search
   goes on from there. */
struct cursor {
	const struct node *in[16], *child[16];
};

/* The scalar whose span holds the byte, or the first one behind it. */
static const struct node *scalar_at(const struct node *n, size_t at, bool *inside, struct cursor *c, size_t height)
{
	const struct node *last = n, *i = n->child;

	if (n->kind == NODE_SCALAR || n->kind == NODE_ALIAS) {
		*inside = n->kind == NODE_SCALAR && n->start <= at && at < n->end;
		return n;
	}
	if (height < ARRAY_SIZE(c->in) && c->in[height] == n)
		i = c->child[height];
	for (; i; i = i->next) {
		last = i;
		if (height < ARRAY_SIZE(c->in)) {
			c->in[height] = n;
			c->child[height] = i;
		}
		if (i->end > at)
			return scalar_at(i, at, inside, c, height + 1);
	}
	return last->kind == NODE_SCALAR || last == n ? last : scalar_at(last, at, inside, c, height + 1);
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

/* The comments of the bytes [from, to) of a document; `root`: what is read from it, or NULL. */
static void scan_comments(struct scan *s, const struct document *d, size_t from, size_t to, const struct node *root)
{
	struct slice doc = slice_of(d->input->bytes.p + from, to - from);
	struct cursor cursor = {.in = {NULL}};

	for (size_t at = 0; !d->json && at < doc.n;) {
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
		if (root)
			here.node = scalar_at(root, from + at, &inside, &cursor, 0);
		/* Inside a block scalar it is no comment, and has been examined. */
		if (!inside)
			scan_text(s, &here, slice_of(doc.p + at, end - at));
		at = inside ? here.node->end - from : end;
	}
}

/* --- objects --------------------------------------------------------------------------------------------------- */

static void scan_object(struct credential_scan *out, const struct object *o)
{
	struct scan s = {.out = out, .arena = out->arena, .object = o};
	struct site at = {.node = o->root};
	bool whole = o->root == o->doc->root;
	struct scope scope;

	s.families = families_of_object(o);
	s.in_secret = object_is(o, "Secret", NULL);
	s.pointers_only = is_pointer_kind(o);
	scope_enter(&s, &scope);
	scan_tree(&s, &at, o->root);
	scan_comments(&s, o->doc, whole ? o->doc->start : o->root->start, whole ? o->doc->end : o->root->end, o->root);
	scope_leave(&s);
}

/* What a document has beside its objects: the fields of a list, comments between its items, or comments alone. */
static void scan_rest(struct credential_scan *out, const struct document *d, const struct object *const *objects,
		      size_t n)
{
	struct scan s = {.out = out, .arena = out->arena, .document = d};
	struct site at = {.node = d->root};
	size_t from = d->start;
	struct scope scope;

	/* What is no object never reaches the cluster: the rule about the stream has a word on it. */
	if (d->root && !release_is_list(d->root))
		return;
	scope_enter(&s, &scope);
	if (d->root)
		scan_list_fields(&s, &at, d->root);
	for (size_t i = 0; i <= n; i++) {
		size_t to = i < n ? objects[i]->root->start : d->end;

		if (to > from)
			scan_comments(&s, d, from, to, NULL);
		from = i < n ? objects[i]->root->end : to;
	}
	scope_leave(&s);
}

bool credential_scan_release(struct credential_scan *s, const struct release *r)
{
	VEC(const struct object *) own = {0};
	size_t k = 0;

	/* Documents and their objects come in the same order. */
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object **o = r->objects.v[i]->owner ? NULL : VEC_PUSH(s->arena, own);

		if (o)
			*o = r->objects.v[i];
	}
	for (size_t i = 0; i < r->stream->documents.n; i++) {
		const struct document *d = &r->stream->documents.v[i];
		size_t first = k;

		while (k < own.n && own.v[k]->doc == d)
			scan_object(s, own.v[k++]);
		if (k != first + 1 || own.v[first]->root != d->root)
			scan_rest(s, d, own.n ? own.v + first : NULL, k - first);
	}
	if (s->failed || arena_failed(s->arena))
		s->failed = true;
	return !s->failed;
}
