/*
 * role.c: Azure roles: printed ready to create, and checked as the Azure CLI shows them.
 */
#include "base/child.h"
#include "checks/role.h"
#include "cmd/kube_args.h"

enum { AZ_SECONDS = 120, AZ_MAX = 64 << 20 };

struct role_args {
	struct string_list scopes, compute;
	const char *client, *account, *container, *issuer, *ns, *storage, *output, *fail_on, *policy_file;
};

static const struct option role_rows[] = {
	{"scope", 0, OPTION_LIST, "ID", "print: where the role can be assigned; repeatable", NULL,
	 offsetof(struct role_args, scopes)},
	{"client-id", 0, OPTION_STRING, "GUID", "check: the managed identity's client id", NULL,
	 offsetof(struct role_args, client)},
	{"account", 0, OPTION_STRING, "RESOURCE_ID", "check: the storage account", NULL,
	 offsetof(struct role_args, account)},
	{"container", 0, OPTION_STRING, "NAME", "check: the blob container, where roles are assigned to it", NULL,
	 offsetof(struct role_args, container)},
	{"compute", 0, OPTION_LIST, "SCOPE", "check: where the cluster's disks and nodes are; repeatable", NULL,
	 offsetof(struct role_args, compute)},
	{"issuer", 0, OPTION_STRING, "URL", "check: the cluster's token issuer, exactly ('verify' prints it)", NULL,
	 offsetof(struct role_args, issuer)},
	{"px-namespace", 0, OPTION_STRING, "NAME", "check: the namespace of Stork (portworx)", NULL,
	 offsetof(struct role_args, ns)},
	{"storage", 0, OPTION_CHOICE, "KIND", "check: standard or immutable (the policy's, else both)",
	 "standard|immutable", offsetof(struct role_args, storage)},
	{"output", 'o', OPTION_CHOICE, "FORM", "check: text, short, json, junit or markdown (text)",
	 "text|short|json|junit|markdown", offsetof(struct role_args, output)},
	{"fail-on", 0, OPTION_CHOICE, "WHAT", "check: exit with 1 on warnings too (error)", "error|warning",
	 offsetof(struct role_args, fail_on)},
	{"policy", 0, OPTION_STRING, "FILE", "check: policy file", NULL, offsetof(struct role_args, policy_file)},
};
OPTION_TABLE(role_table, role_rows);
const struct option_table *const role_tables[] = {&role_table, NULL};

/* --- print ----------------------------------------------------------------------------------------------------- */

static int print_role(const struct role_args *a, const struct string_list *rest, struct err *err)
{
	static const char *const kinds[] = {"standard", "immutable", "wli"};
	cleanup_buf struct buf out = BUF_TEXT;
	unsigned kind = 0;

	if (rest->n != 2)
		return err_set(err, STATUS_USAGE, "print takes one of standard, immutable and wli");
	while (kind < ARRAY_SIZE(kinds) && strcmp(rest->v[1], kinds[kind]) != 0)
		kind++;
	if (kind == ARRAY_SIZE(kinds))
		return err_set(err, STATUS_USAGE, "no role '%.40s'; print takes standard, immutable or wli",
			       rest->v[1]);
	if (!a->scopes.n)
		return err_set(err, STATUS_USAGE,
			       "name with --scope where the role can be assigned: a subscription, a resource "
			       "group or a resource");
	for (size_t i = 0; i < a->scopes.n; i++)
		if (a->scopes.v[i][0] != '/')
			return err_set(err, STATUS_USAGE, "'%.100s' is not a resource id: it must begin with '/'",
				       a->scopes.v[i]);
	role_print((enum role_kind)kind, a->scopes.v, a->scopes.n, &out);
	return out.failed ? err_nomem(err) : print_out(buf_slice(&out), EXIT_OK);
}

/* --- the Azure CLI --------------------------------------------------------------------------------------------- */

static int ask_az(struct role_input *in, const char *const *words, struct err *err)
{
	const char *argv[16] = {"az"};
	struct buf **slot = VEC_PUSH(&in->arena, in->texts), *out = ARENA_NEW(&in->arena, struct buf);
	cleanup_buf struct buf errors = BUF_INIT(8192);
	struct child_result result;
	struct child child = {.out = out, .errors = &errors, .seconds = AZ_SECONDS};
	size_t n = 1;

	if (!slot || !out) {
		in->texts.n -= slot != NULL;
		return err_nomem(err);
	}
	*out = BUF_INIT((size_t)AZ_MAX * 2);
	*slot = out;
	for (; *words; words++)
		argv[n++] = *words;
	argv[n++] = "-o";
	argv[n++] = "json";
	argv[n] = NULL;
	child.argv = (char *const *)(uintptr_t)argv;
	if (child_run(&child, &result, err) < 0)
		return err->status;
	if (result.exit_code != 0) {
		struct slice line = slice_trim(buf_slice(&errors)), rest;

		line = slice_cut(line, '\n', &rest);
		return err_set(err, STATUS_HELPER, "'az %s %s' failed: " SLICE_FMT, argv[1], argv[2],
			       SLICE_ARG(slice_to(line, 200)));
	}
	return role_input_add(in, argv[1], buf_slice(out), err);
}

