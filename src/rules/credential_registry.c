/*
 * credential_registry.c: a registry login that is a cloud identity's key is a cloud credential; a token of hours is
 * not, but shows that somebody makes them centrally. Source: facts B6.
 */
#include "rules/credential_scan.h"

void rule_registry_credential(struct gate *g)
{
	const struct credential_scan *s;

	if (g->second_evaluation)
		return;
	s = gate_credentials(g);
	for (size_t i = 0; s && i < s->hits.n; i++) {
		const struct credential_hit *h = &s->hits.v[i];
		struct finding *f;

		if (h->class != HIT_REGISTRY && h->class != HIT_REGISTRY_SHORT)
			continue;
		f = credential_find(g, h,
				    h->class == HIT_REGISTRY
					    ? "a registry login that is a cloud identity's key opens more than images"
					    : "a token of this kind cannot be of use in a stored manifest");
		if (h->class == HIT_REGISTRY_SHORT)
			finding_severity(f, SEVERITY_WARNING);
		finding_fix(g, f,
			    "let the nodes pull with their own identity (kubelet credential provider), or use a login "
			    "of the registry that opens nothing else");
	}
}
