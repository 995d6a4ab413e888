#include "helm/kubectl.h"

#include <unistd.h>

/* Helm's flag, the variable that it becomes for a plugin, kubectl's flag. The token goes by the command line as it
 * came. */
static const struct {
	const char *flag, *variable, *kubectl;
} connection[] = {
	{"kubeconfig", NULL, "--kubeconfig"}, /* both read $KUBECONFIG */
	{"kube-context", "HELM_KUBECONTEXT", "--context"},
	{"kube-apiserver", "HELM_KUBEAPISERVER", "--server"},
	{"kube-token", NULL, "--token"}, /* it stood on a command line before */
	{"kube-as-user", "HELM_KUBEASUSER", "--as"},
	{"kube-ca-file", "HELM_KUBECAFILE", "--certificate-authority"},
	{"kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME", "--tls-server-name"},
};

static void put_groups(struct helm_line *l, struct helm_argv *a)
{
	struct slice rest = slice_str(getenv("HELM_KUBEASGROUPS"));
	bool any = false;

	for (size_t i = 0; i < l->items.n; i++) {
		const struct helm_item *item = &l->items.v[i];

		if (!item->flag || strcmp(item->flag->name, "kube-as-group") != 0 || !item->value)
			continue;
		helm_argv_add(l, a, arena_printf(&l->arena, "--as-group=%s", item->value));
		any = true;
	}
	while (!any && rest.p && rest.n) {
		struct slice group = slice_cut(rest, ',', &rest);

		helm_argv_add(l, a, arena_printf(&l->arena, "--as-group=" SLICE_FMT, SLICE_ARG(group)));
	}
}

static void put_connection(struct helm_line *l, struct helm_argv *a)
{
	const char *insecure = getenv("HELM_KUBEINSECURE_SKIP_TLS_VERIFY");

	for (size_t i = 0; i < ARRAY_SIZE(connection); i++) {
		const char *value = helm_line_value(l, connection[i].flag);

		if (!value && connection[i].variable)
			value = getenv(connection[i].variable);
		if (value && *value)
			helm_argv_add(l, a, arena_printf(&l->arena, "%s=%s", connection[i].kubectl, value));
	}
	if (helm_line_has(l, "kube-insecure-skip-tls-verify") || (insecure && strcmp(insecure, "true") == 0))
		helm_argv_add(l, a, "--insecure-skip-tls-verify");
	put_groups(l, a);
}

static bool is_there(void)
{
	struct slice rest = slice_str(getenv("PATH"));

	while (rest.p) {
		struct slice dir = slice_cut(rest, ':', &rest);
		struct buf path = BUF_TEXT;
		bool found;

		buf_addf(&path, SLICE_FMT "/kubectl", SLICE_ARG(dir));
		found = !path.failed && access(buf_str(&path), X_OK) == 0;
		buf_release(&path);
		if (found)
			return true;
	}
	return false;
}

int kubectl_get(const struct helm_call *h, const char *path, struct buf *out, enum kubectl_outcome *outcome,
		struct err *err)
{
	/* kubectl takes a token from its command line only, where every user of the machine can read it. */
	const char *hidden = helm_line_value(h->line, "kube-token") ? NULL : getenv("HELM_KUBETOKEN");
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	struct helm_argv argv = {0};
	struct child_result result;
	char *const *vector;

	*outcome = KUBECTL_ABSENT;
	if (!is_there() || (hidden && *hidden))
		return 0;
	helm_argv_add(h->line, &argv, "kubectl");
	helm_argv_add(h->line, &argv, "get");
	helm_argv_add(h->line, &argv, "--raw");
	helm_argv_add(h->line, &argv, path);
	put_connection(h->line, &argv);
	vector = helm_argv_end(h->line, &argv);
	if (!vector)
		return err_nomem(err);
	if (child_run(&(struct child){.argv = vector, .out = out, .errors = &errors, .seconds = h->seconds}, &result,
		      err) < 0)
		return err->status;
	*outcome = result.exit_code ? KUBECTL_REFUSED : KUBECTL_DONE;
	if (result.exit_code && helm_lost_cluster(buf_slice(&errors)))
		return err_set(err, STATUS_HELPER, "the cluster was lost while kubectl asked for '%s'", path);
	return 0;
}
