/*
 * checks.c: the tables, and when a demand is made at all.
 */
#include "export/vap.h"

const struct set sets[SET_COUNT] = {
#define SET(name, suffix, rules, kinds, pod, meta, by_controllers) \
	[SET_##name] = {(suffix), (rules), (kinds), (pod), (meta), (by_controllers)},
#include "export/sets.def"
#undef SET
};

static bool always(const struct demands *d)
{
	(void)d;
	return true;
}

static bool has_class(const struct demands *d)
{
	return d->storage_class.n > 0;
}

static bool has_encryption(const struct demands *d)
{
	return d->encryption != LOCK_SWITCH_UNKNOWN;
}

static bool no_telemetry(const struct demands *d)
{
	return d->telemetry == TELEMETRY_FORBIDDEN;
}

static bool must_telemetry(const struct demands *d)
{
	return d->telemetry == TELEMETRY_REQUIRED;
}

static bool has_host(const struct demands *d)
{
	return d->host_name.n > 0;
}

static bool has_registry(const struct demands *d)
{
	return d->registry_host.n > 0;
}

static bool has_pull_secret(const struct demands *d)
{
	return d->pull_secret.n > 0;
}

#define BIT(set) (1u << SET_##set)

const struct check checks[] = {
#define CHECK(rule, slug, sets, operations, when, objects, names, part, bad, message, cannot) \
	{RULE_##rule, (sets), (operations), (names), (slug), (when), (objects), (part), (bad), (message), (cannot)},
#include "export/checks.def"
#undef CHECK
};
const size_t checks_n = ARRAY_SIZE(checks);

void demands_from_policy(struct demands *d, const struct policy *p)
{
	*d = (struct demands){.ns = p->ns,
			      .storage_class = p->storage_class,
			      .telemetry = p->telemetry,
			      .mesh = p->mesh_mode,
			      .shared_gateway = p->shared_gateway,
			      .host_name = p->host_name,
			      .registry_host = p->registry_host,
			      .registry_repository = p->registry_repository,
			      .pull_secret = p->registry_pull_secret,
			      .credential_names = p->credential_names.v,
			      .credential_names_n = p->credential_names.n,
			      .exceptions = p->exceptions.v,
			      .exceptions_n = p->exceptions.n};
	for (unsigned i = 0; i < RULE_COUNT; i++)
		d->severity[i] = policy_severity(p, (enum rule_id)i);
}

static int add_text(struct slice *have, struct slice locked, const char *key, const struct lock *l, struct err *err)
{
	if (!locked.n || slice_eq(*have, locked))
		return 0;
	if (have->n)
		return err_set(err, STATUS_USAGE,
			       "the policy's %s is '" SLICE_FMT "', but %s was made with '" SLICE_FMT
			       "', and that can never be changed; give the policy and the lock of one installation",
			       key, SLICE_ARG(slice_to(*have, 80)), l->source, SLICE_ARG(slice_to(locked, 80)));
	*have = locked;
	return 0;
}

int demands_add_lock(struct demands *d, const struct lock *l, struct err *err)
{
	if (l->mode != LOCK_FEDERATED)
		return err_set(err, STATUS_USAGE,
			       "%s is of an installation in %s mode: the policies would refuse its every upgrade",
			       l->source, lock_mode_name(l->mode));
	d->encryption = l->encryption;
	if (add_text(&d->ns, l->ns, "namespace", l, err) < 0)
		return err->status;
	return add_text(&d->storage_class, l->class_name, "storageClassName", l, err);
}
