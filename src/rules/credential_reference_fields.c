/*
 * credential_reference_fields.c: fields that name a Secret: backup locations, secret stores, certificate issuers,
 * providers of infrastructure, volumes, storage classes.
 */
#include "rules/credential_reference.h"

/* A mapping or string under this key names a Secret with a credential; where others use the key too, a key above it
   must begin with `under`. */
static const struct field {
	const char *key, *under;
	enum provider_id provider;
} fields[] = {
	{"accessKeyIDSecretRef", NULL, PROVIDER_AWS},
	{"secretAccessKeySecretRef", NULL, PROVIDER_AWS},
	{"sessionTokenSecretRef", NULL, PROVIDER_AWS},
	{"accessKeySecretSecretRef", NULL, PROVIDER_ALIBABA},
	{"secretApiKeySecretRef", NULL, PROVIDER_IBM},
	{"azureSecretName", NULL, PROVIDER_AZURE},
	{"clientSecretSecretRef", "azure", PROVIDER_AZURE},
	{"authSecretRef", "azure", PROVIDER_AZURE},
	{"serviceAccountSecretRef", "cloudDNS", PROVIDER_GCP},
	{"tokenSecretRef", "digitalocean", PROVIDER_DIGITALOCEAN},
	{"secretKeySecretRef", "yandex", PROVIDER_YANDEX},
	{"accessKeySecretRef", "alidns", PROVIDER_ALIBABA},
};

static bool stands_under(const struct node *n, const char *what)
{
	for (n = n->parent; n; n = n->parent) {
		const struct node *key = node_key_of(n);

		if (key && slice_starts(node_text(key), what))
			return true;
	}
	return false;
}

/* Drivers of a cloud: their Secret holds the cloud's key. A plain storage driver's does not. */
static const struct driver {
	const char *name;
	enum provider_id provider;
} drivers[] = {
	{"file.csi.azure.com", PROVIDER_AZURE},
	{"disk.csi.azure.com", PROVIDER_AZURE},
	{"blob.csi.azure.com", PROVIDER_AZURE},
	{"kubernetes.io/azure-file", PROVIDER_AZURE},
	{"ebs.csi.aws.com", PROVIDER_AWS},
	{"efs.csi.aws.com", PROVIDER_AWS},
	{"fsx.csi.aws.com", PROVIDER_AWS},
	{"s3.csi.aws.com", PROVIDER_AWS},
	{"pd.csi.storage.gke.io", PROVIDER_GCP},
	{"filestore.csi.storage.gke.io", PROVIDER_GCP},
	{"gcsfuse.csi.storage.gke.io", PROVIDER_GCP},
	{"dobs.csi.digitalocean.com", PROVIDER_DIGITALOCEAN},
	{"vpc.block.csi.ibm.io", PROVIDER_IBM},
	{"cos.s3.csi.ibm.io", PROVIDER_IBM},
	{"ibm.io/ibmc-s3fs", PROVIDER_IBM},
	{"blockvolume.csi.oraclecloud.com", PROVIDER_OCI},
	{"fss.csi.oraclecloud.com", PROVIDER_OCI},
	{"diskplugin.csi.alibabacloud.com", PROVIDER_ALIBABA},
	{"nasplugin.csi.alibabacloud.com", PROVIDER_ALIBABA},
	{"ossplugin.csi.alibabacloud.com", PROVIDER_ALIBABA},
	{"ru.yandex.s3.csi", PROVIDER_YANDEX},
	{"csi.vsphere.vmware.com", PROVIDER_VSPHERE},
	{"cinder.csi.openstack.org", PROVIDER_OPENSTACK},
	{"s3.csi.scality.com", PROVIDER_S3},
};

static const struct driver *driver_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (slice_is(name, drivers[i].name))
			return &drivers[i];
	return NULL;
}

static struct slice secret_name(const struct node *ref)
{
	struct slice name = node_string(node_lookup(ref, "name"));

	if (node_is_string(ref))
		return node_string(ref);
	return name.n ? name : node_string(node_lookup(ref, "secretName"));
}

static bool is_reference(const struct node *ref)
{
	return node_string(ref).n || (node_is_mapping(ref) && node_count(ref));
}

static void named_fields(struct gate *g, const struct object *o, const struct node *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (slice_is(node_text(k), fields[i].key) && is_reference(k->next) &&
		    (!fields[i].under || stands_under(k, fields[i].under)))
			reference_found(g, o, k->next, fields[i].provider, gate_printf(g, "%s names", fields[i].key),
					secret_name(k->next));
}

/* sigv4.accessKey {name, key}, azureAd.oauth.clientSecret {name, key}: a selector under a credential's name. */
static void selectors(struct gate *g, const struct object *o, const struct node *k)
{
	const struct credential_name *name;
	unsigned families = 0;

	if (k->next->kind != NODE_MAPPING || !node_string(node_lookup(k->next, "name")).n ||
	    !node_string(node_lookup(k->next, "key")).n)
		return;
	name = name_find(node_text(k));
	if (!name || name->kind == NAME_PLAIN || name->kind == NAME_PATH)
		return;
	for (const struct node *up = k->parent; up; up = up->parent)
		if (node_key_of(up))
			families |= family_of(node_text(node_key_of(up)));
	if (name->provider == PROVIDER_UNKNOWN && !(families & FAMILY_AZURE))
		return;
	if (name->needs && !(families & name->needs))
		return;
	reference_found(g, o, k->next, name->provider == PROVIDER_UNKNOWN ? PROVIDER_AZURE : name->provider,
			gate_printf(g, "%s is taken from", name->name), secret_name(k->next));
}

