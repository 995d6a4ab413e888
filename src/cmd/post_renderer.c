/*
 * post_renderer.c: what to write behind --post-renderer. Helm 3 wants the path of a program, Helm 4 the name of a
 * plugin of another kind, which is installed beside this one when it is not there yet.
 */
#include "base/file.h"
#include "cmd/cmd.h"
#include "helm/helm.h"

#include <limits.h>
#include <unistd.h>

#define POST_RENDERER_PLUGIN "pxb-fed-post-renderer"

const struct option_table *const post_renderer_tables[] = {NULL};

static int is_installed(bool *yes, struct err *err)
{
	char *const argv[] = {helm_program(), HELM_ARG("plugin"), HELM_ARG("list"), NULL};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
	struct slice rest;

	*yes = false;
	if (helm_ask(argv, &out, err) < 0)
		return err->status;
	for (rest = buf_slice(&out); rest.p && rest.n;) {
		struct slice line = slice_cut(rest, '\n', &rest);

		*yes |= slice_starts(line, POST_RENDERER_PLUGIN " ") || slice_starts(line, POST_RENDERER_PLUGIN "\t");
	}
	return 0;
}

static int install(struct err *err)
{
	const char *dir = getenv("HELM_PLUGIN_DIR");
	char path[PATH_MAX], real[PATH_MAX];
	char *const argv[] = {helm_program(), HELM_ARG("plugin"), HELM_ARG("install"), real, NULL};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
	int n;

	if (!dir || !*dir)
		return err_set(err, STATUS_USAGE, "call it through Helm: helm pxb-fed post-renderer");
	n = snprintf(path, sizeof(path), "%s/plugins/" POST_RENDERER_PLUGIN, dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, STATUS_USAGE, "the plugin directory's path is too long");
	/* The plugin directory may be a link into a checkout; Helm 4 would link to the link. */
	if (!realpath(path, real))
		return err_errno(err, STATUS_HELPER, "cannot find the post-renderer plugin '%s'", path);
	return helm_ask(argv, &out, err);
}

static int own_path(char path[PATH_MAX], struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n < 0)
		return err_errno(err, STATUS_FAILED, "cannot tell the path of this program");
	path[n] = '\0';
	return 0;
}

int cmd_post_renderer(const struct command *self, int argc, char **argv)
{
	cleanup_strings struct string_list rest = {0};
	struct err err = ERR_INIT;
	char path[PATH_MAX] = POST_RENDERER_PLUGIN;
	bool help, there = false;
	int major = 0;

	if (options_parse(self->tables, NULL, argc, argv, &rest, &help, &err) < 0 ||
	    (rest.n && err_set(&err, STATUS_USAGE, "'post-renderer' takes no argument: '%.60s'", rest.v[0]) < 0))
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (helm_major(&major, &err) < 0)
		return fail(&err);
	if (major == 3 ? own_path(path, &err) < 0 : is_installed(&there, &err) < 0 || (!there && install(&err) < 0))
		return fail(&err);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "\n");
	return print_out(slice_str(path), EXIT_OK);
}
