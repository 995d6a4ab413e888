/*
 * credential_reference_kinds.c: objects whose kind says that the Secret they name holds a cloud's credential: backup
 * locations, secret stores, providers of infrastructure, identities of clusters, stores of logs and traces.
 */
#include "rules/credential_reference.h"

static bool group_has(const struct object *o, const char *what)
{
	return slice_find(o->api_version, what) != SIZE_MAX;
}

static enum provider_id provider_of_group(const struct object *o)
{
	return group_has(o, "aws.")	      ? PROVIDER_AWS
	       : group_has(o, "azure.")	      ? PROVIDER_AZURE
	       : group_has(o, "gcp.")	      ? PROVIDER_GCP
	       : group_has(o, "ibm")	      ? PROVIDER_IBM
	       : group_has(o, "oci.")	      ? PROVIDER_OCI
	       : group_has(o, "digitalocean") ? PROVIDER_DIGITALOCEAN
	       : group_has(o, "alibaba")      ? PROVIDER_ALIBABA
					      : PROVIDER_NONE;
}

/* What a secret store signs in with: only of stores that are a cloud's. */
static enum provider_id provider_of_store(const struct node *provider)
{
	static const struct {
		const char *key;
		enum provider_id provider;
	} stores[] = {{"aws", PROVIDER_AWS},
		      {"azurekv", PROVIDER_AZURE},
		      {"gcpsm", PROVIDER_GCP},
		      {"ibm", PROVIDER_IBM},
		      {"oracle", PROVIDER_OCI},
		      {"alibaba", PROVIDER_ALIBABA},
		      {"yandexlockbox", PROVIDER_YANDEX},
		      {"yandexcertificatemanager", PROVIDER_YANDEX},
		      {"scaleway", PROVIDER_SCALEWAY}};

	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		if (node_lookup(provider, stores[i].key))
			return stores[i].provider;
	return PROVIDER_NONE;
}

/* `unless` and its words: a field that says that a workload identity is used, and no Secret read. */
static const struct kind_row {
	const char *kind, *group, *path, *unless, *words;
	enum provider_id provider;
} kind_rows[] = {
	{"LokiStack", "loki.grafana.com", "spec/storage/secret", "spec/storage/secret/credentialMode",
	 "token token-cco", PROVIDER_UNKNOWN},
	{"TempoStack", "tempo.grafana.com", "spec/storage/secret", "spec/storage/secret/credentialMode",
	 "token token-cco", PROVIDER_UNKNOWN},
	{"TempoMonolithic", "tempo.grafana.com", "spec/storage/traces/s3", NULL, NULL, PROVIDER_S3},
	{"AWSClusterStaticIdentity", "infrastructure.cluster.x-k8s.io", "spec/secretRef", NULL, NULL, PROVIDER_AWS},
	{"AzureClusterIdentity", "infrastructure.cluster.x-k8s.io", "spec/clientSecret", "spec/type",
	 "WorkloadIdentity UserAssignedMSI", PROVIDER_AZURE},
	{"GCPCluster", "infrastructure.cluster.x-k8s.io", "spec/credentialsRef", NULL, NULL, PROVIDER_GCP},
	{"GCPManagedCluster", "infrastructure.cluster.x-k8s.io", "spec/credentialsRef", NULL, NULL, PROVIDER_GCP},
	{"OCIClusterIdentity", "infrastructure.cluster.x-k8s.io", "spec/principalSecret", "spec/type",
	 "Workload InstancePrincipal", PROVIDER_OCI},
	{"VSphereClusterIdentity", "infrastructure.cluster.x-k8s.io", "spec/secretName", NULL, NULL, PROVIDER_VSPHERE},
	{"Bucket", "source.toolkit.fluxcd.io", "spec/secretRef", NULL, NULL, PROVIDER_S3},
	{"Profile", "config.kio.kasten.io", "spec/locationSpec/credential/secret", NULL, NULL, PROVIDER_UNKNOWN},
	{"BackupTarget", "longhorn.io", "spec/credentialSecret", NULL, NULL, PROVIDER_UNKNOWN},
};

static bool is_one_of(struct slice word, const char *words)
{
	struct slice rest = slice_str(words);

	while (word.n && rest.p && rest.n)
		if (slice_eq(slice_cut(rest, ' ', &rest), word))
			return true;
	return false;
}

static void of_table(struct gate *g, const struct object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_rows); i++) {
		const struct kind_row *row = &kind_rows[i];
		const struct node *at;

		if (!slice_is(o->kind, row->kind) || !object_in_group(o, row->group))
			continue;
		at = node_at(o->root, row->path);
		if (reference_is_one(at) &&
		    !(row->unless && is_one_of(node_string(node_at(o->root, row->unless)), row->words)))
			reference_found(g, o, at, row->provider, gate_printf(g, "%s signs in with", row->kind),
					reference_name(at));
	}
}

void reference_kind(struct gate *g, const struct object *o)
{
	const struct node *at;

	if (slice_is(o->kind, "BackupLocation")) {
		static const char *const parts[] = {"location/secretConfig", "cluster/secretConfig"};

		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			at = node_at(o->root, parts[i]);
			if (node_string(at).n)
				reference_found(g, o, at, PROVIDER_UNKNOWN, "secretConfig names", node_string(at));
		}
	} else if (slice_is(o->kind, "BackupStorageLocation") || slice_is(o->kind, "VolumeSnapshotLocation")) {
		at = node_at(o->root, "spec/credential");
		if (reference_is_one(at))
			reference_found(g, o, at, PROVIDER_UNKNOWN, "spec.credential names", reference_name(at));
	} else if (slice_is(o->kind, "ProviderConfig") || slice_is(o->kind, "ClusterProviderConfig")) {
		at = node_at(o->root, "spec/credentials/secretRef");
		if (reference_is_one(at) && node_string_is(node_at(o->root, "spec/credentials/source"), "Secret") &&
		    provider_of_group(o) != PROVIDER_NONE)
			reference_found(g, o, at, provider_of_group(o), "the provider signs in with",
					reference_name(at));
	} else if (slice_is(o->kind, "SecretStore") || slice_is(o->kind, "ClusterSecretStore")) {
		const struct node *provider = node_at(o->root, "spec/provider");

		at = NULL;
		for (struct map_iter it = map_iter_of(provider); map_next(&it) && !at;)
			at = node_at(it.value, "auth/secretRef");
		/* Its fields are reported one by one where they have names of their own. */
		if (reference_is_one(at) && provider_of_store(provider) != PROVIDER_NONE &&
		    !node_lookup(at, "accessKeyIDSecretRef") && !node_lookup(at, "secretApiKeySecretRef"))
			reference_found(g, o, at, provider_of_store(provider), "the store signs in with",
					reference_name(at));
	} else if (object_is(o, "StorageClass", NULL) || object_is(o, "VolumeSnapshotClass", NULL) ||
		   slice_is(o->kind, "VolumeGroupSnapshotClass")) {
		reference_class(g, o);
	} else {
		of_table(g, o);
	}
}
