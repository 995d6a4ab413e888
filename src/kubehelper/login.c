#include "kubehelper/login.h"

#include "base/base64.h"
#include "base/file.h"
#include "cluster/reduce.h"

#include <fcntl.h>

#define POD_DIRECTORY "/var/run/secrets/kubernetes.io/serviceaccount"

enum { MATERIAL_MAX = 1 << 20 };

/* What a login is read from. */
struct reading {
	struct login *l;
	const struct config_file *f; /* of the entry that is read */
	bool inline_only;	     /* the kubeconfig comes from a cluster: it may name no file, program or proxy */
	bool allow_exec;
	struct err *err;
};

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

/* --- texts and files of an entry ------------------------------------------------------------------------------- */

static int text_of(struct reading *r, const struct node *map, const char *key, const char **text)
{
	struct slice s;

	if (config_text(r->f, map, key, &s, r->err) < 0)
		return r->err->status;
	*text = s.n ? arena_str(&r->l->arena, s) : NULL;
	return 0;
}

static int no_files(struct reading *r, const struct node *map, const char *key)
{
	return config_fail(r->f, node_lookup(map, key), r->err,
			   "'%s' is not allowed in a kubeconfig that comes from a cluster", key);
}

/* KEY-data in base64, else the file that KEY names. */
static int material(struct reading *r, const struct node *map, const char *key, struct slice *to)
{
	char data_key[64];
	struct slice data, path;
	struct buf bytes = BUF_INIT(MATERIAL_MAX);
	bool good;

	snprintf(data_key, sizeof(data_key), "%s-data", key);
	if (config_text(r->f, map, data_key, &data, r->err) < 0 || config_text(r->f, map, key, &path, r->err) < 0)
		return r->err->status;
	if (data.n) {
		good = base64_decode(data, BASE64_STANDARD, &bytes);
		if (good)
			*to = slice_str(arena_str(&r->l->arena, buf_slice(&bytes)));
		if (bytes.p)
			explicit_bzero(bytes.p, bytes.room);
		buf_release(&bytes);
		return good ? 0
			    : config_fail(r->f, node_lookup(map, data_key), r->err, "'%s' is not valid base64",
					  data_key);
	}
	if (!path.n)
		return 0;
	if (r->inline_only)
		return no_files(r, map, key);
	return login_file(r->l, config_path(&r->l->arena, r->f, path), key, to, r->err);
}

/* --- the cluster ----------------------------------------------------------------------------------------------- */

static int read_cluster(struct reading *r, const struct node *cluster)
{
	struct login *l = r->l;

	if (text_of(r, cluster, "server", &l->server) < 0 || text_of(r, cluster, "tls-server-name", &l->tls_name) < 0 ||
	    text_of(r, cluster, "proxy-url", &l->proxy) < 0 ||
	    config_bool(r->f, cluster, "insecure-skip-tls-verify", &l->insecure, r->err) < 0 ||
	    material(r, cluster, "certificate-authority", &l->ca) < 0)
		return r->err->status;
	if (l->proxy && r->inline_only)
		return no_files(r, cluster, "proxy-url");
	return 0;
}

/* --- the user -------------------------------------------------------------------------------------------------- */

static int read_list(struct reading *r, const struct node *map, const char *key, const struct node **list)
{
	*list = node_real(node_lookup(map, key));
	if (node_is_null(*list))
		*list = NULL;
	if (*list && !node_is_sequence(*list))
		return config_fail(r->f, *list, r->err, "'%s' must be a list", key);
	return 0;
}

static int read_args(struct reading *r, const struct node *exec)
{
	struct login *l = r->l;
	const struct node *args, *env;

	if (read_list(r, exec, "args", &args) < 0 || read_list(r, exec, "env", &env) < 0)
		return r->err->status;
	for (struct seq_iter it = seq_iter_of(args); seq_next(&it);) {
		const char **slot = VEC_PUSH(&l->arena, l->plugin.args);

		if (!node_is_string(it.item))
			return config_fail(r->f, it.item, r->err, "an argument must be a text");
		if (slot)
			*slot = arena_str(&l->arena, node_text(it.item));
	}
	for (struct seq_iter it = seq_iter_of(env); seq_next(&it);) {
		const char **slot = VEC_PUSH(&l->arena, l->plugin.env);
		struct slice name, value;

		if (config_text(r->f, it.item, "name", &name, r->err) < 0 ||
		    config_text(r->f, it.item, "value", &value, r->err) < 0)
			return r->err->status;
		if (slot)
			*slot = arena_printf(&l->arena, SLICE_FMT "=" SLICE_FMT, SLICE_ARG(name), SLICE_ARG(value));
	}
	return 0;
}

