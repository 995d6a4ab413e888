/*
 * value.c: a value and the name it stands under.
 */
#include "credentials/site.h"

/* Inside a document or a text with assignments, not a mere encoded value. */
static bool in_a_file(const struct site *at)
{
	for (; at->outer; at = at->outer)
		if (at->node || at->key.n)
			return true;
	return false;
}

/* Names with `needs` count in files and objects of the product, never as an env name elsewhere. */
static bool counts(struct scan *s, const struct site *at, const struct credential_name *name, unsigned *families)
{
	*families = s->families;
	if (!name->needs)
		return true;
	if (at->is_env && !(s->families & name->needs & (unsigned)~FAMILY_OIDC))
		return false;
	*families |= families_around(s, at);
	if (in_a_file(at) || (!at->is_env && slice_chr(s->object->api_version, '.') != SIZE_MAX &&
			      !slice_ends(s->object->api_version, ".k8s.io/v1")))
		*families |= FAMILY_FILE;
	return (*families & name->needs) != 0;
}

static void plain(struct scan *s, const struct site *at, const char *what, struct slice value)
{
	hit_add(s, at,
		&(struct hit_say){.class = HIT_PLAIN,
				  .provider = PROVIDER_NONE,
				  .confidence = CONFIDENCE_MEDIUM,
				  .what = what,
				  .reason = "its name",
				  .secret = value});
}

static enum provider_id provider_told(const struct credential_name *name, unsigned families)
{
	if (name->provider == PROVIDER_UNKNOWN && families & FAMILY_AZURE)
		return PROVIDER_AZURE;
	if (name->provider == PROVIDER_S3 && families & FAMILY_MINIO)
		return PROVIDER_MINIO;
	if (name->provider == PROVIDER_OPENSTACK && families & FAMILY_VSPHERE)
		return PROVIDER_VSPHERE;
	return name->provider;
}

static void by_name(struct scan *s, const struct site *at, const struct credential_name *name, struct slice value)
{
	struct hit_say say = {.class = HIT_VALUE,
			      .confidence = name->needs ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM,
			      .what = "a value under a credential's name"};
	enum literal kind = literal_judge(value, name->kind);
	unsigned families;

	if (name->kind == NAME_PATH || kind == LITERAL_NOTHING || !counts(s, at, name, &families))
		return;
	if (name->kind == NAME_PLAIN) {
		if (kind == LITERAL_VALUE)
			plain(s, at, "a backup's encryption secret", value);
		return;
	}
	if (name->provider == PROVIDER_UNKNOWN && families & FAMILY_OIDC && !(families & FAMILY_AZURE)) {
		if (kind == LITERAL_VALUE)
			plain(s, at, "the client secret of an OIDC provider", value);
		return;
	}
	if (kind == LITERAL_SLOT && name->needs)
		return; /* too vague a name to call an empty value a slot */
	say.provider = provider_told(name, families);
	say.reason = arena_printf(s->arena, "its name %s", name->name);
	if (kind == LITERAL_SLOT) {
		say.class = HIT_SLOT;
		say.what = slice_trim(value).n ? "a placeholder under a credential's name"
					       : "an empty value under a credential's name";
	} else {
		say.secret = literal_bare(value);
	}
	hit_add(s, at, &say);
}

void scan_value(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	const struct credential_name *known = name.n ? name_find(name) : NULL;
	bool found = false;

	if (value.n >= 16 || s->out->custom)
		found = scan_text(s, at, value);
	if (found || s->pointers_only)
		return;
	if (known)
		by_name(s, at, known, value);
	if (credential_custom_name(s->out->custom, name) && literal_judge(value, NAME_ID) == LITERAL_VALUE)
		hit_add(s, at,
			&(struct hit_say){.class = HIT_VALUE,
					  .provider = PROVIDER_CUSTOM,
					  .confidence = CONFIDENCE_MEDIUM,
					  .what = "a value",
					  .reason = "a name of the policy",
					  .secret = value});
	scope_suspect(s, at, name, value);
}

bool credential_name_counts(struct slice name, enum provider_id *provider)
{
	const struct credential_name *n = name_find(name);

	if (!n || n->needs || n->kind == NAME_PLAIN || n->kind == NAME_PATH)
		return false;
	*provider = n->provider;
	return true;
}
