#include "credentials/literal.h"

#include "credentials/chars.h"
#include "credentials/ladder.h"
#include "credentials/placeholder.h"

static const char *const flags[] = {"true", "false",   "yes",	   "no",       "on",
				    "off",  "enabled", "disabled", "optional", "required"};

/* Where the value really is. */
static const char *const pointers[] = {"vault:",
				       "ref+",
				       "op://",
				       "secret://",
				       "awssm:",
				       "azurekeyvault",
				       "akv:",
				       "gcpsm:",
				       "sm://",
				       "ssm:",
				       "arn:",
				       "bws:",
				       "doppler:",
				       "!vault",
				       "file://",
				       "env:",
				       "k8s:",
				       "secretref:",
				       "vault://",
				       "projects/",
				       "secret/data/",
				       "kv/data/",
				       "@Microsoft.KeyVault("};

struct slice literal_bare(struct slice v)
{
	v = slice_trim(v);
	while (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'' || v.p[0] == '`') && v.p[v.n - 1] == v.p[0])
		v = slice_trim(slice_of(v.p + 1, v.n - 2));
	return v;
}

bool literal_is_placeholder(struct slice v)
{
	return placeholder_is(literal_bare(v));
}

bool literal_is_sealed(struct slice v)
{
	v = literal_bare(v);
	/* In running text a comma ends it. */
	return slice_is(v, "ENC[AES256_GCM") || (slice_starts(v, "ENC[") && slice_ends(v, "]")) ||
	       slice_starts(v, "$ANSIBLE_VAULT;");
}

static bool is_word_of(struct slice v, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_nocase(v, slice_str(words[i])))
			return true;
	return false;
}

/* /var/run/x, ./x, x.json: nothing in it that chance would make. */
static bool is_path(struct slice v)
{
	static const char *const ends[] = {".json", ".pem",  ".yaml", ".yml", ".key", ".txt",
					   ".ini",  ".conf", ".crt",  ".p12", ".pfx"};
	size_t slashes = 0, caps = 0;

	if (v.n > 400)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (!char_in(v.p[i], CHAR_NAME | CHAR_STD | CHAR_ENTRA) && v.p[i] != '@' && v.p[i] != ' ')
			return false;
		slashes += v.p[i] == '/';
		caps += v.p[i] >= 'A' && v.p[i] <= 'Z';
	}
	if (holds_chance(v) && caps > v.n / 8)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (v.n > strlen(ends[i]) && slice_ends(v, ends[i]))
			return true;
	return v.n >= 2 && (v.p[0] == '/' || slice_starts(v, "./") || slice_starts(v, "~/")) && slashes >= 2 &&
	       caps <= v.n / 8;
}

/* AWS_SECRET_ACCESS_KEY, secretAccessKey: somebody's name for it. */
static bool is_name(struct slice v)
{
	size_t caps = 0, marks = 0, digits = 0;

	if (name_is_row(v))
		return true;
	for (size_t i = 0; i < v.n; i++) {
		caps += v.p[i] >= 'A' && v.p[i] <= 'Z';
		marks += v.p[i] == '_';
		digits += v.p[i] >= '0' && v.p[i] <= '9';
	}
	return marks && digits <= 2 && caps + marks + digits == v.n;
}

/* [A-Za-z0-9+/]{86}: a pattern that finds keys. */
static bool is_pattern(struct slice v)
{
	static const char *const ranges[] = {"A-Z", "a-z", "0-9", "A-F", "a-f"};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		size_t at = slice_find(v, ranges[i]);

		if (at != SIZE_MAX && at && slice_chr(slice_to(v, at), '[') != SIZE_MAX)
			return true;
	}
	return slice_starts(v, "(?:") || slice_starts(v, "(?i)") || slice_starts(v, "\\s+") || slice_starts(v, "\\s*");
}

static bool is_pointer(struct slice v)
{
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++)
		if (slice_starts(v, pointers[i]))
			return true;
	return slice_find(slice_to(v, 40), "://") != SIZE_MAX && slice_chr(v, '@') == SIZE_MAX &&
	       slice_find(v, "sig=") == SIZE_MAX && slice_find(v, "Key=") == SIZE_MAX;
}

static bool has_space(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (char_in(v.p[i], CHAR_SPACE))
			return true;
	return false;
}

/* A resource's name: s3-credentials, minio.storage. */
static bool is_resource_name(struct slice v)
{
	return v.n <= 63 && slice_all(v, CHAR_LOWER | CHAR_DIGIT | CHAR_URL | CHAR_DOT) && v.p[0] != '-' &&
	       (slice_chr(v, '-') != SIZE_MAX || slice_chr(v, '.') != SIZE_MAX) && !holds_chance(v);
}

/* A user types a password of MinIO's; the keys of these are made by chance, and are never words. */
static bool is_generated(enum provider_id p)
{
	return p == PROVIDER_AZURE || p == PROVIDER_UNKNOWN || p == PROVIDER_GCP || p == PROVIDER_IBM ||
	       p == PROVIDER_DIGITALOCEAN || p == PROVIDER_ALIBABA || p == PROVIDER_YANDEX;
}

/* A sentence may be a password where somebody chooses it. */
static bool is_chosen(enum provider_id p)
{
	return p == PROVIDER_MINIO || p == PROVIDER_S3 || p == PROVIDER_OPENSTACK || p == PROVIDER_VSPHERE;
}

static bool asked(struct slice v, const struct credential_name *name)
{
	switch (name->asks) {
	case ASKS_NOTHING:
		return true;
	case ASKS_NO_NAME:
		return !is_resource_name(v) && !is_words(v);
	case ASKS_CHANCE:
		return v.n >= 16 && holds_chance(v);
	}
	return true;
}

static bool is_folded_base64(struct slice v)
{
	return v.n >= 40 && is_base64_text(v);
}

static enum literal judge(struct slice value, const struct credential_name *name)
{
	static const size_t least[] = {
		[NAME_ID] = 3, [NAME_SECRET] = 8, [NAME_DOC] = 40, [NAME_PLAIN] = 3, [NAME_PATH] = SIZE_MAX};
	struct slice v = literal_bare(value);

	if (literal_is_sealed(v) || is_word_of(v, flags, ARRAY_SIZE(flags)) || is_pattern(slice_to(v, 200)))
		return LITERAL_NOTHING;
	if (is_pointer(v))
		return LITERAL_POINTER;
	if (placeholder_is(v) || is_path(v) || (is_generated(name->provider) && is_words(v)))
		return LITERAL_SLOT;
	if (v.n <= 64 && is_name(v))
		return name->needs ? LITERAL_NOTHING : LITERAL_SLOT;
	if (name->kind != NAME_DOC && has_space(v) && !is_folded_base64(v) && !holds_chance(v))
		return !name->needs && v.n <= 100 && is_chosen(name->provider) ? LITERAL_VALUE : LITERAL_NOTHING;
	if (!asked(v, name))
		return LITERAL_NOTHING;
	return v.n >= least[name->kind] ? LITERAL_VALUE : LITERAL_SLOT;
}

enum literal literal_judge(struct slice value, const struct credential_name *name)
{
	return judge(value, name);
}

enum literal literal_judge_plain(struct slice value)
{
	static const struct credential_name plain = {"", PROVIDER_NONE, NAME_PLAIN, 0, ASKS_NOTHING};
	enum literal l = has_space(literal_bare(value)) ? LITERAL_NOTHING : judge(value, &plain);

	return l == LITERAL_POINTER ? LITERAL_NOTHING : l;
}
