#include "cmd/cmd.h"

#include "report/report.h"
#include "yaml/second_opinion.h"

#include <xxhash.h>

struct version_args {
	const char *output;
};

static const struct option version_rows[] = {
	{"output", 'o', OPTION_CHOICE, "FORMAT", "text (the default) or json", "text|json",
	 offsetof(struct version_args, output)},
};
OPTION_TABLE(version_table, version_rows);
const struct option_table *const version_tables[] = {&version_table, NULL};

int cmd_version(const struct command *self, int argc, char **argv)
{
	struct version_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	bool help;

	if (options_parse(self->tables, into, argc, argv, &rest, &help, &err) < 0 ||
	    (rest.n && err_set(&err, STATUS_USAGE, "'version' takes no argument: '%.60s'", rest.v[0]) < 0))
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (a.output && strcmp(a.output, "json") == 0)
		buf_addf(&out,
			 "{\"version\": \"%s\", \"libraries\": {\"libyaml\": \"%s\", \"libfyaml\": \"%s\", \"cJSON\": "
			 "\"%s\", \"xxHash\": \"%u.%u.%u\"}}\n",
			 PXB_VERSION, libyaml_version(), libfyaml_version(), report_json_library(),
			 XXH_versionNumber() / 10000, XXH_versionNumber() / 100 % 100, XXH_versionNumber() % 100);
	else
		buf_addf(&out, "pxb-fed %s\nlibyaml %s, libfyaml %s, cJSON %s, xxHash %u.%u.%u\n", PXB_VERSION,
			 libyaml_version(), libfyaml_version(), report_json_library(), XXH_versionNumber() / 10000,
			 XXH_versionNumber() / 100 % 100, XXH_versionNumber() % 100);
	return out.failed ? fail((err_nomem(&err), &err)) : print_out(buf_slice(&out), EXIT_OK);
}
