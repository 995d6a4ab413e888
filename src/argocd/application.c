#include "argocd/application.h"

#include "userfile/syntax.h"
#include "userfile/user_file.h"

#include <errno.h>
#include <sys/stat.h>

extern char **environ;

#define PARAMETERS "ARGOCD_APP_PARAMETERS"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* It would do nothing, because of the prefix; whoever writes it believes otherwise. */
static int check_environment(struct err *err)
{
	for (char **e = environ; *e; e++) {
		struct slice name = slice_to(slice_str(*e), strcspn(*e, "="));

		if (slice_starts(name, "ARGOCD_ENV_PXB_FED"))
			return err_set(err, STATUS_USAGE,
				       "the Application sets %s; what the policy requires is set in the plugin's "
				       "sidecar, by the "
				       "platform team",
				       show_text(slice_from(name, strlen("ARGOCD_ENV_"))).text);
	}
	return 0;
}

/* --- parameters ------------------------------------------------------------------------------------------------ */

static int parameter_fault(void *arg, const struct node *at, const char *message)
{
	(void)at; /* nobody sees the line that Argo CD made of them */
	return err_set(arg, STATUS_USAGE, "%s", message);
}

/* The list is put into an object, so that it is read as the JSON that it must be. */
static int read_parameters(struct application *a, struct err *err)
{
	const char *text = variable(PARAMETERS);
	const struct node *root;

	if (!text)
		return 0;
	text = arena_printf(&a->arena, "{\"parameters\":%s}", text);
	if (arena_failed(&a->arena))
		return err_nomem(err);
	stream_release(&a->stream);
	if (user_file_parse(&a->stream, PARAMETERS, slice_str(text), &root, err) < 0)
		return err->status;
	if (!root || !a->stream.documents.v[0].json || node_count(root) != 1)
		return err_set(err, STATUS_USAGE, PARAMETERS " is not JSON list");
	return app_parameters_read(&a->parameters, node_lookup(root, "parameters"), parameter_fault, err);
}

static const char *text_of(struct application *a, enum app_parameter which)
{
	struct slice s = app_parameter_text(&a->parameters, which);

	return s.n ? arena_str(&a->arena, s) : NULL;
}

/* Argo CD escapes the commas of a value that is not a list, so that one parameter sets one value. */
static void put_escaped(struct slice value, struct buf *out)
{
	bool list = value.n >= 2 && value.p[0] == '{' && value.p[value.n - 1] == '}';

	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == ',' && !list && (i == 0 || value.p[i - 1] != '\\'))
			buf_addc(out, '\\');
		buf_addc(out, value.p[i]);
	}
}

static int read_sets(struct application *a, enum app_parameter which, enum set_kind kind, struct err *err)
{
	for (struct map_iter it = map_iter_of(a->parameters.value[which]); map_next(&it);) {
		struct slice key = node_text(it.key), value = node_string(it.value);
		struct value_set *slot = VEC_PUSH(&a->arena, a->sets);
		cleanup_buf struct buf text = BUF_TEXT;

		if (memchr(key.p, '\0', key.n) || memchr(value.p, '\0', value.n))
			return err_set(err, STATUS_USAGE, "parameter '%s' contains a NUL character",
				       app_parameter_infos[which].name);
		put_escaped(value, &text);
		if (text.failed)
			return err_nomem(err);
		if (slot)
			*slot = (struct value_set){kind, arena_printf(&a->arena, SLICE_FMT "=%s", SLICE_ARG(key),
								      buf_str(&text))};
	}
	return 0;
}

/* --- release --------------------------------------------------------------------------------------------------- */

/* "argocd-apps_px-central" is px-central of another namespace than Argo CD's; no name of the cluster has a '_'. */
static int choose_release(struct application *a, struct err *err)
{
	const char *name = variable("ARGOCD_APP_NAME"), *chosen = text_of(a, APP_RELEASE_NAME);
	const char *own = name ? strrchr(name, '_') : NULL;

	a->release = chosen ? chosen : own ? own + 1 : name;
	a->ns = variable("ARGOCD_APP_NAMESPACE");
	if (!a->release)
		return err_set(err, STATUS_USAGE,
			       "ARGOCD_APP_NAME is not set: 'argocd generate' is called by Argo CD's plugin server");
	if (!is_release_name(slice_str(a->release)))
		return err_set(err, STATUS_USAGE,
			       "%s is not a valid name for a Helm release (lower case, digits and '-', 53 characters); "
			       "set the "
			       "parameter 'release-name'",
			       show_text(slice_str(a->release)).text);
	if (!a->ns)
		return err_set(err, STATUS_USAGE, "the Application names no namespace; set spec.destination.namespace");
	if (!is_dns_label(slice_str(a->ns)))
		return err_set(err, STATUS_USAGE, "%s is not a valid namespace", show_text(slice_str(a->ns)).text);
	return 0;
}

/* --- cluster --------------------------------------------------------------------------------------------------- */

static bool is_word(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("./-+_", c)))
			return false;
	}
	return s.n && s.p[0] != '-';
}

static int read_cluster(struct application *a, struct err *err)
{
	struct slice rest = slice_str(variable("KUBE_API_VERSIONS"));

	a->kube_version = variable("KUBE_VERSION");
	if (a->kube_version && !is_word(slice_str(a->kube_version)))
		return err_set(err, STATUS_USAGE, "KUBE_VERSION is %s, which is not a version",
			       show_text(slice_str(a->kube_version)).text);
	while (rest.p && rest.n) {
		struct slice one = slice_trim(slice_cut(rest, ',', &rest));
		const char **slot;

		if (!one.n)
			continue;
		if (!is_word(one))
			return err_set(err, STATUS_USAGE, "KUBE_API_VERSIONS names %s, which is not an API version",
				       show_text(one).text);
		slot = VEC_PUSH(&a->arena, a->api_versions);
		if (slot)
			*slot = arena_str(&a->arena, one);
	}
	return 0;
}

