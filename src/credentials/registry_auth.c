/*
 * registry_auth.c: the logins of a dockerconfigjson. A login that is a cloud identity's key opens more than images.
 * Source: facts B6.
 */
#include "credentials/site.h"

#include "base/base64.h"

struct login {
	struct slice host, user, password;
};

static bool has(struct slice s, const char *part)
{
	return slice_find(s, part) != SIZE_MAX;
}

static bool is_guid(struct slice s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-'
							    : !char_in(s.p[i], CLASS_LOWER | CHAR_UPPER))
			return false;
	return true;
}

static bool is_identity_key(struct slice password, enum detector_id id)
{
	struct detection d;

	return credential_in_value(password, &d) && strcmp(d.what, detector_of(id)->what) == 0;
}

/* HIT_REGISTRY, HIT_REGISTRY_SHORT, or HIT_SLOT for "an ordinary login". */
static enum hit_class judge(const struct login *l, enum provider_id *provider, const char **what)
{
	*provider = PROVIDER_AZURE;
	if (has(l->host, ".azurecr.")) {
		*what = "a token of an Entra identity (hours)";
		if (slice_is(l->user, "00000000-0000-0000-0000-000000000000"))
			return HIT_REGISTRY_SHORT;
		*what = "a service principal's client secret";
		if (is_guid(l->user))
			return HIT_REGISTRY;
		*what = "a registry's admin or token password";
		if (is_identity_key(l->password, DETECTOR_AZURE_ACR) ||
		    is_identity_key(l->password, DETECTOR_AZURE_ANNOTATED))
			return HIT_REGISTRY;
		*what = "a client secret";
		return is_identity_key(l->password, DETECTOR_AZURE_ENTRA_8Q) ? HIT_REGISTRY : HIT_SLOT;
	}
	*provider = PROVIDER_GCP;
	*what = "a service account's key";
	if (slice_is(l->user, "_json_key") || slice_is(l->user, "_json_key_base64"))
		return HIT_REGISTRY;
	*what = "an access token (one hour)";
	if (slice_is(l->user, "oauth2accesstoken"))
		return HIT_REGISTRY_SHORT;
	*provider = PROVIDER_IBM;
	*what = "an IBM Cloud API key";
	if (slice_is(l->user, "iamapikey"))
		return HIT_REGISTRY;
	*provider = PROVIDER_AWS;
	*what = "a token minted from an IAM identity (12 hours)";
	if (slice_is(l->user, "AWS") && has(l->host, ".dkr.ecr"))
		return HIT_REGISTRY_SHORT;
	return HIT_SLOT;
}

/* True when the login was told. */
static bool check_login(struct scan *s, const struct site *at, const struct login *l)
{
	struct hit_say say = {.confidence = CONFIDENCE_HIGH,
			      .reason = "the user and the host of the login",
			      .secret = l->password};
	struct detection d;
	bool shaped;

	if (l->password.n == 0 || literal_is_placeholder(l->password))
		return false;
	say.class = judge(l, &say.provider, &say.what);
	/* An ordinary registry's password, or a token of hours, unless it is a cloud's key by its own shape. */
	shaped = say.class != HIT_REGISTRY && credential_in_value(l->password, &d) && !d.short_lived;
	if (say.class == HIT_SLOT && !shaped)
		return false;
	if (shaped) {
		say.class = HIT_REGISTRY;
		say.what = d.what;
		say.reason = "its shape";
		say.provider = PROVIDER_UNKNOWN;
	}
	hit_add(s, at, &say);
	return true;
}

static bool is_login_key(struct slice key)
{
	return slice_is(key, "auth") || slice_is(key, "password") || slice_is(key, "identitytoken") ||
	       slice_is(key, "registrytoken");
}

/* The logins of one entry: what `auth` says, what user and password say, and tokens. */
static bool check_entry(struct scan *s, const struct site *at, struct slice host, const struct node *entry)
{
	static const char *const tokens[] = {"identitytoken", "registrytoken"};
	struct slice auth = node_string(node_lookup(entry, "auth"));
	struct buf pair = BUF_INIT(1 << 20);
	struct login l = {.host = host,
			  .user = node_string(node_lookup(entry, "username")),
			  .password = node_string(node_lookup(entry, "password"))};
	bool told = check_login(s, at, &l);

	if (auth.n && base64_decode(auth, BASE64_ANY, &pair)) {
		struct slice rest, user = slice_cut(buf_slice(&pair), ':', &rest);

		l.user = user;
		l.password = rest.p ? rest : SLICE_EMPTY;
		told |= check_login(s, at, &l);
	}
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		l.password = node_string(node_lookup(entry, tokens[i]));
		l.user = has(host, ".azurecr.") ? SLICE("00000000-0000-0000-0000-000000000000") : SLICE_EMPTY;
		told |= check_login(s, at, &l);
	}
	if (pair.failed)
		s->out->failed = true;
	buf_release(&pair);
	return told;
}

void scan_registry_auths(struct scan *s, const struct site *at, const struct node *auths)
{
	for (const struct node *k = auths->child; k; k = k->next->next) {
		const struct node *entry = node_real(k->next);
		struct ring ring = {.key = k, .up = at->ring};
		struct site here = *at;
		bool told;

		if (!node_is_mapping(entry)) {
			scan_node(s, at, k);
			continue;
		}
		here.node = k->next;
		here.ring = &ring;
		told = check_entry(s, &here, node_text(k), entry);
		s->logins += told;
		for (const struct node *e = entry->child; e; e = e->next->next)
			if (!told || !is_login_key(node_text(e)))
				scan_node(s, &here, e);
	}
}
