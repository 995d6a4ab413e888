/*
 * test_second_opinion.c: two readers agree on what is plain, disagree on known traps, and a crash of one is contained.
 */
#include "reading.h"

#include "yaml/defects.h"
#include "yaml/second_opinion.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct second_opinion *opinion;

static int start(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (second_opinion_new(&opinion, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	second_opinion_free(&opinion);
	assert_null(opinion);
	second_opinion_free(&opinion);			  /* nothing left to end */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and no child either */
	return 0;
}

/* Reads text with both readers into s. */
static void ask(struct stream *s, struct slice text)
{
	struct limits limits = LIMITS_DEFAULT;
	struct err err = ERR_INIT;

	stream_init(s, &limits);
	s->digest_secret = second_opinion_secret(opinion);
	if (stream_add(s, "test", text, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < s->problems.n; i++)
		fail_msg("libyaml: %s in <" SLICE_FMT ">", s->problems.v[i].message, SLICE_ARG(text));
	if (second_opinion_begin(opinion, s, &err) < 0 || second_opinion_finish(opinion, s, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *const agreed[] = {
	"a: 1\n",
	"a: 1",
	"",
	"# only a comment\n",
	"---\na: 1\n---\n---\nb: [1, 'x', \"y\\n\", ~]\n",
	"a: |\n  x\n  y\nb: >-\n  z\n  w\n\nc: |+\n  v\n\n\n",
	"a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n",
	"a: {b: !!str 1, c: [!!int '1', &x !!str y]}\n",
	"a: !!str 1\nb: !foo x\nc: !!binary aGk=\n",
	"é: ü😀\n\"k\\u00e9y\": 'it''s'\n",
	"a: 1\r\nb: |\r\n  x\r\n",
	"\xef\xbb\xbf"
	"a: 1\n",
	"a: b\n  c\nd: 'e\n  f'\n",
	"? a\n: b\n",
	"- - - a\n- {b: [c, d], e: }\n",
	"a:\n- b: 1\n  c: 2\n- d\n",
	"a: [1,\n 2]\nb: {c:\n 3}\n",
	"a: {\n  b: 1\n}\n",
	"a: y # c\n\n\n# d\nb: http://x/y#z\n",
	"{\"json\": [1, true, null]}\n",
	"a:\tb\n",
};

static void test_agreement(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(agreed); i++) {
		struct stream s;

		ask(&s, slice_str(agreed[i]));
		if (s.problems.n)
			fail_msg("%s: <%s>", s.problems.v[0].message, agreed[i]);
		stream_release(&s);
	}
}

/* Forms that libfyaml is known to misread, or to refuse: a third look settles them, and what stands around them is
   compared all the same. */
static void test_known_defects(void **state)
{
	static const struct {
		const char *text, *path, *want;
	} rows[] = {
		{"r:\n  t: |\n  next: x\n", "r/next", "x"},
		{"r:\n  t: >-\n\n\n  next: x\n", "r/next", "x"},
		{"r:\n  t: &a !!str |+ # why\n\n  next: x\n", "r/t", "\n"},
		{"r:\n  t: |2-\n     \n  next: x\n", "r/t", " "},
		{"r:\n- |\n- x\nnext: z\n", "next", "z"},
		{"r:\n- |\n  a\n-\nnext: z\n", "next", "z"},
		{"r:\n- # nothing\nnext: z\n", "next", "z"},
		{"a: 'if x == '''' then'\nb: c\n", "a", "if x == '' then"},
		{"a: ''''' x'''''''\nb: [''''' , y', 'it''s']\n", "a", "'' x'''"},
		{"a: \"C:\\\\\\\n    dir\"\nb: c\n", "a", "C:\\dir"},
		{"a: \"C:\\\\\\\n\n  \\  dir\\t\\x41\\u00e9 \n  x \\\n  y\"\n", "a", "C:\\\n  dir\tA\u00e9 x y"},
		{"a: >-\n  x\n\n   deep\n  y\n  z\n\n\n  w\n", "a", "x\n\n deep\ny z\n\nw"},
		{"a: >2+\n   deep\n  x\n\n\nb: c\n", "a", " deep\nx\n\n\n"},
		{"a: >\r\n  x\r\n\r\n   deep\r\nb: c\r\n", "a", "x\n\n deep\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct stream s;

		ask(&s, slice_str(rows[i].text));
		for (size_t k = 0; k < s.problems.n; k++)
			fail_msg("%s in <%s>", s.problems.v[k].message, rows[i].text);
		assert_slice(node_string(node_at(s.documents.v[0].root, rows[i].path)), rows[i].want);
		stream_release(&s);
	}
}

/* Empty lines by the thousand take libfyaml time with their square. */
static void test_many_empty_lines(void **state)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct stream s;

	(void)state;
	buf_adds(&text, "a: |\n  x\n");
	buf_fill(&text, '\n', 100000);
	buf_adds(&text, "  y\nb: c\n");
	ask(&s, buf_slice(&text));
	assert_int_equal(s.problems.n, 0);
	stream_release(&s);
}

static void test_defect_versions(void **state)
{
	(void)state;
	assert_true(defect_is_in("0.7.12", "0.9.5"));
	assert_true(defect_is_in("0.9.3", "0.9.5"));
	assert_true(defect_is_in("0.9", "0.9.5"));
	assert_false(defect_is_in("0.9.5", "0.9.5"));
	assert_false(defect_is_in("0.9.10", "0.9.5"));
	assert_false(defect_is_in("1.0.0-beta1", "0.9.5"));
	assert_true(defect_is_in("1.0.0-beta1", NULL));
}

/* A refusal says where, what each reads, and how to go on; never a value. */
static void test_refusal(void **state)
{
	static const char hint[] = "'secondOpinion: false' in the policy takes libyaml's reading, as the cluster does";
	static const struct {
		const char *text;
		size_t at;
		const char *says;
	} rows[] = {
		{"b: c\na: \"x\"#c\n", 8, "libyaml reads a quoted text of 1 byte here, libfyaml refuses it"},
		{"b: c\na: [-]\n", 9, "libyaml reads an unquoted text of 1 byte here, libfyaml refuses it"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct stream s;

		ask(&s, slice_str(rows[i].text));
		assert_int_equal(s.problems.n, 1);
		assert_int_equal(s.problems.v[0].kind, PROBLEM_AMBIGUOUS);
		if (!strstr(s.problems.v[0].message, rows[i].says) || !strstr(s.problems.v[0].message, hint))
			fail_msg("%s", s.problems.v[0].message);
		assert_int_equal(s.problems.v[0].at, rows[i].at);
		stream_release(&s);
	}
}

/* The six bytes that crash libfyaml 0.7.12. libyaml refuses them as well, so the child is asked directly by leaving the
   root of an accepted document where it is and changing the bytes below it. */
static void ask_bytes(struct stream *s, char *bytes, const char *replacement)
{
	struct err err = ERR_INIT;

	memcpy(bytes, replacement, strlen(replacement));
	if (second_opinion_begin(opinion, s, &err) < 0 || second_opinion_finish(opinion, s, &err) < 0)
		fail_msg("%s", err.text);
}

static void read_for_crash(struct reading *r, struct slice text)
{
	struct err err = ERR_INIT;
	struct limits limits = LIMITS_DEFAULT;

	stream_init(&r->s, &limits);
	r->bytes = test_malloc(text.n + 1);
	memcpy(r->bytes, text.p, text.n);
	r->s.digest_secret = second_opinion_secret(opinion);
	if (stream_add(&r->s, "crash", slice_of(r->bytes, text.n), &err) < 0 || r->s.problems.n)
		fail_msg("%s", err.text);
}

static void test_crash_is_contained(void **state)
{
	struct reading r;
	struct stream s;

	(void)state;
	for (int i = 0; i < 3; i++) { /* more than once: the child is replaced each time */
		read_for_crash(&r, SLICE("first: 1\n---\naaa: b\n---\nlast: 1\n"));
		ask_bytes(&r.s, r.bytes + 13, "? a:\t:");
		assert_int_equal(r.s.problems.n, 1);
		assert_int_equal(r.s.problems.v[0].kind, PROBLEM_AMBIGUOUS);
		assert_int_equal(r.s.problems.v[0].at, 13);
		reading_release(&r);
	}
	ask(&s, SLICE("a: 1\n")); /* and works for whoever comes next */
	assert_int_equal(s.problems.n, 0);
	stream_release(&s);
}

/* The document that killed the child is the one that is named, however many answers were still on their way. */
static void test_crash_among_many(void **state)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)64 << 20);
	struct err err = ERR_INIT;
	struct reading r;
	size_t at = 0;
	siginfo_t info;

	(void)state;
	for (int i = 0; i < 400; i++) { /* far more than the socket takes at once */
		buf_addf(&text, "---\n");
		if (i == 5)
			at = text.n;
		buf_addf(&text, "aaa: b\nt: |\n");
		for (int k = 0; k < 100; k++)
			buf_addf(&text, "  a line of text that fills the socket's buffer, number %d of %d\n", k, i);
	}
	read_for_crash(&r, buf_slice(&text));
	memset(r.bytes + at, ' ', r.s.documents.v[5].end - r.s.documents.v[5].body);
	memcpy(r.bytes + at, "? a:\t:", 6);
	assert_int_equal(second_opinion_begin(opinion, &r.s, &err), 0);
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT),
			 0); /* the child is gone before the first answer is read */
	if (second_opinion_finish(opinion, &r.s, &err) < 0)
		fail_msg("%s", err.text);
	if (r.s.problems.n != 1 || r.s.problems.v[0].at != at)
		fail_msg("%zu problems, the first at %zu, not %zu: %s", r.s.problems.n,
			 r.s.problems.n ? r.s.problems.v[0].at : 0, at,
			 r.s.problems.n ? r.s.problems.v[0].message : "");
	reading_release(&r);
}

static void test_many_documents(void **state)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)64 << 20);
	struct stream s;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "---\nname: n%d\nlist: [%d, x, {y: 'z'}]\ntext: |\n  line %d\n", i, i, i);
	ask(&s, buf_slice(&text));
	assert_int_equal(s.documents.n, 5000);
	assert_int_equal(s.problems.n, 0);
	stream_release(&s);
}

