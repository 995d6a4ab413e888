/*
 * policy.c: a policy file written, shown, checked.
 */
#include "policy/policy.h"

#include "base/file.h"
#include "cmd/cmd.h"
#include "kube/release.h"
#include "policy/policy_text.h"
#include "values/values.h"

#include <unistd.h>

struct policy_args {
	const char *policy_file;
	struct string_list values_files;
	const char *release_namespace;
	const char *patch, *output;
};

static const struct option policy_rows[] = {
	{"policy", 'p', OPTION_STRING, "FILE", "show: the policy file (else the one that 'render' would take)", NULL,
	 offsetof(struct policy_args, policy_file)},
	{"values", 0, OPTION_LIST, "FILE", "init: take what a values file says; repeatable", NULL,
	 offsetof(struct policy_args, values_files)},
	{"release-namespace", 0, OPTION_STRING, "NS", "show: as 'render' would be given", NULL,
	 offsetof(struct policy_args, release_namespace)},
	{"patch", 0, OPTION_CHOICE, "MODE", "show: as 'render' would be given", "visible|chart|never",
	 offsetof(struct policy_args, patch)},
	{"output", 'o', OPTION_STRING, "FILE", "init: write the policy there, where no file is yet", NULL,
	 offsetof(struct policy_args, output)},
};
OPTION_TABLE(policy_table, policy_rows);
const struct option_table *const policy_tables[] = {&policy_table, NULL};

/* What a policy was taken from must live until it is written: its origins point there. */
static int from_values(struct policy *p, const struct string_list *files, struct buf *out, struct err *err)
{
	cleanup_values struct values v;

	values_init(&v);
	for (size_t i = 0; i < files->n; i++)
		if (values_add(&v, files->v[i], err) < 0)
			return err->status;
	if (policy_from_values(p, &v, err) < 0)
		return err->status;
	policy_write_template(p, out);
	return 0;
}

static int from_stream(struct policy *p, struct buf *out, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_release struct release r;
	cleanup_stream struct stream s;
	cleanup_buf struct buf in = BUF_INIT(limits.bytes + 1);
	struct position pos;

	release_init(&r);
	stream_init(&s, &limits);
	if (file_read_fd(STDIN_FILENO, "<stdin>", &in, err) < 0 || stream_add(&s, "<stdin>", buf_slice(&in), err) < 0)
		return err->status;
	if (s.problems.n) {
		pos = input_position(s.problems.v[0].input, s.problems.v[0].at);
		return err_set(err, STATUS_INPUT, "<stdin>:%zu:%zu: %s", pos.line, pos.column, s.problems.v[0].message);
	}
	if (release_build(&r, &s, err) < 0)
		return err->status;
	if (!r.objects.n)
		return err_set(err, STATUS_INPUT,
			       "standard input contains no object; pipe a rendered stream into it, or give --values");
	if (policy_from_release(p, &r, err) < 0)
		return err->status;
	policy_write_template(p, out);
	return 0;
}

static int init(struct policy *p, const struct policy_args *a, struct buf *out, struct err *err)
{
	if (a->values_files.n)
		return from_values(p, &a->values_files, out, err);
	if (!isatty(STDIN_FILENO))
		return from_stream(p, out, err);
	policy_write_template(p, out);
	return 0;
}

static int show(struct policy *p, const struct policy_args *a, struct buf *out, struct err *err)
{
	if (policy_load(p, a->policy_file, err) < 0)
		return err->status;
	if ((a->release_namespace && policy_set_namespace(p, a->release_namespace, err) < 0) ||
	    (a->patch && policy_set_patch(p, a->patch, err) < 0))
		return err->status;
	policy_write_effective(p, out);
	return 0;
}

static int check_file(const char *file, struct buf *out)
{
	cleanup_policy struct policy p;
	struct err err = ERR_INIT;

	policy_init(&p);
	p.all_faults = true;
	if (policy_load(&p, file, &err) == 0)
		buf_addf(out, "%s: fine\n", file ? file : p.file ? p.file : "the built-in policy");
	else if (!p.faults.n)
		fail(&err);
	for (size_t i = 0; i < p.faults.n; i++) {
		struct err one = ERR_INIT;

		err_set(&one, STATUS_USAGE, "%s", p.faults.v[i]);
		fail(&one);
	}
	return err.status;
}

/* Every file is tried, and all of it, so that one run shows all that is wrong. */
static int check(const struct string_list *files, struct buf *out)
{
	int rc = files->n < 2 ? check_file(NULL, out) : 0;

	for (size_t i = 1; i < files->n; i++) {
		int bad = check_file(files->v[i], out);

		rc = bad ? bad : rc;
	}
	return rc;
}

int cmd_policy(const struct command *self, int argc, char **argv)
{
	static const char *const verbs[] = {"init", "show", "check"};
	struct policy_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	cleanup_policy struct policy p;
	cleanup_buf struct buf out = BUF_TEXT;
	struct err err = ERR_INIT;
	const char *verb, *near;
	bool help;
	int rc;

	policy_init(&p);
	rc = options_parse(self->tables, into, argc, argv, &rest, &help, &err);
	verb = rest.n ? rest.v[0] : "";
	near = slice_nearest(slice_str(verb), verbs, ARRAY_SIZE(verbs));
	if (rc == 0 && !help && strcmp(verb, "init") != 0 && strcmp(verb, "show") != 0 && strcmp(verb, "check") != 0)
		rc = near && *verb ? err_set(&err, STATUS_USAGE, "no '%.60s'; did you mean '%s'?", verb, near)
				   : err_set(&err, STATUS_USAGE, "needs init, show or check");
	else if (rc == 0 && !help && a.output && strcmp(verb, "init") != 0)
		rc = err_set(&err, STATUS_USAGE, "--output goes with 'init'");
	else if (rc == 0 && !help && strcmp(verb, "check") != 0 && rest.n > 1)
		rc = err_set(&err, STATUS_USAGE, "'%s' takes no argument: '%.60s'", verb, rest.v[1]);
	if (rc < 0) {
		rc = fail_usage(self, &err);
	} else if (help) {
		rc = cmd_help(self, 0, NULL);
	} else if (strcmp(verb, "check") == 0) {
		rc = check(&rest, &out);
		rc = print_out(buf_slice(&out), exit_code(rc));
	} else {
		rc = strcmp(verb, "init") == 0 ? init(&p, &a, &out, &err) : show(&p, &a, &out, &err);
		if (rc == 0 && out.failed)
			rc = err_nomem(&err);
		if (rc == 0 && a.output && strcmp(a.output, "-") != 0) {
			rc = file_create_atomic(a.output, buf_slice(&out), file_new_mode(), &err);
			buf_clear(&out);
		}
		rc = rc < 0 ? fail(&err) : print_out(buf_slice(&out), EXIT_OK);
	}
	string_list_release(&a.values_files);
	return rc;
}
