/*
 * export.c: the demands of the policy for the cluster's own gate.
 */
#include "export/export.h"

#include "cmd/cmd.h"
#include "cmd/lock_file.h"

struct export_args {
	const char *policy_file;
	const char *lock_file;
	const char *release_namespace;
	const char *params_namespace;
	const char *output;
	bool audit, table;
};

static const struct option export_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE",
	 "the policy file (else $PXB_FED_POLICY, ./pxb-fed.yaml, /etc/pxb-fed/policy.yaml, the built-in one)", NULL,
	 offsetof(struct export_args, policy_file)},
	{"lock", 0, OPTION_STRING, "FILE", "what the installation was made with (else ./pxb-fed.lock, if it is there)",
	 NULL, offsetof(struct export_args, lock_file)},
	{"release-namespace", 0, OPTION_STRING, "NS", "the namespace to guard, where the policy names none", NULL,
	 offsetof(struct export_args, release_namespace)},
	{"params-namespace", 0, OPTION_STRING, "NS", "where the ConfigMap of parameters lives (kube-system)", NULL,
	 offsetof(struct export_args, params_namespace)},
	{"audit", 0, OPTION_FLAG, NULL, "refuse nothing: only warn, and write to the audit log", NULL,
	 offsetof(struct export_args, audit)},
	{"table", 0, OPTION_FLAG, NULL, "print instead which rules the cluster sees, and which only the gate before it",
	 NULL, offsetof(struct export_args, table)},
	{"output", 'o', OPTION_CHOICE, "FORMAT", "--table: text (the default), markdown or json", "text|markdown|json",
	 offsetof(struct export_args, output)},
};
OPTION_TABLE(export_table, export_rows);
const struct option_table *const export_tables[] = {&export_table, NULL};

static enum table_format format_of(const char *name)
{
	return !name || strcmp(name, "text") == 0 ? TABLE_TEXT
	       : strcmp(name, "markdown") == 0	  ? TABLE_MARKDOWN
						  : TABLE_JSON;
}

static int check_arguments(const struct export_args *a, const struct string_list *rest, struct err *err)
{
	static const char *const forms[] = {"vap"};
	const char *form = rest->n ? rest->v[0] : "";
	const char *near = slice_nearest(slice_str(form), forms, ARRAY_SIZE(forms));

	if (!rest->n)
		return err_set(err, STATUS_USAGE, "needs what to export: vap");
	if (strcmp(form, "vap") != 0)
		return near ? err_set(err, STATUS_USAGE, "no '%.60s'; did you mean '%s'?", form, near)
			    : err_set(err, STATUS_USAGE, "no '%.60s': only vap can be exported", form);
	if (rest->n > 1)
		return err_set(err, STATUS_USAGE, "'vap' takes no argument: '%.60s'", rest->v[1]);
	if (a->output && !a->table)
		return err_set(err, STATUS_USAGE, "--output is for --table; policies are YAML");
	return 0;
}

static int export_vap(const struct export_args *a, struct policy *p, struct lock *l, struct buf *out, struct err *err)
{
	struct vap_options opt = {.audit = a->audit,
				  .params_ns = a->params_namespace ? a->params_namespace : "kube-system"};
	struct demands d;
	bool locked;

	if (policy_load(p, a->policy_file, err) < 0 ||
	    (a->release_namespace && policy_set_namespace(p, a->release_namespace, err) < 0) ||
	    lock_file_find(l, a->lock_file, &locked, err) < 0)
		return err->status;
	demands_from_policy(&d, p);
	if (locked && demands_add_lock(&d, l, err) < 0)
		return err->status;
	if (a->table) {
		vap_table(&d, &opt, format_of(a->output), out);
		return 0;
	}
	if (vap_check(&d, &opt, err) < 0)
		return err->status;
	vap_write(&d, &opt, out);
	return 0;
}

int cmd_export(const struct command *self, int argc, char **argv)
{
	struct export_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	cleanup_policy struct policy p;
	cleanup_lock struct lock l;
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	bool help;

	policy_init(&p);
	lock_init(&l);
	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0)
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (check_arguments(&a, &rest, &err) < 0)
		return fail_usage(self, &err);
	if (export_vap(&a, &p, &l, &out, &err) < 0)
		return fail(&err);
	if (out.failed)
		return fail((err_nomem(&err), &err));
	return print_out(buf_slice(&out), EXIT_OK);
}
