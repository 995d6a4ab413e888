/*
 * pair.c: values whose shape alone proves nothing, and what proves them: the other half in the same object or nested
 * file, or a name that speaks of both a cloud and a secret.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

/*
 * Entropy floors are facts A3's 0.01 % quantiles (hundredths of a bit), so that one in ten thousand is lost and every
 * hexadecimal digest is out.
 */
static const struct shape {
	enum provider_id provider;
	unsigned class;
	size_t n, pads;
	unsigned entropy;
	bool mixed;
	const char *what;
	const char *words[6]; /* in the value's own name: with one of these the name is enough */
} shapes[] = {
	{PROVIDER_AWS, CLASS_BASE64, 40, 0, 425, true, "a secret access key", {"aws", "amazon", "s3", "iam", "bucket"}},
	{PROVIDER_GCP, CLASS_BASE64, 40, 0, 425, true, "an HMAC secret", {"gcs", "hmac"}},
	{PROVIDER_DIGITALOCEAN, CLASS_ANY64, 43, 0, 425, true, "a Spaces secret key", {"spaces", "digitalocean"}},
	{PROVIDER_ALIBABA,
	 CLASS_ALNUM,
	 30,
	 0,
	 380,
	 false,
	 "an access key secret",
	 {"alibaba", "aliyun", "alicloud", "oss"}},
	{PROVIDER_TENCENT, CLASS_ALNUM, 32, 0, 390, true, "a secret key", {"tencent", "cos", "qcloud"}},
	{PROVIDER_SCALEWAY, CHAR_HEX | CHAR_URL, 36, 0, 280, false, "a secret key", {"scaleway", "scw"}},
	{PROVIDER_YANDEX, CLASS_URL64, 40, 0, 400, true, "a static secret key", {"yandex"}},
	{PROVIDER_AZURE,
	 CLASS_BASE64,
	 86,
	 2,
	 500,
	 true,
	 "a storage account key",
	 {"azure", "storage", "blob", "account"}},
	{PROVIDER_IBM,
	 CLASS_URL64,
	 44,
	 0,
	 340,
	 true,
	 "an API key",
	 {"ibm", "apikey", "bluemix", "iam", "cloudkey", "whiskauth"}},
	{PROVIDER_VOLCENGINE, CLASS_BASE64, 58, 2, 425, true, "a secret key", {"volc"}},
	{PROVIDER_IBM, CHAR_HEX, 48, 0, 300, false, "an HMAC secret", {"ibm", "coshmac", "cossecret"}},
	{PROVIDER_IBM, CLASS_LOWER, 64, 0, 290, false, "a classic infrastructure key", {"softlayer"}},
	{PROVIDER_IBM, CHAR_LOWER, 24, 0, 300, false, "a Cloudant key", {"cloudant"}},
	{PROVIDER_AZURE, CHAR_HEX, 32, 0, 280, false, "an Azure OpenAI key", {"openai"}},
	{PROVIDER_GCP, 0, 0, 0, 0, false, "a service account's private key", {0}},
	{PROVIDER_OCI, 0, 0, 0, 0, false, "an API signing key", {0}},
	{PROVIDER_AZURE, 0, 0, 0, 0, false, "a client secret", {0}},
};

_Static_assert(ARRAY_SIZE(shapes) <= 32, "a bit for each shape");

/* Shapes that shapes_of() never gives: what they are is known otherwise. */
enum {
	SHAPE_GCP_KEY = ARRAY_SIZE(shapes) - 3,
	SHAPE_OCI_KEY = ARRAY_SIZE(shapes) - 2,
	SHAPE_CLIENT_SECRET = ARRAY_SIZE(shapes) - 1,
};

/* An id beside it proves nothing: its own name must. */
static bool needs_its_name(const struct shape *s)
{
	return s->provider == PROVIDER_IBM || (s->provider == PROVIDER_AZURE && s->n == 32);
}

static const char *const secret_words[] = {"secret", "key", "token", "cred", "pass", "pwd", "pw", "auth"};

