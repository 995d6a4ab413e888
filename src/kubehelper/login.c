#include "kubehelper/login_reading.h"

#include "base/base64.h"
#include "base/file.h"
#include "cluster/reduce.h"

#include <fcntl.h>

#define POD_DIRECTORY "/var/run/secrets/kubernetes.io/serviceaccount"

enum { MATERIAL_MAX = 1 << 20 };

void login_init(struct login *l)
{
	*l = (struct login){.arena = ARENA_INIT((size_t)32 << 20)};
}

static void wipe(struct slice s)
{
	if (s.n)
		explicit_bzero((char *)(uintptr_t)s.p, s.n);
}

void login_release(struct login *l)
{
	wipe(l->key);
	wipe(slice_str(l->token));
	wipe(slice_str(l->password));
	arena_release(&l->arena);
	login_init(l);
}

static void warn(struct login *l, const char *text)
{
	const char **slot = VEC_PUSH(&l->arena, l->warnings);

	if (slot)
		*slot = text;
}

int login_file(struct login *l, const char *path, const char *what, struct slice *text, struct err *err)
{
	struct buf b = BUF_INIT(MATERIAL_MAX);
	int rc = file_read(path, &b, STATUS_USAGE, err);

	if (rc == 0)
		*text = slice_str(arena_str(&l->arena, buf_slice(&b)));
	else
		err_wrap(err, "%s", what);
	if (b.p)
		explicit_bzero(b.p, b.room);
	buf_release(&b);
	return rc;
}

/* --- the cluster ----------------------------------------------------------------------------------------------- */

static int read_cluster(struct reading *r, const struct node *cluster)
{
	struct login *l = r->l;

	if (login_text(r, cluster, "server", &l->server) < 0 ||
	    login_text(r, cluster, "tls-server-name", &l->tls_name) < 0 ||
	    login_text(r, cluster, "proxy-url", &l->proxy) < 0 ||
	    config_bool(r->f, cluster, "insecure-skip-tls-verify", &l->insecure, r->err) < 0 ||
	    login_material(r, cluster, "certificate-authority", &l->ca) < 0)
		return r->err->status;
	if (l->proxy && r->inline_only)
		return login_no_files(r, cluster, "proxy-url");
	return 0;
}

/* --- options --------------------------------------------------------------------------------------------------- */

static const char *option(struct login *l, const struct node *options, const char *key)
{
	struct slice s = node_string(node_lookup(options, key));

	return s.n ? arena_str(&l->arena, s) : NULL;
}

static int apply_options(struct login *l, const struct node *options, struct err *err)
{
	const char *server = option(l, options, "server"), *ca = option(l, options, "caFile"),
		   *name = option(l, options, "tlsServerName"), *token = option(l, options, "token"),
		   *as = option(l, options, "as"), *uid = option(l, options, "asUid");
	const struct node *groups = node_lookup(options, "asGroups");

	if (server)
		l->server = server;
	if (ca && login_file(l, ca, "certificate authority", &l->ca, err) < 0)
		return err->status;
	if (name)
		l->tls_name = name;
	if (node_is_bool(node_lookup(options, "insecure"), true))
		l->insecure = true;
	if (token) {
		l->token = token;
		l->token_file = l->username = l->password = NULL;
		l->plugin.command = NULL;
	}
	if (as)
		l->as = as;
	if (uid)
		l->as_uid = uid;
	if (node_count(groups))
		l->as_groups.n = 0;
	for (struct seq_iter it = seq_iter_of(groups); seq_next(&it);) {
		const char **slot = VEC_PUSH(&l->arena, l->as_groups);

		if (slot)
			*slot = arena_str(&l->arena, node_string(it.item));
	}
	return 0;
}

/* --- what fits together ---------------------------------------------------------------------------------------- */

static bool is_loopback(struct slice rest)
{
	struct slice host = slice_cut(slice_cut(rest, '/', &(struct slice){0}), ':', &(struct slice){0});

	return slice_is(host, "localhost") || slice_starts(host, "127.") || slice_starts(rest, "[::1]");
}

