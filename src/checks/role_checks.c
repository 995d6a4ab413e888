/*
 * role_checks.c: an identity's rights and its federated credential against what the vendor's page asks for.
 */
#include "checks/role.h"

#define AUDIENCE "api://AzureADTokenExchange"

static const struct role_input *input(const struct facts *f)
{
	return f->more;
}

/* --- who ------------------------------------------------------------------------------------------------------- */

static bool is_principal(const struct role_input *in)
{
	for (size_t i = 0; i < in->identities.n; i++)
		if (slice_eq_nocase(node_string(node_lookup(in->identities.v[i], "principalId")), in->client))
			return true;
	return false;
}

void check_role_identity(struct facts *f)
{
	const struct role_input *in = input(f);
	const struct node *identity = role_identity(in);

	if (identity)
		pass(f, "%s", shown(f, node_string(node_lookup(identity, "name"))));
	else if (!in->has_identities)
		unknown(f, "no identities were given ('az identity list -o json')");
	else if (is_principal(in)) {
		fail_(f, "'%s' is a principal id; annotations and the StorageCluster need the client id",
		      shown(f, in->client));
		result_fix(f, "az identity list --query '[].{name:name,clientId:clientId,principalId:principalId}'");
	} else
		unknown(f, "no identity of the list has client id '%s'; it may be in another subscription",
			shown(f, in->client));
}

/* False, and the result is set: rights cannot be judged. */
static bool can_judge(struct facts *f, struct slice resource, const char *option)
{
	const struct role_input *in = input(f);

	if (!role_identity(in))
		unknown(f, "the identity is not known");
	else if (!in->has_assignments)
		unknown(f, "no role assignments were given ('az role assignment list -o json')");
	else if (!in->has_definitions)
		unknown(f, "no role definitions were given ('az role definition list -o json')");
	else if (!resource.n)
		unknown(f, "name the resource with %s", option);
	else
		return true;
	return false;
}

/* --- rights on the account ------------------------------------------------------------------------------------- */

/* Owner and Contributor may do everything but read the data. */
static bool only_control_plane(const struct role_input *in, struct slice account)
{
	return role_grants(in, "Microsoft.Storage/storageAccounts/write", false, account).grant == GRANT_FULL &&
	       role_grants(in, "Microsoft.Storage/storageAccounts/blobServices/containers/read", false, account)
			       .grant == GRANT_FULL;
}

static void not_granted(struct facts *f, const struct role_action *a, const struct granted *g)
{
	const struct role_input *in = input(f);

	switch (g->grant) {
	case GRANT_CONDITIONAL:
		unknown(f, "%s is granted by '%s' under a condition, which may exclude it", a->name, shown(f, g->role));
		break;
	case GRANT_PARTIAL:
		fail_(f, "%s is granted by '%s' on a part of the account only: %s", a->name, shown(f, g->role),
		      shown(f, g->scope));
		break;
	case GRANT_UNKNOWN:
		unknown(f, "%s: role '%s' at %s cannot be resolved", a->name, shown(f, g->role), shown(f, g->scope));
		break;
	default:
		if (a->data && only_control_plane(in, in->account))
			fail_(f, "%s is missing: Owner and Contributor do not grant access to blob data", a->name);
		else
			fail_(f, "%s is missing", a->name);
	}
	result_about(f, shown(f, in->account), a->data ? "dataActions" : "actions");
	result_values(f, g->role.n ? shown(f, g->role) : "", a->name);
}

/* What the page allows at a container counts there too, when one is named. */
static struct granted best_grant(const struct role_input *in, const struct role_action *a)
{
	struct granted g = role_grants(in, a->name, a->data, in->account);
	bool account_only = a->immutable;

	if (g.grant == GRANT_FULL || !in->container.n || account_only)
		return g;
	return role_grants(in, a->name, a->data, in->container);
}

static bool judge_storage(struct facts *f, bool immutable)
{
	const struct role_input *in = input(f);
	struct check_result worst = {0};

	for (size_t i = 0; i < storage_actions_n; i++) {
		const struct role_action *a = &storage_actions[i];
		struct granted g;

		if (a->immutable && !immutable)
			continue;
		g = best_grant(in, a);
		if (g.grant == GRANT_FULL)
			continue;
		not_granted(f, a, &g);
		result_keep_worst(&worst, &f->results[f->current]);
	}
	if (!worst.set) {
		pass(f, "every action is granted");
		return true;
	}
	f->results[f->current] = worst;
	if (immutable)
		result_fix(f,
			   "pxb-fed role print immutable --scope %s > role.json\naz role definition create "
			   "--role-definition @role.json\naz role assignment create --assignee-object-id " SLICE_FMT
			   " --assignee-principal-type ServicePrincipal --role portworx-backup-locked-role --scope %s",
			   shown(f, in->account), SLICE_ARG(role_principal(in)), shown(f, in->account));
	else
		result_fix(
			f,
			"az role assignment create --assignee-object-id " SLICE_FMT
			" --assignee-principal-type ServicePrincipal --role 'Storage Blob Data Contributor' --scope %s",
			SLICE_ARG(role_principal(in)), shown(f, in->account));
	return false;
}