static bool has_word(struct slice name, const char *word)
{
	char folded[200];
	size_t n = name_fold(slice_from(name, name.n > 200 ? name.n - 200 : 0), folded, sizeof(folded));

	return n && slice_find(slice_of(folded, n), word) != SIZE_MAX;
}

unsigned shapes_of(struct slice v)
{
	unsigned bits = 0;
	size_t pads = 0;

	if (v.n < 24 || v.n > 90)
		return 0;
	while (pads < 2 && v.p[v.n - pads - 1] == '=')
		pads++;
	for (size_t i = 0; i < SHAPE_GCP_KEY; i++) {
		const struct shape *s = &shapes[i];
		struct slice body = slice_to(v, s->n);

		if (v.n != s->n + s->pads || pads != s->pads || !slice_all(body, s->class))
			continue;
		if ((s->mixed && !is_mixed(body)) || entropy_of(body) < s->entropy)
			continue;
		if (s->provider == PROVIDER_SCALEWAY &&
		    (v.p[8] != '-' || v.p[13] != '-' || v.p[18] != '-' || v.p[23] != '-'))
			continue;
		if (s->provider == PROVIDER_YANDEX && !slice_starts(v, "YC"))
			continue;
		bits |= 1u << i;
	}
	return bits;
}

void scope_enter(struct scan *s, struct scope *scope)
{
	memset(scope, 0, sizeof(*scope));
	scope->outer = s->scope;
	s->scope = scope;
}

static bool names_a_secret(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(secret_words); i++)
		if (has_word(name, secret_words[i]))
			return true;
	return false;
}

static unsigned named_shapes(struct slice name, unsigned bits)
{
	struct name_words w = name_words_of(name);
	unsigned named = 0;

	if (!names_a_secret(name) || w.off || w.id || w.families & FAMILY_OIDC)
		return 0;
	/* Names of IBM's own that are no longer than a word. */
	if (slice_eq_nocase(name, SLICE("auth")) || slice_eq_nocase(name, SLICE("credentials")) ||
	    slice_eq_nocase(name, SLICE("IAMAuthenticator")))
		w.provider = PROVIDER_IBM;
	for (size_t i = 0; i < SHAPE_GCP_KEY; i++)
		if (bits & 1u << i && (w.secret || w.key) && w.provider == shapes[i].provider)
			named |= 1u << i;
	for (size_t i = 0; i < SHAPE_GCP_KEY; i++)
		for (size_t k = 0; bits & 1u << i && k < ARRAY_SIZE(shapes[i].words) && shapes[i].words[k]; k++)
			if (has_word(name, shapes[i].words[k]))
				named |= 1u << i;
	return named;
}

static void report(struct scan *s, const struct site *at, size_t shape, const char *reason, enum confidence confidence,
		   struct slice value)
{
	hit_add(s, at,
		&(struct hit_say){.class = HIT_VALUE,
				  .provider = shapes[shape].provider,
				  .confidence = confidence,
				  .what = shapes[shape].what,
				  .reason = reason,
				  .secret = value});
}

/* Whether the names around tell of Azure storage: an account's name beside the key. */
static bool azure_is_near(struct scan *s, const struct site *at)
{
	return (families_around(s, at) & FAMILY_AZURE) != 0;
}

/* client_id, AZURE_TENANT_ID: what names an identity holds no secret. */
static bool names_an_identity(struct slice name)
{
	struct name_words w = name_words_of(name);

	return w.id || w.off;
}

/* An older client secret of Entra has no shape: 32 to 40 characters, under a name that says no more than "secret". */
static unsigned client_secret(struct slice name, struct slice v)
{
	struct name_words w;

	if (v.n < 32 || v.n > 40 || !is_mixed(v) || !holds_chance(v) || slice_chr(v, ' ') != SIZE_MAX)
		return 0;
	w = name_words_of(name);
	return (w.secret || w.key) && !w.unknown && !w.off && !w.families ? 1u << SHAPE_CLIENT_SECRET : 0;
}