static bool has_control(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

/* A line end in a header would begin another header. */
static int check_headers(const struct login *l, struct err *err)
{
	bool bad = has_control(l->as) || has_control(l->as_uid) || has_control(l->server) || has_control(l->tls_name);

	for (size_t i = 0; i < l->as_groups.n; i++)
		bad |= has_control(l->as_groups.v[i]);
	for (size_t i = 0; i < l->as_extra.n; i++)
		bad |= has_control(l->as_extra.v[i].key) || has_control(l->as_extra.v[i].value);
	return bad ? err_set(err, STATUS_USAGE, "a control character in the server's name or in the impersonated user")
		   : 0;
}

static int check_server(struct login *l, struct err *err)
{
	struct slice s = slice_str(l->server);

	if (!s.n)
		return err_set(err, STATUS_USAGE, "the cluster of context '%s' has no 'server'", l->context);
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	/* Before anything quotes the URL, and wherever it is: a password may have a '/' in it. */
	if (slice_chr(s, '@') != SIZE_MAX) {
		l->server = "";
		return err_set(err, STATUS_USAGE, "the server's URL must not contain a user name");
	}
	if (slice_starts(s, "http://")) {
		if (!is_loopback(slice_from(s, 7)))
			return err_set(err, STATUS_USAGE, "server '" SLICE_FMT "' is not https", SLICE_ARG(s));
		l->server = arena_str(&l->arena, s);
		return 0;
	}
	if (slice_find(s, "://") != SIZE_MAX && !slice_starts(s, "https://"))
		return err_set(err, STATUS_USAGE, "server '" SLICE_FMT "' is not https", SLICE_ARG(s));
	l->server =
		arena_printf(&l->arena, "%s" SLICE_FMT, slice_starts(s, "https://") ? "" : "https://", SLICE_ARG(s));
	return 0;
}

static int check(struct login *l, struct err *err)
{
	if (check_server(l, err) < 0 || check_headers(l, err) < 0)
		return err->status;
	if (!l->certificate.n != !l->key.n)
		return err_set(err, STATUS_USAGE,
			       "the user of context '%s' has a client certificate without its key, or "
			       "the other way round",
			       l->context);
	if ((l->token || l->token_file) && l->username)
		return err_set(err, STATUS_USAGE, "the user of context '%s' has both a token and a user name",
			       l->context);
	if (!l->as && (l->as_uid || l->as_groups.n || l->as_extra.n))
		return err_set(err, STATUS_USAGE, "impersonated groups need an impersonated user ('as')");
	if (l->insecure && l->ca.n)
		return err_set(err, STATUS_USAGE,
			       "a certificate authority together with insecure-skip-tls-verify is not "
			       "allowed");
	if (l->insecure)
		warn(l, "TLS certificates are not verified (insecure-skip-tls-verify)");
	return arena_failed(&l->arena) ? err_nomem(err) : 0;
}

/* What kubectl hands a plugin that asks for it. */
static void provide_cluster(struct login *l, const struct node *exec)
{
	struct buf b = BUF_TEXT;
	struct buf ca = BUF_TEXT;

	if (!node_is_bool(node_lookup(exec, "provideClusterInfo"), true))
		return;
	buf_adds(&b, "{\"server\":");
	json_quote(slice_str(l->server), &b);
	if (l->tls_name) {
		buf_adds(&b, ",\"tls-server-name\":");
		json_quote(slice_str(l->tls_name), &b);
	}
	if (l->insecure)
		buf_adds(&b, ",\"insecure-skip-tls-verify\":true");
	if (l->ca.n) {
		base64_encode(l->ca, &ca);
		buf_adds(&b, ",\"certificate-authority-data\":");
		json_quote(buf_slice(&ca), &b);
	}
	if (l->proxy) {
		buf_adds(&b, ",\"proxy-url\":");
		json_quote(slice_str(l->proxy), &b);
	}
	buf_adds(&b, ",\"config\":null}");
	l->plugin.cluster = b.failed || ca.failed ? NULL : arena_str(&l->arena, buf_slice(&b));
	buf_release(&ca);
	buf_release(&b);
}

/* --- contexts -------------------------------------------------------------------------------------------------- */

static int missing(const char *what, struct slice name, struct err *err)
{
	return err_set(err, STATUS_USAGE, "%s '" SLICE_FMT "' is not in the kubeconfig", what,
		       SLICE_ARG(slice_to(name, 100)));
}

static void warn_open_file(struct login *l, const struct config_file *f)
{
	bool secret = l->key.n || l->token || l->password;

	if (secret && (f->mode & 0044))
		warn(l, arena_printf(&l->arena,
				     "kubeconfig '%s' contains credentials and is readable by others (chmod 600)",
				     f->path));
}

static int read_context(struct reading *r, const struct kubeconfig *k, struct slice context)
{
	const struct node *entry = kubeconfig_entry(k, CONFIG_CONTEXTS, context, &r->f), *map, *user = NULL;
	struct slice cluster_name, user_name, ns;

	if (!entry)
		return missing("context", context, r->err);
	r->l->context = arena_str(&r->l->arena, context);
	map = node_lookup(entry, "context");
	if (config_text(r->f, map, "cluster", &cluster_name, r->err) < 0 ||
	    config_text(r->f, map, "user", &user_name, r->err) < 0 ||
	    config_text(r->f, map, "namespace", &ns, r->err) < 0)
		return r->err->status;
	r->l->ns = arena_str(&r->l->arena, ns);
	entry = kubeconfig_entry(k, CONFIG_CLUSTERS, cluster_name, &r->f);
	if (!entry)
		return missing("cluster", cluster_name, r->err);
	if (read_cluster(r, node_lookup(entry, "cluster")) < 0)
		return r->err->status;
	if (!user_name.n)
		return 0;
	entry = kubeconfig_entry(k, CONFIG_USERS, user_name, &r->f);
	if (!entry)
		return missing("user", user_name, r->err);
	user = node_lookup(entry, "user");
	if (login_read_user(r, user) < 0)
		return r->err->status;
	provide_cluster(r->l, node_lookup(user, "exec"));
	warn_open_file(r->l, r->f);
	return 0;
}

/* --- a pod ----------------------------------------------------------------------------------------------------- */

/* A pod may have no such file: then its namespace is not known. */
static const char *pod_namespace(struct login *l)
{
	struct err none = ERR_INIT;
	struct slice text = SLICE_EMPTY;

	return login_file(l, POD_DIRECTORY "/namespace", "the pod's namespace", &text, &none) < 0
		       ? ""
		       : arena_str(&l->arena, slice_trim(text));
}

static int read_pod(struct login *l, struct err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
	bool v6 = host && strchr(host, ':');

	if (!host || !*host || !port || !*port)
		return err_set(err, STATUS_USAGE, "no kubeconfig was found: set KUBECONFIG, or pass --kubeconfig");
	l->context = "";
	l->server = arena_printf(&l->arena, "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
	l->token_file = POD_DIRECTORY "/token";
	l->ns = pod_namespace(l);
	if (login_file(l, POD_DIRECTORY "/ca.crt", "the pod's certificate authority", &l->ca, err) < 0)
		return err->status;
	/* Without one the system's authorities would count, which know no cluster. */
	return slice_trim(l->ca).n ? 0
				   : err_set(err, STATUS_USAGE, "the pod's certificate authority '%s' is empty",
					     POD_DIRECTORY "/ca.crt");
}

static int choose(struct reading *r, const struct kubeconfig *k, const struct node *options)
{
	struct login *l = r->l;
	const char *context = option(l, options, "context"), *server = option(l, options, "server");
	struct slice name = context ? slice_str(context) : kubeconfig_current(k);

	l->context = l->ns = "";
	if (name.n)
		return read_context(r, k, name);
	if (server)
		return 0;
	if (k->files.n)
		return err_set(r->err, STATUS_USAGE, "the kubeconfig has no current-context; name one with --context");
	return read_pod(l, r->err);
}

int login_read(struct login *l, struct kubeconfig_cache *cache, const struct node *options, enum answer_kind *kind,
	       struct err *err)
{
	cleanup_kubeconfig struct kubeconfig own = KUBECONFIG_INIT;
	const struct kubeconfig *k = &own;
	struct slice text = node_string(node_lookup(options, "text"));
	struct reading r = {.l = l,
			    .inline_only = text.n > 0,
			    .allow_exec = node_is_bool(node_lookup(options, "allowExec"), true),
			    .err = err};

	*kind = ANSWER_CONFIG;
	if ((text.n ? kubeconfig_load_text(&own, text, err)
		    : kubeconfig_cached(cache, option(l, options, "kubeconfig"), &k, err)) < 0)
		return err->status;
	if (choose(&r, k, options) < 0 || apply_options(l, options, err) < 0 || check(l, err) < 0)
		return err->status;
	*kind = ANSWER_OK;
	return 0;
}
