/*
 * values_alone.c: values without a render: their types, what they leave at a default that Federated mode cannot live
 * with, what they say together, and what the policy or other values say otherwise.
 */
#include "rules/causes.h"
#include "rules/values_stated.h"
#include "userfile/user_file.h"

/* --- types ----------------------------------------------------------------------------------------------------- */

typedef void (*leaf_fn)(void *arg, const struct values_file *file, const char *path, const struct node *n);

/* The key as the chart itself knows it, below the name that it has as a dependency. */
static struct slice own_path(const struct gate *g, const char *path)
{
	size_t n = strlen(g->values_under);

	if (!n)
		return slice_str(path);
	return strncmp(path, g->values_under, n) == 0 && path[n] == '.' ? slice_str(path + n + 1) : SLICE_EMPTY;
}

/* Every value that is not a mapping, and every mapping that stands where one value must be. */
static void each_leaf(const struct values_file *file, const struct node *map, const char *prefix, leaf_fn fn, void *arg,
		      struct gate *g)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		const struct node *n = node_real(it.value);
		const char *path =
			gate_printf(g, "%s%s" SLICE_FMT, prefix, *prefix ? "." : "", SLICE_ARG(node_text(it.key)));

		if (!path)
			return;
		if (n->kind == NODE_MAPPING && node_count(n) && !value_type_known(own_path(g, path)))
			each_leaf(file, n, path, fn, arg, g);
		else
			fn(arg, file, path, n);
	}
}

static bool is_proxy_with_password(struct slice path, const struct node *n)
{
	return (slice_is(path, chart_value_name(KEY_PROXY_HTTP)) ||
		slice_is(path, chart_value_name(KEY_PROXY_HTTPS))) &&
	       slice_chr(node_string(n), '@') != SIZE_MAX;
}

static void check_type(void *arg, const struct values_file *file, const char *path, const struct node *n)
{
	struct gate *g = arg;
	const char *fault = value_type_fault(own_path(g, path), n);
	struct finding *f;

	if (!fault)
		return;
	f = values_find(g, file, n);
	if (!values_key_is_private(slice_str(path)) && n->kind == NODE_SCALAR)
		finding_found(g, f, node_text(n));
	finding_say(g, f, "%s %s", path, fault);
	if (is_proxy_with_password(own_path(g, path), n))
		advise_proxy_secret(g, f);
	else
		finding_fix(g, f, "Correct %s in %s.", path, file->name);
}

/* --- what must be said ----------------------------------------------------------------------------------------- */

/* A finding about a value that nobody wrote stands at the first file. */
static struct finding *find_missing(struct gate *g)
{
	struct finding *f = gate_find(g, NULL, NULL);

	f->place = (struct place){.input = g->values->files.v[0]->name, .line = 1, .column = 1, .length = 1};
	return f;
}

static void check_required(struct gate *g)
{
	static const struct {
		enum chart_value value;
		const char *want, *why;
	} rows[] = {
		{VALUE_FEDERATED, "true", "the chart's default is Classic mode, which can never be converted"},
		{VALUE_BACKUP_ENABLED, "true", "the chart's default installs no Portworx Backup"},
		{VALUE_STORAGE_CLASS, NULL,
		 "the cluster's default would be used, Prometheus and Alertmanager would have no storage, and the "
		 "class "
		 "can never be changed"},
	};
	struct stated storage;
	bool storage_off = values_stated(g, VALUE_STORAGE_ENABLED, &storage) && !values_is_true(storage.node),
	     no_class = false;
	struct stated s;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool said = values_stated(g, rows[i].value, &s);
		struct finding *f;

		if (said && (rows[i].want ? node_is_bool(s.node, true) || node_real(s.node)->type != TYPE_BOOL
					  : node_text(node_real(s.node)).n > 0))
			continue;
		no_class |= rows[i].value == VALUE_STORAGE_CLASS;
		if (storage_off && rows[i].value == VALUE_STORAGE_CLASS)
			continue; /* the same change brings both */
		f = said ? values_find(g, s.file, s.node) : find_missing(g);
		finding_say(g, f, "%s is %s: %s", g->value_keys[rows[i].value],
			    !said	   ? "not set"
			    : rows[i].want ? "false"
					   : "empty",
			    rows[i].why);
		finding_fix_value(g, f, rows[i].value, rows[i].want ? rows[i].want : FIX_BLANK);
	}
	if (storage_off) {
		struct finding *f = values_find(g, storage.file, storage.node);

		finding_say(g, f, "%s is false: every database would lose its data with its pod", storage.key);
		finding_fix_value(g, f, VALUE_STORAGE_ENABLED, "true");
		if (no_class)
			finding_fix_value(g, f, VALUE_STORAGE_CLASS, FIX_BLANK);
	}
}

