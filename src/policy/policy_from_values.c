/*
 * policy_from_values.c: what values files say of themselves, as a policy.
 */
#include "chart/chart_value.h"
#include "policy/policy_text.h"

#include "policy/policy_key.h"

static struct origin origin_of(const struct values_file *f, const struct node *n)
{
	struct position pos = values_position(f, n);

	return (struct origin){.file = f->name, .line = pos.line, .column = pos.column};
}

static void take_mesh(struct policy *p, const struct values *v)
{
	struct values_file *istio_file, *linkerd_file;
	const struct node *istio = values_get(v, chart_value_name(VALUE_ISTIO), &istio_file);
	const struct node *linkerd = values_get(v, chart_value_name(VALUE_LINKERD), &linkerd_file);

	if (values_is_true(istio) && values_is_true(linkerd))
		return; /* both at once is a fault, not a fact */
	if (values_is_true(istio))
		policy_fact_choice(p, POLICY_MESH_MODE, MESH_ISTIO, origin_of(istio_file, istio));
	else if (values_is_true(linkerd))
		policy_fact_choice(p, POLICY_MESH_MODE, MESH_LINKERD, origin_of(linkerd_file, linkerd));
	else if (istio)
		policy_fact_choice(p, POLICY_MESH_MODE, MESH_NONE, origin_of(istio_file, istio));
	else if (linkerd)
		policy_fact_choice(p, POLICY_MESH_MODE, MESH_NONE, origin_of(linkerd_file, linkerd));
}

static void take_switch(struct policy *p, enum policy_field f, const struct values *v, const char *key, unsigned on,
			unsigned off)
{
	struct values_file *file;
	const struct node *n = values_get(v, key, &file);

	if (n)
		policy_fact_choice(p, f, values_is_true(n) ? on : off, origin_of(file, n));
}

static void take_text(struct policy *p, enum policy_field f, const struct values *v, const char *key)
{
	struct values_file *file;
	const struct node *n = values_get(v, key, &file);

	if (node_is_string(n))
		policy_fact_text(p, f, node_string(n), origin_of(file, n));
}

static void take_registry(struct policy *p, const struct values *v)
{
	struct values_file *file;
	struct seq_iter pull;

	take_text(p, POLICY_REGISTRY_HOST, v, chart_value_name(VALUE_IMAGES_REGISTRY));
	if (!p->registry_host.n)
		return; /* without a registry of their own, the rest is the chart's default */
	take_text(p, POLICY_REGISTRY_REPOSITORY, v, chart_value_name(VALUE_IMAGES_REPO));
	pull = seq_iter_of(values_get(v, chart_value_name(VALUE_IMAGES_PULL), &file));
	if (seq_next(&pull) && node_is_string(pull.item))
		policy_fact_text(p, POLICY_REGISTRY_PULL_SECRET, node_string(pull.item), origin_of(file, pull.item));
}

int policy_from_values(struct policy *p, const struct values *v, struct err *err)
{
	take_text(p, POLICY_STORAGE_CLASS, v, chart_value_name(VALUE_STORAGE_CLASS));
	take_text(p, POLICY_MESH_HOST_NAME, v, chart_value_name(VALUE_ISTIO_HOST_NAME));
	take_switch(p, POLICY_TELEMETRY, v, chart_value_name(VALUE_TELEMETRY), TELEMETRY_REQUIRED, TELEMETRY_FORBIDDEN);
	take_switch(p, POLICY_ARGO_CD, v, chart_value_name(VALUE_ARGO_CD), ARGO_TRUE, ARGO_FALSE);
	take_mesh(p, v);
	take_registry(p, v);
	return arena_failed(&p->arena) ? err_nomem(err) : 0;
}
