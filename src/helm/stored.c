#include "helm/stored.h"

#include "cluster/one.h"
#include "helm/connection.h"
#include "helm/helm.h"
#include "helm/storage.h"
#include "yaml/stream.h"

enum { ANSWER_BYTES = 64 << 20 };

/* --- from Helm ------------------------------------------------------------------------------------------------- */

struct question {
	const char *words[2]; /* "get manifest", "history" */
	const char *name, *ns;
	const char *revision; /* NULL: the newest */
	bool json;
};

static int ask(const struct question *q, struct buf *out, struct err *err)
{
	char *argv[12];
	size_t n = 0;
	cleanup_buf struct buf said = BUF_INIT(64 << 10);
	struct child_result r;
	struct slice text;
	size_t at;

	argv[n++] = helm_program();
	argv[n++] = HELM_ARG(q->words[0]);
	if (q->words[1])
		argv[n++] = HELM_ARG(q->words[1]);
	argv[n++] = HELM_ARG(q->name);
	if (q->revision) {
		argv[n++] = HELM_ARG("--revision");
		argv[n++] = HELM_ARG(q->revision);
	}
	if (q->json) {
		argv[n++] = HELM_ARG("--output");
		argv[n++] = HELM_ARG("json");
	}
	if (q->ns) {
		argv[n++] = HELM_ARG("--namespace");
		argv[n++] = HELM_ARG(q->ns);
	}
	argv[n] = NULL;
	if (child_run(&(struct child){.argv = argv, .out = out, .errors = &said, .seconds = HELM_SECONDS}, &r, err) < 0)
		return err->status;
	if (!r.exit_code)
		return 0;
	text = slice_trim(buf_slice(&said));
	at = slice_rchr(text, '\n');
	return err_set(err, STATUS_HELPER, "'%s %s%s%s %s' failed: " SLICE_FMT, argv[0], q->words[0],
		       q->words[1] ? " " : "", q->words[1] ? q->words[1] : "", q->name,
		       SLICE_ARG(slice_to(at == SIZE_MAX ? text : slice_from(text, at + 1), 600)));
}

static struct slice take(struct arena *a, const struct node *root, const char *key)
{
	return arena_copy(a, node_text(node_real(node_lookup(root, key))));
}

static int read_metadata(struct arena *a, struct slice json, struct stored *i, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *root;

	stream_init(&s, &limits);
	if (stream_add(&s, "helm get metadata", json, err) < 0)
		return err->status;
	root = s.documents.n && !s.problems.n ? s.documents.v[0].root : NULL;
	if (!node_is_mapping(root))
		return err_set(err, STATUS_HELPER, "'helm get metadata' answered with what is not a JSON object");
	*i = (struct stored){.name = take(a, root, "name"),
			     .ns = take(a, root, "namespace"),
			     .chart = take(a, root, "chart"),
			     .version = take(a, root, "version"),
			     .status = take(a, root, "status"),
			     .revision = take(a, root, "revision")};
	return arena_failed(a) ? err_nomem(err) : 0;
}

int stored_list(struct slice json, struct stream *s, struct buf *text, const struct node **list, struct err *err)
{
	buf_adds(text, "{\"list\":");
	buf_add(text, json);
	buf_adds(text, "}");
	if (text->failed)
		return err_nomem(err);
	if (stream_add(s, "helm", buf_slice(text), err) < 0)
		return err->status;
	if (s->problems.n || s->documents.n != 1)
		return err_set(err, STATUS_HELPER, "what Helm printed is not JSON");
	*list = node_lookup(s->documents.v[0].root, "list");
	return 0;
}

const char *stored_revision(struct arena *a, const struct node *history)
{
	struct slice deployed = SLICE_EMPTY, superseded = SLICE_EMPTY;

	for (struct seq_iter it = seq_iter_of(history); seq_next(&it);) {
		struct slice status = node_string(node_lookup(it.item, "status"));

		if (slice_is(status, "deployed"))
			deployed = node_text(node_real(node_lookup(it.item, "revision")));
		else if (slice_is(status, "superseded"))
			superseded = node_text(node_real(node_lookup(it.item, "revision")));
	}
	return arena_str(a, deployed.n ? deployed : superseded);
}

static int find_revision(struct question q, struct arena *a, const char **revision, struct err *err)
{
	cleanup_buf struct buf json = BUF_INIT((size_t)64 << 20), text = BUF_INIT((size_t)64 << 20);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *list = NULL;

	stream_init(&s, &limits);
	q.words[0] = "history";
	q.words[1] = NULL;
	if (ask(&q, &json, err) < 0 || stored_list(buf_slice(&json), &s, &text, &list, err) < 0)
		return err->status;
	*revision = stored_revision(a, list);
	if (!**revision)
		return err_set(err, STATUS_INPUT, "no revision of the release '%s' was ever deployed", q.name);
	return arena_failed(a) ? err_nomem(err) : 0;
}