/* --- the policy ------------------------------------------------------------------------------------------------ */

static void check_wanted(struct gate *g, enum chart_value v, struct slice want, const char *policy_key)
{
	struct stated s;
	bool said = values_stated(g, v, &s);
	struct finding *f;

	if (!want.n)
		return;
	if (said ? slice_eq(node_text(node_real(s.node)), want) : slice_is(want, chart_value_infos[v].def))
		return;
	f = said ? values_find(g, s.file, s.node) : find_missing(g);
	finding_expected(g, f, SLICE_FMT, SLICE_ARG(want));
	finding_say(g, f, "%s is %s; the policy says %s: " SLICE_FMT, g->value_keys[v],
		    said ? values_text(g, s.node) : "not set", policy_key, SLICE_ARG(want));
	finding_fix_value(g, f, v, arena_str(&g->arena, want));
}

static struct slice switch_text(bool on)
{
	return on ? SLICE("true") : SLICE("false");
}

static void check_pull_secret(struct gate *g)
{
	struct slice want = g->policy->registry_pull_secret;
	struct values_file *file = NULL;
	const struct node *list = values_get(g->values, g->value_keys[VALUE_IMAGES_PULL], &file);
	struct finding *f;

	if (!want.n)
		return;
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);)
		if (slice_eq(node_string(node_is_mapping(it.item) ? node_lookup(it.item, "name") : it.item), want))
			return;
	f = list ? values_find(g, file, list) : find_missing(g);
	finding_say(g, f, "%s does not name " SLICE_FMT "; the policy says registry.pullSecret",
		    chart_value_name(VALUE_IMAGES_PULL), SLICE_ARG(want));
	finding_fix_text(g, f, gate_key(g, chart_value_name(KEY_PULL_SECRET)), want);
}

static void check_policy(struct gate *g)
{
	const struct policy *p = g->policy;

	check_wanted(g, VALUE_STORAGE_CLASS, p->storage_class, "storageClassName");
	if (p->telemetry != TELEMETRY_ALLOWED)
		check_wanted(g, VALUE_TELEMETRY, switch_text(p->telemetry == TELEMETRY_REQUIRED),
			     gate_printf(g, "telemetry: %s, so %s",
					 p->telemetry == TELEMETRY_REQUIRED ? "required" : "forbidden",
					 chart_value_name(VALUE_TELEMETRY)));
	if (p->argo_cd != ARGO_AUTO)
		check_wanted(g, VALUE_ARGO_CD, switch_text(p->argo_cd == ARGO_TRUE),
			     gate_printf(g, "argoCD, so %s", chart_value_name(VALUE_ARGO_CD)));
	if (p->mesh_mode != MESH_ANY) {
		check_wanted(g, VALUE_ISTIO, switch_text(p->mesh_mode == MESH_ISTIO),
			     gate_printf(g, "serviceMesh.mode, so %s", chart_value_name(VALUE_ISTIO)));
		check_wanted(g, VALUE_LINKERD, switch_text(p->mesh_mode == MESH_LINKERD),
			     gate_printf(g, "serviceMesh.mode, so %s", chart_value_name(VALUE_LINKERD)));
	}
	check_wanted(g, VALUE_ISTIO_HOST_NAME, p->host_name, "serviceMesh.hostName");
	check_wanted(g, VALUE_IMAGES_REGISTRY, p->registry_host, "registry.host");
	check_wanted(g, VALUE_IMAGES_REPO, p->registry_repository, "registry.repository");
	check_pull_secret(g);
}

/* --- contradictions -------------------------------------------------------------------------------------------- */

