/*
 * read.c: documents as the cluster reads them, one JSON object a line.
 */
#include "base/file.h"
#include "cmd/cmd.h"
#include "yaml/second_opinion.h"

#include <unistd.h>

struct read_args {
	bool libyaml_only;
	size_t max_mib;
};

static const struct option read_rows[] = {
	/* for measuring: libfyaml is not asked for its second opinion */
	{"libyaml-only", 0, OPTION_FLAG, NULL, NULL, NULL, offsetof(struct read_args, libyaml_only)},
	{"max-size", 0, OPTION_MIB, "MIB", "the largest input in MiB (256)", NULL, offsetof(struct read_args, max_mib)},
};
OPTION_TABLE(read_table, read_rows);
const struct option_table *const read_tables[] = {&read_table, NULL};

static int first_problem(struct stream *s, struct err *err)
{
	const struct problem *p = &s->problems.v[0];
	struct position pos = input_position(p->input, p->at);

	return err_set(err, STATUS_INPUT, "%s:%zu:%zu: %s", p->input->name, pos.line, pos.column, p->message);
}

static int documents_to_json(struct stream *s, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < s->documents.n; i++) {
		const struct document *d = &s->documents.v[i];
		const struct node *where = d->root;
		const char *why = NULL;

		if (!d->root)
			continue;
		if (d->root->kind != NODE_MAPPING)
			why = "the document is not a mapping";
		else if (d->random_keys)
			why = "two keys become the same in JSON, and which of them the cluster takes is random";
		if (why || !node_to_json(d->root, out, &why, &where)) {
			stream_problem(s, PROBLEM_STREAM, d->input, where->start, "%s", why);
			return s->problems.n ? first_problem(s, err) : err_nomem(err);
		}
		buf_addc(out, '\n');
	}
	return out->failed ? err_nomem(err) : 0;
}

static int read_one(const char *name, const struct read_args *a, struct second_opinion *so, struct buf *out,
		    struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s = {0};
	cleanup_buf struct buf in = BUF_INIT(0);
	bool is_stdin = strcmp(name, "-") == 0;

	if (a->max_mib)
		limits.bytes = a->max_mib << 20;
	in.cap = limits.bytes + 1;
	stream_init(&s, &limits);
	if (so)
		second_opinion_follow(so, &s);
	if (is_stdin ? file_read_fd(STDIN_FILENO, "<stdin>", &in, err) < 0
		     : file_read(name, &in, STATUS_INPUT, err) < 0)
		return err->status;
	if (stream_add(&s, is_stdin ? "<stdin>" : name, buf_slice(&in), err) < 0)
		return err->status;
	if (so && !s.problems.n && second_opinion_finish(so, &s, err) < 0)
		return err->status;
	if (s.problems.n)
		return first_problem(&s, err);
	if (in.n && in.p[in.n - 1] != '\n')
		fprintf(stderr, "pxb-fed: note: %s: the last line has no line end\n", is_stdin ? "<stdin>" : name);
	return documents_to_json(&s, out, err);
}

int cmd_read(const struct command *self, int argc, char **argv)
{
	struct read_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list files = {0};
	cleanup_second_opinion struct second_opinion *so = NULL;
	cleanup_buf struct buf out = BUF_INIT((size_t)8 << 30);
	struct err err = ERR_INIT;
	bool help;

	if (options_parse(self->tables, into, argc, argv, &files, &help, &err) < 0)
		return fail_usage(self, &err);
	if (help)
		return cmd_help(self, 0, NULL);
	if (!files.n && string_list_add(&files, "-", &err) < 0)
		return fail(&err);
	if (!a.libyaml_only && second_opinion_new(&so, &err) < 0)
		return fail(&err);
	for (size_t i = 0; i < files.n; i++)
		if (read_one(files.v[i], &a, so, &out, &err) < 0)
			return fail(&err);
	return print_out(buf_slice(&out), EXIT_OK);
}
