#include "argocd/helm_template.h"

#include "argocd/scrub.h"
#include "helm/helm.h"
#include "userfile/user_file.h"

extern char **environ;

#define NOWHERE "/nonexistent"

int helm_template_seconds(unsigned *seconds, struct err *err)
{
	const char *text = getenv("PXB_FED_TIMEOUT");
	unsigned long n;
	char *end;

	*seconds = ARGOCD_SECONDS;
	if (!text || !*text)
		return 0;
	n = strtoul(text, &end, 10);
	if (*end || text[0] < '0' || text[0] > '9' || n < 1 || n > ARGOCD_SECONDS_MAX)
		return err_set(err, STATUS_USAGE, "PXB_FED_TIMEOUT must be a number of seconds from 1 to %d, not %s",
			       ARGOCD_SECONDS_MAX, show_text(slice_str(text)).text);
	*seconds = (unsigned)n;
	return 0;
}

/* --- arguments ------------------------------------------------------------------------------------------------- */

struct arguments {
	VEC(char *) v;
};

static void add(struct application *a, struct arguments *args, const char *fmt, ...) PXB_PRINTF(3, 4);

static void add(struct application *a, struct arguments *args, const char *fmt, ...)
{
	char **slot = VEC_PUSH(&a->arena, args->v);
	va_list ap;

	va_start(ap, fmt);
	if (slot)
		*slot = HELM_ARG(arena_vprintf(&a->arena, fmt, ap));
	va_end(ap);
}

/* Every choice of the Application is behind a '=' or begins with "./": none can become an option. */
char *const *helm_template_arguments(struct application *a, struct err *err)
{
	struct arguments args = {{0}};

	add(a, &args, "%s", helm_program());
	add(a, &args, "template");
	add(a, &args, "%s", a->chart);
	add(a, &args, "--name-template=%s", a->release);
	add(a, &args, "--namespace=%s", a->ns);
	if (a->kube_version)
		add(a, &args, "--kube-version=%s", a->kube_version);
	for (size_t i = 0; i < a->values_files.n; i++)
		add(a, &args, "--values=%s", a->values_files.v[i]);
	if (app_parameter_text(&a->parameters, APP_VALUES).n)
		add(a, &args, "--values=-");
	for (size_t i = 0; i < a->sets.n; i++)
		add(a, &args, "%s=%s", set_kind_name(a->sets.v[i].kind), a->sets.v[i].text);
	for (size_t i = 0; i < a->api_versions.n; i++)
		add(a, &args, "--api-versions=%s", a->api_versions.v[i]);
	if (!slice_is(app_parameter_text(&a->parameters, APP_SKIP_CRDS), "true"))
		add(a, &args, "--include-crds");
	if (!VEC_PUSH(&a->arena, args.v) || arena_failed(&a->arena)) {
		err_nomem(err);
		return NULL;
	}
	return args.v.v;
}

/* --- environment ----------------------------------------------------------------------------------------------- */

/* Nothing that was set for Helm elsewhere, and nothing that Argo CD told about the application. */
static const char *const *helm_environment(struct application *a)
{
	static const char *const own[] = {"HOME=" NOWHERE,
					  "HELM_CACHE_HOME=" NOWHERE,
					  "HELM_CONFIG_HOME=" NOWHERE,
					  "HELM_DATA_HOME=" NOWHERE,
					  "HELM_PLUGINS=" NOWHERE,
					  "HELM_REGISTRY_CONFIG=" NOWHERE "/registry",
					  "HELM_REPOSITORY_CONFIG=" NOWHERE "/repositories",
					  "HELM_REPOSITORY_CACHE=" NOWHERE,
					  "HELM_CONTENT_CACHE=" NOWHERE};
	static const char *const prefixes[] = {"HELM_", "ARGOCD_", "PARAM_", "KUBE", "XDG_"};
	VEC(const char *) env = {0};
	const char **slot;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if ((slot = VEC_PUSH(&a->arena, env)))
			*slot = own[i];
	for (char **e = environ; *e; e++) {
		struct slice name = slice_to(slice_str(*e), strcspn(*e, "="));
		bool known = false, drop = false;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			known |=
				slice_is(name, arena_str(&a->arena, slice_to(slice_str(own[i]), strcspn(own[i], "="))));
		for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
			drop |= slice_starts(name, prefixes[i]);
		if (drop && !known && (slot = VEC_PUSH(&a->arena, env)))
			*slot = arena_str(&a->arena, name);
	}
	return VEC_PUSH(&a->arena, env) ? env.v : NULL;
}

