/*
 * verify_portworx.c: the StorageCluster, Portworx Enterprise and its Operator.
 */
#include "checks/checks.h"

void check_api_server(struct facts *f)
{
	struct slice version = node_string(node_lookup(facts_root(f, Q_VERSION), "gitVersion"));

	if (version.n)
		pass(f, "Kubernetes %s", shown(f, version));
	else if (facts_root(f, Q_VERSION))
		unknown(f, "/version names no version");
	else
		result_unanswered(f, Q_VERSION);
}

/* --- the StorageCluster ---------------------------------------------------------------------------------------- */

static void no_storagecluster(struct facts *f)
{
	fail_(f, "there is no StorageCluster%s%s%s", f->px_namespace ? " in namespace '" : "",
	      f->px_namespace ? f->px_namespace : "", f->px_namespace ? "'" : "");
	result_fix(f, "install Portworx Enterprise through the Portworx Operator; Federated mode needs it on every "
		      "application cluster");
}

void check_storagecluster(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_STORAGECLUSTERS), "items");
	size_t n = node_count(items);

	if (f->v[Q_STORAGECLUSTERS].kind == ANSWER_NO_API && f->v[Q_STORAGECLUSTERS].asked)
		no_storagecluster(f);
	else if (!items)
		result_unanswered(f, Q_STORAGECLUSTERS);
	else if (n == 0)
		no_storagecluster(f);
	else if (n > 1) {
		unknown(f, "there are %zu StorageClusters; which one Portworx Backup uses is not clear", n);
		result_fix(f, "name its namespace with --px-namespace");
	} else {
		pass(f, "%s", object_name(f, "StorageCluster", facts_storagecluster(f)));
		result_about(f, object_name(f, "StorageCluster", facts_storagecluster(f)), NULL);
	}
}

void check_storagecluster_phase(struct facts *f)
{
	const struct node *stc = need_storagecluster(f);
	struct slice phase = node_string(node_at(stc, "status/phase"));

	if (!stc)
		return;
	if (!node_is_null(node_at(stc, "metadata/deletionTimestamp")))
		fail_(f, "the StorageCluster is being deleted");
	else if (slice_is(phase, "Running") || slice_is(phase, "Online"))
		pass(f, "phase " SLICE_FMT, SLICE_ARG(phase));
	else if (slice_is(phase, "Degraded"))
		warn(f, "phase Degraded: part of Portworx is not healthy");
	else if (slice_is(phase, "Initializing") || slice_is(phase, "Uninstalling") || slice_is(phase, "Offline"))
		fail_(f, "phase " SLICE_FMT, SLICE_ARG(phase));
	else if (!phase.n || slice_is(phase, "Unknown"))
		unknown(f, "the StorageCluster reports no phase");
	else
		unknown(f, "phase '%s' is not known to this version", shown(f, phase));
	result_about(f, object_name(f, "StorageCluster", stc), "status.phase");
	if (f->results[f->current].outcome != OUTCOME_PASS) {
		result_values(f, shown(f, phase), "Running");
		result_fix(f, "kubectl describe storagecluster -n %s", facts_namespace(f));
	}
}

/* --- versions -------------------------------------------------------------------------------------------------- */

/* Evidence of a version: where it was found, and whether it is of what runs or only of what was asked for. */
static void judge(struct facts *f, struct slice text, const char *needed_text, const char *what, const char *object,
		  const char *path, bool measured)
{
	struct version found = version_parse(text), needed_version = version_parse(slice_str(needed_text));
	const char *show = shown(f, text);

	if (!found.known)
		unknown(f, "%s '%s' is not a version that can be compared", what, show);
	else if (version_compare(found, needed_version) < 0)
		fail_(f, "%s is %s; %s or later is required", what, show, needed_text);
	else if (!measured)
		unknown(f, "%s is set to %s, but nothing shows that this is what runs", what, show);
	else
		pass(f, "%s (at least %s)", show, needed_text);
	result_about(f, object, path);
	result_values(f, show, needed_text);
}

/* The lowest version over all nodes: an upgrade leaves them mixed. */
static bool lowest_node(struct facts *f, struct slice *text, const char **object, bool *gap)
{
	const struct node *items = node_lookup(facts_root(f, Q_STORAGENODES), "items");
	struct version lowest = {0};
	bool any = false;

	*gap = false;
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		struct slice s = node_string(node_at(it.item, "spec/version"));
		struct version v = version_parse(s);

		if (!v.known) {
			*gap = true;
			if (!any)
				*object = object_name(f, "StorageNode", it.item);
			continue;
		}
		if (any && version_compare(v, lowest) >= 0)
			continue;
		any = true;
		lowest = v;
		*text = s;
		*object = object_name(f, "StorageNode", it.item);
	}
	return any;
}

