#include "cmd/lock_source.h"

#include "base/file.h"
#include "credentials/detect.h"
#include "helm/cluster.h"
#include "checks/checks.h"
#include "helm/stored.h"
#include "yaml/second_opinion.h"

#include <unistd.h>

static const struct option source_rows[] = {
	{"release", 0, OPTION_STRING, "NAME", "take the installed release NAME ('helm get')", NULL,
	 offsetof(struct source_args, release)},
	{"cluster", 0, OPTION_FLAG, NULL, "take the objects of the cluster", NULL,
	 offsetof(struct source_args, cluster)},
	{"release-namespace", 0, OPTION_STRING, "NS", "the namespace to look in (else the lock's, else Helm's)", NULL,
	 offsetof(struct source_args, ns)},
	{"max-size", 0, OPTION_MIB, "MIB", "the largest input in MiB (256)", NULL,
	 offsetof(struct source_args, max_mib)},
};
const struct option_table source_options_table = {source_rows, ARRAY_SIZE(source_rows)};

void source_init(struct source *s)
{
	memset(s, 0, sizeof(*s));
	pass_setup_init(&s->setup);
	lock_init(&s->lock);
	s->setup.options.scope = GATE_LOCKS;
	s->setup.options.cut_accepted = true;
}

void source_release(struct source *s)
{
	lock_release(&s->lock);
	pass_release(&s->pass);
	pass_setup_release(&s->setup);
	for (size_t i = 0; i < s->texts_n; i++)
		buf_release(&s->texts[i]);
	free(s->texts);
}

int source_check(const struct source_args *a, const struct string_list *files, size_t first, struct err *err)
{
	if (a->release && a->cluster)
		return err_set(err, STATUS_USAGE, "--release and --cluster are two sources; give one");
	if ((a->release || a->cluster) && files->n > first)
		return err_set(err, STATUS_USAGE, "%s and the file '%.60s' are two sources; give one",
			       a->release ? "--release" : "--cluster", files->v[first]);
	if (!a->release && !a->cluster && files->n <= first && isatty(STDIN_FILENO))
		return err_set(
			err, STATUS_USAGE,
			"needs a source: rendered manifests (a FILE, or standard input), --release NAME or --cluster");
	return 0;
}

/* --- bytes ----------------------------------------------------------------------------------------------------- */

static struct buf *new_text(struct source *s, struct err *err)
{
	struct buf *more = realloc(s->texts, (s->texts_n + 1) * sizeof(*more));

	if (!more) {
		err_nomem(err);
		return NULL;
	}
	s->texts = more;
	s->texts[s->texts_n] = BUF_INIT(s->setup.limits.bytes + 1);
	return &s->texts[s->texts_n++];
}

static int add_file(struct source *s, const char *name, struct second_opinion *so, struct err *err)
{
	bool is_stdin = strcmp(name, "-") == 0;
	struct buf *text = new_text(s, err);

	if (!text || (is_stdin ? file_read_fd(STDIN_FILENO, "<stdin>", text, err)
			       : file_read(name, text, STATUS_INPUT, err)) < 0)
		return err->status;
	return pass_add(&s->pass, so, is_stdin ? "<stdin>" : name, buf_slice(text), err);
}

/* All files and trees are one state. */
static int add_files(struct source *s, const struct string_list *files, size_t first, struct second_opinion *so,
		     struct err *err)
{
	cleanup_input_list struct input_list units = {0};
	struct string_list names = {files->v + first, files->n - first, 0};

	if (files->n <= first)
		return add_file(s, "-", so, err);
	if (input_list_fill(&units, &names, &(struct input_options){0}, err) < 0)
		return err->status;
	for (size_t i = 0; i < units.n; i++)
		for (size_t k = 0; k < units.v[i].files.n; k++)
			if (add_file(s, units.v[i].files.v[k], so, err) < 0)
				return err->status;
	return 0;
}

static const char *namespace_of(const struct source_args *a, const struct lock *against)
{
	const char *helm = getenv("HELM_NAMESPACE");

	if (a->ns)
		return a->ns;
	if (against && against->ns.n)
		return against->ns.p;
	return helm && *helm ? helm : NULL;
}

static void warn_of_connection(struct arena *a, const char *warnings)
{
	for (struct slice rest = slice_str(warnings ? warnings : ""); rest.n;)
		fprintf(stderr, "pxb-fed: warning: %s\n", facts_printable(a, slice_cut(rest, '\n', &rest)));
}