static const struct node *get(struct gate *g, unsigned key, struct values_file **file)
{
	const struct node *n = values_get(g->values, gate_key(g, chart_value_name(key)), file);

	return node_is_null(n) || (node_is_string(n) && !node_string(n).n) ? NULL : n;
}

static bool is_set(struct gate *g, unsigned key)
{
	return get(g, key, NULL) != NULL;
}

/* `key` has a value that the words speak of. */
static void contradict(struct gate *g, unsigned key, const char *message, const char *advice)
{
	struct values_file *file = NULL;
	const struct node *n = get(g, key, &file);
	struct finding *f = n ? values_find(g, file, n) : find_missing(g);

	finding_say(g, f, "%s", message);
	finding_fix(g, f, "%s", advice);
}

static bool is_off(struct gate *g, unsigned key)
{
	const struct node *n = values_get(g->values, gate_key(g, chart_value_name(key)), NULL);

	return node_is_bool(n, false);
}

static bool is_on(struct gate *g, unsigned key)
{
	return values_is_true(values_get(g->values, gate_key(g, chart_value_name(key)), NULL));
}

static void check_monitoring(struct gate *g)
{
	static const enum chart_name pairs[][2] = {
		{KEY_PROMETHEUS_ENDPOINT, KEY_PROMETHEUS_SECRET},
		{KEY_ALERT_ENDPOINT, KEY_ALERT_SECRET},
	};
	const char *own = chart_value_name(KEY_DEDICATED_MONITORING);
	bool external = is_off(g, KEY_DEDICATED_MONITORING);

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct node *endpoint = get(g, pairs[i][0], NULL);
		const char *where = chart_value_name(pairs[i][0]), *secret = chart_value_name(pairs[i][1]);

		if (external && !endpoint)
			contradict(g, KEY_DEDICATED_MONITORING,
				   gate_printf(g, "%s is false and %s is not set", own, where),
				   gate_printf(g, "Set %s; the chart does not render without it.", where));
		else if (external && slice_starts(node_string(endpoint), "https://") && !is_set(g, pairs[i][1]))
			contradict(g, pairs[i][0], gate_printf(g, "%s is https and %s is not set", where, secret),
				   gate_printf(g, "Set %s; the chart does not render without it.", secret));
		else if (!external && endpoint)
			contradict(g, pairs[i][0],
				   gate_printf(g, "%s has no effect: the chart installs its own Prometheus", where),
				   gate_printf(g, "Set %s: false, or remove it.", own));
	}
}

static void check_proxy(struct gate *g)
{
	const char *name = chart_value_name(KEY_PROXY_SECRET);
	bool http = is_set(g, KEY_PROXY_HTTP), https = is_set(g, KEY_PROXY_HTTPS);
	unsigned is = http ? KEY_PROXY_HTTP : KEY_PROXY_HTTPS, lacks = http ? KEY_PROXY_HTTPS : KEY_PROXY_HTTP;

	if (is_set(g, KEY_PROXY_SECRET) && (http || https))
		contradict(g, KEY_PROXY_SECRET,
			   gate_printf(g, "%s and %s or %s are both set: the chart would define each variable twice",
				       name, chart_value_name(KEY_PROXY_HTTP), chart_value_name(KEY_PROXY_HTTPS)),
			   gate_printf(g, "Keep %s alone.", name));
	else if (http != https)
		contradict(g, is,
			   gate_printf(g, "%s is set and %s is not; chart 3.0.0 derives neither from the other",
				       chart_value_name(is), chart_value_name(lacks)),
			   "Set both.");
}

static void check_oidc(struct gate *g)
{
	static const enum chart_name keys[] = {KEY_OIDC_ENDPOINT, KEY_OIDC_CLIENT};
	const char *central = chart_value_name(KEY_OIDC_CENTRAL);
	bool on = is_on(g, KEY_OIDC_EXTERNAL);

	if (is_off(g, KEY_OIDC_CENTRAL))
		contradict(g, KEY_OIDC_CENTRAL,
			   gate_printf(g,
				       "%s is false, which drops Keycloak; the console logs in through Keycloak, with "
				       "an external provider too",
				       central),
			   gate_printf(g, "--set %s=true", gate_key(g, central)));
	for (size_t i = 0; on && i < ARRAY_SIZE(keys); i++)
		if (!is_set(g, keys[i]))
			contradict(g, KEY_OIDC_EXTERNAL,
				   gate_printf(g, "%s is true and %s is not set", chart_value_name(KEY_OIDC_EXTERNAL),
					       chart_value_name(keys[i])),
				   gate_printf(g, "Set %s.", chart_value_name(keys[i])));
}

