/*
 * helm_prepare.c: what a run needs to know before the first render: the namespace, the release's name, what the cluster
 * has already.
 */
#include "base/file.h"
#include "cmd/helm_run.h"
#include "helm/caller.h"
#include "helm/post_renderer.h"

#include <time.h>
#include <unistd.h>

enum { TIMEOUT_SECONDS = 120 };

/* --- the namespace and the name -------------------------------------------------------------------------------- */

static int ask_namespace(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20), errors = BUF_INIT((size_t)1 << 20);
	struct helm_argv argv = {0};
	enum helm_outcome outcome;
	int code;

	helm_argv_add(&r->line, &argv, helm_program());
	helm_argv_add(&r->line, &argv, "env");
	helm_argv_add(&r->line, &argv, "HELM_NAMESPACE");
	helm_argv_items(&r->line, &argv, PART_CONNECTION, r->line.command, false);
	if (helm_question(&r->call, &argv, &out, &errors, &outcome, &code, err) < 0)
		return err->status;
	r->ns = outcome == HELM_DONE ? arena_str(&r->line.arena, slice_trim(buf_slice(&out))) : "default";
	return 0;
}

/* `helm template` renders without a cluster unless it is told to ask one. */
static bool asks_cluster(const struct helm_run *r)
{
	const char *dry_run = helm_line_value(&r->line, "dry-run");

	if (r->line.command != HELM_TEMPLATE)
		return true;
	return (dry_run && strcmp(dry_run, "server") == 0) || helm_line_has(&r->line, "validate");
}

/* The cluster is asked what it has as soon as the namespace is known; the answers are taken when they are needed. */
static int find_namespace(struct helm_run *r, struct err *err)
{
	const char *told = getenv("HELM_NAMESPACE");

	r->ns = helm_line_value(&r->line, "namespace");
	if (!r->ns && told && *told)
		r->ns = told;
	if (asks_cluster(r) && baseline_ask(&r->baseline, &r->call, &r->ns, err) < 0)
		return err->status;
	return r->ns || ask_namespace(r, err) == 0 ? 0 : err->status;
}

/* A namespace of the policy's own that differs is for the rules to report. */
static int demand_namespace(struct helm_run *r, struct err *err)
{
	struct policy *p = &r->setup.pass.policy;

	r->ns_named = p->ns.n || helm_line_value(&r->line, "namespace") || caller_names_namespace();
	return p->ns.n ? 0 : policy_set_namespace(p, r->ns, err);
}

/* The namespace is a one-time choice: nobody makes it by leaving a word out. */
static int check_namespace(struct helm_run *r, struct err *err)
{
	if (!helm_installs(r) || r->ns_named || strcmp(r->ns, "default") != 0)
		return 0;
	r->fix = "add -n with the namespace of the installation, or -n default if that is meant";
	return err_set(err, STATUS_REFUSED,
		       "refused: no namespace is given, so Helm would install into 'default', which can never be "
		       "changed; nothing was changed");
}

/* Helm finds out itself, behind everything that was checked. */
static int check_name(struct helm_run *r, struct err *err)
{
	const struct installed *there = helm_find_release(r);

	if (r->line.command != HELM_INSTALL || !there || helm_line_has(&r->line, "replace") ||
	    helm_line_is_dry_run(&r->line))
		return 0;
	r->fix = arena_printf(&r->line.arena, "%s upgrade %s ..., or another name", program_name(), there->name);
	return err_set(err, STATUS_REFUSED,
		       "refused: a release '%s' is already in namespace %s (%s, chart %s); nothing was changed",
		       there->name, there->ns, there->status, there->chart);
}

/* Helm would make another name in each of its runs. */
static void fix_name(struct helm_run *r)
{
	if (helm_line_has(&r->line, "generate-name") && !r->line.name && r->line.chart)
		helm_line_set_name(&r->line, helm_generated_name(&r->line.arena, r->line.chart, (long long)time(NULL)));
}

/* --- standard input -------------------------------------------------------------------------------------------- */