/* What was asked for: PX_IMAGE replaces the image, and status.version is copied from it by the Operator. */
static struct slice wanted_px(const struct node *stc, const char **path)
{
	struct slice s = node_string(node_lookup(variable(node_at(stc, "spec/env"), "PX_IMAGE"), "value"));

	*path = "spec.env[PX_IMAGE]";
	if (s.n)
		return image_tag(s);
	*path = "status.version";
	s = node_string(node_at(stc, "status/version"));
	if (s.n)
		return s;
	*path = "spec.image";
	return image_tag(node_string(node_at(stc, "spec/image")));
}

void check_px_version(struct facts *f)
{
	const struct node *stc = need_storagecluster(f);
	const char *object = NULL, *path;
	struct slice text = SLICE_EMPTY;
	bool gap;

	if (!stc)
		return;
	if (lowest_node(f, &text, &object, &gap)) {
		judge(f, text, f->demands->px, "Portworx Enterprise", object, "spec.version", true);
		if (gap && f->results[f->current].outcome == OUTCOME_PASS)
			unknown(f, "a StorageNode reports no version");
	} else if (gap) {
		unknown(f, "no StorageNode reports a version");
		result_about(f, object, "spec.version");
	} else {
		text = wanted_px(stc, &path);
		judge(f, text, f->demands->px, "Portworx Enterprise", object_name(f, "StorageCluster", stc), path,
		      false);
	}
	if (f->results[f->current].outcome == OUTCOME_FAIL)
		result_fix(f, "upgrade Portworx Enterprise: set spec.image of the StorageCluster to %s or later",
			   f->demands->px);
	else if (f->results[f->current].outcome == OUTCOME_UNKNOWN)
		result_fix(f,
			   "kubectl get storagenodes -n %s -o custom-columns=NAME:.metadata.name,VERSION:.spec.version",
			   facts_namespace(f));
}

/* The container's image, else OLM's name of the version. */
static struct slice operator_of(const struct node *deployment, const char **path)
{
	const struct node *containers = node_at(deployment, "spec/template/spec/containers"), *c;
	struct slice text, name;
	size_t dot;

	c = node_named(containers, SLICE("portworx-operator"), &(size_t){0});
	*path = "spec.template.spec.containers[portworx-operator].image";
	text = image_tag(node_string(node_lookup(c, "image")));
	if (version_parse(text).known)
		return text;
	name = node_string(node_lookup(variable(node_lookup(c, "env"), "OPERATOR_CONDITION_NAME"), "value"));
	dot = slice_chr(name, '.');
	if (!slice_starts(name, "portworx-operator") || dot == SIZE_MAX)
		return text;
	*path = "spec.template.spec.containers[portworx-operator].env[OPERATOR_CONDITION_NAME]";
	return slice_from(name, dot + 1);
}

static const struct node *operator_deployment(struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_OPERATORS), "items"), *own = facts_root(f, Q_OPERATOR);
	struct seq_iter it = seq_iter_of(items);

	if (own)
		return own;
	return node_count(items) == 1 && seq_next(&it) ? it.item : NULL;
}

void check_operator_version(struct facts *f)
{
	const struct node *stc = need_storagecluster(f), *deployment = operator_deployment(f);
	struct slice text = node_string(node_at(stc, "status/operatorVersion"));
	const char *path = "status.operatorVersion", *object;

	if (!stc)
		return;
	object = object_name(f, "StorageCluster", stc);
	if (!text.n && deployment) {
		text = operator_of(deployment, &path);
		object = object_name(f, "Deployment", deployment);
	}
	if (text.n || deployment) {
		judge(f, text, f->demands->operator_, "the Portworx Operator", object, path, true);
		if (f->results[f->current].outcome == OUTCOME_FAIL)
			result_fix(f, "upgrade the Portworx Operator to %s or later", f->demands->operator_);
	} else if (!facts_known(f, Q_OPERATOR)) {
		result_unanswered(f, Q_OPERATOR);
	} else if (!facts_known(f, Q_OPERATORS)) {
		result_unanswered(f, Q_OPERATORS);
	} else {
		unknown(f, "neither the StorageCluster nor a Deployment portworx-operator says which Operator runs");
	}
}