static int read_plugin(struct reading *r, const struct node *exec)
{
	struct login_plugin *p = &r->l->plugin;
	const char *command = NULL;

	if (r->inline_only && !r->allow_exec)
		return config_fail(r->f, exec, r->err,
				   "'exec' is not allowed in a kubeconfig that comes from a cluster (--allow-exec)");
	if (text_of(r, exec, "command", &command) < 0 || text_of(r, exec, "apiVersion", &p->api_version) < 0 ||
	    text_of(r, exec, "interactiveMode", &p->mode) < 0 || text_of(r, exec, "installHint", &p->hint) < 0)
		return r->err->status;
	if (!command)
		return config_fail(r->f, exec, r->err, "'exec' needs a 'command'");
	if (!p->api_version || (strcmp(p->api_version, "client.authentication.k8s.io/v1") != 0 &&
				strcmp(p->api_version, "client.authentication.k8s.io/v1beta1") != 0))
		return config_fail(r->f, exec, r->err,
				   "the exec plugin's apiVersion must be client.authentication.k8s.io/v1 or v1beta1");
	if (!p->mode && slice_ends(slice_str(p->api_version), "/v1"))
		return config_fail(r->f, exec, r->err, "an exec plugin of v1 needs 'interactiveMode'");
	if (p->mode && strcmp(p->mode, "Never") != 0 && strcmp(p->mode, "IfAvailable") != 0 &&
	    strcmp(p->mode, "Always") != 0)
		return config_fail(r->f, node_lookup(exec, "interactiveMode"), r->err,
				   "'interactiveMode' must be Never, IfAvailable or Always");
	/* A name alone is looked up in PATH; a path is relative to the kubeconfig. */
	p->command = strchr(command, '/') ? config_path(&r->l->arena, r->f, slice_str(command)) : command;
	return read_args(r, exec);
}

static int read_extra(struct reading *r, const struct node *extra)
{
	struct login *l = r->l;

	for (struct map_iter it = map_iter_of(extra); map_next(&it);)
		for (struct seq_iter v = seq_iter_of(it.value); seq_next(&v);) {
			struct extra *e = VEC_PUSH(&l->arena, l->as_extra);

			if (!node_is_string(v.item))
				return config_fail(r->f, v.item, r->err, "a value of 'as-user-extra' must be a text");
			if (e)
				*e = (struct extra){arena_str(&l->arena, node_text(it.key)),
						    arena_str(&l->arena, node_text(v.item))};
		}
	return 0;
}

static int read_impersonation(struct reading *r, const struct node *user)
{
	struct login *l = r->l;
	const struct node *groups;

	if (text_of(r, user, "as", &l->as) < 0 || text_of(r, user, "as-uid", &l->as_uid) < 0 ||
	    read_list(r, user, "as-groups", &groups) < 0 ||
	    read_extra(r, node_real(node_lookup(user, "as-user-extra"))) < 0)
		return r->err->status;
	for (struct seq_iter it = seq_iter_of(groups); seq_next(&it);) {
		const char **slot = VEC_PUSH(&l->arena, l->as_groups);

		if (!node_is_string(it.item))
			return config_fail(r->f, it.item, r->err, "a group of 'as-groups' must be a text");
		if (slot)
			*slot = arena_str(&l->arena, node_text(it.item));
	}
	return 0;
}

