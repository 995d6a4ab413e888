/*
 * preflight_secrets.c: the Secrets that an installation needs, by name, key, length and kind of characters. No value is
 * here: pxb-fed-kube keeps them.
 */
#include "checks/preflight.h"

#include "chart/pxc_credentials.h"

static const struct node *secret(const struct facts *f, struct slice name)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_SECRETS), "items")); seq_next(&it);)
		if (slice_eq(node_string(node_at(it.item, "metadata/name")), name))
			return it.item;
	return NULL;
}

static double bytes_of(const struct node *facts)
{
	return quantity_number(node_text(node_real(node_lookup(facts, "bytes"))));
}

/* --- pxc-credentials ------------------------------------------------------------------------------------------- */

static bool is_not(const struct node *facts, const char *what)
{
	return node_is_bool(node_lookup(facts, what), false);
}

static bool is_true(const struct node *facts, const char *what)
{
	return node_is_bool(node_lookup(facts, what), true);
}

/* What is wrong with a value; NULL: nothing. */
static const char *wrong(const struct pxc_credential *c, const struct node *node)
{
	struct pxc_facts facts = {.bytes = (size_t)bytes_of(node),
				  .line_end = is_true(node, "lineEnd"),
				  .alnum = is_true(node, "alphanumeric"),
				  .base64_set = is_true(node, "base64Set"),
				  .uri_safe = !is_true(node, "uriSpecial"),
				  .printable = !is_not(node, "printable")};

	return is_not(node, "base64") ? "is not base64" : pxc_facts_fault(c, &facts);
}

static bool check_password(struct facts *f, const struct node *data, const struct pxc_credential *c)
{
	bool encrypts = preflight_switch(f, VALUE_ENCRYPT_MONGODB, false);
	const struct node *facts = node_lookup(data, c->key);
	const char *why;

	if (!facts && c->encryption && !encrypts)
		return true;
	if (!facts)
		fail_(f, "key '%s' is missing", c->key);
	else if ((why = wrong(c, facts)))
		fail_(f, "the value of '%s' %s", c->key, why);
	else
		return true;
	result_about(f, arena_printf(&f->arena, "Secret %s/" PXC_CREDENTIALS, preflight_of(f)->ns),
		     arena_printf(&f->arena, "data[\"%s\"]", c->key));
	return false;
}

void check_pxc_credentials(struct facts *f)
{
	const struct node *s = secret(f, SLICE(PXC_CREDENTIALS)), *data = node_lookup(s, "data");

	if (!facts_root(f, Q_SECRETS)) {
		result_unanswered(f, Q_SECRETS);
		return;
	}
	if (!s) {
		fail_(f, "Secret pxc-credentials does not exist in namespace '%s'", preflight_of(f)->ns);
		result_fix(f, "create it before the installation: pxb-fed spec secret -n %s | kubectl apply -f -",
			   preflight_of(f)->ns);
		return;
	}
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++) {
		if (check_password(f, data, &pxc_credentials[i]))
			continue;
		result_fix(f, "replace the value before the installation; afterwards it can only be changed with the "
			      "database");
		return;
	}
	pass(f, "%zu keys, lengths and characters are as required", node_count(data));
}

/* --- Secrets that the values name ------------------------------------------------------------------------------ */

enum condition { IF_NAMED, IF_MONITORING };

static const struct named {
	unsigned value; /* KEY_: the key of the chart that names the Secret */
	const char *keys[4];
	const char *what;
} named[] = {
	{KEY_PROMETHEUS_SECRET, {NULL}, "Prometheus"},
	{KEY_ALERT_SECRET, {NULL}, "Alertmanager"},
	{KEY_PROXY_SECRET, {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}, "proxy"},
	{KEY_CA_SECRET, {NULL}, "certificate authorities"},
};

static const char *lacks(const struct node *data, const char *const *keys)
{
	for (; *keys; keys++)
		if (bytes_of(node_lookup(data, *keys)) <= 0)
			return *keys;
	return NULL;
}

