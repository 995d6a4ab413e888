#include "argocd/plugin.h"

#include "yaml/stream.h"

#define PROGRAM "/usr/local/bin/pxb-fed"
#define HELM	"/usr/local/bin/helm"
#define CONFIG	"/home/argocd/cmp-server/config/plugin.yaml"

/* --- lines ----------------------------------------------------------------------------------------------------- */

/* Every line of text, indented. */
static void put_indented(struct slice text, size_t indent, struct buf *out)
{
	while (text.p && text.n) {
		struct slice line = slice_cut(text, '\n', &text);

		if (line.n)
			buf_fill(out, ' ', indent);
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

/* "key: |" and the text; as one quoted line where a block would change it. */
static void put_text(const char *key, struct slice text, size_t indent, struct buf *out)
{
	bool odd_breaks = false;
	size_t at, content = 0;
	const char *why;

	buf_fill(out, ' ', indent);
	buf_addf(out, "%s: ", key);
	if (!bytes_valid(text, &odd_breaks, &at, &why) || odd_breaks || slice_starts(text, "\xef\xbb\xbf")) {
		scalar_write(text, STYLE_DOUBLE, out);
		buf_addc(out, '\n');
		return;
	}
	while (content < text.n && text.p[content] == '\n')
		content++;
	buf_adds(out, content < text.n && strchr(" \t", text.p[content]) ? "|2\n" : "|\n");
	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	put_indented(text, indent + 2, out);
}

/* --- parts ----------------------------------------------------------------------------------------------------- */

/* No discovery: an Application names the plugin, or Argo CD would send every repository here. */
static const char spec[] = "generate:\n"
			   "  command: [" PROGRAM ", argocd, generate]\n"
			   "parameters:\n"
			   "  dynamic:\n"
			   "    command: [" PROGRAM ", argocd, parameters]\n";

static void put_sidecar(const struct plugin_setup *s, const char *config_volume, const char *config_key,
			struct buf *out)
{
	buf_addf(out, "- name: %s\n  image: ", s->name);
	scalar_write(slice_str(s->image), STYLE_PLAIN, out);
	buf_addf(out,
		 "\n"
		 "  command: [/var/run/argocd/argocd-cmp-server]\n"
		 "  env:\n"
		 "  - {name: PXB_FED_POLICY, value: /etc/pxb-fed/policy.yaml}\n"
		 "  - {name: PXB_FED_TIMEOUT, value: \"%u\"}\n"
		 "  - {name: HELM_BIN, value: " HELM "}\n"
		 "  securityContext:\n"
		 "    runAsNonRoot: true\n"
		 "    runAsUser: 999\n"
		 "    readOnlyRootFilesystem: true\n"
		 "    allowPrivilegeEscalation: false\n"
		 "    capabilities: {drop: [ALL]}\n"
		 "    seccompProfile: {type: RuntimeDefault}\n"
		 "  resources:\n"
		 "    requests: {cpu: 100m, memory: 256Mi}\n"
		 "  volumeMounts:\n"
		 "  - {name: var-files, mountPath: /var/run/argocd, readOnly: true}\n"
		 "  - {name: plugins, mountPath: /home/argocd/cmp-server/plugins}\n"
		 "  - {name: %s, mountPath: " CONFIG ", subPath: %s, readOnly: true}\n"
		 "  - {name: %s-policy, mountPath: /etc/pxb-fed, readOnly: true}\n"
		 "  - {name: %s-tmp, mountPath: /tmp}\n",
		 s->seconds, config_volume, config_key, s->name, s->name);
}

/* var-files and plugins are volumes that Argo CD's own Deployment has. */
static void put_volumes(const struct plugin_setup *s, const char *config_volume, const char *config_map,
			struct buf *out)
{
	buf_addf(out,
		 "- name: %s\n"
		 "  configMap: {name: %s}\n"
		 "- name: %s-policy\n"
		 "  configMap: {name: %s-policy}\n"
		 "- name: %s-tmp\n"
		 "  emptyDir: {}\n",
		 config_volume, config_map, s->name, s->name, s->name);
}

static void put_config_map_head(const struct plugin_setup *s, const char *what, struct buf *out)
{
	buf_addf(out,
		 "apiVersion: v1\n"
		 "kind: ConfigMap\n"
		 "metadata:\n"
		 "  name: %s-%s\n"
		 "  namespace: %s\n"
		 "  labels: {app.kubernetes.io/part-of: argocd}\n"
		 "data:\n",
		 s->name, what, s->ns);
}

static void put_policy(const struct plugin_setup *s, struct buf *out)
{
	put_config_map_head(s, "policy", out);
	put_text("policy.yaml", s->policy, 2, out);
}

/* --- forms ----------------------------------------------------------------------------------------------------- */

static void put_plugin_yaml(const struct plugin_setup *s, struct buf *out)
{
	struct buf text = BUF_TEXT;

	buf_addf(&text,
		 "apiVersion: argoproj.io/v1alpha1\n"
		 "kind: ConfigManagementPlugin\n"
		 "metadata:\n"
		 "  name: %s\n"
		 "spec:\n",
		 s->name);
	put_indented(slice_str(spec), 2, &text);
	put_config_map_head(s, "plugin", out);
	put_text("plugin.yaml", buf_slice(&text), 2, out);
	out->failed |= text.failed;
	buf_release(&text);
}

void plugin_manifests_put(const struct plugin_setup *s, struct buf *out)
{
	struct buf part = BUF_TEXT;
	char volume[80];

	snprintf(volume, sizeof(volume), "%.60s-plugin", s->name);
	buf_addf(out,
		 "# The config management plugin %s for an Argo CD in namespace %s. Apply it with\n"
		 "#   kubectl apply --server-side --field-manager=pxb-fed -f FILE\n"
		 "# Server-side, because the Deployment below is a part of Argo CD's own: what is not named here "
		 "stays.\n",
		 s->name, s->ns);
	put_plugin_yaml(s, out);
	buf_adds(out, "---\n# The policy for every application. Whoever may write this ConfigMap makes the rules.\n");
	put_policy(s, out);
	buf_addf(out,
		 "---\n"
		 "apiVersion: apps/v1\n"
		 "kind: Deployment\n"
		 "metadata:\n"
		 "  name: argocd-repo-server\n"
		 "  namespace: %s\n"
		 "spec:\n"
		 "  template:\n"
		 "    metadata:\n"
		 "      annotations:\n"
		 "        pxb-fed/rule-set: %s\n"
		 "    spec:\n"
		 "      containers:\n",
		 s->ns, s->rules.text);
	put_sidecar(s, volume, "plugin.yaml", &part);
	put_indented(buf_slice(&part), 6, out);
	buf_clear(&part);
	buf_adds(out, "      volumes:\n");
	put_volumes(s, volume, volume, &part);
	put_indented(buf_slice(&part), 6, out);
	out->failed |= part.failed;
	buf_release(&part);
}

void plugin_helm_values_put(const struct plugin_setup *s, struct buf *out)
{
	struct buf part = BUF_TEXT;
	char key[80];
	size_t at;

	snprintf(key, sizeof(key), "%.60s.yaml", s->name);
	buf_addf(out,
		 "# The config management plugin %s, as values for Argo CD's Helm chart (argo-cd of argo-helm):\n"
		 "#   helm upgrade argocd argo/argo-cd --namespace %s --reuse-values -f FILE\n"
		 "configs:\n"
		 "  cmp:\n"
		 "    create: true\n"
		 "    plugins:\n"
		 "      %s:\n",
		 s->name, s->ns, s->name);
	put_indented(slice_str(spec), 8, out);
	buf_addf(out,
		 "repoServer:\n"
		 "  podAnnotations:\n"
		 "    pxb-fed/rule-set: %s\n"
		 "  extraContainers:\n",
		 s->rules.text);
	put_sidecar(s, "argocd-cmp-cm", key, &part);
	put_indented(buf_slice(&part), 2, out);
	buf_clear(&part);
	buf_adds(out, "  volumes:\n");
	put_volumes(s, "argocd-cmp-cm", "argocd-cmp-cm", &part);
	put_indented(buf_slice(&part), 2, out);
	buf_clear(&part);
	buf_adds(out, "extraObjects:\n# The policy for every application. Whoever may write this ConfigMap makes the "
		      "rules.\n");
	put_policy(s, &part);
	at = out->n;
	put_indented(buf_slice(&part), 2, out);
	if (at < out->n)
		out->p[at] = '-'; /* the item begins with its first line */
	out->failed |= part.failed;
	buf_release(&part);
}
