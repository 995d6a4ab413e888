/*
 * preflight.c: is the backup cluster ready for an installation or upgrade?
 */
#include "base/child.h"
#include "base/file.h"
#include "checks/preflight.h"
#include "cmd/kube_args.h"
#include "helm/storage.h"
#include "cmd/set_args.h"

#include <unistd.h>

struct preflight_args {
	struct kube_args kube;
	struct set_args sets;
	const char *ns, *release;
	bool dry_run;
	struct string_list values_files, clusters;
};

static const struct option preflight_rows[] = {
	{"namespace", 'n', OPTION_STRING, "NAME", "the namespace of Portworx Backup (the policy's, or Helm's)", NULL,
	 offsetof(struct preflight_args, ns)},
	{"release", 0, OPTION_STRING, "NAME", "the name of the Helm release (the policy's, or px-central)", NULL,
	 offsetof(struct preflight_args, release)},
	{"values", 'f', OPTION_LIST, "FILE", "a values file of the installation; repeatable", NULL,
	 offsetof(struct preflight_args, values_files)},
	{"dry-run", 0, OPTION_FLAG, NULL,
	 "send every object of FILE to the API server as a dry run, which keeps nothing", NULL,
	 offsetof(struct preflight_args, dry_run)},
	{"clusters", 0, OPTION_LIST, "PATTERN",
	 "contexts of application clusters that must answer from here; repeatable", NULL,
	 offsetof(struct preflight_args, clusters)},
};
OPTION_TABLE(preflight_table, preflight_rows);
const struct option_table *const preflight_tables[] = {&preflight_table, &set_options_table, &kube_options_table, NULL};

