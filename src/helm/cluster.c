#include "helm/cluster.h"

#include "cluster/listing.h"
#include "cluster/one.h"
#include "helm/connection.h"

enum { SECONDS = 45 };

static const struct kind {
	const char *api_version, *kind;
	const char *api, *name; /* API/namespaces/NAMESPACE/NAME */
	bool list;
	bool may_lack; /* a cluster need not have it */
} kinds[] = {
	{"apps/v1", "StatefulSet", "/apis/apps/v1", "statefulsets", true, false},
	{"apps/v1", "Deployment", "/apis/apps/v1", "deployments", true, false},
	{"batch/v1", "Job", "/apis/batch/v1", "jobs", true, false},
	{"v1", "PersistentVolumeClaim", "/api/v1", "persistentvolumeclaims", true, false},
	{"v1", "ConfigMap", "/api/v1", "configmaps/pxcentral-ui-configmap", false, true},
	{"monitoring.coreos.com/v1", "Prometheus", "/apis/monitoring.coreos.com/v1", "prometheuses", true, true},
	{"monitoring.coreos.com/v1", "Alertmanager", "/apis/monitoring.coreos.com/v1", "alertmanagers", true, true},
};

enum { KINDS = ARRAY_SIZE(kinds) };

static int put(const struct kind *k, const struct kube_get *g, struct buf *list, bool *any, struct arena *a,
	       struct err *err)
{
	if (g->answer == ANSWER_OK && k->list)
		return listing_items(buf_slice(&g->body), k->api_version, k->kind, list, any, err);
	if (g->answer == ANSWER_OK) {
		buf_addf(list, "%s", *any ? "," : "");
		buf_add(list, slice_trim(buf_slice(&g->body)));
		*any = true;
		return list->failed ? err_nomem(err) : 0;
	}
	if (k->may_lack && (g->answer == ANSWER_ABSENT || g->answer == ANSWER_NO_API))
		return 0;
	return err_set(err, STATUS_HELPER, "the cluster was asked for '%s': %s", g->path, kube_get_why(g, a));
}

static int ask(struct kube_one *one, const char *ns, struct kube_get *v, struct buf *list, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < KINDS; i++) {
		v[i] = (struct kube_get){.body = BUF_INIT(list->cap), .list = kinds[i].list};
		v[i].path = arena_printf(one->arena, "%s/namespaces/%s/%s", kinds[i].api, ns, kinds[i].name);
	}
	if (arena_failed(one->arena))
		return err_nomem(err);
	if (kube_one_get(one, v, KINDS, err) < 0)
		return err->status;
	buf_adds(list, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
	for (size_t i = 0; i < KINDS; i++)
		if (put(&kinds[i], &v[i], list, &any, one->arena, err) < 0)
			return err->status;
	buf_adds(list, "]}\n");
	if (!any)
		buf_clear(list);
	return list->failed ? err_nomem(err) : 0;
}

int cluster_ask(const char **ns, struct arena *a, struct buf *list, const char **warnings, struct err *err)
{
	cleanup_kube_one struct kube_one one = KUBE_ONE_INIT;
	struct kube_get answers[KINDS] = {0};
	struct kube_target target;

	helm_connection(NULL, a, &target);
	if (kube_one_open(&one, &target, SECONDS, a, err) < 0)
		return err->status;
	*warnings = one.warnings;
	if (one.why)
		return err_set(err, STATUS_HELPER, "the cluster cannot be asked: %s", one.why);
	if (!*ns)
		*ns = one.ns;
	ask(&one, *ns, answers, list, err);
	for (size_t i = 0; i < KINDS; i++)
		buf_release(&answers[i].body);
	return err->status;
}
