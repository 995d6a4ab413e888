/*
 * preflight_cluster.c: the backup cluster itself: API server, nodes, namespace, release.
 */
#include "chart/place.h"
#include "checks/preflight.h"

/* --- what the checks read -------------------------------------------------------------------------------------- */

struct slice preflight_namespace(const struct facts *f)
{
	return preflight_of(f) ? slice_str(preflight_of(f)->ns) : SLICE_EMPTY;
}

const char *preflight_driver(const struct facts *f)
{
	return preflight_of(f) && preflight_of(f)->driver ? preflight_of(f)->driver : "secrets";
}

struct slice preflight_value(const struct facts *f, unsigned key)
{
	const struct values *v = preflight_of(f)->values;
	const struct node *n = v ? node_real(values_get(v, chart_value_name(key), NULL)) : NULL;

	return node_is_null(n) ? SLICE_EMPTY : node_text(n);
}

bool preflight_switch(const struct facts *f, unsigned key, bool by_default)
{
	const struct values *v = preflight_of(f)->values;
	const struct node *n = v ? values_get(v, chart_value_name(key), NULL) : NULL;

	return n ? values_is_true(n) : by_default;
}

double quantity_number(struct slice text)
{
	static const struct {
		const char *suffix;
		double factor;
	} rows[] = {{"Ki", 1024.0},
		    {"Mi", 1048576.0},
		    {"Gi", 1073741824.0},
		    {"Ti", 1099511627776.0},
		    {"Pi", 1125899906842624.0},
		    {"m", 0.001},
		    {"k", 1e3},
		    {"M", 1e6},
		    {"G", 1e9},
		    {"T", 1e12},
		    {"P", 1e15},
		    {"", 1.0}};
	char number[48];
	char *end;
	double value;

	if (!text.n || text.n >= sizeof(number))
		return -1;
	memcpy(number, text.p, text.n);
	number[text.n] = '\0';
	value = strtod(number, &end);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && end != number; i++)
		if (strcmp(end, rows[i].suffix) == 0)
			return value * rows[i].factor;
	return -1;
}

/* --- API server and nodes -------------------------------------------------------------------------------------- */

void check_backup_api_server(struct facts *f)
{
	struct slice git = node_string(node_lookup(facts_root(f, Q_VERSION), "gitVersion"));
	struct version v = version_parse(git);

	if (!facts_root(f, Q_VERSION)) {
		result_unanswered(f, Q_VERSION);
		return;
	}
	if (!v.known)
		unknown(f, "the API server's version '%s' cannot be compared", shown(f, git));
	else if (version_compare(v, version_parse(slice_str(f->demands->kubernetes))) < 0)
		fail_(f, "Kubernetes is %s; %s or later is required", shown(f, git), f->demands->kubernetes);
	else
		pass(f, "Kubernetes %s (at least %s)", shown(f, git), f->demands->kubernetes);
	result_values(f, shown(f, git), f->demands->kubernetes);
}

static bool is_ready(const struct node *node)
{
	for (struct seq_iter it = seq_iter_of(node_at(node, "status/conditions")); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "type"), "Ready"))
			return node_string_is(node_lookup(it.item, "status"), "True");
	return false;
}

/* A node that the chart's pods may run on. */
static bool counts(const struct node *node)
{
	return is_ready(node) && !node_is_bool(node_at(node, "spec/unschedulable"), true) &&
	       !node_string_is(node_lookup(node_at(node, "metadata/labels"), "pxbackup/enabled"), "false");
}

void check_node_version(struct facts *f)
{
	struct version needed = version_parse(slice_str(f->demands->kubernetes));
	const struct node *items = node_lookup(facts_root(f, Q_NODES), "items"), *old = NULL;
	size_t n = 0;

	if (!items) {
		result_unanswered(f, Q_NODES);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		struct version v = version_parse(node_string(node_at(it.item, "status/nodeInfo/kubeletVersion")));

		if (!counts(it.item))
			continue;
		n++;
		if (v.known && version_compare(v, needed) < 0)
			old = it.item;
	}
	if (!n) {
		fail_(f, "no node is ready and free for the chart's pods");
		result_fix(f, "kubectl get nodes");
	} else if (old) {
		warn(f, "%s runs kubelet %s; %s or later is required", object_name(f, "Node", old),
		     shown(f, node_string(node_at(old, "status/nodeInfo/kubeletVersion"))), f->demands->kubernetes);
		result_about(f, object_name(f, "Node", old), "status.nodeInfo.kubeletVersion");
	} else {
		pass(f, "%zu nodes", n);
	}
}

void check_node_capacity(struct facts *f)
{
	enum { NODES = 3, CPU = 4, MEMORY_GB = 4 };
	const struct node *items = node_lookup(facts_root(f, Q_NODES), "items");
	size_t large = 0;

	if (!items) {
		result_unanswered(f, Q_NODES);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		double cpu = quantity_number(node_text(node_real(node_at(it.item, "status/allocatable/cpu")))),
		       memory = quantity_number(node_text(node_real(node_at(it.item, "status/allocatable/memory"))));

		/* A node gives some of what it has to the system: a tenth less still counts. */
		large += counts(it.item) && cpu >= CPU * 0.9 && memory >= MEMORY_GB * 1e9 * 0.9;
	}
	if (large < NODES)
		warn(f, "%zu nodes have %d CPU and %d GB; the vendor recommends at least %d such nodes", large, CPU,
		     MEMORY_GB, NODES);
	else
		pass(f, "%zu nodes with at least %d CPU and %d GB", large, CPU, MEMORY_GB);
}

