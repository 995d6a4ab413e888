/*
 * values_text.c: the answers as values of the chart. Only overrides are written, each with its reason; booleans are
 * YAML booleans, all other values are strings.
 * Source of the keys: the chart's values.yaml, 3.0.0, and the vendor's install page.
 */
#include "chart/chart_value.h"
#include "spec/spec.h"
#include "yaml/stream.h"

/* A value that is one answer. ALWAYS is written even where it equals the chart's default. */
static const struct row {
	enum answer_id answer;
	bool always;
	unsigned key; /* VALUE_ or KEY_ */
	const char *why;
} rows[] = {
	{ANSWER_STORAGE_CLASS, true, VALUE_STORAGE_CLASS,
	 "One-time choice: every claim is made with this class and can never be moved to another."},
	{ANSWER_SIZE_MYSQL, false, KEY_SIZE_MYSQL, NULL},
	{ANSWER_SIZE_MONGODB, false, KEY_SIZE_MONGODB, NULL},
	{ANSWER_SIZE_KEYCLOAK, false, KEY_SIZE_KEYCLOAK, NULL},
	{ANSWER_SIZE_THEME, false, KEY_SIZE_THEME, NULL},
	{ANSWER_SIZE_PROMETHEUS, false, KEY_SIZE_PROMETHEUS, NULL},
	{ANSWER_SIZE_ALERTS, false, KEY_SIZE_ALERTMANAGER, NULL},
	{ANSWER_ENCRYPT, true, VALUE_ENCRYPT_MONGODB,
	 "One-time choice: encryption at rest; the master key is in Secret pxc-credentials."},
	{ANSWER_PROM_ENDPOINT, true, KEY_PROMETHEUS_ENDPOINT, NULL},
	{ANSWER_PROM_SECRET, false, KEY_PROMETHEUS_SECRET, "This Secret must exist before the installation."},
	{ANSWER_ALERT_ENDPOINT, true, KEY_ALERT_ENDPOINT, NULL},
	{ANSWER_ALERT_SECRET, false, KEY_ALERT_SECRET, "This Secret must exist before the installation."},
	{ANSWER_ALERT_TEMPLATE, true, KEY_ALERT_TEMPLATE, NULL},
	{ANSWER_TELEMETRY, true, VALUE_TELEMETRY, "Telemetry to Pure1."},
	{ANSWER_METRICS, false, VALUE_TELEMETRY_METRICS, NULL},
	{ANSWER_OIDC, false, KEY_OIDC_EXTERNAL,
	 "Auth0. oidc.centralOIDC.enabled stays true: without it the chart drops Keycloak."},
	{ANSWER_OIDC_ENDPOINT, true, KEY_OIDC_ENDPOINT, NULL},
	{ANSWER_OIDC_CLIENT, true, KEY_OIDC_CLIENT, "The client secret is in " SPEC_SECRET_VALUES ", a second -f."},
	{ANSWER_PROXY_HTTP, true, KEY_PROXY_HTTP, "Chart 3.0.0 needs both proxies; it derives neither from the other."},
	{ANSWER_PROXY_HTTPS, true, KEY_PROXY_HTTPS, NULL},
	{ANSWER_PROXY_NO, true, KEY_PROXY_NONE,
	 "Added to the chart's own list; the API server's ClusterIP belongs here."},
	{ANSWER_PROXY_SECRET, true, KEY_PROXY_SECRET,
	 "Keys HTTP_PROXY, HTTPS_PROXY and NO_PROXY, all required in chart 3.0.0; CA is optional."},
	{ANSWER_REGISTRY, false, VALUE_IMAGES_REGISTRY, "Every image comes from this registry."},
	{ANSWER_REPOSITORY, true, VALUE_IMAGES_REPO, NULL},
	{ANSWER_PULL_SECRET, true, KEY_PULL_SECRET,
	 "Type kubernetes.io/dockerconfigjson; must exist before the installation, because hooks use it."},
	{ANSWER_CA_SECRET, false, KEY_CA_SECRET, "This Secret must exist before the installation."},
	{ANSWER_UI_SERVICE, false, KEY_UI_SERVICE_TYPE, NULL},
	{ANSWER_BACKUP_SERVICE, false, KEY_BACKUP_SERVICE_TYPE, NULL},
	{ANSWER_ARGO, false, VALUE_ARGO_CD, "The chart renders its hooks for Argo CD."},
	{ANSWER_OPENSHIFT, false, KEY_OPENSHIFT, "User and group ids are OpenShift's."},
	{ANSWER_MESH_HOST, false, VALUE_ISTIO_HOST_NAME, "Host name of the web interface behind Istio."},
};

static void put(struct spec_values *out, const char *key, struct slice text, bool is_switch, const char *why)
{
	if (out->n < ARRAY_SIZE(out->v))
		out->v[out->n++] = (struct spec_value){key, text, is_switch, why};
}

static void put_monitoring(const struct answers *a, struct spec_values *out)
{
	if (answer_is(a, ANSWER_PROM, "true"))
		put(out, chart_value_name(KEY_DEDICATED_MONITORING), SLICE("false"), true,
		    "An existing Prometheus and Alertmanager are used.");
}

