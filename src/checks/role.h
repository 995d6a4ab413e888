/*
 * role.h: what an Azure identity may do, from the JSON that the Azure CLI prints: identities, role assignments, role
 * definitions, federated credentials. Actions are judged one by one, never by a role's name.
 *
 * Not visible, and said so: deny assignments, eligible assignments that are not active, assignments through groups, and
 * whether a subscription belongs to a management group.
 */
#ifndef PXB_CHECKS_ROLE_H
#define PXB_CHECKS_ROLE_H

#include "checks/checks.h"

/* What the page asks for, in the right plane. */
struct role_action {
	const char *name;
	bool data;	/* a data action */
	bool immutable; /* for immutable storage only */
};

extern const struct role_action storage_actions[];
extern const size_t storage_actions_n;
extern const char *const compute_actions[];
extern const size_t compute_actions_n;

struct role_input {
	struct arena arena;
	struct stream stream;
	VEC(struct buf *) texts;
	VEC(const struct node *) assignments, definitions, identities, credentials;
	bool has_assignments, has_definitions, has_identities, has_credentials;
	struct slice client, account, container, issuer, ns, storage;
	const char *const *compute; /* scopes */
	size_t compute_n;
};

#define cleanup_role_input PXB_CLEANUP(role_input_release)

void role_input_init(struct role_input *in);
void role_input_release(struct role_input *in);

/* Adds what one command printed; which of the four it is shows in its items. `name` is for messages. */
int role_input_add(struct role_input *in, const char *name, struct slice json, struct err *err) PXB_MUST_CHECK;
int role_input_file(struct role_input *in, const char *path, struct err *err) PXB_MUST_CHECK;

/* The identity of the client id, or NULL. */
const struct node *role_identity(const struct role_input *in);
struct slice role_principal(const struct role_input *in);

enum grant {
	GRANT_NONE,
	GRANT_UNKNOWN,	   /* a definition is missing, or only a management group grants it */
	GRANT_PARTIAL,	   /* on a part of the resource */
	GRANT_CONDITIONAL, /* under a condition */
	GRANT_FULL,
};

struct granted {
	enum grant grant;
	struct slice role, scope; /* of the best one */
};

struct granted role_grants(const struct role_input *in, const char *action, bool data, struct slice resource);

/* Whether a pattern such as "Microsoft.Storage*" covers the action; case does not count. */
bool action_matches(struct slice pattern, struct slice action);

enum cover { COVER_NO, COVER_YES, COVER_INSIDE, COVER_GROUP };

/* Whether an assignment at `scope` counts for `resource`: INSIDE is a part of it, GROUP a management group. */
enum cover scope_covers(struct slice scope, struct slice resource);

/* A role definition for `az role definition create`. */
enum role_kind { ROLE_STANDARD, ROLE_IMMUTABLE, ROLE_WLI };
void role_print(enum role_kind kind, const char *const *scopes, size_t n, struct buf *out);

#endif
