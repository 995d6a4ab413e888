/*
 * install_text.c: the commands of an installation in their order, and what no command of this program can do.
 */
#include "chart/chart_value.h"
#include "chart/chart_object.h"
#include "spec/spec.h"
#include "yaml/stream.h"

static void write_namespace(const struct answers *a, struct buf *out)
{
	buf_adds(out, "-n ");
	buf_add_quoted(out, a->text[ANSWER_NAMESPACE]);
}

static void write_head(const struct answers *a, const char *sha256, struct buf *out)
{
	buf_addf(out,
		 "# Portworx Backup " SLICE_FMT " in Federated mode\n\n"
		 "Run the commands in this folder, on the backup cluster, in this order. The namespace, the release\n"
		 "name, the StorageClass%s can never be changed afterwards.\n\n",
		 SLICE_ARG(a->text[ANSWER_VERSION]),
		 answer_is(a, ANSWER_ENCRYPT, "true") ? ", the mode and the encryption of MongoDB" : " and the mode");
	if (sha256[0])
		buf_addf(out,
			 "The chart's archive must have this sha256, since its repository is plain http:\n\n    %s\n\n",
			 sha256);
}

static void write_prerequisites(const struct answers *a, struct buf *out)
{
	static const struct {
		enum answer_id answer;
		const char *what;
	} secrets[] = {
		{ANSWER_PULL_SECRET, "type kubernetes.io/dockerconfigjson, for the registry"},
		{ANSWER_PROXY_SECRET, "keys HTTP_PROXY, HTTPS_PROXY and NO_PROXY; CA if the proxy has its own"},
		{ANSWER_PROM_SECRET, "credentials for Prometheus"},
		{ANSWER_ALERT_SECRET, "credentials for Alertmanager"},
		{ANSWER_CA_SECRET, "CA certificates"},
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		if (!answer_counts(a, secrets[i].answer) || !a->text[secrets[i].answer].n)
			continue;
		if (!any)
			buf_adds(out, "Create these Secrets in the namespace yourself, before step 3:\n\n");
		any = true;
		buf_addf(out, "- `" SLICE_FMT "`: %s\n", SLICE_ARG(a->text[secrets[i].answer]), secrets[i].what);
	}
	if (any)
		buf_addc(out, '\n');
}

static void write_values_options(const struct answers *a, struct buf *out)
{
	buf_adds(out, "-f ");
	spec_values_name(a, out);
	if (answer_is(a, ANSWER_OIDC, "true"))
		buf_adds(out, " -f " SPEC_SECRET_VALUES);
}

static void write_secret_step(const struct answers *a, struct buf *out)
{
	bool encrypt = answer_is(a, ANSWER_ENCRYPT, "true");

	buf_adds(out,
		 "## 1. Namespace and Secret pxc-credentials, once\n\n    pxb-fed spec secret --namespace-object ");
	write_namespace(a, out);
	if (encrypt)
		buf_adds(out, " --encrypt \\\n        --keep-key " SPEC_MASTER_KEY);
	buf_adds(out,
		 " | kubectl create -f -\n\n"
		 "Never for an upgrade, and never twice: each run makes new passwords, and the databases keep the\n"
		 "old ones. 'create' fails where the Secret exists, and it must.\n\n");
	if (encrypt)
		buf_adds(out, SPEC_MASTER_KEY
			 " is the only other copy of the master encryption key. Store it apart from\n"
			 "the cluster. It can never be rotated or recovered: if it is lost, so is the data.\n\n");
	buf_adds(out, "The passwords exist nowhere else. For passwords that exist already, and for sealed Secrets and\n"
		      "SOPS, see 'pxb-fed spec secret --help'.\n\n");
}

/* An archive whose digest was compared, else the name in the repository. */
static void write_chart(const struct answers *a, const char *sha256, struct buf *out)
{
	if (sha256[0])
		buf_addf(out, "px-central-" SLICE_FMT ".tgz", SLICE_ARG(a->text[ANSWER_VERSION]));
	else
		buf_addf(out, "portworx/px-central --version " SLICE_FMT, SLICE_ARG(a->text[ANSWER_VERSION]));
}

