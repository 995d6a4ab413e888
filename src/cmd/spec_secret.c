/*
 * spec_secret.c: the Secret pxc-credentials, made for a pipe or checked. No value of it is ever an argument, a variable
 * of the environment, a temporary file, or a line on a terminal.
 */
#include "base/file.h"
#include "cmd/spec.h"
#include "spec/secret.h"
#include "userfile/syntax.h"

#include <unistd.h>

struct secret_args {
	const char *ns;
	const char *output;
	const char *keep_key;
	struct string_list literals;
	bool namespace_object, encrypt, check;
};

static const struct option secret_rows[] = {
	{"namespace", 'n', OPTION_STRING, "NS", "secret: the namespace of the release", NULL,
	 offsetof(struct secret_args, ns)},
	{"namespace-object", 0, OPTION_FLAG, NULL, "secret: print the Namespace too", NULL,
	 offsetof(struct secret_args, namespace_object)},
	{"encrypt", 0, OPTION_FLAG, NULL, "secret: with the master key of pxbackup.encryptMongoDB", NULL,
	 offsetof(struct secret_args, encrypt)},
	{"keep-key", 0, OPTION_STRING, "FILE", "secret: store a copy of the master key in FILE (0600)", NULL,
	 offsetof(struct secret_args, keep_key)},
	{"from-literal-file", 0, OPTION_LIST, "KEY=FILE", "secret: take a value from FILE; repeatable", NULL,
	 offsetof(struct secret_args, literals)},
	{"output", 'o', OPTION_STRING, "FILE", "secret: write a new FILE (0600), not standard output", NULL,
	 offsetof(struct secret_args, output)},
	{"check", 0, OPTION_FLAG, NULL, "secret: check a Secret on standard input or in FILE; prints no value", NULL,
	 offsetof(struct secret_args, check)},
};
const struct option_table spec_secret_table = {secret_rows, ARRAY_SIZE(secret_rows)};
static const struct option_table *const tables[] = {&spec_secret_table, NULL};

/* --- making ---------------------------------------------------------------------------------------------------- */

/* Helm takes -n away from its plugins and hands it over in the environment. */
static const char *namespace_of(const struct secret_args *a)
{
	const char *helm = getenv("HELM_PLUGIN_NAME") ? getenv("HELM_NAMESPACE") : NULL;

	return a->ns ? a->ns : helm && strcmp(helm, "default") != 0 ? helm : NULL;
}

static int check_namespace(const char *ns, struct err *err)
{
	if (!ns)
		return err_set(err, STATUS_USAGE, "the namespace of the release is missing; give -n NAMESPACE");
	return is_dns_label(slice_str(ns)) ? 0 : err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", ns);
}

static int take_literal(struct secret *s, const char *arg, struct err *err)
{
	cleanup_wiped struct buf text = BUF_INIT(64 << 10);
	struct slice path, key = slice_cut(slice_str(arg), '=', &path);
	const struct pxc_credential *c = pxc_credential_find(key);

	if (!path.p || !path.n)
		return err_set(err, STATUS_USAGE, "--from-literal-file takes KEY=FILE");
	if (!c) {
		const char *names[PXC_CREDENTIALS_N], *near;

		for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
			names[i] = pxc_credentials[i].key;
		near = slice_nearest(key, names, PXC_CREDENTIALS_N);
		return err_set(err, STATUS_USAGE, PXC_CREDENTIALS " has no key '" SLICE_FMT "'%s%s%s",
			       SLICE_ARG(slice_to(key, 60)), near ? "; did you mean '" : "", near ? near : "",
			       near ? "'?" : "");
	}
	buf_reserve(&text, 32 << 10);
	if (file_read(path.p, &text, STATUS_USAGE, err) < 0)
		return err->status;
	return secret_set(s, c, buf_slice(&text), err);
}

static int keep_key(const struct secret *s, const char *path, struct err *err)
{
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
		if (pxc_credentials[i].encryption && s->value[i].n)
			return file_create_atomic(path, slice_of(s->value[i].text, s->value[i].n), 0600, err);
	return err_set(err, STATUS_USAGE, "--keep-key stores the master key; there is none without --encrypt");
}

static int put(const struct secret_args *a, struct slice manifest, struct err *err)
{
	if (a->output)
		return file_create_atomic(a->output, manifest, 0600, err);
	return file_write_all(STDOUT_FILENO, manifest, "standard output", err);
}

/* The key was taken from the very file that is to keep it. */
static bool has_key_already(const struct secret_args *a)
{
	for (size_t i = 0; i < a->literals.n; i++) {
		struct slice path, key = slice_cut(slice_str(a->literals.v[i]), '=', &path);

		if (slice_is(key, "mongodb-master-encryption-key") && slice_is(path, a->keep_key))
			return true;
	}
	return false;
}

