/*
 * spec.c: values, policy and commands of an installation, from answers that are asked or read.
 */
#include "cmd/spec.h"

#include "base/file.h"
#include "spec/folder.h"
#include "spec/secret.h"
#include "spec/spec.h"
#include "userfile/forms.h"
#include "userfile/user_file.h"

#include <unistd.h>

struct spec_args {
	const char *answers;
	const char *directory;
	const char *chart;
	bool print_answers, argo, force;
};

static const struct option spec_rows[] = {
	{"answers", 0, OPTION_STRING, "FILE", "take the answers from FILE ('-': standard input) and ask nothing", NULL,
	 offsetof(struct spec_args, answers)},
	{"print-answers", 0, OPTION_FLAG, NULL, "print a commented answers file and write nothing", NULL,
	 offsetof(struct spec_args, print_answers)},
	{"directory", 'd', OPTION_STRING, "DIR", "the folder to write (px-central-VERSION)", NULL,
	 offsetof(struct spec_args, directory)},
	{"chart", 0, OPTION_STRING, "PATH", "compare with this chart, a folder or .tgz, and pin its sha256", NULL,
	 offsetof(struct spec_args, chart)},
	{"argocd", 0, OPTION_FLAG, NULL, "for Argo CD: also write an Application", NULL,
	 offsetof(struct spec_args, argo)},
	{"force", 0, OPTION_FLAG, NULL, "replace the files of a folder that exists", NULL,
	 offsetof(struct spec_args, force)},
};
OPTION_TABLE(spec_table, spec_rows);
static const struct option_table *const own_tables[] = {&spec_table, NULL};

const struct option_table *const spec_tables[] = {&spec_table, &spec_secret_table, &spec_images_table, NULL};

/* --- answers --------------------------------------------------------------------------------------------------- */

static int read_answers(struct answers *a, const char *path, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(USER_FILE_LIMIT + 1);
	bool is_stdin = strcmp(path, "-") == 0;

	if ((is_stdin ? file_read_fd(STDIN_FILENO, "<stdin>", &text, err) : file_read(path, &text, STATUS_USAGE, err)) <
	    0)
		return err->status;
	return answers_read(a, is_stdin ? "<stdin>" : path, buf_slice(&text), err);
}

/* The one line of a file: a secret that somebody has stored. */
static int read_client_secret(const struct answers *a, struct buf *out, struct err *err)
{
	struct slice text;

	if (!answer_is(a, ANSWER_OIDC, "true"))
		return 0;
	if (file_read(a->text[ANSWER_OIDC_SECRET].p, out, STATUS_USAGE, err) < 0)
		return err->status;
	text = slice_trim(buf_slice(out));
	if (!form_is_printable(text))
		return err_set(err, STATUS_USAGE,
			       "'%.200s' must contain the client secret alone: one line of printable characters "
			       "without blanks",
			       a->text[ANSWER_OIDC_SECRET].p);
	return 0;
}

/* --- files ----------------------------------------------------------------------------------------------------- */

enum { FILES_MAX = 7 };

struct output {
	struct buf text[FILES_MAX];
	struct folder_file file[FILES_MAX];
	struct buf values_name;
	size_t n;
};

static struct buf *output_add(struct output *o, const char *name, unsigned mode)
{
	o->file[o->n] = (struct folder_file){.name = name, .mode = mode};
	o->text[o->n] = BUF_TEXT;
	return &o->text[o->n++];
}

static void output_release(struct output *o)
{
	for (size_t i = 0; i < o->n; i++)
		wiped_release(&o->text[i]);
	buf_release(&o->values_name);
}

/* What a user's .gitignore says already stays in it. */
static int keep_ignored(const char *folder, struct buf *ours, struct err *err)
{
	cleanup_buf struct buf theirs = BUF_INIT(1 << 20), path = BUF_TEXT;
	struct slice rest;

	buf_addf(&path, "%s/.gitignore", folder);
	if (path.failed)
		return err_nomem(err);
	if (access(buf_str(&path), F_OK) != 0)
		return 0;
	if (file_read(buf_str(&path), &theirs, STATUS_USAGE, err) < 0)
		return err->status;
	rest = buf_slice(ours);
	if (theirs.n && theirs.p[theirs.n - 1] != '\n')
		buf_addc(&theirs, '\n');
	while (rest.n) {
		struct slice line = slice_cut(rest, '\n', &rest);
		char whole[64];

		snprintf(whole, sizeof(whole), SLICE_FMT "\n", SLICE_ARG(line));
		if (slice_find(buf_slice(&theirs), whole) == SIZE_MAX)
			buf_adds(&theirs, whole);
	}
	buf_clear(ours);
	buf_add(ours, buf_slice(&theirs));
	return ours->failed || theirs.failed ? err_nomem(err) : 0;
}

static int output_fill(struct output *o, const struct answers *a, const struct spec_args *args, const char *folder,
		       const char *sha256, struct slice client_secret, struct err *err)
{
	struct buf *ignored;

	o->values_name = BUF_TEXT;
	spec_values_name(a, &o->values_name);
	spec_write_values(a, output_add(o, buf_str(&o->values_name), 0644));
	spec_write_policy(a, output_add(o, SPEC_POLICY, 0644));
	spec_write_install(a, sha256, output_add(o, SPEC_INSTALL, 0644));
	answers_write(a, output_add(o, SPEC_ANSWERS, 0644));
	if (args->argo)
		spec_write_application(a, output_add(o, SPEC_APPLICATION, 0644));
	if (client_secret.n) {
		/* Room for all of it at once: a buffer that grows leaves copies of the secret behind. */
		struct buf *secret = output_add(o, SPEC_SECRET_VALUES, 0600);

		buf_reserve(secret, client_secret.n * 6 + 1024);
		spec_write_secret_values(a, client_secret, secret);
	}
	ignored = output_add(o, ".gitignore", 0644);
	buf_adds(ignored, SPEC_SECRET_VALUES "\n" SPEC_MASTER_KEY "\n");
	if (keep_ignored(folder, ignored, err) < 0)
		return err->status;
	for (size_t i = 0; i < o->n; i++) {
		if (o->text[i].failed || o->values_name.failed)
			return err_nomem(err);
		o->file[i].text = buf_slice(&o->text[i]);
	}
	return 0;
}

