/*
 * credential_reference.c: nothing points at a Secret that holds a cloud credential: its value lives in the cluster,
 * hence centrally, whether or not this stream carries it. Source: facts B3, B4.
 *
 * Every mapping of every object is examined, so a custom resource that embeds a pod or a list of env is no exception.
 */
#include "rules/credential_reference.h"
#include "rules/credential_scan.h"

void reference_found(struct gate *g, const struct object *o, const struct node *at, enum provider_id provider,
		     const char *how, struct slice secret)
{
	struct finding *f;

	/* Without a name no Secret is read: so people write that the workload's own identity is used. */
	if (!secret.n || gate_secret_is_clean(g, o, secret))
		return;
	f = gate_find(g, o, at);
	finding_say(g, f, "%s: %s %s; Federated mode stores no cloud credential centrally", provider_of(provider)->name,
		    how, gate_show(g, secret));
	finding_fix(g, f, "%s", provider_of(provider)->remedy);
}

void reference_unknown(struct gate *g, const struct object *o, const struct node *at, const char *how,
		       struct slice secret)
{
	struct finding *f = gate_find(g, o, at);

	finding_severity(f, SEVERITY_NOTE);
	finding_say(g, f, "%s %s; whether a cloud credential is behind it cannot be seen in this stream", how,
		    secret.n ? gate_show(g, secret) : "something");
	finding_fix(g, f, "Check that it contains no cloud credential.");
}

bool reference_known_secret(struct slice name, enum provider_id *provider)
{
	static const struct {
		const char *name;
		enum provider_id provider;
	} known[] = {
		{"px-azure", PROVIDER_AZURE},
		{"ociapikey", PROVIDER_OCI},
		{"cloud-credentials", PROVIDER_UNKNOWN},
		{"aws-credentials", PROVIDER_AWS},
		{"aws-creds", PROVIDER_AWS},
		{"azure-credentials", PROVIDER_AZURE},
		{"gcp-credentials", PROVIDER_GCP},
		{"gcp-service-account", PROVIDER_GCP},
		{"google-credentials", PROVIDER_GCP},
		{"azure-cloud-provider", PROVIDER_AZURE},
		{"px-aws", PROVIDER_AWS},
		{"px-gcloud", PROVIDER_GCP},
		{"velero-credentials", PROVIDER_UNKNOWN},
		{"bsl-credentials", PROVIDER_UNKNOWN},
		{"px-vsphere-secret", PROVIDER_VSPHERE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (slice_is(name, known[i].name)) {
			*provider = known[i].provider;
			return true;
		}
	return false;
}

/* --- env ------------------------------------------------------------------------------------------------------- */

static void check_value_from(struct gate *g, const struct object *o, const struct node *item, const struct node *from)
{
	struct slice name = node_string(node_lookup(item, "name"));
	const struct node *ref = node_lookup(from, "secretKeyRef");
	enum provider_id provider;
	const char *how;

	if (!ref)
		ref = node_lookup(from, "configMapKeyRef");
	if (!ref)
		return;
	/* The variable may have any name when the Secret's key says what it is. */
	if (!credential_name_counts(name, &provider) &&
	    !credential_name_counts(node_string(node_lookup(ref, "key")), &provider))
		return;
	how = gate_printf(g, "env %s takes a credential from", gate_show(g, name));
	reference_found(g, o, ref, provider, how, node_string(node_lookup(ref, "name")));
}

/* The first key of the Secret that becomes a credential's variable. */
static bool secret_has_names(struct gate *g, const struct object *secret, struct slice prefix,
			     enum provider_id *provider)
{
	static const char *const parts[] = {"data", "stringData"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (struct map_iter it = map_iter_of(node_lookup(secret->root, parts[i])); map_next(&it);) {
			const char *name =
				gate_printf(g, SLICE_FMT SLICE_FMT, SLICE_ARG(prefix), SLICE_ARG(node_text(it.key)));

			if (credential_name_counts(slice_str(name), provider))
				return true;
		}
	return false;
}

static void check_env_from(struct gate *g, const struct object *o, const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		const struct node *ref = node_lookup(it.item, "secretRef");
		struct slice name = node_string(node_lookup(ref, "name")),
			     prefix = node_string(node_lookup(it.item, "prefix"));
		const struct object *secret = name.n ? gate_secret(g, o, name) : NULL;
		enum provider_id provider;

		if (!name.n)
			continue;
		if (secret) {
			if (secret_has_names(g, secret, prefix, &provider))
				reference_found(g, o, ref, provider, "envFrom takes credentials from", name);
		} else if (reference_known_secret(name, &provider)) {
			reference_found(g, o, ref, provider, "envFrom takes credentials from", name);
		} else {
			reference_unknown(g, o, ref, "envFrom takes all of Secret", name);
		}
	}
}

/* --- files named by variables and options ---------------------------------------------------------------------- */

static void check_path_env(struct gate *g, const struct object *o, const struct node *item)
{
	const struct node *value = node_lookup(item, "value");
	const struct credential_name *name = name_find(node_string(node_lookup(item, "name")));

	if (!name || name->kind != NAME_PATH || !node_string(value).n || !item->parent || !item->parent->parent)
		return;
	reference_path(g, o, value, item->parent->parent, name, node_string(value));
}

static void check_path_option(struct gate *g, const struct object *o, const struct node *container,
			      const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		struct slice text = node_string(it.item), path, flag;
		const struct credential_name *name;

		if (!slice_starts(text, "--"))
			continue;
		flag = slice_from(slice_cut(text, '=', &path), 2);
		name = name_find(flag);
		if (!name || name->kind != NAME_PATH)
			continue;
		if (!path.p && it.at)
			path = node_string(node_real(it.at));
		if (path.p && path.n)
			reference_path(g, o, it.item, container, name, path);
	}
}

/* --- every mapping --------------------------------------------------------------------------------------------- */

static void walk(struct gate *g, const struct object *o, const struct node *n)
{
	if (n->kind == NODE_SEQUENCE)
		for (const struct node *i = n->child; i; i = i->next)
			walk(g, o, i);
	if (n->kind != NODE_MAPPING)
		return;
	for (const struct node *k = n->child; k; k = k->next->next) {
		struct slice key = node_text(k);

		if (key.n == 9 && slice_is(key, "valueFrom"))
			check_value_from(g, o, n, k->next);
		else if (key.n == 7 && slice_is(key, "envFrom"))
			check_env_from(g, o, k->next);
		else if (key.n == 5 && slice_is(key, "value") && n->parent && n->parent->kind == NODE_SEQUENCE)
			check_path_env(g, o, n);
		else if ((key.n == 4 && slice_is(key, "args")) || (key.n == 7 && slice_is(key, "command")))
			check_path_option(g, o, n, k->next);
		if (k->next->kind != NODE_SCALAR)
			walk(g, o, k->next);
	}
	reference_fields(g, o, n);
}

void rule_cloud_credential_reference(struct gate *g)
{
	if (g->second_evaluation)
		return;
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (!slice_is(o->kind, "CustomResourceDefinition") || !object_in_group(o, "apiextensions.k8s.io"))
			walk(g, o, o->root);
	}
}