static void put_rows(const struct answers *a, struct spec_values *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		const struct answer_info *info = &answer_infos[r->answer];
		struct slice text = a->text[r->answer];

		if (r->answer == ANSWER_PROM_ENDPOINT)
			put_monitoring(a, out);
		if (!answer_counts(a, r->answer) || !text.n || (!r->always && slice_is(text, info->def)))
			continue;
		put(out, chart_value_name(r->key), text, info->form == FORM_SWITCH, r->why);
	}
}

void spec_values(const struct answers *a, struct spec_values *out)
{
	out->n = 0;
	put(out, chart_value_name(VALUE_BACKUP_ENABLED), SLICE("true"), true,
	    "The chart's default is false, which installs no backup at all.");
	put(out, chart_value_name(VALUE_FEDERATED), SLICE("true"), true,
	    "One-time choice: Federated mode. A Classic installation can never be converted.");
	put(out, chart_value_name(VALUE_STORAGE_ENABLED), SLICE("true"), true,
	    "false would keep every database on emptyDir and lose it with its pod.");
	if (answer_is(a, ANSWER_MESH, "istio"))
		put(out, chart_value_name(VALUE_ISTIO), SLICE("true"), true, "Sidecar mode only.");
	put_rows(a, out);
	if (answer_is(a, ANSWER_MESH, "linkerd"))
		put(out, chart_value_name(VALUE_LINKERD), SLICE("true"), true, NULL);
}

/* --- text ------------------------------------------------------------------------------------------------------ */

static void write_indent(struct buf *out, size_t depth)
{
	buf_fill(out, ' ', depth * 2);
}

/* A comment no wider than 100 columns stays on its line: the reasons are short sentences. */
static void write_why(struct buf *out, size_t depth, const char *why)
{
	if (!why)
		return;
	write_indent(out, depth);
	buf_addf(out, "# %s\n", why);
}

static void write_leaf(struct buf *out, size_t depth, const struct spec_value *v, struct slice last)
{
	bool is_list = slice_ends(last, "[0]");

	write_why(out, depth, v->why);
	write_indent(out, depth);
	buf_add(out, is_list ? slice_to(last, last.n - 3) : last);
	buf_adds(out, ":");
	if (is_list) {
		buf_addc(out, '\n');
		write_indent(out, depth);
		buf_adds(out, "-");
	}
	buf_addc(out, ' ');
	if (v->is_switch)
		buf_add(out, v->text);
	else
		scalar_write(v->text, STYLE_DOUBLE, out);
	buf_addc(out, '\n');
}

static bool below(const struct spec_value *v, struct slice prefix)
{
	return strlen(v->key) > prefix.n && memcmp(v->key, prefix.p, prefix.n) == 0;
}

/* Writes every value below `prefix` ("" or "a.b."), leaves in their order, each mapping where its first value is. */
static void write_level(struct buf *out, const struct spec_values *s, struct slice prefix, size_t depth)
{
	for (size_t i = 0; i < s->n; i++) {
		struct slice rest, part;
		bool first = true;

		if (!below(&s->v[i], prefix))
			continue;
		part = slice_cut(slice_from(slice_str(s->v[i].key), prefix.n), '.', &rest);
		if (!rest.p) {
			write_leaf(out, depth, &s->v[i], part);
			continue;
		}
		part = slice_of(s->v[i].key, prefix.n + part.n + 1);
		for (size_t k = 0; k < i && first; k++)
			first = !below(&s->v[k], part);
		if (!first)
			continue;
		write_indent(out, depth);
		buf_add(out, slice_of(part.p + prefix.n, part.n - prefix.n - 1));
		buf_adds(out, ":\n");
		write_level(out, s, part, depth + 1);
	}
}

void spec_write_values(const struct answers *a, struct buf *out)
{
	struct spec_values s;

	spec_values(a, &s);
	buf_addf(out,
		 "# Values of px-central " SLICE_FMT
		 " for a Federated installation: only what differs from the chart,\n"
		 "# and what must not depend on its defaults. Written by 'pxb-fed spec'.\n",
		 SLICE_ARG(a->text[ANSWER_VERSION]));
	write_level(out, &s, SLICE_EMPTY, 0);
}

void spec_write_secret_values(const struct answers *a, struct slice client_secret, struct buf *out)
{
	(void)a;
	buf_adds(out, "# The client secret of the Auth0 application. Keep this file out of git; give it to Helm as a\n"
		      "# second -f. The chart stores it in ConfigMap pxcentral-admin-user in clear text.\n"
		      "oidc:\n  externalOIDC:\n    clientSecret: ");
	scalar_write(client_secret, STYLE_DOUBLE, out);
	buf_addc(out, '\n');
}

void spec_values_name(const struct answers *a, struct buf *out)
{
	buf_addf(out, "values-px-central-" SLICE_FMT ".yaml", SLICE_ARG(a->text[ANSWER_VERSION]));
}
