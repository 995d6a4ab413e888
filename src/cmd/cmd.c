#include "cmd/cmd.h"

#include "base/file.h"
#include "report/chars.h"
#include "report/report.h"

#include <sys/ioctl.h>
#include <unistd.h>

extern const struct option_table *const render_tables[],
	*const check_tables[], *const helm_tables[],
				       *const read_tables[],
					       *const explain_tables[],
						       *const policy_tables[],
							       *const lock_tables[],
								       *const post_renderer_tables[],
									       *const version_tables[],
										       *const completion_tables[],
											       *const help_tables[];

extern const struct option_table *const argocd_tables[], *const export_tables[], *const verify_tables[];
extern const struct option_table *const spec_tables[];
extern const struct option_table *const values_tables[];
extern const struct option_table *const audit_tables[];
extern const struct option_table *const preflight_tables[];
extern const struct option_table *const role_tables[];
extern const struct option_table *const watch_tables[];

const struct option_table *const help_tables[] = {NULL};

#define HELM_DETAILS                                                                         \
	"Runs Helm with a dry run, checks the manifests and hooks, and lets Helm work\n"     \
	"only if every check passes. Then pxb-fed runs again as the post-renderer and\n"     \
	"rejects any object that it has not checked. A refusal changes nothing and prints\n" \
	"the corrected command line.\n\n"                                                    \
	"The options below may be anywhere; all other words go to Helm as they are. Where\n" \
	"Helm fails, its exit code comes back, or 6 where that is 1."

