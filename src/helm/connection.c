#include "helm/connection.h"

/* The flag may be given several times; together they replace the variable's groups. */
static void take_groups(const struct helm_line *l, struct arena *a, struct kube_target *t)
{
	VEC(const char *) list = {0};

	for (size_t i = 0; i < l->items.n; i++) {
		const struct helm_item *item = &l->items.v[i];
		const char **slot = NULL;

		if (item->flag && strcmp(item->flag->name, "kube-as-group") == 0 && item->value)
			slot = VEC_PUSH(a, list);
		if (slot)
			*slot = item->value;
	}
	if (!list.n)
		return;
	t->as_groups = list.v;
	t->as_groups_n = list.n;
}

void helm_connection(const struct helm_line *l, struct arena *a, struct kube_target *t)
{
	const struct {
		const char *flag;
		const char **to;
	} flags[] = {
		{"kubeconfig", &t->kubeconfig},
		{"kube-context", &t->context},
		{"kube-apiserver", &t->server},
		{"kube-ca-file", &t->ca_file},
		{"kube-token", &t->token},
		{"kube-as-user", &t->as},
		{"kube-tls-server-name", &t->tls_server_name},
	};

	*t = (struct kube_target){0};
	kube_target_of_helm(t, a);
	if (!l)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const char *value = helm_line_value(l, flags[i].flag);

		if (value)
			*flags[i].to = value;
	}
	if (helm_line_has(l, "kube-insecure-skip-tls-verify"))
		t->insecure = true;
	take_groups(l, a, t);
}
