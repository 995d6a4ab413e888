/*
 * credential_registry.c: a pull secret that is a cloud identity's key is a cloud credential.
 */
#include "base/base64.h"
#include "rules/gate.h"

static void look(struct gate *g, const struct object *o, const struct node *data, const struct node *at, struct slice text)
{
	struct finding *f;

	(void)data;
	if (slice_find(text, "_json_key") == SIZE_MAX && slice_find(text, "iamapikey") == SIZE_MAX)
		return;
	f = gate_find(g, o, at);
	finding_say(g, f, "the pull secret is a cloud identity's long-lived key");
	finding_mend(g, f, "Let the nodes pull with their own identity (kubelet credential provider).");
}

void rule_registry_credential(struct gate *g)
{
	if (g->second_evaluation)
		return;
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *data = node_lookup(o->root, "data"), *at = node_lookup(data, ".dockerconfigjson");
		struct buf text = BUF_INIT((size_t)1 << 20);

		if (object_is(o, "Secret", NULL) && at && base64_decode(node_string(at), BASE64_STANDARD, &text))
			look(g, o, data, at, buf_slice(&text));
		buf_release(&text);
	}
}