/* Kept until its scope has been seen whole. */
static void suspect(struct scan *s, const struct site *at, unsigned bits, struct slice value)
{
	enum { CHAINS_MAX = 1000 };
	struct suspect *sus = s->scope ? VEC_PUSH(s->arena, s->scope->suspects) : NULL;

	if (!sus) {
		s->out->failed |= s->scope != NULL;
		return;
	}
	sus->top = site_top(at);
	sus->chain = at->outer && s->chains++ < CHAINS_MAX ? site_chain(s, at) : "";
	sus->shapes = bits;
	sus->length = value.n;
	sus->hash = hit_hash(sus->top, value);
	for (const struct site *up = at; up; up = up->outer) {
		sus->in_key |= up->is_key;
		sus->in_comment |= up->in_comment;
	}
}

void scope_suspect(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	struct slice bare = literal_bare(value);
	unsigned bits, named;

	if (bare.n < 24 || bare.n > 90)
		return;
	bits = shapes_of(bare) | client_secret(name, bare);
	if (!bits || placeholder_is(bare) || names_an_identity(name))
		return;
	named = named_shapes(name, bits);
	for (size_t i = 0; i < SHAPE_GCP_KEY; i++) {
		bool azure = bits & 1u << i && shapes[i].provider == PROVIDER_AZURE && shapes[i].n == 86 &&
			     azure_is_near(s, at);

		if (named & 1u << i || azure) {
			report(s, at, i,
			       azure && !(named & 1u << i) ? "its shape and the names around it"
							   : "its shape and its name",
			       CONFIDENCE_MEDIUM, bare);
			return;
		}
	}
	for (size_t i = 0; i < SHAPE_GCP_KEY; i++)
		if (needs_its_name(&shapes[i]))
			bits &= ~(1u << i);
	if (bits)
		suspect(s, at, bits, bare);
}

void scope_key(struct scan *s, const struct site *at, struct slice body)
{
	suspect(s, at, 1u << SHAPE_GCP_KEY | 1u << SHAPE_OCI_KEY, body);
}

void scope_mark(struct scan *s, enum provider_id provider)
{
	if (s->scope)
		s->scope->ids |= 1u << provider;
}

static void convict(struct scan *s, const struct suspect *sus, size_t shape)
{
	struct credential_hit *h = hit_place(s, sus->hash, RANK_VALUE);

	if (!h)
		return;
	h->class = HIT_VALUE;
	h->provider = shapes[shape].provider;
	h->confidence = shape == SHAPE_CLIENT_SECRET ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
	h->node = sus->top;
	h->in_key = sus->in_key;
	h->in_comment = sus->in_comment;
	h->what = shapes[shape].what;
	h->reason = shape < SHAPE_GCP_KEY ? "its shape and the access key id beside it" : "the identity beside it";
	h->chain = sus->chain;
	h->length = sus->length;
}

void scope_leave(struct scan *s)
{
	struct scope *scope = s->scope;
	uint32_t ids = 0;
	bool entra = false;

	if (!scope)
		return;
	/* An id of the object around counts for the file inside it, and the other way round. */
	for (const struct scope *up = scope; up; up = up->outer) {
		ids |= up->ids;
		entra |= up->tenant && up->client;
	}
	for (size_t i = 0; i < scope->suspects.n; i++) {
		const struct suspect *sus = &scope->suspects.v[i];
		bool done = false;

		for (size_t k = 0; !done && k < ARRAY_SIZE(shapes); k++)
			if (sus->shapes & 1u << k &&
			    (k == SHAPE_CLIENT_SECRET ? entra : (ids & 1u << shapes[k].provider) != 0)) {
				convict(s, sus, k);
				done = true;
			}
		if (!done && scope->outer) {
			struct suspect *up = VEC_PUSH(s->arena, scope->outer->suspects);

			if (up)
				*up = *sus;
			else
				s->out->failed = true;
		}
	}
	if (scope->outer) {
		scope->outer->ids |= scope->ids;
		scope->outer->tenant |= scope->tenant;
		scope->outer->client |= scope->client;
	}
	s->scope = scope->outer;
}