/* One document that is larger than any socket's buffer. */
static void test_large_document(void **state)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)64 << 20);
	struct stream s;

	(void)state;
	for (int i = 0; i < 60000; i++)
		buf_addf(&text, "key%d: a value of some length, number %d\n", i, i);
	assert_true(text.n > 2 << 20);
	ask(&s, buf_slice(&text));
	assert_int_equal(s.problems.n, 0);
	stream_release(&s);
}

/* Same events, same digest; another text, style class, kind, name or nesting, another one. */
static void test_digests(void **state)
{
	static const char *const texts[] = {"a: b\n",	     "a: \"b\"\n",    "a: c\n",	      "[a, b]\n",
					    "{a: {b: c}}\n", "{a: [b, c]}\n", "a: &x b\n",    "a: &y b\n",
					    "[a, [b]]\n",    "[[a], b]\n",    "[ab]\n",	      "a: \n",
					    "a: \"\"\n",     "[[a, b]]\n",    "[&x a, *x]\n", "[&x a, &x a]\n"};
	uint64_t digests[ARRAY_SIZE(texts)][2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct stream s;

		ask(&s, slice_str(texts[i]));
		memcpy(digests[i], s.documents.v[0].digest, sizeof(digests[i]));
		stream_release(&s);
		for (size_t k = 0; k < i; k++)
			if (memcmp(digests[i], digests[k], sizeof(digests[i])) == 0)
				fail_msg("<%s> and <%s> have one digest", texts[i], texts[k]);
	}
	struct stream again;

	ask(&again, SLICE("  a:   b # c\n"));
	assert_memory_equal(again.documents.v[0].digest, digests[0], sizeof(digests[0]));
	stream_release(&again);
}

