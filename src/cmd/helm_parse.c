/*
 * helm_parse.c: the command line of `template`, `install` and `upgrade`: our own options among the words of Helm.
 */
#include "cmd/helm_run.h"

static const struct option helm_rows[] = {
	{"plan", 0, OPTION_FLAG, NULL, "stop before Helm does it; print what would be installed, patched, refused",
	 NULL, offsetof(struct helm_args, plan)},
	{"fix-values", 0, OPTION_FLAG, NULL, "add the --set options that the findings name, and check again", NULL,
	 offsetof(struct helm_args, fix_values)},
	{"fix-values-file", 0, OPTION_STRING, "FILE",
	 "write these fixes into the values file FILE (one of -f), and check again", NULL,
	 offsetof(struct helm_args, fix_file)},
	{"preflight", 0, OPTION_FLAG, NULL,
	 "before Helm runs, check the backup cluster as 'preflight' does; what fails stops it", NULL,
	 offsetof(struct helm_args, preflight)},
	{"watch", 0, OPTION_FLAG, NULL, "after Helm's success follow the installation to its end, as 'watch' does",
	 NULL, offsetof(struct helm_args, watch)},
	{"watch-timeout", 0, OPTION_STRING, "DURATION", "when --watch gives up, such as 90s, 30m or 1h (30m)", NULL,
	 offsetof(struct helm_args, watch_timeout)},
	{"gate-timeout", 0, OPTION_SECONDS, "SECONDS", "how long one question to Helm or the cluster may take (120)",
	 NULL, offsetof(struct helm_args, timeout)},
};
OPTION_TABLE(helm_table, helm_rows);
const struct option_table *const helm_tables[] = {&helm_table, &gate_options_table, NULL};

/* "<storage-class-name>", as the vendor's page has it for what only the reader knows. */
static bool is_placeholder(struct slice text)
{
	if (text.n < 3 || text.p[0] != '<' || text.p[text.n - 1] != '>')
		return false;
	for (size_t i = 1; i < text.n - 1; i++) {
		char c = text.p[i] | 0x20;

		if (!((c >= 'a' && c <= 'z') ||
		      (i > 1 && (text.p[i] == '-' || text.p[i] == '_' || text.p[i] == ' ' || text.p[i] == '.' ||
				 (text.p[i] >= '0' && text.p[i] <= '9')))))
			return false;
	}
	return true;
}

static int refuse_placeholder(const char *what, struct slice text, struct err *err)
{
	return err_set(err, STATUS_USAGE,
		       "%.100s is '" SLICE_FMT "', a placeholder of the vendor's page; put your own value there", what,
		       SLICE_ARG(slice_to(text, 60)));
}

/* Of --set and its kin each value, of all other options the whole word. */
static int check_placeholder(const struct helm_item *item, struct err *err)
{
	struct slice rest = slice_str(item->value ? item->value : item->positional ? item->word : "");
	char what[128];

	if (item->positional)
		return is_placeholder(rest) ? refuse_placeholder("the name or the chart", rest, err) : 0;
	if (!item->flag)
		return 0;
	snprintf(what, sizeof(what), "--%s", item->flag->name);
	if (is_placeholder(rest))
		return refuse_placeholder(what, rest, err);
	while (item->flag->part == PART_VALUES && rest.p) {
		struct slice value, key = slice_cut(slice_cut(rest, ',', &rest), '=', &value);

		snprintf(what, sizeof(what), "--%s " SLICE_FMT, item->flag->name, SLICE_ARG(slice_to(key, 100)));
		if (value.p && is_placeholder(value))
			return refuse_placeholder(what, value, err);
	}
	return 0;
}

static int check_line(const struct helm_run *r, struct err *err)
{
	for (size_t i = 0; i < r->line.items.n; i++)
		if (check_placeholder(&r->line.items.v[i], err) < 0)
			return err->status;
	if (helm_line_has(&r->line, "post-renderer") || helm_line_has(&r->line, "post-renderer-args"))
		return err_set(err, STATUS_USAGE,
			       "the gate is the post-renderer here; to run another one before it, render with that and "
			       "pipe into 'pxb-fed render'");
	return 0;
}

/* klog, inside Helm, has a -v too: it takes a number. */
static bool is_klog(int left, char *const *words)
{
	const char *number;

	if (strncmp(words[0], "-v", 2) != 0)
		return false;
	number = words[0][2] == '=' ? words[0] + 3 : words[0][2] ? words[0] + 2 : left > 1 ? words[1] : "";
	return *number && strspn(number, "0123456789") == strlen(number);
}

/* Words are ours or Helm's wherever they are. A `--` behind none of Helm's words ends ours; any other is Helm's. */
static int split(struct helm_run *r, enum helm_command command, int argc, char **argv, struct string_list *helms,
		 struct err *err)
{
	bool ended = false;
	int i = 0;

	while (i < argc) {
		struct string_list *into = helms;
		int n = 1;

		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
			if (!helms->n) {
				i++;
				continue;
			}
		} else if (!ended && is_klog(argc - i, argv + i)) {
			n = argv[i][2] ? 1 : 2;
		} else if (!ended && options_know(helm_tables, argv[i])) {
			into = &r->own;
			n = options_width(helm_tables, argc - i, argv + i);
		} else if (!ended) {
			n = helm_words(command, argc - i, argv + i);
		}
		for (; n > 0; n--)
			if (string_list_add(into, argv[i++], err) < 0)
				return err->status;
	}
	return 0;
}

int helm_parse(struct helm_run *r, const struct command *self, int argc, char **argv, bool *help, struct err *err)
{
	void *const into[] = {&r->args, &r->args.gate};
	cleanup_strings struct string_list none = {0};
	enum helm_command command = strcmp(self->name, "install") == 0	 ? HELM_INSTALL
				    : strcmp(self->name, "upgrade") == 0 ? HELM_UPGRADE
									 : HELM_TEMPLATE;

	if (split(r, command, argc, argv, &r->helms, err) < 0 ||
	    options_parse(self->tables, into, (int)r->own.n, (char **)(uintptr_t)r->own.v, &none, help, err) < 0 ||
	    helm_line_parse(&r->line, command, (int)r->helms.n, (char **)(uintptr_t)r->helms.v, err) < 0)
		return err->status;
	*help |= helm_line_has(&r->line, "help");
	if (*help)
		return 0;
	if (helm_check_preflight(r, err) < 0 || helm_check_watch(r, &r->watch_seconds, err) < 0 ||
	    check_line(r, err) < 0)
		return err->status;
	return helm_check_fix_file(r, err);
}
