/*
 * argocd_plugin.c: the set-up of the plugin, printed for kubectl or for Argo CD's chart.
 */
#include "argocd/plugin.h"

#include "argocd/helm_template.h"
#include "cmd/argocd.h"
#include "userfile/syntax.h"
#include "userfile/user_file.h"

struct plugin_args {
	const char *policy_file, *form, *image, *name, *ns;
	size_t seconds;
};

static const struct option plugin_rows[] = {
	{"form", 0, OPTION_CHOICE, "FORM",
	 "plugin: manifests for kubectl (the default) or helm-values for Argo CD's chart", "manifests|helm-values",
	 offsetof(struct plugin_args, form)},
	{"image", 0, OPTION_STRING, "IMAGE", "plugin: the sidecar's image (pxb-fed:" PXB_VERSION ")", NULL,
	 offsetof(struct plugin_args, image)},
	{"name", 0, OPTION_STRING, "NAME", "plugin: what Applications call the plugin (pxb-fed)", NULL,
	 offsetof(struct plugin_args, name)},
	{"argocd-namespace", 0, OPTION_STRING, "NS", "plugin: where Argo CD runs (argocd)", NULL,
	 offsetof(struct plugin_args, ns)},
	{"timeout", 0, OPTION_SECONDS, "SECONDS", "plugin: what Helm may take, below Argo CD's own limit of 60 (45)",
	 NULL, offsetof(struct plugin_args, seconds)},
};
const struct option_table argocd_plugin_table = {plugin_rows, ARRAY_SIZE(plugin_rows)};

static const struct option policy_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE", "the policy to put into the set-up", NULL,
	 offsetof(struct plugin_args, policy_file)},
};
OPTION_TABLE(policy_table, policy_rows);
static const struct option_table *const tables[] = {&argocd_plugin_table, &policy_table, NULL};

static const char built_in[] = "# The built-in policy. 'pxb-fed policy init' writes one with every key explained.\n"
			       "apiVersion: pxb-fed/v1\n"
			       "kind: Policy\n";

static int check(const struct plugin_args *a, struct err *err)
{
	if (a->name && (!is_dns_label(slice_str(a->name)) || strlen(a->name) > 50))
		return err_set(err, STATUS_USAGE,
			       "'--name' must be lower case letters, digits and '-', 50 at most, not %s",
			       show_text(slice_str(a->name)).text);
	if (a->ns && !is_dns_label(slice_str(a->ns)))
		return err_set(err, STATUS_USAGE, "'--argocd-namespace' must be a namespace, not %s",
			       show_text(slice_str(a->ns)).text);
	if (a->image && (!*a->image || strpbrk(a->image, " \t\r\n{}\"'")))
		return err_set(err, STATUS_USAGE, "'--image' must be an image, not %s",
			       show_text(slice_str(a->image)).text);
	if (a->seconds > ARGOCD_SECONDS_MAX)
		return err_set(err, STATUS_USAGE, "'--timeout' must be from 1 to %d seconds", ARGOCD_SECONDS_MAX);
	return 0;
}

static int print(const struct plugin_args *a, struct buf *out, struct err *err)
{
	bool values = a->form && strcmp(a->form, "helm-values") == 0;
	struct plugin_setup s = {.name = a->name ? a->name : ARGOCD_PLUGIN_NAME,
				 .image = a->image ? a->image : "pxb-fed:" PXB_VERSION,
				 .ns = a->ns ? a->ns : "argocd",
				 .seconds = a->seconds ? (unsigned)a->seconds : ARGOCD_SECONDS,
				 .policy = slice_str(built_in)};
	cleanup_buf struct buf text = {0};
	cleanup_policy struct policy p;

	policy_init(&p);
	if (check(a, err) < 0 || policy_load(&p, a->policy_file, err) < 0 || rule_set_of(&p, &s.rules, err) < 0 ||
	    (p.file && user_file_read(p.file, &text, err) < 0))
		return err->status;
	if (p.file)
		s.policy = buf_slice(&text);
	if (values && slice_find(s.policy, "{{") != SIZE_MAX)
		return err_set(err, STATUS_USAGE,
			       "the policy contains '{{', which Argo CD's chart would take for a template; use '--form "
			       "manifests'");
	(values ? plugin_helm_values_put : plugin_manifests_put)(&s, out);
	return out->failed ? err_nomem(err) : 0;
}

int argocd_plugin(const struct command *self, int argc, char **argv)
{
	struct plugin_args a = {0};
	void *const into[] = {&a, &a};
	cleanup_strings struct string_list rest = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	bool help;

	if (options_parse(tables, into, argc, argv, &rest, &help, &err) < 0 ||
	    (!help && rest.n &&
	     err_set(&err, STATUS_USAGE, "'argocd plugin' takes no argument: '%.60s'", rest.v[0]) < 0))
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	return print(&a, &out, &err) < 0 ? fail(&err) : print_out(buf_slice(&out), EXIT_OK);
}
