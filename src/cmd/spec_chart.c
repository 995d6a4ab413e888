/*
 * spec_chart.c: answers compared with a chart at hand: which keys it has lost, which are new, and its digest.
 */
#include "cmd/spec.h"
#include "helm/chart_digest.h"
#include "helm/helm.h"
#include "spec/spec.h"
#include "values/values_keys.h"

static int ask_helm(const char *what, const char *path, struct buf *out, struct err *err)
{
	char *const argv[] = {helm_program(), HELM_ARG("show"), HELM_ARG(what), HELM_ARG("--"), HELM_ARG(path), NULL};

	return helm_ask(argv, out, err);
}

static int read_version(const char *path, struct spec_chart *chart, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *root;
	struct slice name, version;

	stream_init(&s, &limits);
	if (ask_helm("chart", path, &text, err) < 0 || stream_add(&s, "Chart.yaml", buf_slice(&text), err) < 0)
		return err->status;
	root = s.problems.n == 0 && s.documents.n ? s.documents.v[0].root : NULL;
	name = node_string(node_lookup(root, "name"));
	version = node_text(node_real(node_lookup(root, "version")));
	if (!slice_is(name, "px-central"))
		return err_set(err, STATUS_USAGE, "'%.200s' is not the chart px-central", path);
	if (answer_fault(ANSWER_VERSION, version))
		return err_set(err, STATUS_USAGE, "the version of the chart '%.200s' %s", path,
			       answer_fault(ANSWER_VERSION, version));
	snprintf(chart->version, sizeof(chart->version), SLICE_FMT, SLICE_ARG(version));
	return 0;
}

static int check_written_keys(const struct values *v, const struct answers *a, const char *version, struct err *err)
{
	struct spec_values written;

	spec_values(a, &written);
	for (size_t i = 0; i < written.n; i++) {
		struct slice key = slice_str(written.v[i].key);
		char plain[256];

		if (slice_ends(key, "[0]"))
			key.n -= 3;
		snprintf(plain, sizeof(plain), SLICE_FMT, SLICE_ARG(key));
		if (!values_knows(v, "", plain))
			return err_set(err, STATUS_USAGE,
				       "chart %s has no key '%s': it was renamed or is gone; see 'helm show values'",
				       version, plain);
	}
	return 0;
}

static bool known_before(const char *path)
{
	for (size_t i = 0; i < every_known_key.n; i++)
		if (strcmp(every_known_key.v[i].path, path) == 0)
			return true;
	return false;
}

static void tell_new_keys(const struct values *v, const char *version)
{
	size_t n = 0;

	for (size_t i = 0; i < v->keys.n; i++)
		if (!known_before(v->keys.v[i].path))
			fprintf(stderr, "pxb-fed spec: new in chart %s: %s%s\n", version, v->keys.v[i].path,
				++n == 1 ? " (spec leaves it at its default)" : "");
}

int spec_read_chart(const char *path, const struct answers *a, struct spec_chart *chart, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;
	cleanup_values struct values v;

	memset(chart, 0, sizeof(*chart));
	values_init(&v);
	if (read_version(path, chart, err) < 0 || chart_digest(path, chart->sha256, err) < 0 ||
	    ask_helm("values", path, &text, err) < 0 || values_chart_defaults(&v, buf_slice(&text), err) < 0 ||
	    check_written_keys(&v, a, chart->version, err) < 0)
		return err->status;
	tell_new_keys(&v, chart->version);
	return 0;
}
