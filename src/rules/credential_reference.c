/*
 * credential_reference.c: nothing points at a Secret that holds a cloud credential: the value lives in the cluster,
 * hence centrally.
 */
#include "credentials/detect.h"
#include "rules/gate.h"

void rule_cloud_credential_reference(struct gate *g)
{
	if (g->second_evaluation)
		return;
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];
		const struct node *from = node_lookup(e->item, "valueFrom");
		const struct node *ref = node_lookup(from, "secretKeyRef");
		struct detection d;
		struct finding *f;

		if (!ref)
			ref = node_lookup(from, "configMapKeyRef");
		if (!ref || !credential_name(e->name, &d))
			continue;
		f = gate_find(g, e->object, ref);
		finding_say(g, f, "env %s takes a credential of %s from %s; Federated mode stores no cloud credential centrally",
			    gate_show(g, e->name), d.provider, gate_show(g, node_string(node_lookup(ref, "name"))));
		finding_mend(g, f, "%s", d.remedy);
	}
}
