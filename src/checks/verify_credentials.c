/*
 * verify_credentials.c: what Federated mode forbids on an application cluster: credentials that somebody stored.
 */
#include "checks/stork_pods.h"

/* Variables that hold a cloud credential, whatever their value. */
static const char *static_name(const struct node *env)
{
	static const char *const names[] = {"AZURE_CLIENT_SECRET",
					    "AZURE_CLIENT_CERTIFICATE_PATH",
					    "AZURE_PASSWORD",
					    "AZURE_STORAGE_KEY",
					    "AZURE_STORAGE_ACCOUNT_KEY",
					    "AZURE_STORAGE_CONNECTION_STRING",
					    "AZURE_STORAGE_SAS_TOKEN",
					    "AZURE_ACCOUNT_KEY",
					    "AWS_ACCESS_KEY_ID",
					    "AWS_SECRET_ACCESS_KEY",
					    "AWS_SESSION_TOKEN",
					    "GOOGLE_APPLICATION_CREDENTIALS",
					    "AZURE_STORAGE_ACCOUNT_ACCESS_KEY"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (variable(env, names[i]))
			return names[i];
	return NULL;
}

static bool fail_pods(struct facts *f)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_PODS), "items")); seq_next(&it);) {
		const char *name = static_name(node_lookup(stork_container(it.item), "env"));

		if (!name || !stork_pod_counts(it.item))
			continue;
		fail_(f, "%s has %s: a static credential goes before the managed identity",
		      object_name(f, "Pod", it.item), name);
		result_about(f, object_name(f, "Pod", it.item),
			     arena_printf(&f->arena, "spec.containers[stork].env[%s]", name));
		return true;
	}
	return false;
}

void check_static_credentials(struct facts *f)
{
	const struct node *stc = facts_storagecluster(f);
	const char *stork = static_name(node_at(stc, "spec/stork/env")), *px = static_name(node_at(stc, "spec/env"));

	if (fail_pods(f)) {
		result_fix(f, "remove it from spec.stork.env of the StorageCluster");
	} else if (stork) {
		fail_(f, "spec.stork.env sets %s: Federated mode stores no credential", stork);
		result_about(f, object_name(f, "StorageCluster", stc), "spec.stork.env");
		result_fix(f, "remove %s from spec.stork.env", stork);
	} else if (!stc) {
		need_storagecluster(f);
	} else if (!facts_known(f, Q_PODS)) {
		result_unanswered(f, Q_PODS);
	} else if (px) {
		warn(f, "spec.env sets %s beside the managed identity", px);
		result_about(f, object_name(f, "StorageCluster", stc), "spec.env");
		result_fix(f, "remove %s from spec.env once Portworx uses the managed identity", px);
	} else {
		pass(f, "none in the StorageCluster or the Stork pods");
	}
}

void check_px_azure_secret(struct facts *f)
{
	const struct fact *a = &f->v[Q_PX_AZURE];

	if (a->asked && a->kind == ANSWER_OK) {
		warn(f, "Secret px-azure is left over: with a managed identity nothing reads it");
		result_about(f, arena_printf(&f->arena, "Secret %s/px-azure", facts_namespace(f)), NULL);
		result_fix(f, "kubectl delete secret px-azure -n %s, once no other component uses it",
			   facts_namespace(f));
	} else if (facts_known(f, Q_PX_AZURE)) {
		pass(f, "it does not exist");
	} else if (a->asked && a->kind == ANSWER_FORBIDDEN) {
		skip(f, "not looked at: Secrets may not be read here; it would be a leftover, not an obstacle");
	} else {
		result_unanswered(f, Q_PX_AZURE);
	}
}

/* --- backup locations ------------------------------------------------------------------------------------------ */

static bool size_set(const struct node *location, const char *path)
{
	const struct node *n = node_real(node_at(location, path));

	return n && !node_is_null(n) && !slice_is(node_text(n), "0");
}

static const char *stored_in(const struct node *location)
{
	static const char *const fields[] = {"azureConfig/clientSecret", "azureConfig/storageAccountKey",
					     "s3Config/accessKeyID", "s3Config/secretAccessKey",
					     "googleConfig/accountKey"};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (size_set(location, fields[i]))
			return fields[i];
	if (node_string(node_lookup(location, "secretConfig")).n)
		return "secretConfig";
	return node_string(node_at(location, "azureConfig/secretConfig")).n ? "azureConfig/secretConfig" : NULL;
}

static bool judge_location(struct facts *f, const struct node *item)
{
	const struct node *location = node_lookup(item, "location");
	struct slice type = node_string(node_lookup(location, "type"));
	const char *stored = stored_in(location);

	if (f->demands->azure_only && type.n && !slice_is(type, "azure")) {
		fail_(f, "%s is of type '%s'; px-central %s supports Azure only in Federated mode",
		      object_name(f, "BackupLocation", item), shown(f, type), f->demands->px_central);
		result_about(f, object_name(f, "BackupLocation", item), "location.type");
		result_values(f, shown(f, type), "azure");
	} else if (stored) {
		fail_(f, "%s stores a credential in location.%s", object_name(f, "BackupLocation", item), stored);
		result_about(f, object_name(f, "BackupLocation", item), arena_printf(&f->arena, "location.%s", stored));
		result_fix(f, "empty the field; Stork takes the managed identity");
	} else if (!type.n) {
		unknown(f, "%s says no location.type", object_name(f, "BackupLocation", item));
	} else {
		return true;
	}
	return false;
}

void check_backup_locations(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_LOCATIONS), "items");
	struct check_result worst = {0};

	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (judge_location(f, it.item))
			continue;
		if (result_keep_worst(&worst, &f->results[f->current]))
			break;
	}
	if (worst.set)
		f->results[f->current] = worst;
	else if (node_count(items))
		pass(f, "%zu of type azure, without credentials", node_count(items));
	else if (facts_known(f, Q_LOCATIONS))
		skip(f, "there is no BackupLocation yet");
	else
		result_unanswered(f, Q_LOCATIONS);
}
