/*
 * credential_reference_path.c: GOOGLE_APPLICATION_CREDENTIALS and its kin name a file. What is mounted there decides: a
 * Secret is a credential, a projected token or a ConfigMap (external_account) is none.
 */
#include "rules/credential_reference.h"

/* The mount that holds the path: the longest mountPath that is the path or a folder above it. */
static const struct node *mount_of(const struct node *container, struct slice path)
{
	const struct node *found = NULL;
	size_t best = 0;

	for (struct seq_iter it = seq_iter_of(node_lookup(container, "volumeMounts")); seq_next(&it);) {
		struct slice at = node_string(node_lookup(it.item, "mountPath"));

		while (at.n > 1 && at.p[at.n - 1] == '/')
			at.n--;
		if (at.n < best || at.n == 0 || at.n > path.n || memcmp(at.p, path.p, at.n) != 0)
			continue;
		if (at.n < path.n && path.p[at.n] != '/' && at.n > 1)
			continue;
		best = at.n;
		found = it.item;
	}
	return found;
}

static const struct node *volume_of(const struct node *container, struct slice name)
{
	/* container -> list of containers -> pod spec; a custom resource may keep them elsewhere. */
	for (const struct node *up = container->parent; up; up = up->parent) {
		const struct node *volumes = up->kind == NODE_MAPPING ? node_lookup(up, "volumes") : NULL;

		if (volumes)
			return node_named(volumes, name, NULL);
	}
	return NULL;
}

static struct slice last_part(struct slice path)
{
	size_t slash = slice_rchr(path, '/');

	return slash == SIZE_MAX ? path : slice_from(path, slash + 1);
}

/* A projected volume's Secret counts when it makes this very file, or all of its own. */
static const struct node *projected_secret(const struct node *volume, struct slice path)
{
	for (struct seq_iter it = seq_iter_of(node_at(volume, "projected/sources")); seq_next(&it);) {
		const struct node *secret = node_lookup(it.item, "secret"), *items = node_lookup(secret, "items");

		if (!secret)
			continue;
		if (!node_is_sequence(items))
			return secret;
		for (struct seq_iter k = seq_iter_of(items); seq_next(&k);)
			if (slice_eq(last_part(node_string(node_lookup(k.item, "path"))), last_part(path)))
				return secret;
	}
	return NULL;
}

void reference_path(struct gate *g, const struct object *o, const struct node *at, const struct node *container,
		    const struct credential_name *name, struct slice path)
{
	const struct node *mount = mount_of(container, path);
	const struct node *volume = mount ? volume_of(container, node_string(node_lookup(mount, "name"))) : NULL;
	const struct node *secret = node_lookup(volume, "secret");
	const char *how = gate_printf(g, "%s names a file of", name->name);

	if (secret) {
		reference_found(g, o, at, name->provider, how, node_string(node_lookup(secret, "secretName")));
		return;
	}
	secret = projected_secret(volume, path);
	if (secret) {
		reference_found(g, o, at, name->provider, how, node_string(node_lookup(secret, "name")));
		return;
	}
	if (node_lookup(volume, "projected") || node_lookup(volume, "configMap"))
		return;
	reference_unknown(g, o, at, gate_printf(g, "%s names the file", name->name), path);
}

/* Where programs look by themselves: the folder or file, whatever is above it. */
static bool is_tools_place(struct slice path)
{
	static const char *const places[] = {"/.aws",
					     "/.aws/credentials",
					     "/.aws/config",
					     "/.azure",
					     "/.config/gcloud",
					     "/.oci",
					     "/.bluemix",
					     "/.aliyun",
					     "/.config/rclone",
					     "/rclone.conf",
					     "/.mc",
					     "/.mc/config.json",
					     "/.s3cfg",
					     "/.boto",
					     "/var/secrets/google",
					     "/.config/scw",
					     "/.config/doctl",
					     "/.config/yandex-cloud",
					     "/passwd-s3fs",
					     "/.passwd-s3fs",
					     "/.config/openstack",
					     "/etc/openstack",
					     "/clouds.yaml",
					     "/azure.json",
					     "/.azure/credentials",
					     "/application_default_credentials.json"};

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (slice_ends(path, places[i]))
			return true;
	return false;
}

void reference_mounts(struct gate *g, const struct object *o, const struct node *container)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(container, "volumeMounts")); seq_next(&it);) {
		struct slice path = node_string(node_lookup(it.item, "mountPath"));
		const struct node *volume, *secret;

		if (!is_tools_place(path))
			continue;
		volume = volume_of(container, node_string(node_lookup(it.item, "name")));
		secret = node_lookup(volume, "secret");
		if (secret)
			reference_found(g, o, it.item, PROVIDER_UNKNOWN,
					gate_printf(g, "at %s, where a cloud's tools look, is mounted",
						    gate_show(g, path)),
					node_string(node_lookup(secret, "secretName")));
		secret = secret ? NULL : projected_secret(volume, path);
		if (secret)
			reference_found(g, o, it.item, PROVIDER_UNKNOWN,
					gate_printf(g, "at %s, where a cloud's tools look, is mounted",
						    gate_show(g, path)),
					node_string(node_lookup(secret, "name")));
	}
}
