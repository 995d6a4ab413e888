#include "helm/kubectl.h"

#include "base/child.h"
#include "base/file.h"
#include "yaml/stream.h"

#include <sys/mman.h>
#include <unistd.h>

/* One call: its arguments and variables live in the arena. */
struct call {
	struct arena arena;
	const struct helm_line *line;
	VEC(const char *) argv;
	const char *config; /* "KUBECONFIG=...", NULL: as it is */
	int token_file;	    /* -1: none */
};

static void add(struct call *c, const char *arg)
{
	const char **slot = VEC_PUSH(&c->arena, c->argv);

	if (slot)
		*slot = arg;
}

/* --- the connection -------------------------------------------------------------------------------------------- */

/* The flag's value, else the variable's; NULL for neither. */
static const char *given(const struct call *c, const char *flag, const char *variable)
{
	const char *value = c->line ? helm_line_value(c->line, flag) : NULL;

	if (!value)
		value = getenv(variable);
	return value && *value ? value : NULL;
}

static void put_groups(struct call *c)
{
	struct slice rest = slice_str(getenv("HELM_KUBEASGROUPS"));
	bool by_flag = false;

	for (size_t i = 0; c->line && i < c->line->items.n; i++) {
		const struct helm_item *item = &c->line->items.v[i];

		if (!item->flag || strcmp(item->flag->name, "kube-as-group") != 0 || !item->value)
			continue;
		add(c, "--as-group");
		add(c, item->value);
		by_flag = true;
	}
	while (!by_flag && rest.n) {
		struct slice group = slice_cut(rest, ',', &rest);

		add(c, "--as-group");
		add(c, arena_str(&c->arena, group));
	}
}

static void put_connection(struct call *c)
{
	static const struct {
		const char *flag, *variable, *kubectl;
	} rows[] = {
		{"kube-context", "HELM_KUBECONTEXT", "--context"},
		{"kube-apiserver", "HELM_KUBEAPISERVER", "--server"},
		{"kube-ca-file", "HELM_KUBECAFILE", "--certificate-authority"},
		{"kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME", "--tls-server-name"},
		{"kube-as-user", "HELM_KUBEASUSER", "--as"},
	};
	const char *insecure = getenv("HELM_KUBEINSECURE_SKIP_TLS_VERIFY");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *value = given(c, rows[i].flag, rows[i].variable);

		if (!value)
			continue;
		add(c, rows[i].kubectl);
		add(c, value);
	}
	if ((c->line && helm_line_has(c->line, "kube-insecure-skip-tls-verify")) ||
	    (insecure && strcmp(insecure, "true") == 0))
		add(c, "--insecure-skip-tls-verify");
	put_groups(c);
}

static int write_token(struct call *c, const char *token, struct err *err)
{
	struct buf text = BUF_TEXT;
	int rc;

	c->token_file = memfd_create("kubeconfig", MFD_CLOEXEC);
	if (c->token_file < 0)
		return err_errno(err, STATUS_FAILED, "cannot make a file in memory");
	buf_adds(&text, "apiVersion: v1\nkind: Config\nusers:\n- name: pxb-fed\n  user:\n    token: ");
	json_quote(slice_str(token), &text);
	buf_addc(&text, '\n');
	rc = text.failed ? err_nomem(err) : file_write_all(c->token_file, buf_slice(&text), "a file in memory", err);
	if (text.p)
		explicit_bzero(text.p, text.room);
	buf_release(&text);
	return rc;
}

static int put_config(struct call *c, struct err *err)
{
	const char *token = given(c, "kube-token", "HELM_KUBETOKEN"), *home = getenv("HOME");
	const char *config = given(c, "kubeconfig", "KUBECONFIG");

	if (!token) {
		if (config)
			c->config = arena_printf(&c->arena, "KUBECONFIG=%s", config);
		return 0;
	}
	if (write_token(c, token, err) < 0)
		return err->status;
	if (!config)
		config = arena_printf(&c->arena, "%s/.kube/config", home ? home : "");
	c->config = arena_printf(&c->arena, "KUBECONFIG=/proc/%ld/fd/%d:%s", (long)getpid(), c->token_file, config);
	add(c, "--user");
	add(c, "pxb-fed");
	return 0;
}

/* --- asking ---------------------------------------------------------------------------------------------------- */

const char *kubectl_program(void)
{
	const char *told = getenv("KUBECTL");

	return told && *told ? told : "kubectl";
}

static bool is_there(struct arena *a, const char *program)
{
	struct slice rest = slice_str(getenv("PATH"));

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	while (rest.p) {
		struct slice dir = slice_cut(rest, ':', &rest);

		if (access(arena_printf(a, SLICE_FMT "/%s", SLICE_ARG(dir), program), X_OK) == 0)
			return true;
	}
	return false;
}

static int run(struct call *c, unsigned seconds, struct buf *out, struct buf *errors, int *exit_code, struct err *err)
{
	const char *const env[] = {c->config, NULL};
	struct child_result result;
	struct child child = {.argv = (char *const *)(uintptr_t)c->argv.v,
			      .env = c->config ? env : NULL,
			      .out = out,
			      .errors = errors,
			      .seconds = seconds};

	if (arena_failed(&c->arena))
		return err_nomem(err);
	if (child_run(&child, &result, err) < 0)
		return err->status;
	*exit_code = result.exit_code;
	return 0;
}

int kubectl_ask(const struct kubectl_question *q, struct buf *out, struct buf *errors, int *exit_code, struct err *err)
{
	struct call c = {.arena = ARENA_INIT((size_t)1 << 20), .line = q->line, .token_file = -1};
	int rc = 0;

	add(&c, kubectl_program());
	for (const char *const *word = q->words; *word; word++)
		add(&c, *word);
	put_connection(&c);
	*exit_code = KUBECTL_ABSENT;
	if (is_there(&c.arena, kubectl_program())) {
		rc = put_config(&c, err);
		add(&c, NULL);
		if (rc == 0)
			rc = run(&c, q->seconds, out, errors, exit_code, err);
	}
	fd_close(&c.token_file);
	arena_release(&c.arena);
	return rc;
}
