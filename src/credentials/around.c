/*
 * around.c: what the names around a value tell about whose it is. Looked at only when a name needs it.
 */
#include "credentials/site.h"

const struct node *key_of(const struct scan *s, const struct node *value)
{
	return s->key && s->key->next == value ? s->key : node_key_of(value);
}

static unsigned families_of_pair(const struct node *k)
{
	struct slice key = node_text(k);
	unsigned f = family_of(key);

	if (slice_is(key, "type") || slice_is(key, "provider") || slice_is(key, "kind"))
		f |= family_of(node_string(k->next));
	return f;
}

/* Counted once for a mapping, then asked for each of its pairs: what the others tell. */
static unsigned families_of_mapping(struct scan *s, const struct node *map, const struct node *except)
{
	struct around *a = &s->around[((uintptr_t)map >> 6) % ARRAY_SIZE(s->around)];
	unsigned f = 0, own = 0;

	if (a->map != map) {
		*a = (struct around){.map = map};
		for (const struct node *k = map->child; k && k->next; k = k->next->next)
			for (unsigned bits = families_of_pair(k), i = 0; bits; bits >>= 1, i++)
				a->count[i] += bits & 1;
	}
	if (except && !(except->flags & NODE_KEY))
		except = key_of(s, except);
	if (except)
		own = families_of_pair(except);
	for (unsigned i = 0; i < ARRAY_SIZE(a->count); i++)
		if (a->count[i] > (own >> i & 1))
			f |= 1u << i;
	return f;
}

/* The entries of an env list are each other's neighbours: {name: X} tells as a key X does. */
static unsigned families_of_env(const struct node *list)
{
	unsigned f = 0;

	unsigned n = 0;

	for (const struct node *i = list->child; i && n < 256; i = i->next, n++)
		f |= family_of(node_string(node_lookup(i, "name")));
	return f;
}

static unsigned families_above(struct scan *s, const struct node *n)
{
	unsigned f = 0;

	for (unsigned level = 0; n->parent; n = n->parent, level++) {
		const struct node *up = n->parent;
		const struct node *key = n->flags & NODE_KEY ? n : key_of(s, n);

		if (up->kind == NODE_MAPPING && level < 3)
			f |= families_of_mapping(s, up, level == 0 ? n : NULL);
		if (up->kind == NODE_SEQUENCE && level == 1)
			f |= families_of_env(up);
		if (level && key)
			f |= family_of(node_text(key));
	}
	return f;
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
			f |= family_of(slice_to(line, slice_chr(line, ']')));
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
		f |= family_of(at->section);
	for (; at; at = at->outer) {
		f |= at->families;
		if (at->node)
			f |= families_above(s, at->node);
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
