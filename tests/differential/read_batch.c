/*
 * read_batch: the reader behind `pxb-fed read` as a long-lived process for the comparison with the cluster's reader.
 * stdin: big-endian u32 length, then a stream of that length; stdout: the same framing around 'A' and one JSON object a
 * line, or 'R' and the first problem. With -2 the second opinion is asked as well.
 */
#include "base/file.h"
#include "yaml/second_opinion.h"

static bool read_exactly(void *p, size_t n)
{
	return fread(p, 1, n, stdin) == n;
}

static bool documents_to_json(struct stream *s, struct buf *out)
{
	const char *why = NULL;
	const struct node *where = NULL;

	for (size_t i = 0; i < s->documents.n; i++) {
		struct document *d = &s->documents.v[i];

		if (!d->root)
			continue;
		if (d->random_keys || d->root->kind != NODE_MAPPING || !node_to_json(d->root, out, &why, &where)) {
			stream_problem(s, PROBLEM_STREAM, d->input, d->body, "%s",
				       why ? why : "no mapping, or colliding keys");
			return false;
		}
		buf_addc(out, '\n');
	}
	return true;
}

static int answer(struct slice text, struct second_opinion *so, struct buf *out, struct err *err)
{
	cleanup_stream struct stream s;
	struct limits limits = LIMITS_DEFAULT;
	bool ok;

	stream_init(&s, &limits);
	if (so)
		s.digest_secret = second_opinion_secret(so);
	if (stream_add(&s, "batch", text, err) < 0)
		return -1;
	if (so && s.problems.n == 0 &&
	    (second_opinion_begin(so, &s, err) < 0 || second_opinion_finish(so, &s, err) < 0))
		return -1;
	buf_addc(out, 'A');
	ok = s.problems.n == 0 && documents_to_json(&s, out);
	if (!ok) {
		buf_clear(out);
		buf_addf(out, "R%zu: %s", s.problems.v[0].at, s.problems.v[0].message);
	}
	return 0;
}

int main(int argc, char **argv)
{
	cleanup_second_opinion struct second_opinion *so = NULL;
	cleanup_buf struct buf text = BUF_TEXT, out = BUF_TEXT;
	struct err err = ERR_INIT;
	unsigned char n4[4];

	if (argc > 1 && strcmp(argv[1], "-2") == 0 && second_opinion_new(&so, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (read_exactly(n4, 4)) {
		size_t n = (size_t)n4[0] << 24 | (size_t)n4[1] << 16 | (size_t)n4[2] << 8 | n4[3];
		char *at;

		buf_clear(&text);
		buf_clear(&out);
		at = buf_reserve(&text, n);
		if (!at || !read_exactly(at, n))
			return 1;
		text.n = n;
		if (answer(buf_slice(&text), so, &out, &err) < 0 || out.failed) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		unsigned char len[4] = {(unsigned char)(out.n >> 24), (unsigned char)(out.n >> 16),
					(unsigned char)(out.n >> 8), (unsigned char)out.n};

		fwrite(len, 1, 4, stdout);
		fwrite(out.p, 1, out.n, stdout);
		fflush(stdout);
	}
	return 0;
}