static int add_release(struct source *s, const struct source_args *a, const struct lock *against,
		       struct second_opinion *so, const char **title, struct err *err)
{
	struct buf *text = new_text(s, err);
	struct stored i;

	if (!text || stored_get(a->release, namespace_of(a, against), &s->pass.stream.arena, &i, text, err) < 0)
		return err->status;
	warn_of_connection(&s->pass.stream.arena, i.warnings);
	*title = stored_title(&s->pass.stream.arena, &i);
	return pass_add(&s->pass, so, *title, buf_slice(text), err);
}

static int add_cluster(struct source *s, const struct source_args *a, const struct lock *against,
		       struct second_opinion *so, struct err *err)
{
	struct buf *text = new_text(s, err);
	const char *warnings = "";

	if (!text)
		return err->status;
	s->ns = namespace_of(a, against);
	if (cluster_ask(&s->ns, &s->pass.stream.arena, text, &warnings, err) < 0)
		return err->status;
	warn_of_connection(&s->pass.stream.arena, warnings);
	return text->n ? pass_add(&s->pass, so, "the cluster", buf_slice(text), err) : 0;
}

/* --- judgement ------------------------------------------------------------------------------------------------- */

/* A lock is read by people and kept in git. */
static int check_public(const struct lock *l, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct slice rest;
	struct detection d;

	lock_write(l, &text);
	if (text.failed)
		return err_nomem(err);
	rest = buf_slice(&text);
	while (rest.p) {
		struct slice line = slice_cut(rest, '\n', &rest), value;

		slice_cut(line, ':', &value);
		if (value.p && credential_in_value(slice_trim(value), &d))
			return err_set(err, STATUS_INPUT,
				       "a name or label in %s looks like a credential (%s): no lock is made of it",
				       l->source, d.what);
	}
	return 0;
}

/* What cannot be read was not judged: its first finding is the error. */
static int check_readable(const struct source *s, struct err *err)
{
	const struct finding *f;

	if (s->pass.gate.verdict != VERDICT_UNREADABLE)
		return 0;
	if (s->setup.options.live && !s->pass.release.objects.n && !s->pass.stream.problems.n)
		return err_set(err, STATUS_INPUT, "the cluster has nothing of px-central in namespace %s", s->ns);
	f = s->pass.gate.findings.v[0];
	if (f->place.line)
		return err_set(err, STATUS_INPUT, "%s:%zu:%zu: %s", f->place.input, f->place.line, f->place.column,
			       f->message);
	return err_set(err, STATUS_INPUT, "%s", f->message);
}

/* What the input says of itself without being wrong: a missing last line end. */
static void print_notes(const struct source *s)
{
	for (size_t i = 0; i < s->pass.gate.findings.n; i++) {
		const struct finding *f = s->pass.gate.findings.v[i];

		if (f->rule == RULE_STREAM && f->severity == SEVERITY_NOTE)
			fprintf(stderr, "pxb-fed: note: %s:%zu: %s\n", f->place.input, f->place.line, f->message);
	}
}

int source_take(struct source *s, const struct source_args *a, const struct string_list *files, size_t first,
		const struct lock *against, struct err *err)
{
	cleanup_second_opinion struct second_opinion *so = NULL;
	const char *title = a->cluster ? "the cluster" : "the stream";
	int rc;

	s->against = against;
	if (a->max_mib)
		s->setup.limits.bytes = a->max_mib << 20;
	s->setup.options.locks = &s->against;
	s->setup.options.locks_n = against ? 1 : 0;
	s->setup.options.live = a->cluster;
	pass_init(&s->pass, &s->setup);
	if (second_opinion_new(&so, err) < 0)
		return err->status;
	rc = a->release	  ? add_release(s, a, against, so, &title, err)
	     : a->cluster ? add_cluster(s, a, against, so, err)
			  : add_files(s, files, first, so, err);
	if (rc < 0 || pass_judge(&s->pass, &s->setup, so, err) < 0 || check_readable(s, err) < 0)
		return err->status;
	print_notes(s);
	rc = a->cluster ? lock_from_cluster(&s->lock, title, against ? against->release_name.p : NULL, &s->pass.release,
					    err)
			: lock_from_release(&s->lock, title, &s->pass.release, err);
	return rc < 0 ? rc : check_public(&s->lock, err);
}
