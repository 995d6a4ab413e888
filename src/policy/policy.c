#include "policy/policy.h"

#include "policy/policy_key.h"
#include "userfile/syntax.h"
#include "userfile/user_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#define HERE	    "pxb-fed.yaml"
#define SYSTEM_WIDE "/etc/pxb-fed/policy.yaml"

/* --- life ------------------------------------------------------------------------------------------------------ */

static void set_today(char today[11])
{
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc) || strftime(today, 11, "%Y-%m-%d", &utc) != 10)
		memcpy(today, "9999-12-31", 11); /* without a date, no exception holds */
}

void policy_init(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	p->arena = ARENA_INIT((size_t)64 << 20);
	p->second_opinion = true;
	set_today(p->today);
}

void policy_release(struct policy *p)
{
	arena_release(&p->arena);
	memset(p, 0, sizeof(*p));
}

enum severity policy_severity(const struct policy *p, enum rule_id rule)
{
	return p->severity[rule] == SEVERITY_UNSET ? rule_infos[rule].severity : p->severity[rule];
}

/* --- demands that involve several keys ------------------------------------------------------------------------- */

/* Names the place of the key that makes the demand. */
static int contradiction(const struct policy *p, enum policy_field f, struct err *err, const char *what)
{
	struct origin o = p->origin[f];

	if (o.line)
		return err_set(err, STATUS_USAGE, "%s:%zu:%zu: %s", o.file, o.line, o.column, what);
	return err_set(err, STATUS_USAGE, "%s: %s", origin_where(o).text, what);
}

int policy_check(const struct policy *p, struct err *err)
{
	if (p->shared_gateway && !p->host_name.n)
		return contradiction(
			p, POLICY_MESH_SHARED_GATEWAY, err,
			"'serviceMesh.sharedGateway' is true, so 'serviceMesh.hostName' must say which host is ours");
	if (p->shared_gateway && (p->mesh_mode == MESH_NONE || p->mesh_mode == MESH_LINKERD))
		return contradiction(p, POLICY_MESH_SHARED_GATEWAY, err,
				     "'serviceMesh.sharedGateway' is true, but only mode istio (or any) has a gateway");
	if (p->registry_repository.n && !p->registry_host.n)
		return contradiction(p, POLICY_REGISTRY_REPOSITORY, err, "'registry.repository' needs 'registry.host'");
	if (p->registry_pull_secret.n && !p->registry_host.n)
		return contradiction(p, POLICY_REGISTRY_PULL_SECRET, err,
				     "'registry.pullSecret' needs 'registry.host'");
	return 0;
}

/* --- options --------------------------------------------------------------------------------------------------- */

int policy_set_namespace(struct policy *p, const char *ns, struct err *err)
{
	const struct policy_key *k = &policy_keys[POLICY_NAMESPACE];
	struct slice text = slice_str(ns);

	if (!k->valid(text))
		return err_set(err, STATUS_USAGE, "'--release-namespace' must be %s, not %s", k->must_be,
			       show_text(text).text);
	if (!policy_text_tightens(p, POLICY_NAMESPACE, text))
		return err_set(err, STATUS_USAGE, "'--release-namespace' says %s, the policy says %s (%s)",
			       show_text(text).text, show_text(p->ns).text,
			       origin_where(p->origin[POLICY_NAMESPACE]).text);
	if (!p->ns.n)
		policy_put_text(p, POLICY_NAMESPACE, text, (struct origin){.file = "--release-namespace"});
	return arena_failed(&p->arena) ? err_nomem(err) : 0;
}

int policy_set_patch(struct policy *p, const char *mode, struct err *err)
{
	const struct policy_key *k = &policy_keys[POLICY_PATCH];
	unsigned value = policy_key_word(k, slice_str(mode));

	if (value == k->n_words)
		return err_set(err, STATUS_USAGE, "'--patch' must be chart, visible or never, not %s",
			       show_text(slice_str(mode)).text);
	if (!policy_choice_tightens(p, POLICY_PATCH, value))
		return err_set(err, STATUS_USAGE,
			       "'--patch' may only tighten the policy: '%s' is looser than '%s' (%s)", mode,
			       policy_word(p, POLICY_PATCH), origin_where(p->origin[POLICY_PATCH]).text);
	if (value != policy_choice(p, POLICY_PATCH))
		policy_put_choice(p, POLICY_PATCH, value, (struct origin){.file = "--patch"});
	return 0;
}

/* --- discovery ------------------------------------------------------------------------------------------------- */

static const char *env_of(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* A link to nowhere and a folder that may not be looked into are there: a policy that is meant but cannot be read must
   not turn into the next one in the row. */
static int is_there(const char *path, bool *there, struct err *err)
{
	struct stat st;

	*there = lstat(path, &st) == 0;
	if (*there || errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_errno(err, STATUS_USAGE, "cannot look for the policy '%s'", path);
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int read_file(struct policy *p, const char *path, bool tighten, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (user_file_read(path, &text, err) < 0)
		return err_wrap(err, "policy");
	return policy_read(p, path, buf_slice(&text), tighten, err);
}

/* Whose ./pxb-fed.yaml is. */
enum here { HERE_OURS, HERE_TIGHTENS, HERE_UNSEEN };

static int load(struct policy *p, const char *path, enum here whose, struct err *err)
{
	bool here, system_wide;

	if (is_there(HERE, &here, err) < 0)
		return err->status;
	if (!path && here && whose == HERE_OURS)
		path = HERE;
	if (!path) {
		if (is_there(SYSTEM_WIDE, &system_wide, err) < 0)
			return err->status;
		if (system_wide)
			path = SYSTEM_WIDE;
	}
	if (path && read_file(p, path, false, err) < 0)
		return err->status;
	/* There the working directory is the application's repository: whoever writes it does not make the rules. */
	if (whose == HERE_TIGHTENS && here && !(path && same_file(path, HERE)))
		return read_file(p, HERE, true, err);
	return 0;
}

static int need_absolute(const char *path, struct err *err)
{
	if (!path || path[0] == '/')
		return 0;
	return err_set(
		err, STATUS_USAGE,
		"policy '%.200s': needs an absolute path; a relative one would be searched for in the application's "
		"repository",
		path);
}

static const char *named_by(const char *option)
{
	return option ? option : env_of("PXB_FED_POLICY");
}

int policy_load(struct policy *p, const char *option, struct err *err)
{
	return load(p, named_by(option), env_of("ARGOCD_APP_NAME") ? HERE_TIGHTENS : HERE_OURS, err);
}

int policy_load_in_repository(struct policy *p, const char *option, struct err *err)
{
	if (need_absolute(named_by(option), err) < 0)
		return err->status;
	return load(p, named_by(option), HERE_TIGHTENS, err);
}

int policy_load_beside_repository(struct policy *p, const char *option, struct err *err)
{
	if (need_absolute(named_by(option), err) < 0)
		return err->status;
	return load(p, named_by(option), HERE_UNSEEN, err);
}