const struct command commands[] = {
	{"render", "< RENDERED > CHECKED", "gate a rendered stream: the post-renderer of Helm 3 and 4",
	 "Reads what Helm rendered from standard input, proves that it is a Federated\n"
	 "installation, repairs what can be repaired exactly as the chart itself would\n"
	 "have rendered it, and writes the stream to standard output. A compliant stream\n"
	 "comes out unchanged. If anything stays wrong nothing is written, and the exit\n"
	 "code is not 0.",
	 render_tables, cmd_render},
	{"check", "[FILE or DIR ...]", "report on rendered streams; changes nothing",
	 "Each FILE is one stream; a directory is the union of its *.yaml, *.yml and\n"
	 "*.json, as 'helm template --output-dir' writes them; '-' is standard input.\n"
	 "With --any each file is checked alone, by the rules about single objects only.",
	 check_tables, cmd_check},
	{"read", "[FILE ...]", "show each document as the cluster reads it, as JSON",
	 "One JSON object a line, in the order of the stream; numbers keep every digit.\n"
	 "Documents that the API machinery skips (empty, null, comments) are skipped.",
	 read_tables, cmd_read},
	{"template", "[--] [NAME] CHART [HELM'S OPTIONS]", "helm template with the gate around it, hooks included",
	 HELM_DETAILS, helm_tables, cmd_helm},
	{"install", "[--] NAME CHART [HELM'S OPTIONS]", "helm install with the gate around it, hooks included",
	 HELM_DETAILS, helm_tables, cmd_helm},
	{"upgrade", "[--] NAME CHART [HELM'S OPTIONS]", "helm upgrade with the gate around it, hooks included",
	 HELM_DETAILS, helm_tables, cmd_helm},
	{"preflight", "[FILE]", "check the backup cluster before an installation or upgrade",
	 "Asks the backup cluster whether this installation can work: versions, namespace,\n"
	 "release, storage, quotas, Secrets, mesh, custom resources. Changes nothing.\n"
	 "With FILE (or -), the rendered manifests: quotas and limits are held against\n"
	 "them, without it against the chart's own sizes and the values.\n\n"
	 "Needs pxb-fed-kube. Exit codes as of 'verify'.",
	 preflight_tables, cmd_preflight},
	{"watch", "[RELEASE]", "follow an installation or upgrade to its end",
	 "Shows what is ready, what everything waits for, and what cannot heal, with the\n"
	 "last lines of the log that says why. Changes nothing. Needs pxb-fed-kube.\n\n"
	 "RELEASE is the policy's, or px-central. Ctrl-C prints what is still missing.\n\n"
	 "Exit codes: 0 ready, 1 failed, 2 usage, 3 a record cannot be read, 4 internal\n"
	 "error, 5 the deadline passed or the cluster could not be asked, 130 interrupted.",
	 watch_tables, cmd_watch},
	{"verify", "[CONTEXT ...]", "check application clusters: Portworx, Stork, its identity",
	 "Asks each application cluster what the vendor's verification steps ask for, and\n"
	 "changes nothing. Without CONTEXT: the current one. Needs pxb-fed-kube.\n\n"
	 "Exit codes: 0 everything passed (warnings allowed), 1 a check failed, 2 usage,\n"
	 "3 saved answers cannot be read, 4 internal error, 5 something could not be\n"
	 "checked and nothing failed, 130 interrupted.",
	 verify_tables, cmd_verify},
	{"role", "print|check [KIND or FILE ...]", "print and check the Azure roles of a managed identity",
	 "print  prints a role for 'az role definition create': standard, immutable (blob\n"
	 "       storage) or wli (Portworx Enterprise), with --scope\n"
	 "check  checks what the Azure CLI prints of a managed identity, action by action:\n"
	 "       FILEs with the JSON of 'az identity list', 'az role assignment list',\n"
	 "       'az role definition list', 'az identity federated-credential list';\n"
	 "       without FILEs the program az is run",
	 role_tables, cmd_role},
	{"explain", "[RULE or CHECK ...]", "show what a rule requires, why, and how to fix it",
	 "Without arguments: the list of rules. --last shows the report of the last run.", explain_tables, cmd_explain},
	{"policy", "init|show|check [FILE ...]", "write, show or check a policy file",
	 "init   prints a commented policy, from values files (--values) or from a\n"
	 "       rendered stream on standard input\n"
	 "show   prints the policy in force, with the origin of each value\n"
	 "check  reads policy files and says what is wrong with them",
	 policy_tables, cmd_policy},
	{"lock", "create|show|diff|verify|update [FILE ...]", "record one-time choices and check that they stay",
	 "create  records the one-time choices (mode, namespace, release name, claims,\n"
	 "        selectors, encryption) in pxb-fed.lock, a file for git\n"
	 "show    says what is in it\n"
	 "diff    shows how another state differs; exits with 1 if it does\n"
	 "verify  reports broken one-time choices only; prints nothing and exits with 0\n"
	 "        if there are none\n"
	 "update  records what may change, with a reason, in the lock's history\n\n"
	 "The state comes from rendered manifests (FILEs, directories, or standard input),\n"
	 "from an installed release (--release) or from the cluster (--cluster).",
	 lock_tables, cmd_lock},
	{"export", "vap", "print the policy as the cluster's own admission policies",
	 "vap  ValidatingAdmissionPolicies, their bindings and one ConfigMap of parameters\n"
	 "     made from the policy, ready for 'kubectl apply -f -': what slips past every\n"
	 "     client is then refused by the API server. Kubernetes 1.30 or later.\n"
	 "     --audit only warns; --table lists what the cluster cannot see.",
	 export_tables, cmd_export},
	{"spec", "[secret|images] [CHART or FILE]", "make values, policy, Secret and commands of an installation",
	 "Asks what the vendor's Spec Generator asks, or takes the answers from a file,\n"
	 "and writes a folder: the values file, the policy, INSTALL.md with the commands\n"
	 "in their order, and with --argocd an Application. No secret is in any of them.\n\n"
	 "secret  prints the Secret pxc-credentials with random passwords, for a pipe into\n"
	 "        kubectl, kubeseal or sops; --check checks one and prints no value\n"
	 "images  lists every image of a CHART, a rendered stream or a release",
	 spec_tables, cmd_spec},
	{"values", "check FILE ...", "check values files without rendering the chart",
	 "Names keys that the chart does not know, values of the wrong type, what is left\n"
	 "at a default that Federated mode cannot live with, contradictions, and what the\n"
	 "policy forbids. Several FILEs are merged as Helm merges -f. With --against every\n"
	 "value that differs from another file, for example the one that 'spec' wrote.",
	 values_tables, cmd_values},
	{"audit", "CHART", "say what a version of the chart has that the tables lack",
	 "Renders CHART (a folder or a .tgz) in every variant, and with every value that\n"
	 "rules are about set another way, and compares what it finds with the tables of\n"
	 "this program: places of a switch, values that reach hooks or do nothing,\n"
	 "workloads, claims, Secrets, hooks, rights, images, keys. Exits with 1 if a rule\n"
	 "would be blind on this chart, with 3 if a variant cannot be rendered.",
	 audit_tables, cmd_audit},
	{"post-renderer", "", "print what --post-renderer needs in this Helm",
	 "Helm 3 wants the path of a program, Helm 4 the name of a plugin; for Helm 4 the\n"
	 "plugin is installed first if it is not there:\n\n"
	 "  helm install ... --post-renderer \"$(helm pxb-fed post-renderer)\"",
	 post_renderer_tables, cmd_post_renderer},
	{"argocd", "generate|parameters|plugin|check-app [FILE ...]", "the config management plugin of Argo CD",
	 "generate    renders the application in the working directory with Helm and\n"
	 "            prints it if it passes the gate: called by Argo CD\n"
	 "parameters  prints the parameters that an Application may set, as JSON\n"
	 "plugin      prints what sets the plugin up, for kubectl or Argo CD's chart\n"
	 "check-app   reports on Application and ApplicationSet manifests\n\n"
	 "PXB_FED_TIMEOUT in the sidecar's environment: seconds that Helm may take (45).",
	 argocd_tables, cmd_argocd},
	{"version", "", "print the version of this program and its libraries", "", version_tables, cmd_version},
	{"completion", "[bash|zsh|fish] | [[--] WORD ...]", "print completion for a shell, or for Helm",
	 "bash, zsh, fish  prints the script: source <(pxb-fed completion bash)\n"
	 "nothing          prints Helm's completion.yaml\n"
	 "-- WORD ...      prints candidates for the last word, one a line",
	 completion_tables, cmd_completion},
	{"help", "[COMMAND]", "print help", "", help_tables, cmd_help},
};
const size_t commands_n = ARRAY_SIZE(commands);

