/*
 * login_user.c: the user of a context: token, certificate, password, login plugin, impersonation.
 */
#include "kubehelper/login_reading.h"

#include "base/base64.h"

enum { MATERIAL_MAX = 1 << 20 };

/* --- texts and files of an entry ------------------------------------------------------------------------------- */

int login_text(struct reading *r, const struct node *map, const char *key, const char **text)
{
	struct slice s;

	if (config_text(r->f, map, key, &s, r->err) < 0)
		return r->err->status;
	*text = s.n ? arena_str(&r->l->arena, s) : NULL;
	return 0;
}

int login_no_files(struct reading *r, const struct node *map, const char *key)
{
	return config_fail(r->f, node_lookup(map, key), r->err,
			   "'%s' is not allowed in a kubeconfig that comes from a cluster", key);
}

int login_material(struct reading *r, const struct node *map, const char *key, struct slice *to)
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
		return login_no_files(r, map, key);
	return login_file(r->l, config_path(&r->l->arena, r->f, path), key, to, r->err);
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
	if (login_text(r, exec, "command", &command) < 0 || login_text(r, exec, "apiVersion", &p->api_version) < 0 ||
	    login_text(r, exec, "interactiveMode", &p->mode) < 0 || login_text(r, exec, "installHint", &p->hint) < 0)
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

	if (login_text(r, user, "as", &l->as) < 0 || login_text(r, user, "as-uid", &l->as_uid) < 0 ||
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

int login_read_user(struct reading *r, const struct node *user)
{
	struct login *l = r->l;
	const char *file = NULL;
	const struct node *exec = node_real(node_lookup(user, "exec")),
			  *old = node_real(node_lookup(user, "auth-provider"));

	if (login_text(r, user, "token", &l->token) < 0 || login_text(r, user, "tokenFile", &file) < 0 ||
	    login_text(r, user, "username", &l->username) < 0 || login_text(r, user, "password", &l->password) < 0 ||
	    login_material(r, user, "client-certificate", &l->certificate) < 0 ||
	    login_material(r, user, "client-key", &l->key) < 0 || read_impersonation(r, user) < 0)
		return r->err->status;
	if (file && r->inline_only)
		return login_no_files(r, user, "tokenFile");
	if (file)
		l->token_file = config_path(&l->arena, r->f, slice_str(file));
	if (!node_is_null(old))
		return config_fail(
			r->f, old, r->err,
			"'auth-provider' is no longer supported by Kubernetes; use an exec plugin (gke-gcloud-"
			"auth-plugin, kubelogin)");
	return node_is_null(exec) ? 0 : read_plugin(r, exec);
}
