#include "helm/cluster.h"

#include "helm/kubectl.h"

enum { MAX_WORDS = 12, SECONDS = 60 };

/* kubectl's last line is the one that says what is wrong. */
static int fail_with(const struct buf *said, int code, struct err *err)
{
	struct slice text = slice_trim(buf_slice(said));
	size_t at = slice_rchr(text, '\n');

	if (at != SIZE_MAX)
		text = slice_from(text, at + 1);
	return err_set(err, STATUS_HELPER, "'%s get' failed with exit code %d: " SLICE_FMT, kubectl_program(), code,
		       SLICE_ARG(slice_to(text, 600)));
}

static int ask(const char *ns, const char *const *what, struct buf *out, bool *unknown, struct err *err)
{
	const char *words[MAX_WORDS] = {"get"};
	struct kubectl_question q = {.words = words, .seconds = SECONDS};
	cleanup_buf struct buf said = BUF_INIT(64 << 10);
	size_t n = 1;
	int code;

	for (; *what; what++)
		words[n++] = *what;
	words[n++] = "--output=json";
	words[n++] = "--request-timeout=45s";
	if (ns) {
		words[n++] = "--namespace";
		words[n++] = ns;
	}
	*unknown = false;
	if (kubectl_ask(&q, out, &said, &code, err) < 0)
		return err->status;
	if (code == KUBECTL_ABSENT)
		return err_set(err, STATUS_HELPER, "cannot start '%s': there is no such program", kubectl_program());
	*unknown = code > 0 && slice_find(buf_slice(&said), "the server doesn't have a resource type") != SIZE_MAX;
	return code > 0 && !*unknown ? fail_with(&said, code, err) : 0;
}

int cluster_ask(const char *ns, struct cluster_answer answers[CLUSTER_ANSWERS], struct err *err)
{
	static const char *const objects[] = {"statefulsets.apps,deployments.apps,jobs.batch,persistentvolumeclaims",
					      NULL};
	static const char *const config[] = {"configmap", "pxcentral-ui-configmap", "--ignore-not-found", NULL};
	static const char *const monitoring[] = {
		"prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com", NULL};
	static const char *const *const questions[CLUSTER_ANSWERS] = {objects, config, monitoring};

	for (size_t i = 0; i < CLUSTER_ANSWERS; i++) {
		bool unknown;

		answers[i].what = questions[i][0];
		if (ask(ns, questions[i], &answers[i].text, &unknown, err) < 0)
			return err->status;
		if (unknown && questions[i] != monitoring)
			return err_set(err, STATUS_HELPER, "the cluster does not know %s", questions[i][0]);
		if (unknown)
			buf_reuse(&answers[i].text);
	}
	return 0;
}