/* The answers to a stream that was given up are no answers about the next one. */
static void test_given_up(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct err err = ERR_INIT;
	struct stream left, next;

	(void)state;
	stream_init(&left, &limits);
	left.digest_secret = second_opinion_secret(opinion);
	assert_int_equal(stream_add(&left, "left", SLICE("a: 1\n---\nb: [2]\n"), &err), 0);
	assert_int_equal(second_opinion_begin(opinion, &left, &err), 0);
	ask(&next, SLICE("c: three\n---\nd: {e: f}\n---\ng: h\n"));
	assert_int_equal(next.problems.n, 0);
	stream_release(&next);
	stream_release(&left);
}

/* After a refusal the child ends: what it has left in memory must not count against the documents behind. Each refusal
   is told as one, and none counts as a failure. */
static void test_refusals_among_many(void **state)
{
	enum { DOCUMENTS = 200, EVERY = 5 };
	cleanup_buf struct buf text = BUF_TEXT;
	size_t at[DOCUMENTS];
	struct stream s;

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++) {
		buf_adds(&text, "---\n");
		at[i] = text.n;
		buf_adds(&text, i % EVERY ? "a: {b: [c, 'd', \"e\"]}\nf: |\n  g\n" : "a: [-]\n");
	}
	ask(&s, buf_slice(&text));
	assert_int_equal(s.problems.n, DOCUMENTS / EVERY);
	for (size_t i = 0; i < s.problems.n; i++) {
		assert_in_range(s.problems.v[i].at, at[i * EVERY], at[i * EVERY + 1] - 1);
		if (!strstr(s.problems.v[i].message, "libfyaml refuses it"))
			fail_msg("%s", s.problems.v[i].message);
	}
	stream_release(&s);
}