/* --- volumes and classes --------------------------------------------------------------------------------------- */

static void class_parameters(struct gate *g, const struct object *o)
{
	struct slice name = node_string(node_lookup(o->root, "provisioner"));
	const struct driver *d = driver_of(name.n ? name : node_string(node_lookup(o->root, "driver")));

	if (!d)
		return;
	for (struct map_iter it = map_iter_of(node_lookup(o->root, "parameters")); map_next(&it);) {
		struct slice key = node_text(it.key);

		if ((slice_ends(key, "secret-name") || slice_is(key, "secretName")) && node_string(it.value).n)
			reference_found(g, o, it.value, d->provider, "a parameter of the driver names",
					node_string(it.value));
	}
}

static void csi_volume(struct gate *g, const struct object *o, const struct node *csi)
{
	struct slice driver = node_string(node_lookup(csi, "driver"));
	const struct driver *d = driver_of(driver);

	for (struct map_iter it = map_iter_of(csi); map_next(&it);) {
		if (!slice_ends(node_text(it.key), "SecretRef") || !is_reference(it.value))
			continue;
		if (d)
			reference_found(g, o, it.value, d->provider, "the driver takes its credential from",
					secret_name(it.value));
		else if (slice_is(driver, "secrets-store.csi.k8s.io"))
			reference_unknown(g, o, it.value, "the driver signs in with", secret_name(it.value));
	}
}

static void secret_volume(struct gate *g, const struct object *o, const struct node *secret)
{
	struct slice name = node_string(node_lookup(secret, "secretName"));
	enum provider_id provider;

	if (name.n && reference_known_secret(name, &provider))
		reference_found(g, o, secret, provider, "a volume holds", name);
}

/* --- kinds ----------------------------------------------------------------------------------------------------- */

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

static void check_kind(struct gate *g, const struct object *o)
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
		if (is_reference(at))
			reference_found(g, o, at, PROVIDER_UNKNOWN, "spec.credential names", secret_name(at));
	} else if (slice_is(o->kind, "ProviderConfig") || slice_is(o->kind, "ClusterProviderConfig")) {
		at = node_at(o->root, "spec/credentials/secretRef");
		if (is_reference(at) && node_string_is(node_at(o->root, "spec/credentials/source"), "Secret") &&
		    provider_of_group(o) != PROVIDER_NONE)
			reference_found(g, o, at, provider_of_group(o), "the provider signs in with", secret_name(at));
	} else if (slice_is(o->kind, "SecretStore") || slice_is(o->kind, "ClusterSecretStore")) {
		const struct node *provider = node_at(o->root, "spec/provider");

		at = NULL;
		for (struct map_iter it = map_iter_of(provider); map_next(&it) && !at;)
			at = node_at(it.value, "auth/secretRef");
		/* Its fields are reported one by one where they have names of their own. */
		if (is_reference(at) && provider_of_store(provider) != PROVIDER_NONE &&
		    !node_lookup(at, "accessKeyIDSecretRef") && !node_lookup(at, "secretApiKeySecretRef"))
			reference_found(g, o, at, provider_of_store(provider), "the store signs in with",
					secret_name(at));
	} else if (object_is(o, "StorageClass", NULL) || object_is(o, "VolumeSnapshotClass", NULL) ||
		   slice_is(o->kind, "VolumeGroupSnapshotClass")) {
		class_parameters(g, o);
	}
}

void reference_fields(struct gate *g, const struct object *o, const struct node *map)
{
	if (map == o->root)
		check_kind(g, o);
	for (const struct node *k = map->child; k; k = k->next->next) {
		struct slice key = node_text(k);

		if (key.n < 3 || (k->next->kind == NODE_SCALAR && key.n != 15))
			continue;
		if (key.n >= 13)
			named_fields(g, o, k);
		if (key.n == 3 && slice_is(key, "csi"))
			csi_volume(g, o, k->next);
		else if (key.n == 6 && slice_is(key, "secret"))
			secret_volume(g, o, k->next);
		else if (key.n == 9 && slice_is(key, "azureFile") && node_string(node_lookup(k->next, "secretName")).n)
			reference_found(g, o, k->next, PROVIDER_AZURE, "azureFile takes a storage account's key from",
					node_string(node_lookup(k->next, "secretName")));
		else if (key.n == 19 && slice_is(key, "objectStorageConfig") &&
			 node_string(node_lookup(k->next, "name")).n)
			reference_unknown(g, o, k->next, "objectStorageConfig is kept in",
					  node_string(node_lookup(k->next, "name")));
		selectors(g, o, k);
	}
}
