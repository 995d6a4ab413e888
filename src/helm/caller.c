#include "helm/caller.h"

#include "base/file.h"

enum { LARGEST = 4 << 20 };

/* A file of the process that called us: strings with a NUL behind each. */
static bool read_parent(const char *file, struct buf *out)
{
	struct err ignored = ERR_INIT;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)getppid(), file);
	return file_read(path, out, STATUS_FAILED, &ignored) == 0;
}

static bool is_namespace_option(struct slice word)
{
	return slice_is(word, "-n") || slice_is(word, "--namespace") || slice_starts(word, "--namespace=") ||
	       (slice_starts(word, "-n") && word.n > 2);
}

static bool any_word(const struct buf *words, bool (*is)(struct slice word))
{
	struct slice rest = buf_slice(words);

	while (rest.p && rest.n)
		if (is(slice_cut(rest, '\0', &rest)))
			return true;
	return false;
}

static bool is_namespace_variable(struct slice word)
{
	return slice_starts(word, "HELM_NAMESPACE=") && word.n > strlen("HELM_NAMESPACE=");
}

bool caller_names_namespace(void)
{
	const char *plugin = getenv("HELM_PLUGIN_NAME"), *ns = getenv("HELM_NAMESPACE");
	cleanup_buf struct buf words = BUF_INIT((size_t)LARGEST), variables = BUF_INIT((size_t)LARGEST);

	if (!plugin || !*plugin)
		return ns && *ns;
	return (read_parent("cmdline", &words) && any_word(&words, is_namespace_option)) ||
	       (read_parent("environ", &variables) && any_word(&variables, is_namespace_variable));
}

bool caller_has_variable(const char *name, const char *value)
{
	cleanup_buf struct buf variables = BUF_INIT((size_t)LARGEST);
	struct slice rest, text;

	if (!read_parent("environ", &variables))
		return false;
	for (rest = buf_slice(&variables); rest.p && rest.n;)
		if (slice_is(slice_cut(slice_cut(rest, '\0', &rest), '=', &text), name) && slice_is(text, value))
			return true;
	return false;
}