/* Before a key is stored: what would stop the Secret behind it. */
static int check_output(const struct secret_args *a, struct err *err)
{
	if (!a->output)
		return 0;
	if (a->keep_key && strcmp(a->output, a->keep_key) == 0)
		return err_set(err, STATUS_USAGE, "--output and --keep-key name the same file");
	return access(a->output, F_OK) != 0 ? 0 : err_set(err, STATUS_USAGE, "'%.200s' is there already", a->output);
}

/* The Secret may have reached the cluster or not: its key must not be thrown away. */
static int say_kept(const struct secret_args *a, struct err *err)
{
	if (a->keep_key)
		fprintf(stderr,
			"pxb-fed spec: '%s' contains the master key of the Secret that could not be written. Keep it;\n"
			"  to go on: --from-literal-file mongodb-master-encryption-key=%s\n",
			a->keep_key, a->keep_key);
	return err->status;
}

static int make(const struct secret_args *a, struct err *err)
{
	cleanup_wiped struct buf out = BUF_INIT(SECRET_MANIFEST_MAX);
	cleanup_secret struct secret s;
	const char *ns = namespace_of(a);

	secret_init(&s);
	if (check_namespace(ns, err) < 0)
		return err->status;
	if (!a->output && isatty(STDOUT_FILENO))
		return err_set(err, STATUS_USAGE,
			       "passwords are not printed to a terminal; pipe them into 'kubectl apply -f -', or give "
			       "-o FILE");
	if (a->keep_key && !a->encrypt)
		return err_set(err, STATUS_USAGE, "--keep-key stores the master key; there is none without --encrypt");
	if (a->encrypt && !a->keep_key)
		return err_set(err, STATUS_USAGE,
			       "--encrypt needs --keep-key FILE: the master key can never be rotated or recovered");
	if (check_output(a, err) < 0)
		return err->status;
	for (size_t i = 0; i < a->literals.n; i++)
		if (take_literal(&s, a->literals.v[i], err) < 0)
			return err->status;
	if (secret_fill(&s, a->encrypt, err) < 0)
		return err->status;
	if (!buf_reserve(&out, SECRET_MANIFEST_MAX - 1))
		return err_nomem(err);
	secret_write(&s, ns, a->namespace_object, &out);
	if (out.failed)
		return err_nomem(err);
	/* The key's copy comes first: a Secret whose key nobody has must not reach a cluster. */
	if (a->keep_key && !has_key_already(a) && keep_key(&s, a->keep_key, err) < 0)
		return err->status;
	if (put(a, buf_slice(&out), err) < 0)
		return say_kept(a, err);
	if (a->keep_key)
		fprintf(stderr,
			"pxb-fed spec: the master key's copy is in '%s'. Store it apart from the cluster:\n"
			"  it can never be rotated or recovered, and without it the data is lost.\n",
			a->keep_key);
	return 0;
}

/* --- checking -------------------------------------------------------------------------------------------------- */

static int check(const struct secret_args *a, const struct string_list *files, struct err *err)
{
	cleanup_wiped struct buf text = BUF_INIT((size_t)4 << 20);
	cleanup_buf struct buf report = BUF_TEXT;
	bool is_stdin = !files->n || strcmp(files->v[0], "-") == 0;
	const char *name = is_stdin ? "<stdin>" : files->v[0];
	size_t faults;

	buf_reserve(&text, (size_t)4 << 20);
	if (files->n > 1)
		return fail((err_set(err, STATUS_USAGE, "--check takes one FILE"), err));
	if (a->ns || a->output || a->keep_key || a->literals.n || a->namespace_object)
		return fail((err_set(err, STATUS_USAGE, "--check takes --encrypt and a FILE alone"), err));
	if ((is_stdin ? file_read_fd(STDIN_FILENO, name, &text, err) : file_read(name, &text, STATUS_USAGE, err)) < 0 ||
	    secret_check(name, buf_slice(&text), a->encrypt, &report, &faults, err) < 0)
		return fail(err);
	return print_out(buf_slice(&report), faults ? EXIT_VIOLATIONS : EXIT_OK);
}

int spec_secret(const struct command *self, int argc, char **argv)
{
	struct secret_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list files = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(tables, into, argc, argv, &files, &help, &err) < 0)
		code = fail_usage(self, &err);
	else if (help)
		code = cmd_help(self, 0, NULL);
	else if (a.check)
		code = check(&a, &files, &err);
	else if (files.n)
		code = fail(
			(err_set(&err, STATUS_USAGE, "'spec secret' takes no argument: '%.60s'", files.v[0]), &err));
	else
		code = make(&a, &err) < 0 ? fail(&err) : EXIT_OK;
	string_list_release(&a.literals);
	return code;
}