static const char *variable_of(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int choose_names(const struct preflight_args *a, struct preflight *p, struct err *err)
{
	const char *helm = variable_of("HELM_NAMESPACE");

	p->ns = a->ns ? a->ns : p->policy->ns.n ? p->policy->ns.p : helm;
	p->release = a->release ? a->release : p->policy->release_name.n ? p->policy->release_name.p : "px-central";
	if (!p->ns)
		return err_set(err, STATUS_USAGE,
			       "name the namespace of Portworx Backup (--namespace, or 'namespace' in "
			       "the policy)");
	if (strspn(p->ns, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(p->ns) || strlen(p->ns) > 63)
		return err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", p->ns);
	return 0;
}

/* Of this machine; an answer in `out` that is no version is shown as what it is. */
static const char *ask_helm(struct arena *arena)
{
	const char *program = variable_of("HELM_BIN");
	char *argv[] = {(char *)(uintptr_t)(program ? program : "helm"), (char *)(uintptr_t) "version",
			(char *)(uintptr_t) "--template", (char *)(uintptr_t) "{{.Version}}", NULL};
	cleanup_buf struct buf out = BUF_INIT(8192), errors = BUF_INIT(8192);
	struct child child = {.argv = argv, .out = &out, .errors = &errors, .seconds = 10};
	struct child_result result;
	struct err err = ERR_INIT;

	if (child_run(&child, &result, &err) < 0 || result.exit_code != 0)
		return NULL;
	return arena_str(arena, slice_trim(buf_slice(&out)));
}

static int load_values(const struct preflight_args *a, struct values *v, struct preflight *p, struct err *err)
{
	for (size_t i = 0; i < a->values_files.n; i++)
		if (values_add(v, a->values_files.v[i], err) < 0)
			return err->status;
	if (set_args_load(&a->sets, v, err) < 0)
		return err->status;
	if (v->files.n)
		p->values = v;
	return 0;
}

/* --- application clusters -------------------------------------------------------------------------------------- */

struct probe {
	struct preflight *p;
	struct arena *arena;
};

static bool asks_version(const struct survey *s, enum question_id q)
{
	(void)s;
	return q == Q_VERSION;
}

static int probed(const struct survey *s, const struct survey_cluster *c, struct facts *f, struct err *err)
{
	struct probe *probe = s->context;
	const struct fact *v = &f->v[Q_VERSION];

	(void)err;
	probe->p->clusters++;
	/* Whatever an API server answers, it answers. */
	if (v->kind == ANSWER_OK || v->kind == ANSWER_FORBIDDEN || v->kind == ANSWER_UNAUTHORIZED)
		return 0;
	if (!probe->p->clusters_lost++)
		probe->p->clusters_text = arena_printf(probe->arena, "%s: %s", c->name, v->text ? v->text : "");
	return 0;
}

static int probe_clusters(const struct preflight_args *a, struct survey *main, struct preflight *p, struct arena *arena,
			  struct err *err)
{
	struct kube_args kube = {.kubeconfig = a->kube.kubeconfig, .contexts = a->clusters};
	struct probe probe = {p, arena};
	struct survey s = {.command = VERIFY,
			   .demands = main->demands,
			   .seconds = a->kube.seconds ? (unsigned)a->kube.seconds : 30,
			   .parallel = 32,
			   .asks = asks_version,
			   .done = probed,
			   .context = &probe};
	struct survey_cluster *v;
	size_t n;

	if (!a->clusters.n)
		return 0;
	if (kube_args_clusters(&kube, arena, &v, &n, err) < 0)
		return err->status;
	return survey_run(&s, v, n, err);
}

/* --- the command ----------------------------------------------------------------------------------------------- */

/* What will be installed, rendered. */
struct rendered {
	struct buf text;
	struct stream stream;
	struct release release;
};

static int load_rendered(const char *file, struct rendered *r, struct err *err)
{
	bool is_stdin = strcmp(file, "-") == 0;

	if ((is_stdin ? file_read_fd(STDIN_FILENO, "<stdin>", &r->text, err)
		      : file_read(file, &r->text, STATUS_INPUT, err)) < 0 ||
	    stream_add(&r->stream, is_stdin ? "<stdin>" : file, buf_slice(&r->text), err) < 0 ||
	    release_build(&r->release, &r->stream, err) < 0)
		return err->status;
	if (r->stream.problems.n)
		return err_set(err, STATUS_INPUT, "'%s' cannot be read; 'pxb-fed check' says where", file);
	return r->release.objects.n ? 0 : err_set(err, STATUS_INPUT, "'%s' contains no object", file);
}

static int run(struct preflight_args *a, const struct release *rendered, struct arena *arena, struct policy *policy,
	       struct values *values, struct err *err)
{
	struct preflight p = {.policy = policy, .rendered = rendered};
	struct demands demands;
	struct survey survey = {.command = PREFLIGHT, .demands = &demands, .more = &p};
	cleanup_dry_run struct dry_run dry_run = {0};
	struct survey_cluster *clusters;
	size_t n;

	if (policy_load(policy, a->kube.policy_file, err) < 0 || choose_names(a, &p, err) < 0 ||
	    load_values(a, values, &p, err) < 0 || kube_args_demands(&a->kube, policy, &demands, err) < 0)
		return err->status;
	p.driver = helm_driver_resource(helm_driver());
	if (!a->kube.from)
		p.helm_version = ask_helm(arena);
	if (probe_clusters(a, &survey, &p, arena, err) < 0 ||
	    kube_args_clusters(&a->kube, arena, &clusters, &n, err) < 0)
		return err->status;
	if (n != 1)
		return err_set(err, STATUS_USAGE, "there is one backup cluster; %zu were named", n);
	dry_run_init(&dry_run, rendered, p.ns);
	if (a->dry_run)
		survey.dry_run = &dry_run;
	return kube_args_run(&a->kube, &survey, clusters, n, err);
}

int cmd_preflight(const struct command *self, int argc, char **argv)
{
	struct preflight_args a = {0};
	void *const into[] = {&a, &a.sets, &a.kube};
	struct arena arena = ARENA_INIT((size_t)64 << 20);
	cleanup_strings struct string_list rest = {0};
	cleanup_policy struct policy policy;
	cleanup_values struct values values;
	struct limits limits = LIMITS_DEFAULT;
	struct rendered rendered = {.text = BUF_INIT(limits.bytes + 1)};
	struct err err = ERR_INIT;
	bool help;
	int code = 0;

	stream_init(&rendered.stream, &limits);
	release_init(&rendered.release);
	policy_init(&policy);
	values_init(&values);
	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0)
		code = err.status;
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (rest.n > 1)
		code = err_set(&err, STATUS_USAGE, "preflight takes one FILE of rendered manifests");
	else if (a.dry_run && !rest.n)
		code = err_set(&err, STATUS_USAGE,
			       "--dry-run needs FILE: the rendered manifests, or - for standard input");
	else if (a.dry_run && a.kube.from)
		code = err_set(&err, STATUS_USAGE,
			       "--dry-run asks the cluster; --from has the answers of the dry run saved");
	else if (rest.n && load_rendered(rest.v[0], &rendered, &err) < 0)
		code = err.status;
	else
		code = run(&a, rest.n ? &rendered.release : NULL, &arena, &policy, &values, &err);
	release_release(&rendered.release);
	stream_release(&rendered.stream);
	buf_release(&rendered.text);
	kube_args_release(&a.kube);
	set_args_release(&a.sets);
	string_list_release(&a.values_files);
	string_list_release(&a.clusters);
	arena_release(&arena);
	return code < 0 ? fail_usage(self, &err) : code;
}