static int note_stdin(void *arg, const struct helm_flag *flag, const char *value, struct err *err)
{
	bool *wanted = arg;

	(void)err;
	*wanted |= strcmp(flag->name, "values") == 0 && strcmp(value, "-") == 0;
	return 0;
}

/* `-f -` is read once and given to each Helm. */
static int take_input(struct helm_run *r, struct err *err)
{
	bool wanted = false;

	if (helm_line_values(&r->line, note_stdin, &wanted, err) < 0)
		return err->status;
	if (!wanted)
		return 0;
	r->input.cap = r->setup.pass.limits.bytes + 1;
	if (file_read_fd(STDIN_FILENO, "<stdin>", &r->input, err) < 0)
		return err->status;
	r->call.input = buf_slice(&r->input);
	return 0;
}

/* --- the cluster ----------------------------------------------------------------------------------------------- */

/* A dry run that Helm makes by itself. */
static bool is_client_dry_run(const struct helm_run *r)
{
	const char *dry_run = helm_line_value(&r->line, "dry-run");

	return helm_line_is_dry_run(&r->line) && !(dry_run && strcmp(dry_run, "server") == 0);
}

static bool any_file(const char *list)
{
	struct slice rest = slice_str(list);

	while (rest.p) {
		struct slice file = slice_cut(rest, ':', &rest);
		char path[4096];

		snprintf(path, sizeof(path), SLICE_FMT, SLICE_ARG(file));
		if (file.n && access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/* Somebody said where the cluster is, so that it must be asked. */
static bool names_cluster(const struct helm_run *r)
{
	static const char *const variables[] = {"HELM_KUBECONTEXT", "HELM_KUBEAPISERVER", "HELM_KUBETOKEN",
						"KUBERNETES_SERVICE_HOST"};
	static const char *const flags[] = {"kubeconfig", "kube-context", "kube-apiserver", "kube-token"};
	const char *config = getenv("KUBECONFIG"), *home = getenv("HOME");

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (helm_line_has(&r->line, flags[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		if (getenv(variables[i]) && *getenv(variables[i]))
			return true;
	if (config && *config)
		return any_file(config);
	return home && any_file(arena_printf((struct arena *)(uintptr_t)&r->line.arena, "%s/.kube/config", home));
}

/* Whether a cluster answers, and which releases it has. */
static int find_cluster(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	enum helm_outcome outcome;

	if (!asks_cluster(r))
		return 0;
	progress_say(&r->progress, "asking the cluster");
	if (baseline_list(&r->baseline, &r->call, r->ns, &errors, &outcome, err) < 0)
		return err->status;
	r->cluster = outcome == HELM_DONE || outcome == HELM_FORBIDDEN;
	if (outcome == HELM_FORBIDDEN)
		helm_note(r, "the releases may not be listed: what is installed was not checked");
	if (r->cluster)
		return 0;
	if (!is_client_dry_run(r) && !(r->args.plan && !names_cluster(r))) {
		progress_clear(&r->progress);
		fputs(buf_str(&errors), stderr);
		return r->baseline.why
			       ? err_set(err, STATUS_HELPER, "the cluster could not be asked: %s; nothing was changed",
					 r->baseline.why)
			       : err_set(err, STATUS_HELPER, "the cluster could not be asked; nothing was changed");
	}
	helm_note(r, "no cluster answers: rendered without it, so what the chart looks up there is not seen");
	return 0;
}

/* The installed release is what the new one is compared with; a lock in git outlives it. */
static void tell_adoption(struct helm_run *r)
{
	/* Helm takes -n away from its plugin and passes it on. */
	const char *option = strcmp(program_name(), "pxb-fed") == 0 ? "--release-namespace" : "-n";

	for (size_t i = 0; i < r->baseline.releases.n; i++) {
		const struct installed *b = &r->baseline.releases.v[i];

		if (b->state && r->line.name && strcmp(b->name, r->line.name) == 0 && !r->setup.pass.options.locks_n)
			helm_note(r,
				  "compared with %s; to keep its one-time choices in git: %s lock create --release %s "
				  "%s %s",
				  b->state->source, program_name(), b->name, option, b->ns);
	}
}

/* Helm would say so itself, after everything else. */
static int check_there(struct helm_run *r, struct err *err)
{
	if (!r->baseline.absent || !helm_installs(r) || helm_line_has(&r->line, "create-namespace") ||
	    helm_line_is_dry_run(&r->line))
		return 0;
	r->fix = "add --create-namespace, or create it first";
	return err_set(err, STATUS_REFUSED, "refused: there is no namespace '%s'; nothing was changed", r->ns);
}

/* What is installed, to compare the new render with. */
static int read_baseline(struct helm_run *r, struct err *err)
{
	if (!r->cluster || r->line.command == HELM_TEMPLATE)
		return 0;
	if (baseline_read(&r->baseline, &r->call, err) < 0)
		return err_wrap(err, "nothing was changed");
	for (size_t i = 0; i < r->baseline.notes.n; i++)
		helm_note(r, "%s", r->baseline.notes.v[i]);
	tell_adoption(r);
	if (r->baseline.terminating)
		return err_set(err, STATUS_REFUSED,
			       "refused: the namespace '%s' is being deleted, and everything that is put into it; wait "
			       "until it is gone",
			       r->ns);
	return check_there(r, err);
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

int helm_ask_version(struct helm_run *r, struct err *err)
{
	return *r->version ? 0 : helm_version(r->version, err);
}

static int find_helm(struct helm_run *r, struct err *err)
{
	if (helm_major(&r->call.major, err) < 0)
		return err->status;
	if (r->call.major == 3 && helm_line_has(&r->line, "output-dir"))
		return err_set(err, STATUS_USAGE,
			       "Helm 3 writes the files of --output-dir past every post-renderer; leave it out and "
			       "redirect standard output");
	if (helm_post_renderer(r->call.major, r->post_renderer, err) < 0)
		return err->status;
	r->call.post_renderer = r->post_renderer;
	return 0;
}

/* Before anything else is opened: the numbers of descriptors on the command line are the caller's. */
static int take_once(struct helm_run *r, struct err *err)
{
	struct gate_args *g = &r->args.gate;
	const char *policy = g->policy_file ? g->policy_file : getenv("PXB_FED_POLICY"), *file = policy;

	r->call.once = &r->once;
	if ((file && once_take(&r->once, &file, err) < 0) ||
	    (g->lock_file && once_take(&r->once, &g->lock_file, err) < 0))
		return err->status;
	if (file != policy) /* the gate inside Helm reads it again */
		g->policy_file = file;
	return once_take_line(&r->once, &r->line, err);
}

int helm_prepare(struct helm_run *r, struct err *err)
{
	r->call.line = &r->line;
	r->call.seconds =
		r->args.timeout ? (unsigned)(r->args.timeout < 86400 ? r->args.timeout : 86400) : TIMEOUT_SECONDS;
	if (take_once(r, err) < 0 || gate_setup_load(&r->setup, &r->args.gate, err) < 0 || find_namespace(r, err) < 0 ||
	    find_helm(r, err) < 0)
		return err->status;
	if (r->setup.pass.policy.second_opinion && second_opinion_new(&r->so, err) < 0)
		return err->status;
	fix_name(r);
	if (helm_line_has(&r->line, "no-hooks") && r->line.command != HELM_TEMPLATE)
		helm_note(r, "--no-hooks leaves out the checks before the installation and the databases' secrets; the "
			     "vendor advises against it");
	return demand_namespace(r, err) < 0 || take_input(r, err) < 0 || find_cluster(r, err) < 0 ||
			       check_namespace(r, err) < 0 || check_name(r, err) < 0 || read_baseline(r, err) < 0 ||
			       helm_ask_chart(r, err) < 0 || helm_ask_crds(r, err) < 0
		       ? err->status
		       : 0;
}
