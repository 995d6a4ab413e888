/*
 * verify_identity.c: Stork's managed identity, from the StorageCluster to the running pods. The pods are the proof:
 * what they lack fails; what only the way there lacks warns as long as every pod has what it needs.
 */
#include "checks/stork_pods.h"

#define CLIENT_ID "azure.workload.identity/client-id"
#define AUDIENCE  "api://AzureADTokenExchange"

/* --- the pods -------------------------------------------------------------------------------------------------- */

/* Whether `path` is the mount's path or lies below it. */
static bool lies_under(struct slice path, struct slice mount)
{
	while (mount.n > 1 && mount.p[mount.n - 1] == '/')
		mount.n--;
	return mount.n && path.n > mount.n && memcmp(path.p, mount.p, mount.n) == 0 && path.p[mount.n] == '/';
}

static enum token volume_token(const struct node *pod, struct slice name)
{
	const struct node *volume = node_named(node_at(pod, "spec/volumes"), name, &(size_t){0});
	enum token t = TOKEN_MISSING;

	for (struct seq_iter it = seq_iter_of(node_at(volume, "projected/sources")); seq_next(&it);) {
		const struct node *token = node_lookup(it.item, "serviceAccountToken");

		if (!token)
			continue;
		if (slice_starts(node_string(node_lookup(token, "audience")), AUDIENCE))
			return TOKEN_THERE;
		t = TOKEN_OTHER_AUDIENCE;
	}
	return t;
}

enum token stork_token(const struct node *pod)
{
	const struct node *c = stork_container(pod),
			  *file = variable(node_lookup(c, "env"), "AZURE_FEDERATED_TOKEN_FILE");
	struct slice path = node_string(node_lookup(file, "value"));
	enum token best = TOKEN_MISSING;

	for (struct seq_iter it = seq_iter_of(node_lookup(c, "volumeMounts")); path.n && seq_next(&it);) {
		enum token t;

		if (!lies_under(path, node_string(node_lookup(it.item, "mountPath"))))
			continue;
		t = volume_token(pod, node_string(node_lookup(it.item, "name")));
		if (t == TOKEN_THERE)
			return t;
		if (t != TOKEN_MISSING)
			best = t;
	}
	return best;
}

static struct slice pod_client(const struct node *pod)
{
	return node_string(node_lookup(variable(node_lookup(stork_container(pod), "env"), "AZURE_CLIENT_ID"), "value"));
}

enum proof pods_proof(const struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_PODS), "items");
	size_t n = 0;

	if (!items)
		return PROOF_UNKNOWN;
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!stork_pod_counts(it.item))
			continue;
		n++;
		if (stork_token(it.item) != TOKEN_THERE || !pod_client(it.item).n)
			return PROOF_NO;
	}
	return n ? PROOF_YES : PROOF_NO;
}

/* --- the StorageCluster ---------------------------------------------------------------------------------------- */

static const struct node *azure_entry(const struct node *stc, bool *other_case)
{
	*other_case = false;
	for (struct seq_iter it = seq_iter_of(node_at(stc, "spec/workloadIdentity/credentials")); seq_next(&it);) {
		struct slice provider = node_string(node_lookup(it.item, "cloudProvider"));

		if (!slice_eq_nocase(provider, SLICE("azure")) ||
		    !node_string_is(node_lookup(it.item, "key"), CLIENT_ID))
			continue;
		*other_case = !slice_is(provider, "azure");
		return it.item;
	}
	return NULL;
}

struct slice identity_of(const struct node *stc)
{
	bool other_case;

	return node_string(node_lookup(azure_entry(stc, &other_case), "value"));
}

/* What is missing on the way fails only if the pods lack the identity, and is unknown if they could not be read. */
static void by_proof(struct facts *f, const char *missing)
{
	switch (pods_proof(f)) {
	case PROOF_YES:
		warn(f, "%s; the Stork pods have the identity nevertheless, new ones may not", missing);
		break;
	case PROOF_NO:
		fail_(f, "%s", missing);
		break;
	default:
		unknown(f, "%s; whether the Stork pods have the identity could not be read", missing);
	}
}