void check_helm_version(struct facts *f)
{
	const char *helm = preflight_of(f)->helm_version;
	struct version v = version_parse(slice_str(helm));

	if (!helm)
		skip(f, "no Helm was found on this machine");
	else if (!v.known)
		unknown(f, "the version of Helm is '%s'", shown(f, slice_str(helm)));
	else if (v.part[0] == 3)
		pass(f, "Helm %s", shown(f, slice_str(helm)));
	else
		warn(f, "Helm is %s; the vendor's page names Helm 3", shown(f, slice_str(helm)));
	if (v.known && v.part[0] > 3)
		result_fix(f, "Helm 4 works through 'helm pxb-fed install'; it repeats keys of px-central 3.0 in "
			      "another order, "
			      "and waits for hooks differently");
}

/* --- namespace and release ------------------------------------------------------------------------------------- */

static bool belongs(const struct facts *f, const struct node *object)
{
	return node_string_is(node_lookup(node_at(object, "metadata/annotations"), "meta.helm.sh/release-name"),
			      preflight_of(f)->release);
}

void check_target_namespace(struct facts *f)
{
	const struct node *ns = facts_root(f, Q_TARGET), *items = node_lookup(facts_root(f, Q_WORKLOADS), "items");
	const char *name = preflight_of(f)->ns;
	const struct node *other = NULL;

	if (!facts_known(f, Q_TARGET)) {
		result_unanswered(f, Q_TARGET);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);)
		if (!belongs(f, it.item))
			other = it.item;
	if (!ns)
		pass(f, "'%s' does not exist yet; 'helm install --create-namespace' makes it", name);
	else if (!node_is_null(node_at(ns, "metadata/deletionTimestamp")))
		fail_(f, "namespace '%s' is being deleted", name);
	else if (!facts_known(f, Q_WORKLOADS))
		result_unanswered(f, Q_WORKLOADS);
	else if (other)
		warn(f, "namespace '%s' has workloads of others, such as %s", name,
		     object_name(f, "Deployment", other));
	else
		pass(f, "'%s'", name);
	result_about(f, arena_printf(&f->arena, "Namespace %s", name), NULL);
}

static size_t number_of(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && i < 9 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n = n * 10 + (size_t)(s.p[i] - '0');
	return n;
}

/* The newest revision of the release that is meant; *other: a release of another name. */
static const struct node *newest(const struct facts *f, const struct node **other)
{
	const struct node *found = NULL;
	size_t revision = 0;

	*other = NULL;
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_RELEASES), "items")); seq_next(&it);) {
		const struct node *labels = node_at(it.item, "metadata/labels");
		size_t n = number_of(node_string(node_lookup(labels, "version")));

		if (!node_string_is(node_lookup(labels, "name"), preflight_of(f)->release)) {
			*other = it.item;
		} else if (!found || n > revision) {
			found = it.item;
			revision = n;
		}
	}
	return found;
}

bool preflight_is_upgrade(const struct facts *f)
{
	const struct node *other, *r = newest(f, &other);
	struct slice status = node_string(node_lookup(node_at(r, "metadata/labels"), "status"));

	return r && !slice_is(status, "uninstalled");
}

static bool judge_mode(struct facts *f)
{
	struct slice mode =
		node_string(node_lookup(node_lookup(facts_root(f, Q_UI_CONFIG), "data"), chart_env(VALUE_FEDERATED)));

	if (!facts_known(f, Q_UI_CONFIG)) {
		result_unanswered(f, Q_UI_CONFIG);
		return false;
	}
	if (!facts_root(f, Q_UI_CONFIG) || slice_is(mode, "true"))
		return true;
	fail_(f, "Portworx Backup runs here in Classic mode, and no upgrade makes it Federated");
	result_about(f, arena_printf(&f->arena, "ConfigMap %s/pxcentral-ui-configmap", preflight_of(f)->ns),
		     "data.PX_BACKUP_FEDERATED");
	result_values(f, shown(f, mode), "true");
	result_fix(f, "install Federated mode anew, in another namespace or cluster");
	return false;
}

/* A plain Job, which Helm does not wait for: its release is deployed whatever becomes of it. */
static bool post_install_failed(const struct facts *f)
{
	for (struct seq_iter it = seq_iter_of(node_at(facts_root(f, Q_POST_INSTALL), "status/conditions"));
	     seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "type"), "Failed") &&
		    node_string_is(node_lookup(it.item, "status"), "True"))
			return true;
	return false;
}

