#include "checks/role.h"

#include "base/file.h"

#define ACCOUNT	   "Microsoft.Storage/storageAccounts"
#define SERVICES   ACCOUNT "/blobServices"
#define CONTAINERS SERVICES "/containers"
#define BLOBS	   CONTAINERS "/blobs"

enum { FILE_MAX = 64 << 20 };

const struct role_action storage_actions[] = {
	{CONTAINERS "/read", false, false},   {CONTAINERS "/write", false, false},
	{CONTAINERS "/delete", false, false}, {BLOBS "/read", true, false},
	{BLOBS "/write", true, false},	      {BLOBS "/delete", true, false},
	{BLOBS "/move/action", true, false},  {BLOBS "/add/action", true, false},
	{ACCOUNT "/read", false, true},	      {SERVICES "/generateUserDelegationKey/action", false, true},
};
const size_t storage_actions_n = ARRAY_SIZE(storage_actions);

const char *const compute_actions[] = {
	"Microsoft.ContainerService/managedClusters/agentPools/read",
	"Microsoft.Compute/disks/read",
	"Microsoft.Compute/disks/write",
	"Microsoft.Compute/disks/delete",
	"Microsoft.Compute/virtualMachines/read",
	"Microsoft.Compute/virtualMachines/write",
	"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
	"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write",
};
const size_t compute_actions_n = ARRAY_SIZE(compute_actions);

/* --- reading --------------------------------------------------------------------------------------------------- */

void role_input_init(struct role_input *in)
{
	struct limits limits = LIMITS_DEFAULT;

	*in = (struct role_input){.arena = ARENA_INIT((size_t)64 << 20)};
	stream_init(&in->stream, &limits);
}

void role_input_release(struct role_input *in)
{
	stream_release(&in->stream);
	for (size_t i = 0; i < in->texts.n; i++)
		buf_release(in->texts.v[i]);
	arena_release(&in->arena);
}

static void put_lists(struct role_input *in, const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		const struct node **slot;

		if (node_lookup(it.item, "permissions"))
			slot = VEC_PUSH(&in->arena, in->definitions);
		else if (node_lookup(it.item, "roleDefinitionId"))
			slot = VEC_PUSH(&in->arena, in->assignments);
		else if (node_lookup(it.item, "clientId"))
			slot = VEC_PUSH(&in->arena, in->identities);
		else
			slot = VEC_PUSH(&in->arena, in->credentials);
		if (slot)
			*slot = it.item;
	}
}

/* The kind of the whole list; NULL: none of the four. An empty list says nothing of itself. */
static bool *kind_of(struct role_input *in, const struct node *item)
{
	if (node_lookup(item, "permissions"))
		return &in->has_definitions;
	if (node_lookup(item, "roleDefinitionId"))
		return &in->has_assignments;
	if (node_lookup(item, "clientId") && node_lookup(item, "principalId"))
		return &in->has_identities;
	return node_lookup(item, "issuer") ? &in->has_credentials : NULL;
}

int role_input_add(struct role_input *in, const char *name, struct slice json, struct err *err)
{
	size_t documents = in->stream.documents.n, problems = in->stream.problems.n;
	const struct node *root;
	bool *has;

	if (stream_add(&in->stream, name, json, err) < 0)
		return err->status;
	if (in->stream.problems.n != problems || in->stream.documents.n != documents + 1)
		return err_set(err, STATUS_INPUT, "'%s' is not JSON of the Azure CLI%s%s", name,
			       in->stream.problems.n != problems ? ": " : "",
			       in->stream.problems.n != problems ? in->stream.problems.v[problems].message : "");
	root = node_real(in->stream.documents.v[documents].root);
	if (!node_is_sequence(root))
		return err_set(err, STATUS_INPUT, "'%s' is not a list, as 'az ... list -o json' prints it", name);
	for (struct seq_iter it = seq_iter_of(root); seq_next(&it);) {
		has = kind_of(in, it.item);
		if (!has)
			return err_set(
				err, STATUS_INPUT,
				"'%s' lists neither identities, role assignments, role definitions nor federated "
				"credentials",
				name);
		*has = true;
	}
	put_lists(in, root);
	return arena_failed(&in->arena) ? err_nomem(err) : 0;
}