/* --- files ----------------------------------------------------------------------------------------------------- */

/* "./x": never an option, an address or a repository's chart to Helm. */
static const char *as_path(struct application *a, struct slice text)
{
	return arena_printf(&a->arena, "./" SLICE_FMT, SLICE_ARG(text));
}

/* Helm cuts the list of values files at commas, with quotes as CSV has them: one name could become two. */
static int check_name(const char *what, struct slice path, struct err *err)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f || strchr(",\"\\", path.p[i]))
			return err_set(
				err, STATUS_USAGE,
				"%s: %s contains a comma, a quote, a backslash or a control character, which Helm "
				"would not take as it is written",
				what, show_text(path).text);
	if (!path.n)
		return err_set(err, STATUS_USAGE, "%s: an empty path", what);
	return 0;
}

static int read_values_files(struct application *a, struct err *err)
{
	static const char what[] = "parameter 'values-files'";

	for (struct seq_iter it = seq_iter_of(a->parameters.value[APP_VALUES_FILES]); seq_next(&it);) {
		struct slice name = node_string(it.item);
		const char *path = arena_str(&a->arena, name), **slot;
		struct stat st;

		if (check_name(what, name, err) < 0 || repository_check(&a->repository, what, path, err) < 0)
			return err->status;
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
			return err_set(err, STATUS_USAGE, "%s: %s is not a file", what, show_text(name).text);
		slot = VEC_PUSH(&a->arena, a->values_files);
		if (slot)
			*slot = as_path(a, name);
	}
	return 0;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int check_folder(const struct application *a, const char *what, const char *path, struct err *err)
{
	const char *chart_yaml = arena_printf((struct arena *)(uintptr_t)&a->arena, "%s/Chart.yaml", path);

	if (is_regular(chart_yaml))
		return repository_check_links(&a->repository, what, path, err);
	return err_set(
		err, STATUS_USAGE,
		"no Chart.yaml in %s; set spec.source.path or the parameter 'chart-path' to the chart's folder or "
		".tgz",
		strcmp(path, ".") == 0 ? "the application's folder" : show_text(slice_str(path)).text);
}

static int choose_chart(struct application *a, struct err *err)
{
	static const char what[] = "parameter 'chart-path'";
	struct slice path = app_parameter_text(&a->parameters, APP_CHART_PATH);
	struct stat st;

	a->chart = ".";
	if (!path.n)
		return check_folder(a, "the chart", a->chart, err);
	a->chart = as_path(a, path);
	if (check_name(what, path, err) < 0 ||
	    repository_check(&a->repository, what, arena_str(&a->arena, path), err) < 0)
		return err->status;
	if (stat(a->chart, &st) == 0 && S_ISDIR(st.st_mode))
		return check_folder(a, what, a->chart, err);
	if (!is_regular(a->chart) || !(slice_ends(path, ".tgz") || slice_ends(path, ".tar.gz")))
		return err_set(err, STATUS_USAGE, "%s: %s is neither a folder nor a .tgz", what, show_text(path).text);
	return 0;
}

/* What the repository requires beyond the policy. A link to another file would have that file's lines in a message. */
static int check_own_files(const struct application *a, struct err *err)
{
	static const char *const names[] = {"pxb-fed.yaml", "pxb-fed.lock"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (lstat(names[i], &st) == 0 && repository_check(&a->repository, "the repository", names[i], err) < 0)
			return err->status;
	return 0;
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

int application_read(struct application *a, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	memset(a, 0, sizeof(*a));
	a->arena = ARENA_INIT((size_t)64 << 20);
	stream_init(&a->stream, &limits);
	if (check_environment(err) < 0 || read_parameters(a, err) < 0 ||
	    read_sets(a, APP_HELM_PARAMETERS, SET, err) < 0 ||
	    read_sets(a, APP_HELM_STRING_PARAMETERS, SET_STRING, err) < 0 || choose_release(a, err) < 0 ||
	    read_cluster(a, err) < 0 || repository_find(&a->repository, variable("ARGOCD_APP_SOURCE_PATH"), err) < 0 ||
	    check_own_files(a, err) < 0 || read_values_files(a, err) < 0 || choose_chart(a, err) < 0)
		return err->status;
	return arena_failed(&a->arena) ? err_nomem(err) : 0;
}

/* A chart in an archive keeps its values to itself; then the keys of every version are known. */
static int chart_defaults(const struct application *a, struct values *v, struct err *err)
{
	char path[PATH_MAX];
	cleanup_buf struct buf text = {0};

	if (snprintf(path, sizeof(path), "%s/values.yaml", a->chart) >= (int)sizeof(path) || !is_regular(path))
		return 0;
	if (user_file_read(path, &text, err) < 0)
		return err->status;
	return values_chart_defaults(v, buf_slice(&text), err);
}

int application_values(const struct application *a, struct values *v, struct err *err)
{
	struct slice text = app_parameter_text(&a->parameters, APP_VALUES);

	if (chart_defaults(a, v, err) < 0)
		return err->status;
	for (size_t i = 0; i < a->values_files.n; i++)
		if (values_add(v, a->values_files.v[i], err) < 0)
			return err->status;
	if (text.n && values_add_text(v, "parameter 'values'", text, err) < 0)
		return err->status;
	return values_add_sets(v, a->sets.v, a->sets.n, err);
}

void application_release(struct application *a)
{
	stream_release(&a->stream);
	arena_release(&a->arena);
	memset(a, 0, sizeof(*a));
}