static void judge_status(struct facts *f, struct slice status)
{
	const struct preflight *p = preflight_of(f);

	if (slice_starts(status, "pending")) {
		fail_(f, "release '%s' is %s: Helm refuses to go on", p->release, shown(f, status));
		result_fix(f,
			   "wait for the other Helm; if none runs: helm rollback %s -n %s, or for a first installation "
			   "helm "
			   "uninstall %s -n %s",
			   p->release, p->ns, p->release, p->ns);
	} else if (slice_is(status, "failed")) {
		warn(f, "the last run of release '%s' failed", p->release);
		result_fix(f, "read ConfigMap px-central-report in namespace %s, then upgrade again", p->ns);
	} else if (slice_is(status, "uninstalling")) {
		fail_(f, "release '%s' is being uninstalled", p->release);
	} else if (post_install_failed(f)) {
		warn(f, "Helm calls release '%s' %s, but its post-install Job failed", p->release, shown(f, status));
		result_about(f, arena_printf(&f->arena, "Job %s/pxcentral-post-install-hook", p->ns),
			     "status.conditions");
		result_fix(f, "kubectl logs -n %s job/pxcentral-post-install-hook", p->ns);
	} else {
		pass(f, "release '%s' is %s; this will be an upgrade", p->release, shown(f, status));
	}
}

void check_release(struct facts *f)
{
	const struct node *other, *r = newest(f, &other);
	const struct preflight *p = preflight_of(f);

	if (!p->driver) {
		unknown(f, "Helm keeps its releases outside the cluster (HELM_DRIVER)");
		return;
	}
	if (!facts_known(f, Q_RELEASES)) {
		result_unanswered(f, Q_RELEASES);
		return;
	}
	if (!judge_mode(f))
		return;
	if (preflight_is_upgrade(f))
		judge_status(f, node_string(node_lookup(node_at(r, "metadata/labels"), "status")));
	else if (other && facts_root(f, Q_UI_CONFIG)) {
		fail_(f, "Portworx Backup is installed here as release '%s'",
		      shown(f, node_string(node_lookup(node_at(other, "metadata/labels"), "name"))));
		result_fix(f, "upgrade that release: selectors carry its name");
	} else if (facts_root(f, Q_UI_CONFIG)) {
		warn(f, "objects of Portworx Backup are here, but no release of Helm");
	} else {
		pass(f, "nothing is installed yet");
	}
}

static bool is_ours(struct slice claim)
{
	static const char *const names[] = {"pxcentral-mysql-pvc",
					    "pxc-mongodb-data-pxc-backup-mongodb-0",
					    "pxc-mongodb-data-pxc-backup-mongodb-1",
					    "pxc-mongodb-data-pxc-backup-mongodb-2",
					    "theme-pxcentral-keycloak-0",
					    "px-backup-telemetry-storage",
					    "pre-install-data-pvc"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_is(claim, names[i]))
			return true;
	return slice_starts(claim, "pxcentral-keycloak-data-postgres") ||
	       slice_starts(claim, "prometheus-px-backup-dashboard-prometheus-db-") ||
	       slice_starts(claim, "alertmanager-px-backup-alertmanager-db-");
}

void check_stale_claims(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_CLAIMS), "items");
	cleanup_buf struct buf names = BUF_TEXT;
	size_t n = 0;

	if (!items) {
		result_unanswered(f, Q_CLAIMS);
		return;
	}
	if (preflight_is_upgrade(f)) {
		skip(f, "this will be an upgrade: the claims are in use");
		return;
	}
	if (!facts_known(f, Q_RELEASES)) {
		result_unanswered(f, Q_RELEASES);
		return;
	}
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		struct slice name = node_string(node_at(it.item, "metadata/name"));

		if (is_ours(name))
			buf_addf(&names, "%s%s", n++ ? " " : "", shown(f, name));
	}
	facts_need(f, &names);
	if (n) {
		fail_(f,
		      "%zu claims of an earlier installation are left: the chart's check refuses to install over them",
		      n);
		result_fix(f, "kubectl delete pvc -n %s %s\n(their data is lost)", preflight_of(f)->ns,
			   buf_str(&names));
	} else {
		pass(f, "none");
	}
}

void check_pod_security(struct facts *f)
{
	const struct node *ns = facts_root(f, Q_TARGET);
	struct slice level =
		node_string(node_lookup(node_at(ns, "metadata/labels"), "pod-security.kubernetes.io/enforce"));

	if (!facts_known(f, Q_TARGET)) {
		result_unanswered(f, Q_TARGET);
		return;
	}
	if (slice_is(level, "restricted")) {
		fail_(f, "Pod Security is 'restricted': it refuses every pod of the chart, hooks included");
		result_fix(f, "kubectl label namespace %s pod-security.kubernetes.io/enforce=baseline --overwrite",
			   preflight_of(f)->ns);
		result_values(f, "restricted", "baseline or privileged");
	} else if (level.n) {
		pass(f, "'%s'; the cluster's own default and other admission controllers are not visible",
		     shown(f, level));
	} else {
		pass(f, "no level is set on the namespace; the cluster's own default is not visible");
	}
	result_about(f, arena_printf(&f->arena, "Namespace %s", preflight_of(f)->ns),
		     "metadata.labels[\"pod-security.kubernetes.io/enforce\"]");
}
