/*
 * post_renderer.c: prints what to write behind --post-renderer in the Helm that called.
 */
#include "helm/post_renderer.h"

#include "cmd/cmd.h"
#include "helm/helm.h"

const struct option_table *const post_renderer_tables[] = {NULL};

int cmd_post_renderer(const struct command *self, int argc, char **argv)
{
	cleanup_strings struct string_list rest = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	char word[PATH_MAX];
	int major = 0;
	bool help;

	if (options_parse(self->tables, NULL, argc, argv, &rest, &help, &err) < 0 ||
	    (rest.n && err_set(&err, STATUS_USAGE, "'post-renderer' takes no argument: '%.60s'", rest.v[0]) < 0))
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (helm_major(&major, &err) < 0 || helm_post_renderer(major, word, &err) < 0)
		return fail(&err);
	buf_addf(&out, "%s\n", word);
	return out.failed ? fail((err_nomem(&err), &err)) : print_out(buf_slice(&out), EXIT_OK);
}
