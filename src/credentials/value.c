/*
 * value.c: a value and the name it is under.
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

/* A kind that somebody has added to the API: its fields are read as a file's. */
static bool in_custom_resource(const struct scan *s, const struct site *at)
{
	return !at->is_env && s->object && slice_chr(s->object->api_version, '.') != SIZE_MAX &&
	       !slice_ends(s->object->api_version, ".k8s.io/v1");
}

/* Names with `needs` count in files and objects of the product, never as an env name elsewhere. */
static bool counts(struct scan *s, const struct site *at, const struct credential_name *row, struct slice name,
		   unsigned *families)
{
	unsigned own = row->needs ? name_words_of(name).families : 0;

	*families = s->families | own;
	if (!row->needs)
		return true;
	if (at->is_env && !(*families & row->needs & (unsigned)~FAMILY_OIDC))
		return false;
	*families |= families_around(s, at);
	if (in_a_file(at) || in_custom_resource(s, at))
		*families |= FAMILY_FILE;
	return (*families & row->needs) != 0;
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

static enum provider_id provider_told(const struct credential_name *row, unsigned families)
{
	if (row->provider == PROVIDER_UNKNOWN && families & FAMILY_AZURE)
		return PROVIDER_AZURE;
	if (row->provider == PROVIDER_S3 && families & FAMILY_MINIO)
		return PROVIDER_MINIO;
	if (row->provider == PROVIDER_OPENSTACK && families & FAMILY_VSPHERE)
		return PROVIDER_VSPHERE;
	return row->provider;
}

/* Said of a value that is none: the slot is there. */
static const char *slot_words(enum literal kind, struct slice value)
{
	if (kind == LITERAL_POINTER)
		return "a pointer to where a credential is stored, under a credential's name";
	return slice_trim(value).n ? "a placeholder under a credential's name"
				   : "an empty value under a credential's name";
}

/* A value that its name says is one. `told`: what was found in it already. */
static void by_name(struct scan *s, const struct site *at, const struct credential_name *row, struct slice name,
		    struct slice value, enum rank told)
{
	struct hit_say say = {.class = HIT_VALUE,
			      .confidence = row->needs || row->asks ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM,
			      .what = "a value under a credential's name"};
	enum literal kind = literal_judge(value, row);
	unsigned families;

	if (row->kind == NAME_PATH || kind == LITERAL_NOTHING || !counts(s, at, row, name, &families))
		return;
	if (row->kind == NAME_PLAIN) {
		if (kind == LITERAL_VALUE)
			plain(s, at, "a backup's encryption secret", value);
		return;
	}
	if (row->provider == PROVIDER_UNKNOWN && row->needs && families & FAMILY_OIDC && !(families & FAMILY_AZURE)) {
		if (kind == LITERAL_VALUE)
			plain(s, at, "the client secret of an OIDC provider", value);
		return;
	}
	say.provider = provider_told(row, families);
	say.reason = arena_printf(s->arena, "its name %s", row->name);
	if (kind == LITERAL_VALUE) {
		say.secret = literal_bare(value);
		if (at->bare && !holds_chance(say.secret))
			return;
		if (row->kind == NAME_ID)
			scope_mark(s, say.provider);
		hit_add(s, at, &say);
		return;
	}
	scan_variables(s, at, row, value);
	/* Too vague a name to call an empty value a slot. */
	if (row->needs || row->asks || at->bare || told >= RANK_SLOT)
		return;
	say.class = HIT_SLOT;
	say.what = slot_words(kind, value);
	hit_add(s, at, &say);
}

static bool is_guid(struct slice v)
{
	return v.n == 36 && v.p[8] == '-' && v.p[13] == '-' && v.p[18] == '-' && v.p[23] == '-' &&
	       slice_all(v, CLASS_ALNUM | CHAR_URL);
}

static bool name_has(struct slice name, const char *word)
{
	char folded[64];
	size_t n = name_fold(name, folded, sizeof(folded));

	return n && slice_find(slice_of(folded, n), word) != SIZE_MAX;
}

/* The public half of an identity: a secret beside it is its own. */
static void mark_identity(struct scan *s, struct slice name, struct slice value)
{
	if (!s->scope || value.n < 20 || value.n > 200)
		return;
	if (is_guid(value)) {
		s->scope->tenant |= name_has(name, "tenant");
		s->scope->client |= name_has(name, "client") || name_has(name, "appid");
	} else if (slice_ends(value, ".iam.gserviceaccount.com") && name_has(name, "email")) {
		scope_mark(s, PROVIDER_GCP);
	} else if (slice_starts(value, "ocid1.user.")) {
		scope_mark(s, PROVIDER_OCI);
	}
}

/* No row of the table, but words of a provider and of a secret, over what looks made by chance. */
static const struct credential_name *by_words(struct slice name, struct slice value)
{
	struct slice bare = literal_bare(value);

	const struct credential_name *row = NULL;

	if (bare.n >= 16 && bare.n <= 400)
		row = name_by_words(name);
	return row && holds_chance(bare) ? row : NULL;
}

/* What kubeseal writes: base64 of a wrapped key and the ciphertext. */
static bool is_sealed_value(struct slice v)
{
	return v.n >= 200 && slice_starts(v, "Ag") && is_base64_text(v);
}

static void named(struct scan *s, const struct site *at, struct slice name, struct slice value, enum rank told)
{
	const struct credential_name *row = name.n ? name_find(name) : NULL;
	enum rank before = s->best;

	/* There names say where a value is; what looks made by chance is one all the same. */
	if (s->pointers_only && (value.n < 16 || !holds_chance(slice_to(value, 400)) || is_sealed_value(value)))
		return;
	if (!row && !at->bare)
		row = by_words(name, value);
	s->best = RANK_NOTHING;
	if (row)
		by_name(s, at, row, name, value, told);
	if (credential_custom_name(s->out->custom, name) && literal_judge_plain(value) == LITERAL_VALUE)
		hit_add(s, at,
			&(struct hit_say){.class = HIT_VALUE,
					  .provider = PROVIDER_CUSTOM,
					  .confidence = CONFIDENCE_MEDIUM,
					  .what = "a value",
					  .reason = "a name of the policy",
					  .secret = value});
	if (s->best < RANK_VALUE)
		scope_suspect(s, at, name, value);
	s->best = before > s->best ? before : s->best;
}

void scan_named(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	mark_identity(s, name, value);
	named(s, at, name, value, RANK_NOTHING);
}

void scan_value(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	enum rank told = scan_text(s, at, value);

	mark_identity(s, name, value);
	if (told < RANK_VALUE)
		named(s, at, name, value, told);
	if (slice_starts(name, "MC_HOST_"))
		scan_urls(s, at, name, value);
}

bool credential_name_counts(struct slice name, enum provider_id *provider)
{
	const struct credential_name *n = name_find(name);

	if (!n || n->needs || n->asks || n->kind == NAME_PLAIN || n->kind == NAME_PATH)
		return false;
	*provider = n->provider;
	return true;
}