/* The chart's own values file says it too, so it is not an error. */
static void check_version(struct gate *g)
{
	struct values_file *file = NULL;
	const struct node *n = get(g, KEY_VERSION, &file);
	struct finding *f;

	if (!n)
		return;
	f = values_find(g, file, n);
	finding_severity(f, SEVERITY_WARNING);
	finding_say(g, f, "%s is set; the hooks compare it with the chart's own version",
		    gate_key(g, chart_value_name(KEY_VERSION)));
	finding_fix(g, f, "Remove it and choose the version with --version.");
}

static void check_together(struct gate *g)
{
	if (is_on(g, VALUE_ISTIO) && is_on(g, VALUE_LINKERD))
		contradict(g, VALUE_LINKERD,
			   gate_printf(g, "%s and %s are both true; only one mesh can be used",
				       chart_value_name(VALUE_ISTIO), chart_value_name(VALUE_LINKERD)),
			   "Set one of them to false.");
	check_monitoring(g);
	check_proxy(g);
	check_oidc(g);
	check_version(g);
}

/* --- against other values -------------------------------------------------------------------------------------- */

struct comparison {
	struct gate *g;
	const struct values *other;
	const char *other_name;
	bool back; /* the leaves are the other's: only what is missing here counts */
};

static const char *shown(struct gate *g, const char *path, const struct node *n)
{
	if (values_key_is_private(slice_str(path)))
		return "a value that is not shown";
	if (node_real(n)->kind != NODE_SCALAR)
		return node_count(node_real(n)) ? node_noun(node_real(n)) : node_is_sequence(n) ? "[]" : "{}";
	return values_text(g, n);
}

static void compare_leaf(void *arg, const struct values_file *file, const char *path, const struct node *n)
{
	struct comparison *c = arg;
	const struct node *theirs = values_get(c->back ? c->g->values : c->other, path, NULL);
	struct finding *f;

	if (theirs && (c->back || node_equal(node_real(theirs), n)))
		return;
	f = c->back ? find_missing(c->g) : values_find(c->g, file, n);
	if (c->back)
		finding_say(c->g, f, "%s is not set; %s has %s", path, c->other_name, shown(c->g, path, n));
	else
		finding_say(c->g, f, "%s is %s; %s %s", path, shown(c->g, path, n), c->other_name,
			    theirs ? gate_printf(c->g, "has %s", shown(c->g, path, theirs)) : "does not set it");
	if (c->back || theirs)
		finding_fix(c->g, f, "Set %s as in %s, or write new answers with 'pxb-fed spec'.", path, c->other_name);
	else
		finding_fix(c->g, f, "Remove %s, or give its file to --against too.", path);
}

/* Of several files only the value that wins is compared. */
static void compare_winner(void *arg, const struct values_file *file, const char *path, const struct node *n)
{
	struct comparison *c = arg;
	struct values_file *winner = NULL;
	const struct node *now = values_get(c->back ? c->other : c->g->values, path, &winner);

	if (now && node_real(now) == n)
		compare_leaf(arg, file, path, n);
}

static void check_against(struct gate *g, const struct values *other)
{
	struct comparison c = {.g = g, .other = other, .other_name = other->files.v[0]->name};

	for (size_t i = 0; i < g->values->files.n; i++)
		each_leaf(g->values->files.v[i], g->values->files.v[i]->root, "", compare_winner, &c, g);
	c.back = true;
	for (size_t i = 0; i < other->files.n; i++)
		each_leaf(other->files.v[i], other->files.v[i]->root, "", compare_winner, &c, g);
}

void check_values_alone(struct gate *g)
{
	for (size_t i = 0; i < g->values->files.n; i++)
		each_leaf(g->values->files.v[i], g->values->files.v[i]->root, "", check_type, g, g);
	check_required(g);
	check_policy(g);
	check_together(g);
	if (g->options.against && g->options.against->files.n)
		check_against(g, g->options.against);
}