static void write_repository_step(const struct answers *a, const char *sha256, struct buf *out)
{
	buf_adds(out, "## 2. The chart\n\n    helm repo add portworx " SPEC_CHARTS " && helm repo update\n");
	if (sha256[0])
		buf_addf(out,
			 "    helm pull portworx/px-central --version " SLICE_FMT "\n"
			 "    echo '%s  px-central-" SLICE_FMT ".tgz' | sha256sum -c -\n",
			 SLICE_ARG(a->text[ANSWER_VERSION]), sha256, SLICE_ARG(a->text[ANSWER_VERSION]));
	buf_addc(out, '\n');
}

/* The values decide which images there are; without a registry in them the names are the vendor's. */
static void write_images_step(const struct answers *a, const char *sha256, struct buf *out)
{
	if (!a->text[ANSWER_REGISTRY].n)
		return;
	buf_adds(out, "Push the images to the registry, before anything is installed:\n\n    helm template ");
	buf_add_quoted(out, a->text[ANSWER_RELEASE]);
	buf_addc(out, ' ');
	write_chart(a, sha256, out);
	buf_addc(out, ' ');
	write_namespace(a, out);
	buf_adds(out, " \\\n        -f ");
	spec_values_name(a, out);
	buf_addf(out,
		 " --set %s=,%s= | \\\n      pxb-fed spec images --sync - > images.yaml\n"
		 "    skopeo sync --src yaml --dest docker images.yaml ",
		 chart_value_name(VALUE_IMAGES_REGISTRY), chart_value_name(VALUE_IMAGES_REPO));
	buf_addf(out, SLICE_FMT "/" SLICE_FMT "\n\n", SLICE_ARG(a->text[ANSWER_REGISTRY]),
		 SLICE_ARG(a->text[ANSWER_REPOSITORY]));
}

static void write_helm_command(const struct answers *a, const char *command, const char *sha256, struct buf *out)
{
	buf_addf(out, "    helm pxb-fed %s --policy " SPEC_POLICY " ", command);
	buf_add_quoted(out, a->text[ANSWER_RELEASE]);
	buf_addc(out, ' ');
	write_chart(a, sha256, out);
	buf_adds(out, " \\\n        ");
	write_namespace(a, out);
	buf_adds(out, " --timeout 20m ");
	write_values_options(a, out);
	buf_adds(out, "\n\n");
}

static void write_lock_command(const struct answers *a, const char *sha256, struct buf *out)
{
	buf_adds(out, "Then record the one-time choices, and keep the file in git:\n\n"
		      "    pxb-fed lock create --release ");
	buf_add_quoted(out, a->text[ANSWER_RELEASE]);
	buf_adds(out, " --release-namespace ");
	buf_add_quoted(out, a->text[ANSWER_NAMESPACE]);
	if (sha256[0]) {
		buf_adds(out, " --chart ");
		write_chart(a, sha256, out);
	}
	buf_adds(out, "\n\n");
}

static void write_helm_steps(const struct answers *a, const char *sha256, struct buf *out)
{
	buf_adds(out, "## 3. Install\n\n");
	write_helm_command(a, "install", sha256, out);
	write_lock_command(a, sha256, out);
	buf_adds(out, "An installation that is there is upgraded instead, without step 1:\n\n");
	write_helm_command(a, "upgrade", sha256, out);
}

static void write_argo_steps(const struct answers *a, struct buf *out)
{
	buf_adds(out,
		 "## 3. Deploy\n\n"
		 "The Application has the values as parameters of the plugin. Put it into git, name the rule set\n"
		 "of your plugin in it ('pxb-fed argocd parameters' prints it), and sync by hand: the hooks of the\n"
		 "chart run at every sync.\n\n"
		 "    pxb-fed argocd check-app --policy " SPEC_POLICY " " SPEC_APPLICATION "\n"
		 "    kubectl apply -f " SPEC_APPLICATION "\n\n");
	if (answer_is(a, ANSWER_OIDC, "true"))
		buf_addf(out,
			 "The client secret of Auth0 is in none of these files but " SPEC_SECRET_VALUES ". The chart\n"
			 "takes it only as a value: give it in the Application's parameter helm-string-parameters as\n"
			 "%s, in the cluster and not in git. Whoever may read the Application\n"
			 "may read it.\n\n",
			 chart_value_name(KEY_OIDC_CLIENT_SECRET));
	buf_adds(out, "After the first sync record the one-time choices, and keep the file in git:\n\n"
		      "    pxb-fed lock create --cluster --release-namespace ");
	buf_add_quoted(out, a->text[ANSWER_NAMESPACE]);
	buf_adds(out, "\n\n");
}