static bool judge_named(struct facts *f, const struct named *n, size_t *count)
{
	struct slice name = preflight_value(f, n->value);
	const struct node *s = secret(f, name);
	const char *missing;

	if (!name.n)
		return true;
	++*count;
	if (!s)
		fail_(f, "Secret '%s' for %s does not exist", shown(f, name), n->what);
	else if (!node_count(node_lookup(s, "data")))
		fail_(f, "Secret '%s' for %s is empty", shown(f, name), n->what);
	else if ((missing = lacks(node_lookup(s, "data"), n->keys)))
		fail_(f, "Secret '%s' has no key '%s': px-central 3.0 needs HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
		      shown(f, name), missing);
	else
		return true;
	result_about(f, arena_printf(&f->arena, "Secret %s/%s", preflight_of(f)->ns, shown(f, name)),
		     chart_value_name(n->value));
	return false;
}

static struct slice pull_secret(const struct facts *f)
{
	const struct values *v = preflight_of(f)->values;
	struct seq_iter it = seq_iter_of(v ? values_get(v, chart_value_name(VALUE_IMAGES_PULL), NULL) : NULL);

	if (seq_next(&it) && node_string(it.item).n)
		return node_string(it.item);
	return preflight_of(f)->policy->registry_pull_secret;
}

static bool judge_pull(struct facts *f, size_t *count)
{
	struct slice name = pull_secret(f);
	const struct node *s = secret(f, name);

	/* The chart's own default name is there only where a private registry is used. */
	if (!name.n || (!preflight_value(f, VALUE_IMAGES_REGISTRY).n && !preflight_of(f)->policy->registry_host.n &&
			slice_is(name, "docregistry-secret")))
		return true;
	++*count;
	if (!s)
		fail_(f, "pull secret '%s' does not exist; the hooks need it before anything else", shown(f, name));
	else if (!node_string_is(node_lookup(s, "type"), "kubernetes.io/dockerconfigjson"))
		fail_(f, "pull secret '%s' is of type '%s', not kubernetes.io/dockerconfigjson", shown(f, name),
		      shown(f, node_string(node_lookup(s, "type"))));
	else if (bytes_of(node_lookup(node_lookup(s, "data"), ".dockerconfigjson")) <= 0)
		fail_(f, "pull secret '%s' has no key .dockerconfigjson", shown(f, name));
	else
		return true;
	result_about(f, arena_printf(&f->arena, "Secret %s/%s", preflight_of(f)->ns, shown(f, name)),
		     chart_value_name(VALUE_IMAGES_PULL));
	result_fix(f, "kubectl create secret docker-registry %s -n %s --docker-server=HOST --docker-username=USER",
		   shown(f, name), preflight_of(f)->ns);
	return false;
}

void check_named_secrets(struct facts *f)
{
	size_t n = 0;

	if (!facts_root(f, Q_SECRETS)) {
		result_unanswered(f, Q_SECRETS);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (!judge_named(f, &named[i], &n)) {
			if (!f->results[f->current].fix)
				result_fix(f, "create the Secret, or correct %s", chart_value_name(named[i].value));
			return;
		}
	if (!judge_pull(f, &n))
		return;
	if (n)
		pass(f, "%zu", n);
	else if (preflight_of(f)->values)
		pass(f, "the values name none");
	else
		skip(f, "no values were given (-f FILE)");
}

/* --- leftovers ------------------------------------------------------------------------------------------------- */

static bool judge_texts(struct facts *f, enum question_id q, const char *kind)
{
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, q), "items")); seq_next(&it);)
		for (struct map_iter d = map_iter_of(node_lookup(it.item, "data")); map_next(&d);) {
			struct slice cloud = node_string(node_lookup(d.value, "cloud"));

			if (!cloud.n)
				continue;
			fail_(f, "%s contains a cloud credential (%s); Federated mode stores none",
			      object_name(f, kind, it.item), shown(f, cloud));
			result_about(f, object_name(f, kind, it.item),
				     arena_printf(&f->arena, "data[\"%s\"]", shown(f, node_text(d.key))));
			result_fix(f, "remove the key, and revoke the credential if anybody could read it");
			return false;
		}
	return true;
}

void check_leftover_credentials(struct facts *f)
{
	if (!judge_texts(f, Q_SECRETS, "Secret") || !judge_texts(f, Q_CONFIGS, "ConfigMap"))
		return;
	if (!facts_root(f, Q_SECRETS))
		result_unanswered(f, Q_SECRETS);
	else if (!facts_root(f, Q_CONFIGS))
		result_unanswered(f, Q_CONFIGS);
	else
		pass(f, "none in %zu Secrets and %zu ConfigMaps",
		     node_count(node_lookup(facts_root(f, Q_SECRETS), "items")),
		     node_count(node_lookup(facts_root(f, Q_CONFIGS), "items")));
}