int role_input_file(struct role_input *in, const char *path, struct err *err)
{
	struct buf **slot = VEC_PUSH(&in->arena, in->texts), *b = ARENA_NEW(&in->arena, struct buf);

	if (!slot || !b) {
		in->texts.n -= slot != NULL;
		return err_nomem(err);
	}
	*b = BUF_INIT(FILE_MAX);
	*slot = b;
	if (file_read(path, b, STATUS_USAGE, err) < 0)
		return err->status;
	return role_input_add(in, path, buf_slice(b), err);
}

/* --- who ------------------------------------------------------------------------------------------------------- */

const struct node *role_identity(const struct role_input *in)
{
	for (size_t i = 0; i < in->identities.n; i++)
		if (slice_eq_nocase(node_string(node_lookup(in->identities.v[i], "clientId")), in->client))
			return in->identities.v[i];
	return NULL;
}

struct slice role_principal(const struct role_input *in)
{
	return node_string(node_lookup(role_identity(in), "principalId"));
}

/* --- what ------------------------------------------------------------------------------------------------------ */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* A '*' stands for any text, '/' included. */
bool action_matches(struct slice pattern, struct slice action)
{
	size_t p = 0, a = 0, star = SIZE_MAX, resume = 0;

	while (a < action.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = a;
		} else if (p < pattern.n && lower(pattern.p[p]) == lower(action.p[a])) {
			p++;
			a++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			a = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool any_matches(const struct node *patterns, struct slice action)
{
	for (struct seq_iter it = seq_iter_of(patterns); seq_next(&it);)
		if (action_matches(node_string(it.item), action))
			return true;
	return false;
}

/* The union over the entries; what one takes away another may give. */
static bool definition_grants(const struct node *definition, struct slice action, bool data)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(definition, "permissions")); seq_next(&it);)
		if (any_matches(node_lookup(it.item, data ? "dataActions" : "actions"), action) &&
		    !any_matches(node_lookup(it.item, data ? "notDataActions" : "notActions"), action))
			return true;
	return false;
}

static struct slice last_segment(struct slice id)
{
	size_t at = slice_rchr(id, '/');

	return at == SIZE_MAX ? id : slice_from(id, at + 1);
}

static const struct node *definition_of(const struct role_input *in, const struct node *assignment)
{
	struct slice id = last_segment(node_string(node_lookup(assignment, "roleDefinitionId")));

	for (size_t i = 0; i < in->definitions.n; i++) {
		const struct node *d = in->definitions.v[i];

		if (slice_eq_nocase(last_segment(node_string(node_lookup(d, "id"))), id) ||
		    slice_eq_nocase(node_string(node_lookup(d, "name")), id))
			return d;
	}
	return NULL;
}

/* --- where ----------------------------------------------------------------------------------------------------- */

static struct slice without_slash(struct slice s)
{
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

static bool is_below(struct slice outer, struct slice inner)
{
	return inner.n > outer.n && inner.p[outer.n] == '/' && slice_eq_nocase(slice_to(inner, outer.n), outer);
}

enum cover scope_covers(struct slice scope, struct slice resource)
{
	struct slice group = SLICE("/providers/Microsoft.Management/managementGroups/");

	scope = without_slash(scope);
	resource = without_slash(resource);
	if (!scope.n)
		return COVER_YES; /* "/": everything */
	if (slice_eq_nocase(slice_to(scope, group.n), group))
		return COVER_GROUP;
	if (slice_eq_nocase(scope, resource) || is_below(scope, resource))
		return COVER_YES;
	return is_below(resource, scope) ? COVER_INSIDE : COVER_NO;
}

static enum grant grant_of(const struct role_input *in, const struct node *assignment, struct slice action, bool data,
			   struct slice resource)
{
	enum cover cover = scope_covers(node_string(node_lookup(assignment, "scope")), resource);
	const struct node *definition = definition_of(in, assignment);

