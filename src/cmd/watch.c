/*
 * watch.c: follows an installation or upgrade of the backup cluster to its end.
 */
#include "cmd/kube_args.h"
#include "cmd/watch_run.h"

struct watch_args {
	struct kube_args kube;
	const char *ns, *context, *timeout, *output, *save, *from;
};

static const struct option watch_rows[] = {
	{"namespace", 'n', OPTION_STRING, "NAME", "the namespace of Portworx Backup (the policy's, or Helm's)", NULL,
	 offsetof(struct watch_args, ns)},
	{"kubeconfig", 0, OPTION_STRING, "FILE",
	 "the kubeconfig ($KUBECONFIG, ~/.kube/config, or the pod's own account)", NULL,
	 offsetof(struct watch_args, kube.kubeconfig)},
	{"context", 0, OPTION_STRING, "NAME", "a context of the kubeconfig", NULL,
	 offsetof(struct watch_args, context)},
	{"as", 0, OPTION_STRING, "USER", "ask as this user (impersonation)", NULL,
	 offsetof(struct watch_args, kube.as)},
	{"as-group", 0, OPTION_LIST, "GROUP", "and as a member of this group; repeatable", NULL,
	 offsetof(struct watch_args, kube.as_groups)},
	{"timeout", 0, OPTION_STRING, "DURATION", "when to give up, such as 90s, 30m or 1h (30m)", NULL,
	 offsetof(struct watch_args, timeout)},
	{"output", 'o', OPTION_CHOICE, "FORM", "text, or json: one object a line for each change", "text|json",
	 offsetof(struct watch_args, output)},
	{"save", 0, OPTION_STRING, "FILE", "record what the cluster reports, without values of Secrets", NULL,
	 offsetof(struct watch_args, save)},
	{"from", 0, OPTION_STRING, "FILE", "show a record again; ask no cluster", NULL,
	 offsetof(struct watch_args, from)},
	{"policy", 0, OPTION_STRING, "FILE", "policy file; it names namespace and release", NULL,
	 offsetof(struct watch_args, kube.policy_file)},
};
OPTION_TABLE(watch_table, watch_rows);
const struct option_table *const watch_tables[] = {&watch_table, NULL};

static bool is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 63 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == n;
}

static int choose_names(const struct watch_args *a, const struct policy *p, const char *name, struct watch_options *o,
			struct err *err)
{
	const char *helm = getenv("HELM_NAMESPACE");

	o->ns = a->ns ? a->ns : p->ns.n ? p->ns.p : helm && *helm ? helm : NULL;
	o->release = name ? name : p->release_name.n ? p->release_name.p : "px-central";
	if (!o->ns)
		return err_set(err, STATUS_USAGE,
			       "name the namespace of Portworx Backup (--namespace, or 'namespace' in the policy)");
	if (!is_name(o->ns) || strchr(o->ns, '.'))
		return err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", o->ns);
	return is_name(o->release) ? 0 : err_set(err, STATUS_USAGE, "'%.80s' is not a release name", o->release);
}

static int watch(struct watch_args *a, const char *name, struct arena *arena, struct policy *policy, struct err *err)
{
	struct watch_options o = {.seconds = WATCH_SECONDS_DEFAULT,
				  .json = a->output && strcmp(a->output, "json") == 0,
				  .save = a->save,
				  .from = a->from};
	struct survey_cluster *clusters;
	size_t n;

	if (a->from && (a->save || a->context || a->kube.kubeconfig || a->ns || name || a->timeout))
		return err_set(err, STATUS_USAGE,
			       "--from shows a record: of its own release and namespace, to its own end; it takes no "
			       "cluster and saves nothing");
	if (a->from)
		return watch_run(&o, err);
	if ((a->timeout && watch_seconds(a->timeout, &o.seconds, err) < 0) ||
	    policy_load(policy, a->kube.policy_file, err) < 0 || choose_names(a, policy, name, &o, err) < 0 ||
	    (a->context && string_list_add(&a->kube.contexts, a->context, err) < 0) ||
	    kube_args_clusters(&a->kube, arena, &clusters, &n, err) < 0)
		return err->status;
	if (n != 1)
		return err_set(err, STATUS_USAGE, "there is one backup cluster; %zu were named", n);
	o.target = clusters[0].target;
	return watch_run(&o, err);
}

int cmd_watch(const struct command *self, int argc, char **argv)
{
	struct watch_args a = {0};
	void *const into[] = {&a};
	struct arena arena = ARENA_INIT((size_t)16 << 20);
	cleanup_strings struct string_list rest = {0};
	cleanup_policy struct policy policy;
	struct err err = ERR_INIT;
	bool help;
	int code;

	policy_init(&policy);
	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0)
		code = err.status;
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (rest.n > 1)
		code = err_set(&err, STATUS_USAGE, "watch takes one release, not '%.60s' too", rest.v[1]);
	else
		code = watch(&a, rest.n ? rest.v[0] : NULL, &arena, &policy, &err);
	kube_args_release(&a.kube);
	arena_release(&arena);
	return code < 0 ? fail_usage(self, &err) : code;
}
