/*
 * credential.c: no value of a cloud credential anywhere, however it is wrapped. What is examined and what may be shown
 * is decided in src/credentials; here a hit gets its severity and its remedy.
 */
#include "rules/credential_scan.h"

static void value(struct gate *g, const struct credential_hit *h)
{
	struct finding *f = credential_find(g, h, "Federated mode stores no cloud credential centrally");

	finding_fix(g, f, "%s", provider_of(h->provider)->remedy);
}

static void slot(struct gate *g, const struct credential_hit *h)
{
	struct finding *f = credential_find(g, h, "Federated mode has no place for a credential");

	finding_severity(f, SEVERITY_NOTE);
	finding_fix(g, f, "remove the entry; %s", provider_of(h->provider)->remedy);
}

static void unchecked(struct gate *g, const struct credential_hit *h)
{
	struct finding *f = credential_find(g, h, "what cannot be looked through counts as a credential");

	finding_fix(g, f,
		    "keep this content outside the release, or except this very path in the policy with a reason and "
		    "an expiry");
}

void rule_cloud_credential(struct gate *g)
{
	const struct credential_scan *s;

	if (g->second_evaluation) /* the walk has seen the losers already */
		return;
	s = gate_credentials(g);
	for (size_t i = 0; s && i < s->hits.n; i++) {
		const struct credential_hit *h = &s->hits.v[i];

		if (h->class == HIT_VALUE)
			value(g, h);
		else if (h->class == HIT_UNCHECKED)
			unchecked(g, h);
		else if (h->class == HIT_SLOT)
			slot(g, h);
	}
}

void rule_data_encoding(struct gate *g)
{
	const struct credential_scan *s;

	if (g->second_evaluation)
		return;
	s = gate_credentials(g);
	for (size_t i = 0; s && i < s->hits.n; i++) {
		const struct credential_hit *h = &s->hits.v[i];
		struct finding *f;

		if (h->class != HIT_UNDECODED)
			continue;
		f = gate_find(g, h->object, h->node);
		finding_say(g, f, "the value is not base64%s%s; the API server rejects the object",
			    h->chain[0] ? ", behind " : "", h->chain);
		finding_fix(g, f, "encode the value, or use stringData");
	}
}