static void write_watch_step(const struct answers *a, struct buf *out)
{
	buf_adds(out, "## 4. Watch\n\n    pxb-fed watch ");
	write_namespace(a, out);
	buf_adds(out, "\n\nIt names what everything waits for and ends when the installation is ready or has failed; "
		      "the report\n"
		      "of the chart's own checks is in ConfigMap px-central-report.\n\n");
}

void spec_write_install(const struct answers *a, const char *sha256, struct buf *out)
{
	write_head(a, sha256, out);
	write_prerequisites(a, out);
	write_secret_step(a, out);
	write_repository_step(a, sha256, out);
	write_images_step(a, sha256, out);
	if (answer_is(a, ANSWER_ARGO, "true"))
		write_argo_steps(a, out);
	else
		write_helm_steps(a, sha256, out);
	write_watch_step(a, out);
	buf_adds(out, "## What only you can do\n\n"
		      "- Accept the End User License Agreement in Portworx Central.\n"
		      "- Activate the trial (the portal's Finish button) or apply a Portworx Backup license.\n"
		      "- Add the application clusters and their backup locations after the installation.\n"
		      "- On each application cluster: Portworx Enterprise 3.6.1, the Operator 26.2.0, Stork 26.3.0 or\n"
		      "  later, and the managed identity with its roles.\n");
	if (answer_is(a, ANSWER_OIDC, "true"))
		buf_adds(out,
			 "- Keep " SPEC_SECRET_VALUES " out of git (.gitignore names it) and renew the exception in\n"
			 "  " SPEC_POLICY " before it expires.\n");
}

/* --- Argo CD --------------------------------------------------------------------------------------------------- */

static void write_parameter(struct buf *out, const struct spec_value *v)
{
	buf_adds(out, "          ");
	scalar_write(slice_str(v->key), STYLE_PLAIN, out);
	buf_adds(out, ": ");
	scalar_write(v->text, STYLE_DOUBLE, out);
	buf_addc(out, '\n');
}

static void write_parameters(const struct answers *a, struct buf *out)
{
	struct spec_values s;

	spec_values(a, &s);
	buf_adds(out, "      - name: helm-parameters\n        map:\n");
	for (size_t i = 0; i < s.n; i++)
		if (s.v[i].is_switch)
			write_parameter(out, &s.v[i]);
	buf_adds(out, "      - name: helm-string-parameters\n        map:\n");
	for (size_t i = 0; i < s.n; i++)
		if (!s.v[i].is_switch)
			write_parameter(out, &s.v[i]);
}

void spec_write_application(const struct answers *a, struct buf *out)
{
	buf_adds(out, "# The Application of Argo CD, rendered by the plugin pxb-fed (docs/argocd.md). Written by\n"
		      "# 'pxb-fed spec'. Sync by hand: the chart's hooks run at every sync.\n");
	if (answer_is(a, ANSWER_OIDC, "true"))
		buf_adds(out,
			 "# The client secret of Auth0 is in none of these parameters: see " SPEC_SECRET_VALUES ".\n");
	buf_adds(out, "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: ");
	scalar_write(a->text[ANSWER_RELEASE], STYLE_PLAIN, out);
	buf_adds(out, "\n  namespace: argocd\nspec:\n  project: default\n  destination:\n"
		      "    server: https://kubernetes.default.svc\n    namespace: ");
	scalar_write(a->text[ANSWER_NAMESPACE], STYLE_PLAIN, out);
	buf_adds(out, "\n  source:\n    repoURL: " SPEC_CHARTS "\n    chart: px-central\n    targetRevision: ");
	scalar_write(a->text[ANSWER_VERSION], STYLE_DOUBLE, out);
	buf_adds(out, "\n    plugin:\n      name: pxb-fed\n      parameters:\n");
	write_parameters(a, out);
	buf_addf(out,
		 "  syncPolicy:\n    syncOptions:\n    - ServerSideApply=true\n    - RespectIgnoreDifferences=true\n"
		 "    - CreateNamespace=true\n  ignoreDifferences:\n  - kind: Secret\n    name: %s\n"
		 "    jsonPointers: [/data]\n",
		 chart_object_name(OBJECT_RUNTIME_SECRET));
	if (answer_is(a, ANSWER_TELEMETRY, "true"))
		buf_adds(out, "  - kind: Secret\n    name: px-backup-telemetry-registration-config\n    jsonPointers: "
			      "[/data]\n");
}