	if (cover == COVER_NO)
		return GRANT_NONE;
	if (!definition)
		return GRANT_UNKNOWN;
	if (!definition_grants(definition, action, data))
		return GRANT_NONE;
	if (node_string(node_lookup(assignment, "condition")).n)
		return GRANT_CONDITIONAL;
	if (cover == COVER_GROUP)
		return GRANT_UNKNOWN;
	return cover == COVER_INSIDE ? GRANT_PARTIAL : GRANT_FULL;
}

static struct slice role_name(const struct role_input *in, const struct node *assignment)
{
	struct slice name = node_string(node_lookup(definition_of(in, assignment), "roleName"));

	if (!name.n)
		name = node_string(node_lookup(assignment, "roleDefinitionName"));
	return name.n ? name : last_segment(node_string(node_lookup(assignment, "roleDefinitionId")));
}

struct granted role_grants(const struct role_input *in, const char *action, bool data, struct slice resource)
{
	struct slice principal = role_principal(in);
	struct granted best = {0};

	for (size_t i = 0; i < in->assignments.n; i++) {
		const struct node *a = in->assignments.v[i];
		enum grant g;

		if (!principal.n || !slice_eq_nocase(node_string(node_lookup(a, "principalId")), principal))
			continue;
		g = grant_of(in, a, slice_str(action), data, resource);
		if (g > best.grant)
			best = (struct granted){g, role_name(in, a), node_string(node_lookup(a, "scope"))};
	}
	return best;
}

/* --- printing -------------------------------------------------------------------------------------------------- */

static void put_action(struct buf *out, const char *action, size_t *n)
{
	buf_addf(out, "%s\n    \"%s\"", (*n)++ ? "," : "", action);
}

static void put_storage(struct buf *out, bool data, bool immutable)
{
	size_t n = 0;

	for (size_t i = 0; i < storage_actions_n; i++) {
		const struct role_action *a = &storage_actions[i];
		/* A standard account works without reading the account; its key is part of the vendor's standard role.
		 */
		bool wanted = immutable || !a->immutable ||
			      slice_ends(slice_str(a->name), "generateUserDelegationKey/action");

		if (a->data == data && wanted)
			put_action(out, a->name, &n);
	}
}

void role_print(enum role_kind kind, const char *const *scopes, size_t n, struct buf *out)
{
	static const struct {
		const char *name, *description;
	} rows[] = {
		[ROLE_STANDARD] = {"portworx-backup-role", "Portworx Backup on standard blob storage"},
		[ROLE_IMMUTABLE] = {"portworx-backup-locked-role", "Portworx Backup on immutable blob storage"},
		[ROLE_WLI] = {"portworx-wli-role",
			      "Portworx Enterprise with workload identity: the minimum of the vendor's page"},
	};
	size_t count = 0;

	buf_addf(out, "{\n  \"Name\": \"%s\",\n  \"IsCustom\": true,\n  \"Description\": \"%s\",\n  \"Actions\": [",
		 rows[kind].name, rows[kind].description);
	for (size_t i = 0; kind == ROLE_WLI && i < compute_actions_n; i++)
		put_action(out, compute_actions[i], &count);
	if (kind != ROLE_WLI)
		put_storage(out, false, kind == ROLE_IMMUTABLE);
	buf_adds(out, "\n  ],\n  \"NotActions\": [],\n  \"DataActions\": [");
	if (kind != ROLE_WLI)
		put_storage(out, true, kind == ROLE_IMMUTABLE);
	buf_addf(out, "%s],\n  \"NotDataActions\": [],\n  \"AssignableScopes\": [", kind == ROLE_WLI ? "" : "\n  ");
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i ? ",\n    " : "\n    ");
		json_quote(slice_str(scopes[i]), out);
	}
	buf_adds(out, "\n  ]\n}\n");
}