/* A client id is shown, anything else that was put in its place is not: it may be a secret. */
static const char *shown_id(struct facts *f, struct slice id)
{
	return is_guid(id) ? shown(f, id) : arena_printf(&f->arena, "(%zu characters, no GUID)", id.n);
}

void check_identity_credential(struct facts *f)
{
	const struct node *stc = need_storagecluster(f), *list, *entry;
	bool other_case;
	struct slice id;

	if (!stc)
		return;
	list = node_at(stc, "spec/workloadIdentity/credentials");
	entry = azure_entry(stc, &other_case);
	id = node_string(node_lookup(entry, "value"));
	if (!entry && node_count(list))
		by_proof(f, "spec.workloadIdentity.credentials has no entry for azure with key " CLIENT_ID);
	else if (!entry)
		by_proof(f, "spec.workloadIdentity.credentials is empty");
	else if (!id.n)
		by_proof(f, "the client id for azure is empty");
	else if (!is_guid(id))
		fail_(f, "the client id for azure is no GUID");
	else if (other_case)
		warn(f, "cloudProvider is spelled '%s'; the documented spelling is azure",
		     shown(f, node_string(node_lookup(entry, "cloudProvider"))));
	else
		pass(f, "%s", shown_id(f, id));
	result_about(f, object_name(f, "StorageCluster", stc), "spec.workloadIdentity.credentials");
	if (f->results[f->current].outcome != OUTCOME_PASS)
		result_fix(f, "spec:\n  workloadIdentity:\n    credentials:\n    - cloudProvider: azure\n      "
			      "key: " CLIENT_ID "\n      value: <client id of the managed identity>");
}

void check_identity_switch(struct facts *f)
{
	const struct node *stc = need_storagecluster(f);

	if (!stc)
		return;
	if (node_is_bool(node_at(stc, "spec/stork/useWorkloadIdentity"), true)) {
		pass(f, "spec.stork.useWorkloadIdentity is true");
	} else {
		by_proof(f, "spec.stork.useWorkloadIdentity is not true: the identity is Portworx's alone");
		result_values(f, "not true", "true");
		result_fix(f, "set spec.stork.useWorkloadIdentity: true in the StorageCluster");
	}
	result_about(f, object_name(f, "StorageCluster", stc), "spec.stork.useWorkloadIdentity");
}

/* --- ServiceAccounts and namespace ----------------------------------------------------------------------------- */

static void judge_annotation(struct facts *f, const struct node *account, struct slice wanted)
{
	struct slice id = node_string(node_lookup(node_at(account, "metadata/annotations"), CLIENT_ID));
	const char *name = shown(f, node_string(node_at(account, "metadata/name")));

	if (!id.n) {
		by_proof(f, arena_printf(&f->arena, "ServiceAccount %s has no annotation " CLIENT_ID, name));
	} else if (wanted.n && !slice_eq(id, wanted)) {
		fail_(f, "ServiceAccount %s names another identity than the StorageCluster", name);
		result_values(f, shown_id(f, id), shown_id(f, wanted));
	} else if (!wanted.n) {
		warn(f, "ServiceAccount %s names an identity, the StorageCluster none", name);
	} else {
		pass(f, "%s", shown_id(f, id));
	}
	result_about(f, arena_printf(&f->arena, "ServiceAccount %s/%s", facts_namespace(f), name),
		     "metadata.annotations[\"" CLIENT_ID "\"]");
	if (f->results[f->current].outcome != OUTCOME_PASS)
		result_fix(f,
			   "set the client id in spec.workloadIdentity.credentials of the StorageCluster; the Operator "
			   "annotates the ServiceAccount");
}