const struct command *command_find(struct slice name)
{
	for (size_t i = 0; i < commands_n; i++)
		if (slice_is(name, commands[i].name))
			return &commands[i];
	return NULL;
}

const char *command_nearest(const char *name)
{
	const char *names[32];
	size_t n = 0;

	for (; n < commands_n && n < ARRAY_SIZE(names); n++)
		names[n] = commands[n].name;
	return slice_nearest(slice_str(name), names, n);
}

struct slice command_verbs(const struct command *c)
{
	struct slice first = slice_cut(slice_str(c->synopsis), ' ', &(struct slice){0});

	for (size_t i = 0; i < first.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz-|", first.p[i]))
			return SLICE_EMPTY;
	return first;
}

const char *program_name(void)
{
	const char *plugin = getenv("HELM_PLUGIN_NAME");

	return plugin && strcmp(plugin, "pxb-fed") == 0 ? "helm pxb-fed" : "pxb-fed";
}

int exit_code(int status)
{
	switch (status) {
	case STATUS_OK:
		return EXIT_OK;
	case STATUS_REFUSED:
		return EXIT_VIOLATIONS;
	case STATUS_USAGE:
		return EXIT_USAGE;
	case STATUS_INPUT:
		return EXIT_INPUT;
	case STATUS_HELPER:
		return EXIT_HELPER;
	default:
		return EXIT_INTERNAL;
	}
}

/* A message may repeat an argument or a file name, and these may hold anything. */
static void say(const char *command, const struct err *err)
{
	char text[sizeof(err->text)];
	size_t n = 0;

	for (; err->text[n]; n++)
		text[n] = (unsigned char)err->text[n] < ' ' || err->text[n] == 0x7f ? '?' : err->text[n];
	text[n] = '\0';
	fprintf(stderr, "pxb-fed%s%s: %s\n", command ? " " : "", command ? command : "", text);
}

int fail(const struct err *err)
{
	say(NULL, err);
	return exit_code(err->status);
}

int fail_usage(const struct command *self, const struct err *err)
{
	say(self->name, err);
	if (err->status == STATUS_USAGE)
		fprintf(stderr, "see '%s %s --help'\n", program_name(), self->name);
	return exit_code(err->status);
}

int print_out(struct slice text, int code)
{
	struct err err = ERR_INIT;

	if (fflush(stdout) != 0 || file_write_all(STDOUT_FILENO, text, "standard output", &err) < 0)
		return fail(&err);
	return code;
}

void use_width_of(int fd)
{
	struct winsize size;

	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		text_width_set(size.ws_col);
}

bool speaks_utf8(void)
{
	const char *locale = getenv("LC_ALL");

	if (!locale || !*locale)
		locale = getenv("LC_CTYPE");
	if (!locale || !*locale)
		locale = getenv("LANG");
	return locale && (strstr(locale, "UTF-8") || strstr(locale, "utf8"));
}

bool can_redraw(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool wants_color(int fd)
{
	const char *force = getenv("CLICOLOR_FORCE"), *no = getenv("NO_COLOR");

	if (no && *no)
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return can_redraw(fd);
}

/* --- help ------------------------------------------------------------------------------------------------------ */

static void help_all(struct buf *out)
{
	buf_addf(out,
		 "Guards installations of Portworx Backup (chart px-central) in Federated mode.\n\n"
		 "Usage: %s COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n",
		 program_name());
	for (size_t i = 0; i < commands_n; i++)
		buf_addf(out, "  %-15s%s\n", commands[i].name, commands[i].summary);
	buf_addf(out,
		 "\n"
		 "Helm:   helm install NAME CHART ... \\\n"
		 "            --post-renderer \"$(helm pxb-fed post-renderer)\"\n"
		 "Pipes:  helm template NAME CHART ... | pxb-fed check -\n"
		 "\n"
		 "Exit codes: 0 compliant or made compliant, 1 refused, 2 usage, policy or values\n"
		 "file wrong, 3 input unreadable or ambiguous, 4 internal or I/O error, 5 a\n"
		 "helper program could not be asked, 6 Helm failed with exit code 1 (its other\n"
		 "codes pass through).\n"
		 "\n"
		 "Environment: PXB_FED_POLICY and PXB_FED_REPORT replace --policy and\n"
		 "--report; PXB_FED_NO_STATE=1 keeps no last report; NO_COLOR, CLICOLOR_FORCE.\n"
		 "\n"
		 "Help on a command: %s help COMMAND\n",
		 program_name());
}

static void help_formats(const struct option_table *const *tables, struct buf *out)
{
	bool wanted = false;

	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			wanted |= tables[t]->v[i].choices == &report_format_choices[1];
	if (!wanted)
		return;
	buf_adds(out, "\nForms of a report (FORMAT):\n");
	for (size_t i = 0; i < report_formats_n; i++)
		buf_addf(out, "  %-15s%s\n", report_formats[i].name, report_formats[i].help);
}

/* What the command is for, as a sentence; Helm's own commands keep their small letter. */
static void help_title(const struct command *c, struct buf *out)
{
	bool small = strncmp(c->summary, "helm ", strlen("helm ")) != 0 && c->summary[0] >= 'a' && c->summary[0] <= 'z';

	if (!c->summary[0])
		return;
	buf_addc(out, small ? (char)(c->summary[0] - ('a' - 'A')) : c->summary[0]);
	buf_addf(out, "%s.\n\n", c->summary + 1);
}

void help_command(const struct command *c, struct buf *out)
{
	struct slice verbs = command_verbs(c), rest = slice_trim(slice_from(slice_str(c->synopsis), verbs.n));
	bool any = false;

	help_title(c, out);
	buf_addf(out, "Usage: %s %s%s" SLICE_FMT, program_name(), c->name, verbs.n ? " " : "", SLICE_ARG(verbs));
	if (c->tables[0])
		buf_adds(out, " [OPTIONS]");
	buf_addf(out, "%s" SLICE_FMT "\n\n", rest.n ? " " : "", SLICE_ARG(rest));
	if (c->details[0])
		buf_addf(out, "%s\n\n", c->details);
	for (size_t i = 0; c->tables[i]; i++) {
		if (!any)
			buf_adds(out, "Options:\n");
		any = true;
		options_help(c->tables[i], out);
	}
	buf_addf(out, "%s  -h, --help                print this help\n", any ? "" : "Options:\n");
	help_formats(c->tables, out);
}

int cmd_help(const struct command *self, int argc, char **argv)
{
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	const struct command *c = strcmp(self->name, "help") == 0 ? NULL : self;
	const char *near;

	for (int i = 0; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		c = command_find(slice_str(argv[i]));
		if (!c) {
			near = command_nearest(argv[i]);
			if (near)
				err_set(&err, STATUS_USAGE, "no command '%.60s'; did you mean '%s'?", argv[i], near);
			else
				err_set(&err, STATUS_USAGE, "no command '%.60s'", argv[i]);
			return fail_usage(self, &err);
		}
		break;
	}
	if (c)
		help_command(c, &out);
	else
		help_all(&out);
	return out.failed ? fail((err_nomem(&err), &err)) : print_out(buf_slice(&out), EXIT_OK);
}

void help_print(void)
{
	cmd_help(command_find(SLICE("help")), 0, NULL);
}
