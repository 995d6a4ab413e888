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
	{"applicationCredentials", "googleCredentials", PROVIDER_GCP},
	{"serviceAccountKeySecret", NULL, PROVIDER_GCP},
	{"accessKeySecret", "s3", PROVIDER_S3},
	{"secretKeySecret", "s3", PROVIDER_S3},
	{"credentialsSecret", "s3", PROVIDER_S3},
	{"credentialsSecret", "azure", PROVIDER_AZURE},
	{"storageSecretName", "backend", PROVIDER_UNKNOWN},
};

/* Half of what stands there names the identity only: no secret is taken from it. */
static bool names_identity_only(const struct node *ref)
{
	static const char *const secrets[] = {"clientSecret", "clientCertificate", "name", "key", "secretName"};
	bool identity = node_lookup(ref, "clientId") || node_lookup(ref, "tenantId");

	for (size_t i = 0; identity && i < ARRAY_SIZE(secrets); i++)
		identity = !node_lookup(ref, secrets[i]);
	return identity;
}

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

struct slice reference_name(const struct node *ref)
{
	struct slice name = node_string(node_lookup(ref, "name"));

	if (node_is_string(ref))
		return node_string(ref);
	if (!name.n)
		name = node_string(node_lookup(ref, "secretName"));
	/* A mapping of selectors: the first that names one. */
	for (struct map_iter it = map_iter_of(node_is_mapping(ref) ? node_real(ref) : NULL); !name.n && map_next(&it);)
		name = node_string(node_lookup(it.value, "name"));
	return name;
}

bool reference_is_one(const struct node *ref)
{
	return node_string(ref).n || (node_is_mapping(ref) && node_count(ref));
}

/* The fields of one provider are also used below another's name: gcpsm.auth.secretRef.secretAccessKeySecretRef. */
static enum provider_id provider_above(const struct node *n, enum provider_id provider)
{
	for (n = n->parent; n; n = n->parent) {
		const struct node *key = node_key_of(n);
		struct name_words w = name_words_of(key ? node_text(key) : SLICE_EMPTY);

		if (w.provider != PROVIDER_NONE && w.provider != PROVIDER_S3 && !w.hint)
			return w.provider;
	}
	return provider;
}

static bool named_fields(struct gate *g, const struct object *o, const struct node *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (slice_is(node_text(k), fields[i].key) && reference_is_one(k->next) &&
		    !names_identity_only(k->next) && (!fields[i].under || stands_under(k, fields[i].under))) {
			reference_found(g, o, k->next,
					fields[i].under ? fields[i].provider : provider_above(k, fields[i].provider),
					gate_printf(g, "%s names", fields[i].key), reference_name(k->next));
			return true;
		}
	return false;
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
			gate_printf(g, "%s is taken from", name->name), reference_name(k->next));
}

/* --- volumes and classes --------------------------------------------------------------------------------------- */

void reference_class(struct gate *g, const struct object *o)
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
		if (!slice_ends(node_text(it.key), "SecretRef") || !reference_is_one(it.value))
			continue;
		if (d)
			reference_found(g, o, it.value, d->provider, "the driver takes its credential from",
					reference_name(it.value));
		else if (slice_is(driver, "secrets-store.csi.k8s.io"))
			reference_unknown(g, o, it.value, "the driver signs in with", reference_name(it.value));
	}
}

static void secret_volume(struct gate *g, const struct object *o, const struct node *secret)
{
	struct slice name = node_string(node_lookup(secret, "secretName"));
	enum provider_id provider;

	if (name.n && reference_known_secret(name, &provider))
		reference_found(g, o, secret, provider, "a volume contains", name);
}

/* KEDA: a parameter of a scaler is taken from a Secret. */
static void keda_targets(struct gate *g, const struct object *o, const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		struct slice parameter = node_string(node_lookup(it.item, "parameter"));
		const struct credential_name *name = name_find(parameter);

		if (name && !name->needs && name->asks == ASKS_NOTHING && name->kind != NAME_PLAIN)
			reference_found(g, o, it.item, name->provider,
					gate_printf(g, "parameter %s is taken from", gate_show(g, parameter)),
					node_string(node_lookup(it.item, "name")));
	}
}

void reference_fields(struct gate *g, const struct object *o, const struct node *map)
{
	if (map == o->root)
		reference_kind(g, o);
	for (const struct node *k = map->child; k; k = k->next->next) {
		struct slice key = node_text(k);

		if (key.n < 3 || (k->next->kind == NODE_SCALAR && key.n != 15))
			continue;
		if (key.n >= 13 && named_fields(g, o, k))
			continue;
		if (key.n == 12 && slice_is(key, "volumeMounts"))
			reference_mounts(g, o, map);
		if (key.n == 15 && slice_is(key, "secretTargetRef"))
			keda_targets(g, o, k->next);
		if (key.n == 3 && slice_is(key, "csi"))
			csi_volume(g, o, k->next);
		else if (key.n == 6 && slice_is(key, "secret"))
			secret_volume(g, o, k->next);
		else if (key.n == 9 && slice_is(key, "azureFile") && node_string(node_lookup(k->next, "secretName")).n)
			reference_found(g, o, k->next, PROVIDER_AZURE, "azureFile takes a storage account's key from",
					node_string(node_lookup(k->next, "secretName")));
		else if (key.n == 19 && slice_is(key, "objectStorageConfig") &&
			 node_string(node_lookup(k->next, "name")).n)
			reference_unknown(g, o, k->next, "objectStorageConfig is stored in",
					  node_string(node_lookup(k->next, "name")));
		selectors(g, o, k);
	}
}