static int get_metadata(const struct question *q, struct arena *a, struct stored *i, struct err *err)
{
	cleanup_buf struct buf json = BUF_INIT((size_t)1 << 20);

	return ask(q, &json, err) < 0 ? err->status : read_metadata(a, buf_slice(&json), i, err);
}

static int get_of_helm(const char *name, const char *ns, struct arena *a, struct stored *i, struct buf *manifest,
		       struct err *err)
{
	struct question q = {.words = {"get", "metadata"}, .name = name, .ns = ns, .json = true};

	if (get_metadata(&q, a, i, err) < 0)
		return err->status;
	if (i->status.n && !slice_is(i->status, "deployed") &&
	    (find_revision(q, a, &q.revision, err) < 0 || get_metadata(&q, a, i, err) < 0))
		return err->status;
	q.words[1] = "manifest";
	q.json = false;
	return ask(&q, manifest, err);
}

/* --- from the cluster ------------------------------------------------------------------------------------------ */

/* One path, and its answer in g->body, which the caller releases. */
static int get(struct kube_one *one, struct kube_get *g, struct err *err)
{
	g->body = BUF_INIT((size_t)ANSWER_BYTES);
	if (!g->path)
		return err_nomem(err);
	if (kube_one_get(one, g, 1, err) < 0)
		return err->status;
	if (g->answer == ANSWER_OK)
		return 0;
	return err_set(err, STATUS_HELPER, "the cluster was asked for '%s': %s", g->path, kube_get_why(g, one->arena));
}

static int read_revisions(struct kube_one *one, const char *name, const char *ns, struct revisions *r, struct err *err)
{
	struct kube_get g = {.path = storage_list_path(helm_driver(), ns, name, one->arena),
			     .list = true,
			     .metadata = true,
			     .fields = storage_list_fields};

	int rc = get(one, &g, err);

	if (rc == 0)
		rc = storage_add(r, buf_slice(&g.body), one->arena, err);
	buf_release(&g.body);
	return rc;
}

static int read_release(struct kube_one *one, const struct revision *r, struct storage_release *out, struct err *err)
{
	struct kube_get g = {.path = storage_path(helm_driver(), r, one->arena), .fields = storage_fields};

	int rc = get(one, &g, err);

	if (rc == 0)
		rc = storage_open(helm_driver(), buf_slice(&g.body), one->arena, out, err);
	buf_release(&g.body);
	return rc;
}

static int get_of_cluster(struct kube_one *one, const char *name, const char *ns, struct stored *i,
			  struct buf *manifest, struct err *err)
{
	struct storage_release release = {.manifest = BUF_INIT(manifest->cap)};
	struct revisions all = {0};
	const struct revision *r;

	if (read_revisions(one, name, ns, &all, err) < 0)
		return err->status;
	if (!storage_newest(&all, ns, name))
		return err_set(err, STATUS_HELPER, "there is no release '%s' in namespace '%s'", name, ns);
	r = storage_deployed(&all, ns, name);
	if (!r)
		return err_set(err, STATUS_INPUT, "no revision of the release '%s' was ever deployed", name);
	if (read_release(one, r, &release, err) == 0) {
		buf_add(manifest, buf_slice(&release.manifest));
		*i = (struct stored){.name = slice_str(r->name),
				     .ns = slice_str(r->ns),
				     .chart = slice_str(release.chart),
				     .version = slice_str(release.version),
				     .status = slice_str(r->status),
				     .revision = slice_str(arena_printf(one->arena, "%lu", r->number)),
				     .warnings = one->warnings};
	}
	buf_release(&release.manifest);
	if (manifest->failed || arena_failed(one->arena))
		return err_nomem(err);
	return err->status;
}

int stored_get(const char *name, const char *ns, struct arena *a, struct stored *i, struct buf *manifest,
	       struct err *err)
{
	cleanup_kube_one struct kube_one one = KUBE_ONE_INIT;
	struct kube_target target;

	if (!kube_is_name(slice_str(name)) || name[0] == '-') /* Helm would take it for an option */
		return err_set(err, STATUS_USAGE, "'%.60s' is not a release name", name);
	if (ns && !kube_is_name(slice_str(ns)))
		return err_set(err, STATUS_USAGE, "'%.60s' is not a namespace name", ns);
	if (helm_driver() == HELM_DRIVER_OTHER)
		return get_of_helm(name, ns, a, i, manifest, err);
	helm_connection(NULL, a, &target);
	if (kube_one_open(&one, &target, HELM_SECONDS, a, err) < 0)
		return err->status;
	/* Helm may understand a kubeconfig that is read differently here. */
	if (one.why)
		return get_of_helm(name, ns, a, i, manifest, err);
	return get_of_cluster(&one, name, ns ? ns : one.ns, i, manifest, err);
}

const char *stored_title(struct arena *a, const struct stored *i)
{
	return arena_printf(a, "the installed release " SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(i->name),
			    i->revision.n ? ", revision " : "", SLICE_ARG(i->revision));
}
