#include "helm/cluster.h"

#include "base/file.h"
#include "helm/helm.h"
#include "yaml/stream.h"

#include <sys/mman.h>

enum { MAX_ARGS = 48, SECONDS = 60 };

struct question {
	char *argv[MAX_ARGS + 1];
	size_t n;
	char *config;	/* "KUBECONFIG=..." with a token in front; NULL: as it is */
	int token_file; /* -1: none */
	struct buf as_groups;
};

static void ask_with(struct question *q, const char *arg)
{
	if (q->n < MAX_ARGS)
		q->argv[q->n++] = HELM_ARG(arg);
}

static const char *given(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* --- the connection that Helm was given ------------------------------------------------------------------------ */

static void ask_as(struct question *q)
{
	static const struct {
		const char *env, *flag;
	} flags[] = {
		{"HELM_KUBECONTEXT", "--context"},
		{"HELM_KUBEAPISERVER", "--server"},
		{"HELM_KUBECAFILE", "--certificate-authority"},
		{"HELM_KUBETLS_SERVER_NAME", "--tls-server-name"},
		{"HELM_KUBEASUSER", "--as"},
	};
	const char *skip = given("HELM_KUBEINSECURE_SKIP_TLS_VERIFY");
	struct slice rest = slice_str(given("HELM_KUBEASGROUPS"));

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!given(flags[i].env))
			continue;
		ask_with(q, flags[i].flag);
		ask_with(q, given(flags[i].env));
	}
	if (skip && strcmp(skip, "true") == 0)
		ask_with(q, "--insecure-skip-tls-verify");
	/* The words of a list that Helm joined with commas, each ended by a NUL. The buffer may not move. */
	if (!buf_reserve(&q->as_groups, rest.n + 1))
		return;
	while (rest.n) {
		struct slice group = slice_cut(rest, ',', &rest);
		const char *word = q->as_groups.p + q->as_groups.n;

		buf_add(&q->as_groups, group);
		buf_addc(&q->as_groups, '\0');
		ask_with(q, "--as-group");
		ask_with(q, word);
	}
}

/*
 * A token on a command line can be read by everybody, and kubectl takes it from no variable: it goes into a kubeconfig
 * that has no name on any disk, in front of the user's own.
 */
static int ask_with_token(struct question *q, struct err *err)
{
	const char *token = given("HELM_KUBETOKEN"), *config = given("KUBECONFIG"), *home = getenv("HOME");
	struct buf text = BUF_TEXT;
	int rc;

	if (!token)
		return 0;
	q->token_file = memfd_create("kubeconfig", MFD_CLOEXEC);
	if (q->token_file < 0)
		return err_errno(err, STATUS_FAILED, "cannot make a file in memory");
	buf_adds(&text, "apiVersion: v1\nkind: Config\nusers:\n- name: pxb-fed\n  user:\n    token: ");
	json_quote(slice_str(token), &text);
	buf_addc(&text, '\n');
	rc = text.failed ? err_nomem(err) : file_write_all(q->token_file, buf_slice(&text), "a file in memory", err);
	if (text.p)
		explicit_bzero(text.p, text.room);
	buf_release(&text);
	if (rc < 0)
		return rc;
	if (asprintf(&q->config, "KUBECONFIG=/proc/%ld/fd/%d:%s%s", (long)getpid(), q->token_file,
		     config ? config
		     : home ? home
			    : "",
		     config ? "" : "/.kube/config") < 0) {
		q->config = NULL;
		return err_nomem(err);
	}
	ask_with(q, "--user");
	ask_with(q, "pxb-fed");
	return 0;
}

/* --- asking ---------------------------------------------------------------------------------------------------- */

/* kubectl's last line is the one that says what is wrong. */
static int fail_with(const struct question *q, const struct buf *said, int code, struct err *err)
{
	struct slice text = slice_trim(buf_slice(said));
	size_t at = slice_rchr(text, '\n');

	if (at != SIZE_MAX)
		text = slice_from(text, at + 1);
	return err_set(err, STATUS_HELPER, "'%s get' failed with exit code %d: " SLICE_FMT, q->argv[0], code,
		       SLICE_ARG(slice_to(text, 600)));
}

static int ask(const char *ns, const char *const *what, struct buf *out, bool *unknown, struct err *err)
{
	const char *program = given("KUBECTL") ? given("KUBECTL") : "kubectl";
	struct question q = {.token_file = -1, .as_groups = BUF_TEXT};
	cleanup_buf struct buf said = BUF_INIT(64 << 10);
	struct child_result r;
	int rc;

	ask_with(&q, program);
	ask_with(&q, "get");
	for (; *what; what++)
		ask_with(&q, *what);
	ask_with(&q, "--output=json");
	ask_with(&q, "--request-timeout=45s");
	if (ns) {
		ask_with(&q, "--namespace");
		ask_with(&q, ns);
	}
	ask_as(&q);
	rc = ask_with_token(&q, err);
	if (rc == 0 && q.as_groups.failed)
		rc = err_nomem(err);
	if (rc == 0) {
		const char *const env[] = {q.config, NULL};
		struct child c = {
			.argv = q.argv, .env = q.config ? env : NULL, .out = out, .errors = &said, .seconds = SECONDS};

		rc = child_run(&c, &r, err);
	}
	*unknown = rc == 0 && r.exit_code &&
		   slice_find(buf_slice(&said), "the server doesn't have a resource type") != SIZE_MAX;
	if (rc == 0 && r.exit_code && !*unknown)
		rc = fail_with(&q, &said, r.exit_code, err);
	fd_close(&q.token_file);
	free(q.config);
	buf_release(&q.as_groups);
	return rc;
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
			buf_clear(&answers[i].text);
	}
	return 0;
}