static int read_user(struct reading *r, const struct node *user)
{
	struct login *l = r->l;
	const char *file = NULL;
	const struct node *exec = node_real(node_lookup(user, "exec")),
			  *old = node_real(node_lookup(user, "auth-provider"));

	if (text_of(r, user, "token", &l->token) < 0 || text_of(r, user, "tokenFile", &file) < 0 ||
	    text_of(r, user, "username", &l->username) < 0 || text_of(r, user, "password", &l->password) < 0 ||
	    material(r, user, "client-certificate", &l->certificate) < 0 ||
	    material(r, user, "client-key", &l->key) < 0 || read_impersonation(r, user) < 0)
		return r->err->status;
	if (file && r->inline_only)
		return no_files(r, user, "tokenFile");
	if (file)
		l->token_file = config_path(&l->arena, r->f, slice_str(file));
	if (!node_is_null(old))
		return config_fail(
			r->f, old, r->err,
			"'auth-provider' is no longer supported by Kubernetes; use an exec plugin (gke-gcloud-"
			"auth-plugin, kubelogin)");
	return node_is_null(exec) ? 0 : read_plugin(r, exec);
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
	if (slice_starts(s, "http://")) {
		if (!is_loopback(slice_from(s, 7)))
			return err_set(err, STATUS_USAGE, "server '" SLICE_FMT "' is not https", SLICE_ARG(s));
		l->server = arena_str(&l->arena, s);
		return 0;
	}
	if (slice_find(s, "://") != SIZE_MAX && !slice_starts(s, "https://"))
		return err_set(err, STATUS_USAGE, "server '" SLICE_FMT "' is not https", SLICE_ARG(s));
	if (slice_chr(slice_cut(slice_from(s, 8), '/', &(struct slice){0}), '@') != SIZE_MAX)
		return err_set(err, STATUS_USAGE, "the server's URL must not contain a user name");
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
		warn(l,
		     arena_printf(&l->arena, "kubeconfig '%s' holds credentials and is readable by others (chmod 600)",
				  f->path));
}

static int read_context(struct reading *r, const struct kubeconfig *k, struct slice context)
{
	const struct node *entry = kubeconfig_entry(k, "contexts", context, &r->f), *map, *user = NULL;
	struct slice cluster_name, user_name;

	if (!entry)
		return missing("context", context, r->err);
	r->l->context = arena_str(&r->l->arena, context);
	map = node_lookup(entry, "context");
	if (config_text(r->f, map, "cluster", &cluster_name, r->err) < 0 ||
	    config_text(r->f, map, "user", &user_name, r->err) < 0)
		return r->err->status;
	entry = kubeconfig_entry(k, "clusters", cluster_name, &r->f);
	if (!entry)
		return missing("cluster", cluster_name, r->err);
	if (read_cluster(r, node_lookup(entry, "cluster")) < 0)
		return r->err->status;
	if (!user_name.n)
		return 0;
	entry = kubeconfig_entry(k, "users", user_name, &r->f);
	if (!entry)
		return missing("user", user_name, r->err);
	user = node_lookup(entry, "user");
	if (read_user(r, user) < 0)
		return r->err->status;
	provide_cluster(r->l, node_lookup(user, "exec"));
	warn_open_file(r->l, r->f);
	return 0;
}

/* --- a pod ----------------------------------------------------------------------------------------------------- */

static int read_pod(struct login *l, struct err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
	bool v6 = host && strchr(host, ':');

	if (!host || !*host || !port || !*port)
		return err_set(err, STATUS_USAGE, "no kubeconfig was found: set KUBECONFIG, or pass --kubeconfig");
	l->context = "";
	l->server = arena_printf(&l->arena, "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
	l->token_file = POD_DIRECTORY "/token";
	return login_file(l, POD_DIRECTORY "/ca.crt", "the pod's certificate authority", &l->ca, err);
}

int login_read(struct login *l, const struct node *options, enum answer_kind *kind, struct err *err)
{
	cleanup_kubeconfig struct kubeconfig k = KUBECONFIG_INIT;
	struct slice text = node_string(node_lookup(options, "text"));
	struct reading r = {.l = l,
			    .inline_only = text.n > 0,
			    .allow_exec = node_is_bool(node_lookup(options, "allowExec"), true),
			    .err = err};
	const char *file = option(l, options, "kubeconfig"), *context = option(l, options, "context");
	struct slice name;

	*kind = ANSWER_CONFIG;
	if ((text.n ? kubeconfig_load_text(&k, text, err) : kubeconfig_load(&k, file, err)) < 0)
		return err->status;
	name = context ? slice_str(context) : kubeconfig_current(&k);
	if (name.n || k.files.n) {
		if (!name.n && !option(l, options, "server"))
			return err_set(err, STATUS_USAGE,
				       "the kubeconfig has no current-context; name one with --context");
		if (name.n && read_context(&r, &k, name) < 0)
			return err->status;
		if (!name.n)
			l->context = "";
	} else if (!option(l, options, "server")) {
		if (read_pod(l, err) < 0)
			return err->status;
	} else {
		l->context = "";
	}
	if (apply_options(l, options, err) < 0 || check(l, err) < 0)
		return err->status;
	*kind = ANSWER_OK;
	return 0;
}
