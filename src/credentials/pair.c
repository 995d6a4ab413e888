/*
 * pair.c: values whose shape alone proves nothing, and what proves them: the other half in the same object or nested
 * file, or a name that speaks of both a cloud and a secret.
 */
#include "credentials/site.h"

#include <xxhash.h>

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
	 true,
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
	{PROVIDER_IBM, CLASS_URL64, 44, 0, 425, true, "an API key", {"ibm", "iamapi", "bluemix"}},
	{PROVIDER_VOLCENGINE, CLASS_BASE64, 58, 2, 425, true, "a secret key", {"volc"}},
};

_Static_assert(ARRAY_SIZE(shapes) <= 32, "a bit for each shape");

static const char *const secret_words[] = {"secret", "key", "token", "credential", "passw", "auth"};

static bool has_word(struct slice name, const char *word)
{
	char folded[120];
	size_t n = name_fold(name, folded, sizeof(folded));

	return n && slice_find(slice_of(folded, n), word) != SIZE_MAX;
}

static unsigned shapes_of(struct slice v)
{
	unsigned bits = 0;
	size_t pads = 0;

	if (v.n < 30 || v.n > 90)
		return 0;
	while (pads < 2 && v.p[v.n - pads - 1] == '=')
		pads++;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
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
	unsigned named = 0;

	if (!names_a_secret(name))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		for (size_t w = 0; bits & 1u << i && w < ARRAY_SIZE(shapes[i].words) && shapes[i].words[w]; w++)
			if (has_word(name, shapes[i].words[w]))
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

void scope_suspect(struct scan *s, const struct site *at, struct slice name, struct slice value)
{
	struct slice bare = literal_bare(value);
	unsigned bits, named;
	struct suspect *sus;

	if (bare.n < 30 || bare.n > 90)
		return;
	bits = shapes_of(bare);
	if (!bits)
		return;
	named = named_shapes(name, bits);
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		bool azure = bits & 1u << i && shapes[i].provider == PROVIDER_AZURE && azure_is_near(s, at);

		if (named & 1u << i || azure) {
			report(s, at, i,
			       azure && !(named & 1u << i) ? "its shape and the names around it"
							   : "its shape and its name",
			       CONFIDENCE_MEDIUM, bare);
			return;
		}
	}
	sus = s->scope ? VEC_PUSH(s->arena, s->scope->suspects) : NULL;
	if (!sus)
		return;
	sus->top = site_top(at);
	sus->chain = site_chain(s, at);
	sus->shapes = bits;
	sus->length = bare.n;
	sus->hash = XXH3_64bits_withSeed(bare.p, bare.n, (uint64_t)(uintptr_t)sus->top);
	for (const struct site *up = at; up; up = up->outer) {
		sus->in_key |= up->is_key;
		sus->in_comment |= up->in_comment;
	}
}

static void convict(struct scan *s, const struct suspect *sus, const struct shape *shape)
{
	struct credential_hit *h;
	uint64_t *seen;

	for (size_t i = 0; i < s->seen.n; i++)
		if (s->seen.v[i] == sus->hash)
			return;
	seen = VEC_PUSH(s->arena, s->seen);
	h = hit_push(s);
	if (!seen)
		s->out->failed = true;
	if (!h || !seen)
		return;
	*seen = sus->hash;
	*h = (struct credential_hit){.class = HIT_VALUE,
				     .provider = shape->provider,
				     .confidence = CONFIDENCE_HIGH,
				     .object = s->object,
				     .node = sus->top,
				     .in_key = sus->in_key,
				     .in_comment = sus->in_comment,
				     .what = shape->what,
				     .reason = "its shape and the access key id beside it",
				     .chain = sus->chain,
				     .shown = "",
				     .length = sus->length};
}

void scope_leave(struct scan *s)
{
	struct scope *scope = s->scope;
	uint32_t ids = 0;

	if (!scope)
		return;
	/* An id of the object around counts for the file inside it, and the other way round. */
	for (const struct scope *up = scope; up; up = up->outer)
		ids |= up->ids;
	for (size_t i = 0; i < scope->suspects.n; i++) {
		const struct suspect *sus = &scope->suspects.v[i];
		bool done = false;

		for (size_t k = 0; !done && k < ARRAY_SIZE(shapes); k++)
			if (sus->shapes & 1u << k && ids & 1u << shapes[k].provider) {
				convict(s, sus, &shapes[k]);
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
	if (scope->outer)
		scope->outer->ids |= scope->ids;
	s->scope = scope->outer;
}
