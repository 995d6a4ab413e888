/*
 * around.c: what the names around a value tell about whose it is. Looked at only when a name needs it.
 */
#include "credentials/site.h"

static unsigned families_of_pair(const struct node *k)
{
	struct slice key = node_text(k);
	unsigned f = family_of(key);

	if (slice_is(key, "type") || slice_is(key, "provider") || slice_is(key, "kind"))
		f |= family_of(node_string(k->next));
	return f;
}

enum { LEVELS = 3 };

/* Counted once for a mapping, then asked for each of its pairs: what the others tell. */
static unsigned families_of_mapping(struct scan *s, const struct node *map, const struct node *except, unsigned depth,
				    unsigned level)
{
	/* A walk comes back to the same mapping at the same height: what is there stays while it is needed. */
	struct around *a = &s->around[(depth * LEVELS + level) % ARRAY_SIZE(s->around)];
	unsigned f = 0, own = 0;

	if (a->map != map) {
		*a = (struct around){.map = map, .depth = depth};
		for (const struct node *k = map->child; k && k->next; k = k->next->next)
			for (unsigned bits = families_of_pair(k), i = 0; bits; bits >>= 1, i++)
				a->count[i] += bits & 1;
	}
	if (except)
		own = families_of_pair(except);
	for (unsigned i = 0; i < ARRAY_SIZE(a->count); i++)
		if (a->count[i] > (own >> i & 1))
			f |= 1u << i;
	return f;
}

/* The entries of an env list are each other's neighbours: {name: X} tells as a key X does. */
static unsigned families_of_env(struct scan *s, const struct node *list, unsigned depth)
{
	struct around_env *a = &s->around_env;

	if (a->list == list)
		return a->families;
	*a = (struct around_env){.list = list, .depth = depth};
	for (const struct node *i = list->child; i; i = i->next)
		a->families |= family_of(node_string(node_lookup(i, "name")));
	return a->families;
}

void around_forget(struct scan *s, unsigned depth)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->around); i++)
		if (s->around[i].depth >= depth)
			s->around[i].map = NULL;
	if (s->around_env.depth >= depth)
		s->around_env.list = NULL;
}

static unsigned families_above(struct scan *s, const struct site *at)
{
	const struct ring *ring = at->ring;
	unsigned f = 0, level = 0;

	for (const struct node *n = at->node, *up = n->parent; up; n = up, up = n->parent, level++) {
		const struct node *key = n->flags & NODE_KEY ? n : NULL;
		if (ring && ring->key->next == n) {
			key = ring->key;
			ring = ring->up;
		}
		if (up->kind == NODE_MAPPING && level < LEVELS)
			f |= families_of_mapping(s, up, level == 0 ? key : NULL, at->depth, level);
		if (up->kind == NODE_SEQUENCE && level == 1)
			f |= families_of_env(s, up, at->depth);
		if (level && key)
			f |= family_of(node_text(key));
	}
	return f;
}

/* [auth.azuread], [VirtualCenter "vc.example.com"], [[inputs.s3]]: the whole, and its first word. */
unsigned families_of_section(struct slice name)
{
	size_t n;

	while (name.n && name.p[0] == '[')
		name = slice_from(name, 1);
	n = run_forward(name, 0, CHAR_NAME, name.n);
	return family_of(name) | family_of(slice_to(name, n));
}

unsigned families_in_lines(struct slice text)
{
	unsigned f = 0;

	while (text.p && text.n) {
		struct slice line = slice_trim(slice_cut(text, '\n', &text)), value;
		size_t n = 0;

		if (slice_starts(line, "export "))
			line = slice_trim(slice_from(line, 7));
		if (slice_starts(line, "["))
			f |= families_of_section(slice_to(line, slice_chr(line, ']')));
		while (n < line.n && char_in(line.p[n], CHAR_NAME))
			n++;
		f |= family_of(slice_to(line, n));
		value = slice_trim(slice_from(line, n));
		if ((slice_is(slice_to(line, n), "type") || slice_is(slice_to(line, n), "provider")) && value.n)
			f |= family_of(literal_bare(slice_from(value, 1)));
	}
	return f;
}

unsigned families_around(struct scan *s, const struct site *at)
{
	unsigned f = 0;

	if (at->section.n)
		f |= families_of_section(at->section);
	for (; at; at = at->outer) {
		f |= at->families;
		if (at->node)
			f |= families_above(s, at);
	}
	return f;
}

/* Words in kind, group and name: minio-credentials, keycloak-config. */
unsigned families_of_object(const struct object *o)
{
	static const struct {
		const char *word;
		unsigned families;
	} words[] = {
		{"minio", FAMILY_MINIO | FAMILY_KEYS},
		{"oidc", FAMILY_OIDC},
		{"oauth", FAMILY_OIDC},
		{"keycloak", FAMILY_OIDC},
		{"auth0", FAMILY_OIDC},
		{"okta", FAMILY_OIDC},
		{"dex", FAMILY_OIDC},
		{"grafana", FAMILY_OIDC},
		{"objstore", FAMILY_KEYS},
		{"thanos", FAMILY_KEYS},
		{"azure", FAMILY_AZURE},
	};
	unsigned f = 0;

	if (!o)
		return 0;
	if (slice_is(o->kind, "BackupLocation") || slice_is(o->kind, "CloudCredential") ||
	    slice_is(o->kind, "ClusterPair"))
		f |= FAMILY_STORK | FAMILY_KEYS | FAMILY_AZURE | FAMILY_GCP;
	if (slice_is(o->kind, "Tenant") && slice_starts(o->api_version, "minio.min.io"))
		f |= FAMILY_MINIO | FAMILY_KEYS;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(o->name, words[i].word) != SIZE_MAX)
			f |= words[i].families;
	return f;
}
