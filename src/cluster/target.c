#include "cluster/target.h"

static const char *variable_of(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

void kube_target_groups(struct kube_target *t, struct arena *a, const char *groups)
{
	struct slice rest = slice_str(groups);
	VEC(const char *) list = {0};

	while (rest.n) {
		const char **slot = VEC_PUSH(a, list);
		struct slice group = slice_cut(rest, ',', &rest);

		if (slot)
			*slot = arena_str(a, group);
	}
	t->as_groups = list.v;
	t->as_groups_n = list.n;
}

void kube_target_of_helm(struct kube_target *t, struct arena *a)
{
	const char *insecure = variable_of("HELM_KUBEINSECURE_SKIP_TLS_VERIFY");

	t->context = variable_of("HELM_KUBECONTEXT");
	t->server = variable_of("HELM_KUBEAPISERVER");
	t->ca_file = variable_of("HELM_KUBECAFILE");
	t->tls_server_name = variable_of("HELM_KUBETLS_SERVER_NAME");
	t->token = variable_of("HELM_KUBETOKEN");
	t->as = variable_of("HELM_KUBEASUSER");
	t->insecure = insecure && strcmp(insecure, "true") == 0;
	kube_target_groups(t, a, variable_of("HELM_KUBEASGROUPS"));
}