static void print_written(const struct output *o, const char *folder)
{
	fprintf(stderr, "pxb-fed spec: wrote");
	for (size_t i = 0; i < o->n; i++)
		fprintf(stderr, "%s %s", i ? "," : "", o->file[i].name);
	fprintf(stderr, "\nto '%s'; go on with %s/" SPEC_INSTALL "\n", folder, folder);
}

/* Files of an earlier run that these answers do not call for. They stay, but nobody should use them. */
static void tell_stale(const struct output *o, const char *folder)
{
	static const char *const own[] = {SPEC_SECRET_VALUES, SPEC_APPLICATION};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		cleanup_buf struct buf path = BUF_TEXT;
		bool written = false;

		for (size_t k = 0; k < o->n; k++)
			written |= strcmp(o->file[k].name, own[i]) == 0;
		buf_addf(&path, "%s/%s", folder, own[i]);
		if (!written && !path.failed && access(buf_str(&path), F_OK) == 0)
			fprintf(stderr, "pxb-fed spec: '%s' is of earlier answers; remove it\n", buf_str(&path));
	}
}

static int write_folder(const struct answers *a, const struct spec_args *args, const char *folder, const char *sha256,
			struct err *err)
{
	cleanup_wiped struct buf client_secret = BUF_INIT(64 << 10);
	struct output o = {0};
	int rc;

	buf_reserve(&client_secret, 32 << 10);
	rc = read_client_secret(a, &client_secret, err);
	if (rc == 0)
		rc = output_fill(&o, a, args, folder, sha256, slice_trim(buf_slice(&client_secret)), err);
	if (rc == 0)
		rc = folder_write(folder, o.file, o.n, SPEC_ANSWERS, args->force, err);
	if (rc == 0) {
		print_written(&o, folder);
		tell_stale(&o, folder);
	}
	output_release(&o);
	return rc;
}

void spec_folder(const struct answers *a, const char *directory, struct buf *out)
{
	if (directory)
		buf_adds(out, directory);
	else
		buf_addf(out, "px-central-" SLICE_FMT, SLICE_ARG(a->text[ANSWER_VERSION]));
}

/* --- the command ----------------------------------------------------------------------------------------------- */

static int print_answers(const struct answers *a, struct err *err)
{
	cleanup_buf struct buf out = BUF_TEXT;

	answers_write(a, &out);
	return out.failed ? fail((err_nomem(err), err)) : print_out(buf_slice(&out), EXIT_OK);
}

/* --argocd and the answer say the same thing; a chart at hand decides the version. */
static int settle(struct answers *a, struct spec_args *args, struct spec_chart *chart, struct err *err)
{
	if (args->argo)
		answer_take(a, ANSWER_ARGO, SLICE("true"));
	args->argo = answer_is(a, ANSWER_ARGO, "true");
	if (!args->chart)
		return 0;
	if (spec_read_chart(args->chart, a, chart, err) < 0)
		return err->status;
	if (!answer_is(a, ANSWER_VERSION, chart->version)) {
		fprintf(stderr, "pxb-fed spec: the answers are for " SLICE_FMT "; the chart is %s, which is written\n",
			SLICE_ARG(a->text[ANSWER_VERSION]), chart->version);
		answer_take(a, ANSWER_VERSION, slice_str(chart->version));
	}
	return answers_check(a, err);
}

static int run(struct spec_args *args, struct err *err)
{
	cleanup_answers struct answers a;
	cleanup_buf struct buf folder = BUF_TEXT;
	struct spec_chart chart = {0};

	answers_init(&a);
	if (args->answers && read_answers(&a, args->answers, err) < 0)
		return fail(err);
	if (args->argo)
		answer_take(&a, ANSWER_ARGO, SLICE("true"));
	if (args->print_answers)
		return print_answers(&a, err);
	if (!args->answers && !isatty(STDIN_FILENO))
		return fail((err_set(err, STATUS_USAGE,
				     "standard input is not a terminal; give --answers FILE, and see --print-answers"),
			     err));
	if ((!args->answers && spec_ask(&a, args->directory, args->force, err) < 0) ||
	    settle(&a, args, &chart, err) < 0)
		return fail(err);
	spec_folder(&a, args->directory, &folder);
	if (folder.failed)
		return fail((err_nomem(err), err));
	if (write_folder(&a, args, buf_str(&folder), chart.sha256, err) < 0)
		return fail(err);
	return EXIT_OK;
}

int cmd_spec(const struct command *self, int argc, char **argv)
{
	struct spec_args args = {0};
	void *const into[] = {&args};
	cleanup_strings struct string_list rest = {0};
	struct err err = ERR_INIT;
	bool help;

	if (argc > 0 && strcmp(argv[0], "secret") == 0)
		return spec_secret(self, argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "images") == 0)
		return spec_images(self, argc - 1, argv + 1);
	if (options_parse(own_tables, into, argc, argv, &rest, &help, &err) < 0)
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (rest.n) {
		err_set(&err, STATUS_USAGE, "no '%.60s'; the verbs are secret and images", rest.v[0]);
		return fail_usage(self, &err);
	}
	return run(&args, &err);
}