/* Assignments at the account and above it, and those below it or elsewhere in the subscription. */
static int ask_rights(struct role_input *in, const char *principal, struct err *err)
{
	const char *const at[] = {"role",	 "assignment",		"list", "--assignee", principal, "--scope",
				  in->account.p, "--include-inherited", NULL};
	const char *const all[] = {"role", "assignment", "list", "--assignee", principal, "--all", NULL};
	const char *const definitions[] = {"role", "definition", "list", NULL};

	if (in->account.n && ask_az(in, at, err) < 0)
		return err->status;
	in->has_assignments = true;
	return ask_az(in, all, err) < 0 ? err->status : ask_az(in, definitions, err);
}

static int ask_everything(struct role_input *in, struct err *err)
{
	const char *const identities[] = {"identity", "list", NULL};
	const struct node *identity;
	const char *name, *group;

	if (ask_az(in, identities, err) < 0)
		return err->status;
	in->has_identities = true;
	identity = role_identity(in);
	if (!identity)
		return 0;
	name = arena_str(&in->arena, node_string(node_lookup(identity, "name")));
	group = arena_str(&in->arena, node_string(node_lookup(identity, "resourceGroup")));
	if (ask_rights(in, arena_str(&in->arena, role_principal(in)), err) < 0)
		return err->status;
	in->has_credentials = true;
	return ask_az(in,
		      (const char *const[]){"identity", "federated-credential", "list", "--identity-name", name,
					    "--resource-group", group, NULL},
		      err);
}

/* --- check ----------------------------------------------------------------------------------------------------- */

static int fill(const struct role_args *a, const struct string_list *rest, struct role_input *in, struct err *err)
{
	if (!a->client)
		return err_set(err, STATUS_USAGE, "name the managed identity with --client-id");
	in->client = slice_str(a->client);
	in->account = slice_str(a->account);
	in->issuer = slice_str(a->issuer);
	in->ns = slice_str(a->ns);
	if (a->storage)
		in->storage = slice_str(a->storage);
	in->compute = a->compute.v;
	in->compute_n = a->compute.n;
	if (a->account && (a->account[0] != '/' || slice_find(in->account, "/storageAccounts/") == SIZE_MAX))
		return err_set(err, STATUS_USAGE,
			       "--account takes the account's resource id (/subscriptions/.../storageAccounts/NAME)");
	if (a->container && a->account)
		in->container = slice_str(
			arena_printf(&in->arena, "%s/blobServices/default/containers/%s", a->account, a->container));
	if (rest->n == 1)
		return ask_everything(in, err);
	for (size_t i = 1; i < rest->n; i++)
		if (role_input_file(in, rest->v[i], err) < 0)
			return err->status;
	return 0;
}

static int show_results(const struct role_args *a, const struct role_input *in, const struct demands *demands,
			struct err *err)
{
	cleanup_buf struct buf out = BUF_TEXT;
	struct kube_args kube = {.output = a->output, .fail_on = a->fail_on};
	cleanup_facts struct facts f;

	facts_init(&f, a->client);
	f.more = in;
	f.demands = demands;
	if (checks_run(&f, ROLE, err) < 0)
		return err->status;
	return kube_args_show(&kube, ROLE, &f, &out, err);
}

static int check_role(const struct role_args *a, const struct string_list *rest, struct err *err)
{
	cleanup_role_input struct role_input in;
	cleanup_policy struct policy policy;
	struct kube_args kube = {.policy_file = a->policy_file};
	struct demands demands;

	policy_init(&policy);
	role_input_init(&in);
	if (policy_load(&policy, a->policy_file, err) < 0 || kube_args_demands(&kube, &policy, &demands, err) < 0)
		return err->status;
	in.storage = demands.storage;
	if (fill(a, rest, &in, err) < 0)
		return err->status;
	return show_results(a, &in, &demands, err);
}

int cmd_role(const struct command *self, int argc, char **argv)
{
	struct role_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0)
		code = err.status;
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (rest.n && strcmp(rest.v[0], "print") == 0)
		code = print_role(&a, &rest, &err);
	else if (rest.n && strcmp(rest.v[0], "check") == 0)
		code = check_role(&a, &rest, &err);
	else
		code = err_set(&err, STATUS_USAGE, "role needs 'print' or 'check'");
	string_list_release(&a.scopes);
	string_list_release(&a.compute);
	return code < 0 ? fail_usage(self, &err) : code;
}
