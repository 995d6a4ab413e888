/*
 * fleet_hub.c: the clusters that a hub knows: Argo CD's cluster Secrets, the shoots of a Gardener project.
 */
#include "base/base64.h"
#include "cluster/reduce.h"
#include "cmd/fleet_sources.h"

enum { GRACE_SECONDS = 20 };

/* Asks one list; the event's body lives until the next call on `k`. */
static int ask_hub(struct kube *k, const struct kube_target *hub, unsigned seconds, const char *path,
		   const char *const *fields, struct kube_event *e, struct err *err)
{
	struct kube_question q = {.path = path, .list = true, .needs = "items", .fields = fields, .seconds = seconds};

	if (kube_open(k, err) < 0 || kube_connect(k, 0, hub, err) < 0 ||
	    kube_next(k, seconds + GRACE_SECONDS, e, err) < 0)
		return err->status;
	if (e->answer == ANSWER_OK &&
	    (kube_ask(k, 0, 0, &q, err) < 0 || kube_next(k, seconds + GRACE_SECONDS, e, err) < 0))
		return err->status;
	if (e->answer != ANSWER_OK)
		return err_set(err, STATUS_HELPER, "the current cluster did not list %s: %s%s" SLICE_FMT, path,
			       answer_meaning(e->answer), e->text.n ? ": " : "", SLICE_ARG(slice_to(e->text, 300)));
	return 0;
}

static int parse(struct stream *s, struct slice text, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	stream_init(s, &limits);
	*root = NULL;
	if (json_guess(text) != JSON_MAYBE)
		return 0;
	if (stream_add(s, "answer", text, err) < 0)
		return err->status;
	if (!s->problems.n && s->documents.n == 1 && node_is_mapping(s->documents.v[0].root))
		*root = s->documents.v[0].root;
	return 0;
}

/* --- Argo CD --------------------------------------------------------------------------------------------------- */

static void put(struct buf *out, const char *key, struct slice value)
{
	if (!value.n)
		return;
	buf_addf(out, ",\"%s\":", key);
	json_quote(value, out);
}

/* Argo CD's env is a map, a kubeconfig's a list. */
static void put_exec(struct buf *out, const struct node *exec)
{
	size_t n = 0;

	buf_adds(out, ",\"exec\":{\"interactiveMode\":\"Never\"");
	put(out, "command", node_string(node_lookup(exec, "command")));
	put(out, "apiVersion", node_string(node_lookup(exec, "apiVersion")));
	put(out, "installHint", node_string(node_lookup(exec, "installHint")));
	buf_adds(out, ",\"args\":[");
	for (struct seq_iter it = seq_iter_of(node_lookup(exec, "args")); seq_next(&it);) {
		buf_adds(out, n++ ? "," : "");
		json_quote(node_string(it.item), out);
	}
	buf_adds(out, "],\"env\":[");
	n = 0;
	for (struct map_iter it = map_iter_of(node_lookup(exec, "env")); map_next(&it);) {
		buf_adds(out, n++ ? ",{\"x\":0" : "{\"x\":0");
		put(out, "name", node_text(it.key));
		put(out, "value", node_string(it.value));
		buf_addc(out, '}');
	}
	buf_adds(out, "]}");
}

/* The cluster as a kubeconfig with nothing but inline data; the helper refuses what else may be in it. */
static const char *kubeconfig_of(struct arena *a, struct slice server, const struct node *config)
{
	const struct node *tls = node_lookup(config, "tlsClientConfig"),
			  *exec = node_lookup(config, "execProviderConfig");
	struct buf out = BUF_INIT((size_t)4 << 20);
	const char *text;

	buf_adds(&out, "{\"current-context\":\"x\",\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"x\","
		       "\"user\":\"x\"}}],"
		       "\"clusters\":[{\"name\":\"x\",\"cluster\":{\"x\":0");
	put(&out, "server", server);
	put(&out, "certificate-authority-data", node_string(node_lookup(tls, "caData")));
	put(&out, "tls-server-name", node_string(node_lookup(tls, "serverName")));
	put(&out, "proxy-url", node_string(node_lookup(config, "proxyUrl")));
	if (node_is_bool(node_lookup(tls, "insecure"), true))
		buf_adds(&out, ",\"insecure-skip-tls-verify\":true");
	buf_adds(&out, "}}],\"users\":[{\"name\":\"x\",\"user\":{\"x\":0");
	put(&out, "token", node_string(node_lookup(config, "bearerToken")));
	put(&out, "username", node_string(node_lookup(config, "username")));
	put(&out, "password", node_string(node_lookup(config, "password")));
	put(&out, "client-certificate-data", node_string(node_lookup(tls, "certData")));
	put(&out, "client-key-data", node_string(node_lookup(tls, "keyData")));
	if (node_is_mapping(exec))
		put_exec(&out, exec);
	buf_adds(&out, "}}]}");
	text = out.failed ? NULL : arena_str(a, buf_slice(&out));
	if (out.p)
		explicit_bzero(out.p, out.room);
	buf_release(&out);
	return text;
}