/* A search path with a relative part would find the repository's own "helm". */
static int check_program(struct err *err)
{
	const char *program = helm_program();
	struct slice rest = slice_str(getenv("PATH"));

	if (program[0] == '/')
		return 0;
	if (strchr(program, '/'))
		return err_set(err, STATUS_USAGE, "HELM_BIN is %s; it needs an absolute path",
			       show_text(slice_str(program)).text);
	if (!rest.n)
		return err_set(err, STATUS_USAGE, "PATH is not set: where is Helm? set HELM_BIN or PATH");
	do {
		struct slice part = slice_cut(rest, ':', &rest);

		if (!part.n || part.p[0] != '/')
			return err_set(err, STATUS_USAGE,
				       "PATH contains %s: Helm would be searched for in the application's repository",
				       part.n ? show_text(part).text : "an empty part");
	} while (rest.p);
	return 0;
}

/* --- running --------------------------------------------------------------------------------------------------- */

static void learn_pairs(struct scrub *s, const struct node *map)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it);)
		scrub_learn_pair(s, node_text(it.key), node_text(node_real(it.value)));
}

/* A text that cannot be read teaches nothing; Helm will have said so, with a line number and no value. */
static void learn_text(struct scrub *s, struct stream *stream, struct slice text)
{
	struct err ignored = ERR_INIT;
	const struct node *root;

	if (user_file_parse(stream, "values", text, &root, &ignored) == 0)
		scrub_learn(s, root);
}

static void put_words(struct application *a, struct slice said, struct buf *words)
{
	struct buf *texts = calloc(a->values_files.n + 1, sizeof(*texts));
	struct stream *streams = calloc(a->values_files.n + 1, sizeof(*streams));
	struct err ignored = ERR_INIT;
	struct scrub s;

	scrub_init(&s);
	if (texts && streams) {
		learn_text(&s, &streams[0], app_parameter_text(&a->parameters, APP_VALUES));
		for (size_t i = 0; i < a->values_files.n; i++)
			if (user_file_read(a->values_files.v[i], &texts[i], &ignored) == 0)
				learn_text(&s, &streams[i + 1], buf_slice(&texts[i]));
		learn_pairs(&s, a->parameters.value[APP_HELM_PARAMETERS]);
		learn_pairs(&s, a->parameters.value[APP_HELM_STRING_PARAMETERS]);
		scrub_put(&s, said, HELM_WORDS, words);
	}
	if (slice_find(said, "missing in charts/ directory") != SIZE_MAX)
		buf_adds(words, "fix: run 'helm dependency build' and commit the folder charts; nothing is fetched "
				"here\n");
	for (size_t i = 0; i <= a->values_files.n; i++) {
		if (streams)
			stream_release(&streams[i]);
		if (texts)
			buf_release(&texts[i]);
	}
	free(streams);
	free(texts);
	scrub_release(&s);
}

int helm_template(struct application *a, unsigned seconds, struct buf *out, struct buf *words, struct err *err)
{
	struct slice values = app_parameter_text(&a->parameters, APP_VALUES);
	cleanup_buf struct buf said = BUF_INIT((size_t)1 << 20);
	struct child c = {.out = out, .errors = &said, .seconds = seconds};
	struct child_result r;

	if (check_program(err) < 0)
		return err->status;
	c.argv = helm_template_arguments(a, err);
	c.env = c.argv ? helm_environment(a) : NULL;
	if (!c.argv)
		return err->status;
	if (!c.env || arena_failed(&a->arena))
		return err_nomem(err);
	if (values.n)
		c.input = values;
	if (child_run(&c, &r, err) < 0) {
		if (r.timed_out)
			err_set(err, STATUS_HELPER,
				"Helm did not end within %u seconds and was ended with all that it had started "
				"(PXB_FED_TIMEOUT)",
				seconds);
		return err->status;
	}
	if (!r.exit_code)
		return 0;
	put_words(a, buf_slice(&said), words);
	return err_set(err, STATUS_HELPER, "Helm could not render the chart (exit code %d)", r.exit_code);
}