static void check_account(struct facts *f, enum question_id q)
{
	struct slice wanted = identity_of(facts_storagecluster(f));

	if (facts_root(f, q)) {
		judge_annotation(f, facts_root(f, q), wanted);
	} else if (!facts_known(f, q)) {
		result_unanswered(f, q);
	} else if (q == Q_STORK_ACCOUNT) {
		fail_(f, "there is no ServiceAccount stork in namespace '%s'", facts_namespace(f));
		result_fix(f, "let the Operator deploy Stork (spec.stork.enabled: true)");
	} else {
		skip(f, "Portworx runs as another ServiceAccount");
	}
}

void check_identity_account(struct facts *f)
{
	check_account(f, Q_STORK_ACCOUNT);
}

void check_identity_px_account(struct facts *f)
{
	check_account(f, Q_PX_ACCOUNT);
	/* Backups run as Stork: Portworx's own identity is a warning. */
	if (f->results[f->current].outcome == OUTCOME_FAIL)
		f->results[f->current].outcome = OUTCOME_WARN;
	if (f->results[f->current].outcome == OUTCOME_UNKNOWN && facts_known(f, Q_PX_ACCOUNT))
		f->results[f->current].outcome = OUTCOME_WARN;
}

void check_identity_namespace(struct facts *f)
{
	const struct node *ns = facts_root(f, Q_NAMESPACE);
	struct slice use = node_string(node_lookup(node_at(ns, "metadata/labels"), "azure.workload.identity/use"));

	if (!ns && !facts_known(f, Q_NAMESPACE)) {
		result_unanswered(f, Q_NAMESPACE);
		return;
	}
	if (!ns) {
		fail_(f, "the namespace '%s' does not exist", facts_namespace(f));
		return;
	}
	if (slice_is(use, "true"))
		pass(f, "azure.workload.identity/use=true; the pods show whether it took effect");
	else
		warn(f, "the namespace lacks the label azure.workload.identity/use=true, which the vendor's page asks "
			"for");
	result_about(f, arena_printf(&f->arena, "Namespace %s", facts_namespace(f)), "metadata.labels");
	if (!slice_is(use, "true"))
		result_fix(f,
			   "check the StorageCluster: the Operator sets the label; by hand: kubectl label namespace %s "
			   "azure.workload.identity/use=true",
			   facts_namespace(f));
}

/* --- webhook --------------------------------------------------------------------------------------------------- */

static bool is_webhook(const struct node *item)
{
	if (node_string_is(node_lookup(node_at(item, "metadata/labels"), "azure-workload-identity.io/system"), "true"))
		return true;
	for (struct seq_iter it = seq_iter_of(node_lookup(item, "webhooks")); seq_next(&it);) {
		struct slice name = node_string(node_lookup(it.item, "name"));

		if (slice_ends(name, "azure-workload-identity.io") || slice_starts(name, "pod-identity-webhook"))
			return true;
	}
	return slice_find(node_string(node_at(item, "metadata/name")), "azure-wi-webhook") != SIZE_MAX;
}

void check_identity_webhook(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_WEBHOOKS), "items");
	enum proof proof = pods_proof(f);

	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!is_webhook(it.item))
			continue;
		pass(f, "%s", shown(f, node_string(node_at(it.item, "metadata/name"))));
		return;
	}
	if (!items && proof == PROOF_YES && !answer_is_lost(f->v[Q_WEBHOOKS].kind))
		skip(f, "the webhooks could not be read (%s); every Stork pod has the token",
		     answer_meaning(f->v[Q_WEBHOOKS].kind));
	else if (!items)
		result_unanswered(f, Q_WEBHOOKS);
	else if (!f->v[Q_PODS].asked)
		result_unanswered(f, Q_PODS);
	else
		by_proof(f, "no webhook of Azure workload identity is installed");
	if (items && f->results[f->current].outcome != OUTCOME_SKIP)
		result_fix(
			f,
			"enable workload identity on the cluster (AKS: az aks update --enable-workload-identity), or "
			"install the chart workload-identity-webhook; Gardener shoots have none by default");
}