/* Documents go to the child as they are read; several streams may wait for their answers. */
static void follow(struct stream *s, const char *name, struct slice text)
{
	struct limits limits = LIMITS_DEFAULT;
	struct err err = ERR_INIT;

	stream_init(s, &limits);
	second_opinion_follow(opinion, s);
	if (stream_add(s, name, text, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_streams_in_turn(void **state)
{
	static const struct {
		const char *text;
		size_t problems;
	} rows[] = {
		{"a: 1\n---\nb: [2]\n", 0},
		{"a: [-]\n", 1},
		{"c: {d: e}\n", 0},
		{"a: [-]\n---\nb: 1\n---\na: [-]\n", 2},
		{"", 0},
		{"f: g\n", 0},
	};
	struct stream s[ARRAY_SIZE(rows)];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t skipped = 0; skipped <= ARRAY_SIZE(rows); skipped++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			follow(&s[i], "turn", slice_str(rows[i].text));
		if (skipped < ARRAY_SIZE(rows)) /* given up while its questions wait or are answered */
			stream_release(&s[skipped]);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			if (i == skipped)
				continue;
			assert_int_equal(second_opinion_finish(opinion, &s[i], &err), 0);
			assert_int_equal(s[i].problems.n, rows[i].problems);
			stream_release(&s[i]);
		}
	}
}

/* A crash over a stream that was given up is nobody's fault. */
static void test_crash_of_nobody(void **state)
{
	struct err err = ERR_INIT;
	struct reading r;
	struct stream next;

	(void)state;
	read_for_crash(&r, SLICE("aaa: b\n"));
	memcpy(r.bytes, "? a:\t:", 6);
	assert_int_equal(second_opinion_begin(opinion, &r.s, &err), 0);
	follow(&next, "next", SLICE("c: d\n---\ne: f\n"));
	reading_release(&r);
	assert_int_equal(second_opinion_finish(opinion, &next, &err), 0);
	assert_int_equal(next.problems.n, 0);
	stream_release(&next);
}

/* Nothing is asked about a stream with a problem, before or behind it. */
static void test_follow_stops_at_a_problem(void **state)
{
	struct err err = ERR_INIT;
	struct stream s;

	(void)state;
	follow(&s, "problem", SLICE("a: [-]\n---\na: [\n---\na: [-]\n"));
	assert_int_equal(s.problems.n, 1);
	stream_release(&s);
	follow(&s, "next", SLICE("a: 1\n"));
	assert_int_equal(second_opinion_finish(opinion, &s, &err), 0);
	assert_int_equal(s.problems.n, 0);
	stream_release(&s);
}

static volatile sig_atomic_t *handled; /* in memory that a child shares */

static void handle(int sig)
{
	(void)sig;
	*handled = 1;
}

static pid_t only_child(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	if (!f || fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

/* Our handlers speak of our own business: in the child a signal does what it does by default. */
static void test_handlers_stay_here(void **state)
{
	struct sigaction act = {.sa_handler = handle}, before;
	struct err err = ERR_INIT;
	siginfo_t info = {0};
	pid_t child;

	(void)state;
	handled = mmap(NULL, sizeof(*handled), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(handled != MAP_FAILED);
	second_opinion_free(&opinion);
	sigaction(SIGTERM, &act, &before);
	assert_int_equal(second_opinion_new(&opinion, &err), 0);
	child = only_child();
	if (child) { /* 0: this kernel keeps no list of children */
		kill(child, SIGTERM);
		assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
		assert_int_equal(info.si_code, CLD_KILLED);
		assert_int_equal(info.si_status, SIGTERM);
		assert_int_equal(*handled, 0);
	}
	raise(SIGTERM);
	assert_int_equal(*handled, 1);
	sigaction(SIGTERM, &before, NULL);
	second_opinion_free(&opinion);
	assert_int_equal(second_opinion_new(&opinion, &err), 0);
	munmap((void *)(uintptr_t)handled, sizeof(*handled));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_refusals_among_many),
		cmocka_unit_test(test_streams_in_turn),
		cmocka_unit_test(test_crash_of_nobody),
		cmocka_unit_test(test_follow_stops_at_a_problem),
		cmocka_unit_test(test_handlers_stay_here),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_known_defects),
		cmocka_unit_test(test_many_empty_lines),
		cmocka_unit_test(test_defect_versions),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_crash_is_contained),
		cmocka_unit_test(test_many_documents),
		cmocka_unit_test(test_large_document),
		cmocka_unit_test(test_crash_among_many),
		cmocka_unit_test(test_digests),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
