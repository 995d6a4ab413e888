/*
 * spec_images.c: every image of an installation, for the registry of an air-gapped site.
 */
#include "chart/chart_value.h"
#include "base/file.h"
#include "cmd/spec.h"
#include "helm/helm.h"
#include "helm/stored.h"
#include "spec/images.h"
#include "userfile/syntax.h"

#include <sys/stat.h>
#include <unistd.h>

struct images_args {
	const char *release;
	const char *ns;
	const char *registry, *repository;
	struct string_list values_files;
	bool sync;
};

static const struct option images_rows[] = {
	{"values", 'f', OPTION_LIST, "FILE", "images: render CHART with FILE; repeatable", NULL,
	 offsetof(struct images_args, values_files)},
	{"release", 0, OPTION_STRING, "NAME", "images: of the installed release NAME", NULL,
	 offsetof(struct images_args, release)},
	{"release-namespace", 0, OPTION_STRING, "NS", "images: the namespace of that release", NULL,
	 offsetof(struct images_args, ns)},
	{"registry", 0, OPTION_STRING, "HOST", "images: print the names that they have in this registry", NULL,
	 offsetof(struct images_args, registry)},
	{"repository", 0, OPTION_STRING, "PATH", "images: and in this repository", NULL,
	 offsetof(struct images_args, repository)},
	{"sync", 0, OPTION_FLAG, NULL, "images: as YAML for 'skopeo sync --src yaml'", NULL,
	 offsetof(struct images_args, sync)},
};
const struct option_table spec_images_table = {images_rows, ARRAY_SIZE(images_rows)};
static const struct option_table *const tables[] = {&spec_images_table, NULL};

static bool is_chart(const char *path)
{
	char inside[4096];
	struct stat st;

	if (slice_ends(slice_str(path), ".tgz"))
		return true;
	return snprintf(inside, sizeof(inside), "%s/Chart.yaml", path) < (int)sizeof(inside) && stat(inside, &st) == 0;
}

/* Without values of the user's own everything that can pull an image is switched on. */
static int render_chart(const struct images_args *a, const char *chart, struct buf *out, struct err *err)
{
	char *argv[128];
	size_t n = 0;

	if (a->values_files.n > 50)
		return err_set(err, STATUS_USAGE, "more than 50 values files");
	argv[n++] = helm_program();
	argv[n++] = HELM_ARG("template");
	argv[n++] = HELM_ARG("--namespace=central");
	if (!a->values_files.n)
		argv[n++] = HELM_ARG("--set=pxbackup.enabled=true,pxbackup.federated=true,telemetry.enabled=true,"
				     "telemetry.metricsCollector.enabled=true,"
				     "persistentStorage.storageClassName=placeholder");
	for (size_t i = 0; i < a->values_files.n; i++) {
		argv[n++] = HELM_ARG("-f");
		argv[n++] = HELM_ARG(a->values_files.v[i]);
	}
	argv[n++] = HELM_ARG("--");
	argv[n++] = HELM_ARG("px-central");
	argv[n++] = HELM_ARG(chart);
	argv[n] = NULL;
	return helm_ask(argv, out, err);
}

static int read_source(const struct images_args *a, const struct string_list *names, struct arena *arena,
		       struct buf *out, struct err *err)
{
	const char *name = names->n ? names->v[0] : "-";
	struct stored stored;

	if (a->values_files.n && !(names->n && is_chart(name)))
		return err_set(err, STATUS_USAGE,
			       "--values is for a CHART: a stream and a release are rendered already");
	if (names->n > 1 || (a->release && names->n))
		return err_set(err, STATUS_USAGE, "'spec images' takes one CHART, one FILE, or --release NAME");
	if (a->release)
		return stored_get(a->release, a->ns, arena, &stored, out, err);
	if (strcmp(name, "-") == 0)
		return file_read_fd(STDIN_FILENO, "<stdin>", out, err);
	return is_chart(name) ? render_chart(a, name, out, err) : file_read(name, out, STATUS_INPUT, err);
}

static int check_target(const struct images_args *a, struct err *err)
{
	if (!a->repository != !a->registry)
		return err_set(err, STATUS_USAGE,
			       "--registry and --repository belong together, as the chart's %s and %s do",
			       chart_value_name(VALUE_IMAGES_REGISTRY), chart_value_name(VALUE_IMAGES_REPO));
	if (a->ns && !a->release)
		return err_set(err, STATUS_USAGE, "--release-namespace is for --release");
	if (a->registry && !is_registry_host(slice_str(a->registry)))
		return err_set(err, STATUS_USAGE, "--registry must be a host, with a port if there is one");
	if (a->repository && !is_repository(slice_str(a->repository)))
		return err_set(err, STATUS_USAGE, "--repository must be a path such as pxb or team/pxb");
	if (a->sync && a->registry)
		return err_set(err, STATUS_USAGE, "--sync lists sources: 'skopeo sync' takes the target itself");
	return 0;
}

static void write_list(const struct images_args *a, struct image_list *l, struct buf *out)
{
	if (a->sync) {
		image_list_write_sync(l, out);
		return;
	}
	for (size_t i = 0; i < l->v.n; i++)
		buf_addf(out, "%s\n",
			 a->registry ? image_moved(l, l->v.v[i], a->registry, a->repository ? a->repository : "")
				     : l->v.v[i]);
}

static int list_images(const struct images_args *a, const struct string_list *names, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_buf struct buf in = BUF_INIT(limits.bytes + 1), out = BUF_TEXT;
	cleanup_image_list struct image_list l;
	cleanup_release struct release r;
	cleanup_stream struct stream s;

	image_list_init(&l);
	release_init(&r);
	stream_init(&s, &limits);
	if (check_target(a, err) < 0 || read_source(a, names, &l.arena, &in, err) < 0 ||
	    stream_add(&s, "the stream", buf_slice(&in), err) < 0)
		return fail(err);
	if (s.problems.n)
		return fail(
			(err_set(err, STATUS_INPUT, "the stream cannot be read: %s", s.problems.v[0].message), err));
	if (release_build(&r, &s, err) < 0 || image_list_fill(&l, &r, err) < 0)
		return fail(err);
	if (!l.v.n)
		return fail((err_set(err, STATUS_INPUT, "no object names an image"), err));
	write_list(a, &l, &out);
	if (out.failed || arena_failed(&l.arena))
		return fail((err_nomem(err), err));
	fprintf(stderr,
		"pxb-fed spec: %zu images. A render cannot show kopiaexecutor, nfsexecutor and\n"
		"  filesystemctl, which run on application clusters, and the MongoDB images of an\n"
		"  upgrade unless it is rendered as one: take them from the vendor's list.\n",
		l.v.n);
	return print_out(buf_slice(&out), EXIT_OK);
}

int spec_images(const struct command *self, int argc, char **argv)
{
	struct images_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list names = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(tables, into, argc, argv, &names, &help, &err) < 0)
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else
		code = list_images(&a, &names, &err);
	string_list_release(&a.values_files);
	return code;
}
