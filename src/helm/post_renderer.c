#include "helm/post_renderer.h"

#include "base/file.h"
#include "helm/helm.h"

#include <unistd.h>

#define PLUGIN "pxb-fed-post-renderer"

/* The folders that Helm names to its plugins hold it under its own name, as Helm puts it there. What is not found so
   may still be there: Helm knows. */
static bool is_in_folders(const char *folders)
{
	for (struct slice rest = slice_str(folders); rest.n;) {
		struct slice folder = slice_cut(rest, ':', &rest), text;
		cleanup_buf struct buf file = BUF_INIT((size_t)1 << 20);
		struct err ignored = ERR_INIT;
		char path[PATH_MAX];
		int n = snprintf(path, sizeof(path), SLICE_FMT "/" PLUGIN "/plugin.yaml", SLICE_ARG(folder));

		if (n < 0 || (size_t)n >= sizeof(path) || file_read(path, &file, STATUS_FAILED, &ignored) < 0)
			continue;
		for (text = buf_slice(&file); text.n;)
			if (slice_is(slice_cut(text, '\n', &text), "name: " PLUGIN))
				return true;
	}
	return false;
}

static int is_installed(bool *yes, struct err *err)
{
	char *const argv[] = {helm_program(), HELM_ARG("plugin"), HELM_ARG("list"), NULL};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
	struct slice rest;

	*yes = is_in_folders(getenv("HELM_PLUGINS"));
	if (*yes)
		return 0;
	if (helm_ask(argv, &out, err) < 0)
		return err->status;
	for (rest = buf_slice(&out); rest.p && rest.n;) {
		struct slice line = slice_cut(rest, '\n', &rest);

		*yes |= slice_starts(line, PLUGIN " ") || slice_starts(line, PLUGIN "\t");
	}
	return 0;
}

static int own_path(char path[PATH_MAX], struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n < 0)
		return err_errno(err, STATUS_FAILED, "cannot find the path of this program");
	path[n] = '\0';
	return 0;
}

/* The folder that this program is installed in: Helm says it, else it lies above bin/ or build/. */
static int plugin_folder(char dir[PATH_MAX], bool *told, struct err *err)
{
	const char *helm_says = getenv("HELM_PLUGIN_DIR");

	*told = helm_says && *helm_says;
	if (*told) {
		snprintf(dir, PATH_MAX, "%s", helm_says);
		return 0;
	}
	if (own_path(dir, err) < 0)
		return err->status;
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(dir, '/');

		if (slash)
			*slash = '\0';
	}
	return 0;
}

static int install(struct err *err)
{
	char dir[PATH_MAX], path[PATH_MAX], real[PATH_MAX];
	char *const argv[] = {helm_program(), HELM_ARG("plugin"), HELM_ARG("install"), real, NULL};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
	bool told;
	int n;

	if (plugin_folder(dir, &told, err) < 0)
		return err->status;
	n = snprintf(path, sizeof(path), "%s/plugins/" PLUGIN, dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, STATUS_USAGE, "the plugin directory's path is too long");
	/* The plugin directory may be a link into a checkout; Helm 4 would link to the link. */
	if (realpath(path, real))
		return helm_ask(argv, &out, err);
	if (!told)
		return err_set(
			err, STATUS_USAGE,
			"cannot find the post-renderer plugin; call it through Helm: helm pxb-fed post-renderer");
	return err_errno(err, STATUS_HELPER, "cannot find the post-renderer plugin '%s'", path);
}

int helm_post_renderer(int major, char word[PATH_MAX], struct err *err)
{
	bool there = false;

	if (major == 3)
		return own_path(word, err);
	snprintf(word, PATH_MAX, "%s", PLUGIN);
	return is_installed(&there, err) < 0 || (!there && install(err) < 0) ? err->status : 0;
}