/* --- what the pods have ---------------------------------------------------------------------------------------- */

static bool judge_pod(struct facts *f, const struct node *pod, struct slice wanted)
{
	const struct node *c = stork_container(pod), *client = variable(node_lookup(c, "env"), "AZURE_CLIENT_ID"),
			  *tenant = variable(node_lookup(c, "env"), "AZURE_TENANT_ID");
	enum token token = stork_token(pod);
	struct slice id = pod_client(pod);

	if (!c)
		unknown(f, "%s has no container stork", object_name(f, "Pod", pod));
	else if (token == TOKEN_OTHER_AUDIENCE)
		unknown(f, "%s has a token for another audience than " AUDIENCE, object_name(f, "Pod", pod));
	else if (token != TOKEN_THERE)
		fail_(f, "%s has no token for Azure: the webhook did not change it", object_name(f, "Pod", pod));
	else if (client && node_lookup(client, "valueFrom"))
		unknown(f, "AZURE_CLIENT_ID of %s comes from elsewhere", object_name(f, "Pod", pod));
	else if (!id.n)
		fail_(f, "%s has no AZURE_CLIENT_ID: the ServiceAccount had no annotation when it started",
		      object_name(f, "Pod", pod));
	else if (wanted.n && !slice_eq(id, wanted))
		fail_(f, "%s uses another identity than the StorageCluster names", object_name(f, "Pod", pod));
	else if (!tenant)
		warn(f, "%s has no AZURE_TENANT_ID: the webhook knows no tenant", object_name(f, "Pod", pod));
	else
		return true;
	result_about(f, object_name(f, "Pod", pod), "spec.containers[stork].env");
	if (wanted.n && id.n && !slice_eq(id, wanted))
		result_values(f, shown_id(f, id), shown_id(f, wanted));
	return false;
}

static struct slice wanted_identity(const struct facts *f)
{
	struct slice id = identity_of(facts_storagecluster(f));
	const struct node *account = facts_root(f, Q_STORK_ACCOUNT);

	return id.n ? id : node_string(node_lookup(node_at(account, "metadata/annotations"), CLIENT_ID));
}

void check_identity_pods(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_PODS), "items");
	struct slice wanted = wanted_identity(f);
	struct check_result worst = {0};
	size_t n = 0;

	if (!items) {
		result_unanswered(f, Q_PODS);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (!stork_pod_counts(it.item))
			continue;
		n++;
		if (judge_pod(f, it.item, wanted))
			continue;
		if (result_keep_worst(&worst, &f->results[f->current]))
			break;
	}
	if (worst.set)
		f->results[f->current] = worst;
	else if (n)
		pass(f, "%zu of %zu pods", n, n);
	else
		skip(f, "no Stork pod runs");
	if (worst.set && worst.outcome == OUTCOME_FAIL)
		result_fix(f,
			   "correct the StorageCluster first, then restart Stork: kubectl rollout restart deployment "
			   "stork "
			   "-n %s (pods change only when they are created)",
			   facts_namespace(f));
}

void check_identity_issuer(struct facts *f)
{
	struct slice issuer = node_string(node_lookup(facts_root(f, Q_ISSUER), "issuer"));

	if (issuer.n)
		pass(f, "%s", shown(f, issuer));
	else if (f->v[Q_ISSUER].asked && answer_is_lost(f->v[Q_ISSUER].kind))
		result_unanswered(f, Q_ISSUER);
	else
		skip(f, "%s could not be read (%s); only 'role check' needs it",
		     f->v[Q_ISSUER].path ? f->v[Q_ISSUER].path : "the issuer", answer_meaning(f->v[Q_ISSUER].kind));
}
