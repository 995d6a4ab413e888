#include "helm/stored.h"

#include "helm/helm.h"
#include "yaml/stream.h"

static int ask(const char *what, const char *name, const char *ns, bool json, struct buf *out, struct err *err)
{
	char *argv[10];
	size_t n = 0;
	cleanup_buf struct buf said = BUF_INIT(64 << 10);
	struct child_result r;
	struct slice text;
	size_t at;

	argv[n++] = helm_program();
	argv[n++] = HELM_ARG("get");
	argv[n++] = HELM_ARG(what);
	argv[n++] = HELM_ARG(name);
	if (json) {
		argv[n++] = HELM_ARG("--output");
		argv[n++] = HELM_ARG("json");
	}
	if (ns) {
		argv[n++] = HELM_ARG("--namespace");
		argv[n++] = HELM_ARG(ns);
	}
	argv[n] = NULL;
	if (child_run(&(struct child){.argv = argv, .out = out, .errors = &said, .seconds = HELM_SECONDS}, &r, err) < 0)
		return err->status;
	if (!r.exit_code)
		return 0;
	text = slice_trim(buf_slice(&said));
	at = slice_rchr(text, '\n');
	return err_set(err, STATUS_HELPER, "'%s get %s %s' failed: " SLICE_FMT, argv[0], what, name,
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
		return err_set(err, STATUS_HELPER, "'helm get metadata' answered with what is no JSON object");
	*i = (struct stored){.name = take(a, root, "name"),
			     .ns = take(a, root, "namespace"),
			     .chart = take(a, root, "chart"),
			     .version = take(a, root, "version"),
			     .status = take(a, root, "status"),
			     .revision = take(a, root, "revision")};
	return arena_failed(a) ? err_nomem(err) : 0;
}

int stored_get(const char *name, const char *ns, struct arena *a, struct stored *i, struct buf *manifest,
	       struct err *err)
{
	cleanup_buf struct buf json = BUF_INIT((size_t)1 << 20);

	if (name[0] == '-') /* Helm would take it for an option */
		return err_set(err, STATUS_USAGE, "'%.60s' is no name of a release", name);
	if (ask("metadata", name, ns, true, &json, err) < 0 || read_metadata(a, buf_slice(&json), i, err) < 0)
		return err->status;
	return ask("manifest", name, ns, false, manifest, err);
}

const char *stored_title(struct arena *a, const struct stored *i)
{
	return arena_printf(a, "the installed release " SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(i->name),
			    i->revision.n ? ", revision " : "", SLICE_ARG(i->revision));
}