static void check_storage(struct facts *f, const char *kind, bool immutable)
{
	const struct role_input *in = input(f);

	if (in->storage.n && !slice_is(in->storage, kind)) {
		skip(f, "the storage is " SLICE_FMT, SLICE_ARG(in->storage));
		return;
	}
	if (!can_judge(f, in->account, "--account RESOURCE_ID"))
		return;
	/* Nobody said which storage it is: the verdict on immutable storage is told, but fails nothing. */
	if (!judge_storage(f, immutable) && !in->storage.n && immutable &&
	    f->results[f->current].outcome == OUTCOME_FAIL)
		f->results[f->current].outcome = OUTCOME_WARN;
}

void check_role_standard(struct facts *f)
{
	check_storage(f, "standard", false);
}

void check_role_immutable(struct facts *f)
{
	check_storage(f, "immutable", true);
}

/* --- compute --------------------------------------------------------------------------------------------------- */

static bool judge_compute(struct facts *f, const char *scope)
{
	const struct role_input *in = input(f);

	for (size_t i = 0; i < compute_actions_n; i++) {
		struct role_action a = {compute_actions[i], false, false};
		struct granted g = role_grants(in, a.name, false, slice_str(scope));

		if (g.grant == GRANT_FULL)
			continue;
		not_granted(f, &a, &g);
		result_about(f, shown(f, slice_str(scope)), "actions");
		result_fix(f,
			   "pxb-fed role print wli --scope %s > role.json\naz role definition create --role-definition "
			   "@role.json, and assign it",
			   shown(f, slice_str(scope)));
		return false;
	}
	return true;
}

void check_role_compute(struct facts *f)
{
	const struct role_input *in = input(f);

	if (!can_judge(f, in->compute_n ? slice_str(in->compute[0]) : SLICE_EMPTY, "--compute SCOPE"))
		return;
	for (size_t i = 0; i < in->compute_n; i++)
		if (!judge_compute(f, in->compute[i]))
			return;
	pass(f, "the %zu actions that the vendor's page names as the minimum", compute_actions_n);
}

/* --- federated credential -------------------------------------------------------------------------------------- */

static bool has_audience(const struct node *credential)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(credential, "audiences")); seq_next(&it);)
		if (slice_starts(node_string(it.item), AUDIENCE))
			return true;
	return false;
}

static struct slice no_slash(struct slice s)
{
	return s.n && s.p[s.n - 1] == '/' ? slice_to(s, s.n - 1) : s;
}

struct federated {
	bool match, flexible, near_issuer, audience, issuer;
	const struct node *near;
};

static struct federated look(const struct role_input *in, struct slice subject)
{
	struct federated r = {0};

	for (size_t i = 0; i < in->credentials.n; i++) {
		const struct node *c = in->credentials.v[i];
		struct slice issuer = node_string(node_lookup(c, "issuer")),
			     own = node_string(node_lookup(c, "subject"));
		bool same_issuer = slice_eq(issuer, in->issuer), same_subject = slice_eq(own, subject);

		r.issuer |= same_issuer;
		if (same_issuer && !own.n)
			r.flexible = true;
		if (same_issuer && same_subject && has_audience(c))
			r.match = true;
		else if (same_issuer && same_subject)
			r.audience = true;
		else if (same_subject && slice_eq_nocase(no_slash(issuer), no_slash(in->issuer)))
			r.near = c;
	}
	return r;
}

void check_role_federated(struct facts *f)
{
	enum { LIMIT = 20 };
	const struct role_input *in = input(f);
	const char *subject = arena_printf(&f->arena, "system:serviceaccount:" SLICE_FMT ":stork",
					   SLICE_ARG(in->ns.n ? in->ns : SLICE("portworx")));
	struct federated r = look(in, slice_str(subject));
	const struct node *identity = role_identity(in);

	if (!in->has_credentials)
		unknown(f, "no federated credentials were given ('az identity federated-credential list -o json'), or "
			   "there are "
			   "none");
	else if (!in->issuer.n)
		unknown(f, "name the cluster's token issuer with --issuer; 'verify' prints it");
	else if (r.match)
		pass(f, "%s (%zu of %d credentials are in use)", subject, in->credentials.n, LIMIT);
	else if (r.near)
		fail_(f, "the issuer differs in its trailing '/' or in case; it must be the same to the letter");
	else if (r.audience)
		fail_(f, "the credential for %s has another audience than " AUDIENCE, subject);
	else if (r.flexible)
		unknown(f, "a flexible credential (claimsMatchingExpression) may match %s", subject);
	else
		fail_(f,
		      r.issuer ? "no credential of this issuer is for %s" : "no credential is for this issuer and %s",
		      subject);
	if (r.near)
		result_values(f, shown(f, node_string(node_lookup(r.near, "issuer"))), shown(f, in->issuer));
	if (f->results[f->current].outcome == OUTCOME_FAIL)
		result_fix(f,
			   "az identity federated-credential create --identity-name %s --resource-group %s --name "
			   "stork --issuer "
			   "%s --subject %s --audiences " AUDIENCE,
			   identity ? shown(f, node_string(node_lookup(identity, "name"))) : "NAME",
			   identity ? shown(f, node_string(node_lookup(identity, "resourceGroup"))) : "GROUP",
			   shown(f, in->issuer), subject);
}