static struct slice decoded(struct arena *a, const struct node *data, const char *key)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)4 << 20);
	struct slice text = SLICE_EMPTY;

	if (base64_decode(node_string(node_lookup(data, key)), BASE64_STANDARD, &out))
		text = slice_str(arena_str(a, buf_slice(&out)));
	if (out.p)
		explicit_bzero(out.p, out.room);
	return text;
}

/* The name that Argo CD has for the cluster that it is in: the whole host, not the beginning of another one. */
static bool is_own_cluster(struct slice server)
{
	static const char own[] = "https://kubernetes.default.svc";
	struct slice rest = slice_from(server, strlen(own));

	return slice_starts(server, own) &&
	       (!rest.n || slice_is(rest, "/") || slice_is(rest, ":443") || slice_is(rest, ":443/"));
}

static int add_secret(const struct fleet_sources *s, const struct kube_target *hub, const struct node *secret,
		      struct arena *a, survey_clusters *to, struct err *err)
{
	const struct node *data = node_lookup(secret, "data"), *config;
	struct slice name = decoded(a, data, "name"), server = decoded(a, data, "server");
	cleanup_stream struct stream in = {0};
	struct survey_cluster *c;

	if (!name.n)
		name = slice_str(arena_str(a, node_string(node_at(secret, "metadata/name"))));
	c = fleet_add(a, to, name.p,
		      arena_printf(a, "Secret " SLICE_FMT, SLICE_ARG(node_string(node_at(secret, "metadata/name")))));
	if (!c)
		return 0;
	if (parse(&in, decoded(a, data, "config"), &config, err) < 0)
		return err->status;
	if (is_own_cluster(server))
		c->target = *hub; /* Argo CD's own cluster */
	else if (!server.n || !config)
		c->excuse = "its Secret has no server or no readable config";
	else if (node_is_mapping(node_lookup(config, "awsAuthConfig")))
		c->excuse = "its Secret uses awsAuthConfig, which works in Argo CD only";
	else
		c->target = (struct kube_target){.text = slice_str(kubeconfig_of(a, server, config)),
						 .allow_exec = s->allow_exec};
	return 0;
}

int fleet_load_argocd(const struct fleet_sources *s, const struct kube_target *hub, struct arena *a,
		      survey_clusters *to, struct err *err)
{
	static const char *const fields[] = {"metadata/name", "data/name", "data/server", "data/config", NULL};
	const char *ns = s->argocd_namespace ? s->argocd_namespace : "argocd";
	cleanup_kube struct kube k = KUBE_INIT;
	cleanup_stream struct stream in = {0};
	const struct node *root;
	struct kube_event e = {0};
	size_t before = to->n;

	if (!is_namespace(ns))
		return err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", ns);
	if (ask_hub(&k, hub, s->seconds,
		    arena_printf(a,
				 "/api/v1/namespaces/%s/secrets?labelSelector="
				 "argocd.argoproj.io%%2Fsecret-type%%3Dcluster",
				 ns),
		    fields, &e, err) < 0 ||
	    parse(&in, e.body, &root, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
		if (add_secret(s, hub, it.item, a, to, err) < 0)
			return err->status;
	return to->n > before ? 0
			      : err_set(err, STATUS_USAGE,
					"namespace '%s' of the current cluster has no cluster Secret of Argo CD", ns);
}

/* --- Gardener -------------------------------------------------------------------------------------------------- */

static bool is_shoot(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.p[i]))
			return false;
	return name.n > 0 && name.n <= 63;
}

static void add_shoot(const char *path, const struct node *shoot, struct arena *a, survey_clusters *to)
{
	struct slice name = node_string(node_at(shoot, "metadata/name"));
	struct survey_cluster *c = is_shoot(name) ? fleet_add(a, to, arena_str(a, name), path) : NULL;

	if (!c)
		return;
	if (node_is_bool(node_at(shoot, "status/hibernated"), true))
		c->excuse = "the shoot is hibernated";
	else if (node_string(node_at(shoot, "metadata/deletionTimestamp")).n)
		c->excuse = "the shoot is being deleted";
	else
		c->ticket = arena_printf(a, "%s/%s/viewerkubeconfig", path, c->name);
}

int fleet_load_gardener(const struct fleet_sources *s, const struct kube_target *hub, struct arena *a,
			survey_clusters *to, struct err *err)
{
	const char *project = s->gardener;
	static const char *const fields[] = {"metadata/name", "metadata/deletionTimestamp", "status/hibernated", NULL};
	cleanup_kube struct kube k = KUBE_INIT;
	cleanup_stream struct stream in = {0};
	const struct node *root;
	struct kube_event e = {0};
	const char *path;
	size_t before = to->n;

	if (!is_namespace(project))
		return err_set(err, STATUS_USAGE, "'%.80s' is not a project name", project);
	path = arena_printf(a, "/apis/core.gardener.cloud/v1beta1/namespaces/garden-%s/shoots", project);
	if (ask_hub(&k, hub, s->seconds, path, fields, &e, err) < 0 || parse(&in, e.body, &root, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
		add_shoot(path, it.item, a, to);
	return to->n > before ? 0 : err_set(err, STATUS_USAGE, "project '%s' has no shoot", project);
}
