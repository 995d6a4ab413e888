/*
 * test_base.c: slices, buffers, arenas, errors, base64, files and child processes.
 */
#include "base/arena.h"
#include "base/base64.h"
#include "base/child.h"
#include "base/children.h"
#include "base/file.h"
#include "base/sixteen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

static void assert_slice(struct slice have, const char *want)
{
	if (!slice_is(have, want))
		fail_msg("have <" SLICE_FMT ">, want <%s>", SLICE_ARG(have), want);
}

/* --- slices ---------------------------------------------------------------------------------------------------- */

static void test_slice_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
		bool nocase;
	} cases[] = {
		{"", "", 0, true},	{"a", "a", 0, true},	 {"a", "A", 1, true},	   {"a", "b", -1, false},
		{"a", "ab", -1, false}, {"ab", "a", 1, false},	 {"\xff", "a", 1, false},  {"Zz", "zZ", -1, true},
		{"@", "`", -1, false},	{"[x", "{x", -1, false}, {"k", "\xe2", -1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slice a = slice_str(cases[i].a), b = slice_str(cases[i].b);
		int c = slice_cmp(a, b);

		assert_int_equal((c > 0) - (c < 0), cases[i].order);
		assert_int_equal(slice_eq(a, b), cases[i].order == 0);
		assert_int_equal(slice_eq_nocase(a, b), cases[i].nocase);
	}
	assert_true(slice_eq((struct slice){NULL, 0}, SLICE_EMPTY));
	assert_int_equal(slice_cmp((struct slice){NULL, 0}, SLICE_EMPTY), 0);
	assert_true(slice_eq(slice_of("a\0b", 3), slice_of("a\0b", 3)));
	assert_false(slice_eq(slice_of("a\0b", 3), slice_of("a\0c", 3)));
}

static void test_slice_parts(void **state)
{
	struct slice rest, s = SLICE("abc");

	(void)state;
	assert_slice(slice_from(s, 1), "bc");
	assert_slice(slice_from(s, 3), "");
	assert_slice(slice_from(s, 9), "");
	assert_slice(slice_to(s, 2), "ab");
	assert_slice(slice_to(s, 9), "abc");
	assert_true(slice_starts(s, "") && slice_starts(s, "ab") && slice_starts(s, "abc") && !slice_starts(s, "abcd"));
	assert_true(slice_ends(s, "") && slice_ends(s, "bc") && slice_ends(s, "abc") && !slice_ends(s, "xabc"));
	assert_slice(slice_trim(SLICE(" \t\r\n a b \n")), "a b");
	assert_slice(slice_trim(SLICE(" \t\r\n")), "");
	assert_slice(slice_cut(SLICE("a=b=c"), '=', &rest), "a");
	assert_slice(rest, "b=c");
	assert_slice(slice_cut(SLICE("a="), '=', &rest), "a");
	assert_true(rest.p && rest.n == 0);
	assert_slice(slice_cut(SLICE("a"), '=', &rest), "a");
	assert_null(rest.p);
	assert_slice(slice_str(NULL), "");
}

/* An empty slice without an address goes through everything. */
static void test_slice_null(void **state)
{
	const struct slice none = {NULL, 0};
	struct slice rest;

	(void)state;
	assert_null(slice_from(none, 0).p);
	assert_null(slice_from(none, 3).p);
	assert_int_equal(slice_to(none, 3).n, 0);
	assert_true(slice_starts(none, ""));
	assert_true(slice_ends(none, ""));
	assert_false(slice_starts(none, "a"));
	assert_true(slice_eq(none, SLICE_EMPTY));
	assert_true(slice_eq_nocase(none, SLICE_EMPTY));
	assert_int_equal(slice_cmp(none, SLICE_EMPTY), 0);
	assert_int_equal(slice_trim(none).n, 0);
	assert_int_equal(slice_find(none, "a"), SIZE_MAX);
	assert_int_equal(slice_cut(none, ',', &rest).n, 0);
	assert_null(rest.p);
}

/* What is expected changes nothing but where it comes from: not the cap, not a failure. */
static void test_arena_expect(void **state)
{
	static const size_t expected[] = {0, 1000, 2 << 20, 5 << 20, SIZE_MAX};
	static const size_t caps[] = {1 << 20, 16 << 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(caps); k++) {
			struct arena a = ARENA_INIT(caps[k]);
			size_t taken = 0;

			arena_alloc(&a, 100);
			arena_expect(&a, expected[i]);
			assert_false(arena_failed(&a));
			assert_true(a.used <= a.cap);
			for (char *p; (p = arena_alloc(&a, 4000)) != NULL; taken++) {
				assert_int_equal((uintptr_t)p % 16, 0);
				assert_int_equal(p[0] | p[3999], 0);
				memset(p, 'x', 4000);
			}
			assert_true(a.full);
			assert_in_range(taken * 4000, caps[k] / 2, caps[k]);
			arena_release(&a);
		}
	}
}

/* Every length around a step, every place in it, every byte there, and a start at every alignment. */
static void test_sixteen(void **state)
{
#ifdef __SSE2__
	char text[80];

	(void)state;
	for (size_t n = 0; n < 50; n++) {
		for (size_t at = 0; at < n; at++) {
			for (unsigned c = 0; c < 256; c++) {
				char *p = text + c % 16;

				memset(p, 'x', n);
				p[at] = (char)c;
				assert_int_equal(text_run_sixteen(p, n), text_run_plain(p, n));
				assert_int_equal(ascii_run_sixteen(p, n), ascii_run_plain(p, n));
			}
		}
	}
#else
	(void)state;
	skip();
#endif
}

/* Over two letters nearly every place is nearly right. */
static void test_find_sixteen(void **state)
{
	unsigned seed = 1;
	size_t found = 0;
	char text[70], what[8];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		size_t n = i % sizeof(text), m = 2 + i % 6, want = SIZE_MAX;

		for (size_t k = 0; k < n; k++)
			text[k] = "ab"[(seed = seed * 1103515245 + 12345) >> 16 & 1];
		for (size_t k = 0; k < m; k++)
			what[k] = "ab"[(seed = seed * 1103515245 + 12345) >> 16 & 1];
		for (size_t k = 0; want == SIZE_MAX && k + m <= n; k++)
			if (memcmp(text + k, what, m) == 0)
				want = k;
		found += want != SIZE_MAX;
		assert_int_equal(find_plain(text, n, what, m), want);
		assert_int_equal(find_bytes(text, n, what, m), want);
	}
	assert_in_range(found, 1000, 199000);
}

static void test_slice_find(void **state)
{
	struct slice s = slice_of("a\0bcb", 5);

	(void)state;
	assert_int_equal(slice_find(s, "bc"), 2);
	assert_int_equal(slice_find(s, ""), 0);
	assert_int_equal(slice_find(s, "x"), SIZE_MAX);
	assert_int_equal(slice_find(s, "cbb"), SIZE_MAX);
	assert_int_equal(slice_find(SLICE_EMPTY, "x"), SIZE_MAX);
	assert_int_equal(slice_chr(s, 'b'), 2);
	assert_int_equal(slice_rchr(s, 'b'), 4);
	assert_int_equal(slice_chr(s, '\0'), 1);
	assert_int_equal(slice_chr((struct slice){NULL, 0}, 'x'), SIZE_MAX);
	assert_int_equal(slice_rchr((struct slice){NULL, 0}, 'x'), SIZE_MAX);
}

static void test_slice_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned max, want;
	} cases[] = {
		{"", "", 2, 0},
		{"a", "", 2, 1},
		{"", "abc", 2, 3},
		{"abc", "abd", 2, 1},
		{"abc", "acb", 2, 1},
		{"abc", "ab", 2, 1},
		{"abc", "xyz", 2, 3},
		{"abc", "xyz", 9, 3},
		{"federted", "federated", 2, 1},
		{"kitten", "sitting", 9, 3},
		{"ab", "ba", 2, 1},
		{"abcd", "badc", 9, 2},
	};
	char a[80], b[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(slice_distance(slice_str(cases[i].a), slice_str(cases[i].b), cases[i].max),
				 cases[i].want);
	/* Only the first 64 bytes count. */
	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	b[70] = 'y';
	assert_int_equal(slice_distance(slice_of(a, 80), slice_of(b, 80), 2), 0);
	b[63] = 'y';
	assert_int_equal(slice_distance(slice_of(a, 80), slice_of(b, 80), 2), 1);
}

static void test_slice_nearest(void **state)
{
	static const char *const names[] = {"storageClassName", "namespace", "patch", "set", "show"};
	static const struct {
		const char *a, *want;
	} cases[] = {
		{"namespce", "namespace"},
		{"patch", "patch"},
		{"ptach", "patch"},
		{"storageClass", "storageClassName"},
		{"storageClassNameX", "storageClassName"},
		{"sat", "set"},
		{"sxx", NULL},
		{"zzzzzz", NULL},
		{"", NULL},
		{"namespaces-all", "namespace"},
		{"pat", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *near = slice_nearest(slice_str(cases[i].a), names, ARRAY_SIZE(names));

		if (cases[i].want ? !near || strcmp(near, cases[i].want) != 0 : near != NULL)
			fail_msg("'%s' is near '%s', not '%s'", cases[i].a, near ? near : "-",
				 cases[i].want ? cases[i].want : "-");
	}
}

/* --- buffers --------------------------------------------------------------------------------------------------- */

static void test_buf_grows(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(1 << 20);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_slice(&b).n, 0);
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	buf_add(&b, SLICE_EMPTY);
	buf_add(&b, slice_of("\0x", 2));
	buf_fill(&b, '.', 3);
	buf_fill(&b, '.', 0);
	buf_addf(&b, "%d-%s", 42, "x");
	buf_addf(&b, "%s", "");
	assert_false(b.failed);
	assert_int_equal(b.n, 10000 + 2 + 3 + 4);
	assert_memory_equal(b.p + 10000, "\0x...42-x", 10); /* and the NUL behind the last byte */
	assert_int_equal(b.p[25], 'z');
	buf_reuse(&b);
	assert_string_equal(buf_str(&b), "");
	buf_adds(&b, "again");
	assert_string_equal(buf_str(&b), "again");
}

static void test_buf_cap(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(4);
	char *at;

	(void)state;
	buf_adds(&b, "abcd");
	assert_false(b.failed);
	buf_addc(&b, 'e');
	assert_true(b.failed);
	assert_string_equal(buf_str(&b), "abcd");
	buf_add(&b, SLICE_EMPTY); /* a failed buffer stays as it was */
	buf_addf(&b, "%s", "");
	assert_true(b.failed);
	buf_clear(&b); /* what was lost stays lost for the text that it was to be a part of */
	buf_adds(&b, "ab");
	assert_true(b.failed);
	assert_string_equal(buf_str(&b), "");
	buf_reuse(&b);
	assert_false(b.failed);
	at = buf_reserve(&b, 4);
	assert_non_null(at);
	memset(at, 'x', 4);
	b.n += 4;
	assert_null(buf_reserve(&b, SIZE_MAX));
	buf_reuse(&b);
	assert_null(buf_reserve(&b, 5));
	buf_release(&b);
	assert_int_equal(b.cap, 4); /* and may be used again */
	buf_adds(&b, "ab");
	assert_string_equal(buf_str(&b), "ab");
}

/* --- arenas ---------------------------------------------------------------------------------------------------- */

static void test_arena_items(void **state)
{
	struct arena a = ARENA_INIT((size_t)64 << 20);
	unsigned char *items[2000];
	struct slice copy;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		size_t n = i * 7 % 300 + (i % 400 == 0 ? 100000 : 0);

		items[i] = arena_alloc(&a, n);
		assert_non_null(items[i]);
		assert_int_equal((uintptr_t)items[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(items[i][k], 0);
		memset(items[i], (int)(i & 0xff), n);
		arena_bytes(&a, i % 5); /* what stands in between may be crooked */
	}
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) /* none of them lay over another */
		for (size_t k = 0; k < i * 7 % 300; k++)
			assert_int_equal(items[i][k], i & 0xff);
	copy = arena_copy(&a, slice_of("a\0b", 3));
	assert_memory_equal(copy.p, "a\0b", 3);
	assert_int_equal(arena_copy(&a, SLICE_EMPTY).n, 0);
	assert_string_equal(arena_str(&a, SLICE("text")), "text");
	assert_string_equal(arena_printf(&a, "%s-%05d", "x", 42), "x-00042");
	assert_false(arena_failed(&a));
	arena_release(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(ARENA_NEW(&a, int)); /* usable again */
	arena_release(&a);
	arena_release(&a);
}

static void test_arena_cap(void **state)
{
	struct arena a = ARENA_INIT(100 * 1024);
	VEC(int) numbers = {0};
	static char big[60000];
	size_t n = 0;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	while (arena_alloc(&a, 1000))
		n++;
	assert_in_range(n, 50, 102); /* blocks double, so the last of the cap may stay unused */
	assert_true(arena_failed(&a));
	assert_true(a.used <= a.cap);
	/* Failed for good, and every helper stands it. */
	assert_null(arena_alloc(&a, 100000));
	assert_string_equal(arena_str(&a, slice_of(big, sizeof(big) - 1)), "");
	assert_int_equal(arena_copy(&a, slice_of(big, sizeof(big) - 1)).n, 0);
	assert_string_equal(arena_printf(&a, "%s", big), "");
	assert_true(arena_failed(&a));
	while (VEC_PUSH(&a, numbers))
		;
	assert_true(numbers.n <= numbers.cap);
	arena_release(&a);
	assert_false(arena_failed(&a));
	assert_null(arena_alloc(&a, SIZE_MAX / 2));
	assert_true(arena_failed(&a));
	arena_release(&a);
}

static void test_vec(void **state)
{
	struct arena a = ARENA_INIT(1 << 20);
	VEC(struct slice) v = {0};

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct slice *s = VEC_PUSH(&a, v);

		assert_non_null(s);
		assert_true(!s->p && !s->n);
		s->n = i;
	}
	assert_int_equal(v.n, 1000);
	for (size_t i = 0; i < v.n; i++)
		assert_int_equal(v.v[i].n, i);
	arena_release(&a);
}

/* --- errors ---------------------------------------------------------------------------------------------------- */

static void test_err(void **state)
{
	struct err err = ERR_INIT;
	char longer[3000];

	(void)state;
	assert_int_equal(err_set(&err, STATUS_INPUT, "'%s' is odd", "x"), STATUS_INPUT);
	assert_int_equal(err_wrap(&err, "reading %d", 7), STATUS_INPUT);
	assert_string_equal(err.text, "reading 7: 'x' is odd");
	errno = ENOSPC;
	assert_int_equal(err_errno(&err, STATUS_FAILED, "cannot write"), STATUS_FAILED);
	assert_string_equal(err.text, "cannot write: No space left on device");
	assert_int_equal(err_nomem(&err), STATUS_FAILED);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&err, STATUS_USAGE, "%s", longer);
	assert_int_equal(err_wrap(&err, "%s", longer), STATUS_USAGE);
	errno = EIO;
	err_errno(&err, STATUS_FAILED, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

/* --- base64 ---------------------------------------------------------------------------------------------------- */

static void test_base64(void **state)
{
	static const struct {
		const char *text;
		const char *standard, *any; /* NULL: refused */
	} cases[] = {
		{"", "", ""},
		{"aGk=", "hi", "hi"},
		{"aGk", NULL, "hi"},
		{"aGkh", "hi!", "hi!"},
		{"YQ==", "a", "a"},
		{"YQ", NULL, "a"},
		{"YQ=", NULL, NULL},
		{"Y", NULL, NULL},
		{"Y===", NULL, NULL},
		{"=", NULL, NULL},
		{"====", NULL, NULL},
		{"aGk=aGk=", NULL, NULL},
		{"aG k=", NULL, "hi"},
		{"aG\nk=\n", "hi", "hi"},
		{"aG\r\nk\r\n=", "hi", "hi"},
		{"a\tGk=", NULL, "hi"},
		{"Pz8/", "??\?", "??\?"},
		{"Pz8_", NULL, "??\?"},
		{"fn5+", "~~~", "~~~"},
		{"fn5-", NULL, "~~~"},
		{"aGk*", NULL, NULL},
		{"aGk=\x80", NULL, NULL},
		{"aGkh====", NULL, NULL},
		{"aGkhaA==", "hi!h", "hi!h"},
		{"aGk==", NULL, NULL},
		{"YQ=\n=", "a", "a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf s = BUF_TEXT, a = BUF_TEXT;
		bool standard = base64_decode(slice_str(cases[i].text), BASE64_STANDARD, &s);
		bool any = base64_decode(slice_str(cases[i].text), BASE64_ANY, &a);

		if (standard != !!cases[i].standard || any != !!cases[i].any)
			fail_msg("'%s': standard %d, any %d", cases[i].text, standard, any);
		if (standard)
			assert_slice(buf_slice(&s), cases[i].standard);
		if (any)
			assert_slice(buf_slice(&a), cases[i].any);
	}
}

static void test_base64_round_trip(void **state)
{
	unsigned char bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 167 + 13);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		cleanup_buf struct buf text = BUF_TEXT, back = BUF_TEXT;

		base64_encode(slice_of((const char *)bytes, n), &text);
		assert_int_equal(text.n, (n + 2) / 3 * 4);
		assert_true(base64_decode(buf_slice(&text), BASE64_STANDARD, &back));
		assert_true(slice_eq(buf_slice(&back), slice_of((const char *)bytes, n)));
	}
	cleanup_buf struct buf small = BUF_INIT(2);

	assert_false(base64_decode(SLICE("aGVsbG8gd29ybGQ="), BASE64_STANDARD, &small));
}

/* --- files ----------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/pxb-base-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	DIR *dir = opendir(folder);

	(void)state;
	for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", folder, name);
	return p;
}

static size_t files_in_folder(void)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
		n += e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static void assert_file(const char *path, const char *want, unsigned mode)
{
	cleanup_buf struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct stat st;

	if (file_read(path, &b, STATUS_USAGE, &err) < 0)
		fail_msg("%s", err.text);
	assert_slice(buf_slice(&b), want);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_write_atomic(void **state)
{
	const char *path = in_folder("report.json");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_write_atomic(path, SLICE("one"), 0600, &err), 0);
	assert_file(path, "one", 0600);
	assert_int_equal(file_write_atomic(path, SLICE("two"), 0644, &err), 0);
	assert_file(path, "two", 0644);
	assert_int_equal(file_write_atomic(path, SLICE_EMPTY, 0600, &err), 0);
	assert_file(path, "", 0600);
	assert_int_equal(files_in_folder(), 1); /* no temporary neighbour is left */
	unlink(path);
}

/* A write that fails leaves the old file, and no neighbour. */
static void test_write_atomic_fails(void **state)
{
	const char *path = in_folder("kept");
	struct rlimit old, small;
	struct err err = ERR_INIT;
	int rc;

	(void)state;
	assert_int_equal(file_write_atomic(path, SLICE("old"), 0600, &err), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){4, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = file_write_atomic(path, SLICE("far longer than the limit"), 0600, &err);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(rc, STATUS_FAILED);
	assert_non_null(strstr(err.text, "cannot write"));
	assert_file(path, "old", 0600);
	assert_int_equal(files_in_folder(), 1);
	unlink(path);
	assert_int_equal(file_write_atomic(in_folder("no/such/folder"), SLICE("x"), 0600, &err), STATUS_FAILED);
	assert_int_equal(file_write_atomic(folder, SLICE("x"), 0600, &err), STATUS_FAILED); /* a directory */
}

/* What is not a regular file is written in place. */
static void test_write_in_place(void **state)
{
	const char *path = in_folder("pipe");
	struct err err = ERR_INIT;
	char got[8] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(file_write_atomic(path, SLICE("hello"), 0600, &err), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
	unlink(path);
	assert_int_equal(file_write_atomic("/dev/full", SLICE("x"), 0600, &err), STATUS_FAILED);
	assert_string_equal(err.text, "cannot write /dev/full: No space left on device");
}

static void test_file_read(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(10), none = BUF_INIT(10);
	const char *path = in_folder("text");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_read(in_folder("missing"), &none, STATUS_USAGE, &err), STATUS_USAGE);
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(file_read(folder, &none, STATUS_INPUT, &err), STATUS_INPUT);
	assert_non_null(strstr(err.text, "is a directory"));
	assert_int_equal(file_write_atomic(path, SLICE("0123456789x"), 0600, &err), 0);
	assert_int_equal(file_read(path, &b, STATUS_USAGE, &err), STATUS_INPUT); /* above the cap */
	for (size_t n = 10; n >= 9; n--) {					 /* the cap itself, and below it */
		assert_int_equal(truncate(path, (off_t)n), 0);
		buf_reuse(&b);
		assert_int_equal(file_read(path, &b, STATUS_USAGE, &err), 0);
		assert_int_equal(b.n, n);
		assert_memory_equal(b.p, "0123456789", n);
	}
	assert_int_equal(truncate(path, 0), 0);
	buf_reuse(&b);
	assert_int_equal(file_read(path, &b, STATUS_USAGE, &err), 0);
	assert_int_equal(b.n, 0);
	unlink(path);
}

/* A named pipe has no writer: it is refused, not waited for. A pipe that is named by its descriptor has one. */
static void test_file_read_pipes(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(10);
	const char *path = in_folder("pipe");
	struct err err = ERR_INIT;
	char name[40];
	int fds[2], held = -1;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read(path, &b, STATUS_USAGE, &err), STATUS_USAGE);
	assert_non_null(strstr(err.text, "is a named pipe"));
	assert_int_equal(file_hold(path, &held, &err), STATUS_USAGE);
	assert_non_null(strstr(err.text, "is not a regular file"));
	assert_int_equal(held, -1);
	assert_int_equal(file_write_atomic_nosync(path, SLICE("state"), 0600, &err), 0);
	assert_int_equal(file_read(path, &b, STATUS_USAGE, &err), 0);
	assert_slice(buf_slice(&b), "state");
	unlink(path);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "piped", 5), 5);
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	buf_reuse(&b);
	assert_int_equal(file_read(name, &b, STATUS_USAGE, &err), 0);
	assert_slice(buf_slice(&b), "piped");
	close(fds[0]);
}

/* Both ends do not block, and the other process is slower: what would fail with EAGAIN is waited for. */
static void test_file_would_block(void **state)
{
	enum { BYTES = 1 << 20 };
	cleanup_buf struct buf b = BUF_INIT(BYTES), sent = BUF_INIT(BYTES);
	struct err err = ERR_INIT;
	int fds[2], status;
	pid_t writer;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	buf_fill(&sent, 'x', BYTES);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		close(fds[0]);
		_exit(file_write_all(fds[1], buf_slice(&sent), "pipe", &err) < 0);
	}
	close(fds[1]);
	assert_int_equal(file_read_fd(fds[0], "pipe", &b, &err), 0);
	assert_int_equal(b.n, BYTES);
	close(fds[0]);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
}

/* Bytes through a pipe come in pieces. */
static void test_file_pieces(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct iovec iov[200];
	char text[200];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < ARRAY_SIZE(iov); i++) {
		text[i] = (char)('a' + i % 26);
		iov[i] = (struct iovec){text + i, i % 3 ? 1 : 0};
	}
	assert_int_equal(file_writev_all(fds[1], iov, ARRAY_SIZE(iov), "pipe", &err), 0);
	assert_int_equal(file_write_all(fds[1], SLICE_EMPTY, "pipe", &err), 0);
	close(fds[1]);
	assert_int_equal(file_read_fd(fds[0], "pipe", &b, &err), 0);
	close(fds[0]);
	assert_int_equal(b.n, 133);
	assert_int_equal(b.p[0], 'b');
	assert_int_equal(file_read_fd(fds[0], "closed", &b, &err), STATUS_FAILED);
	assert_int_equal(file_write_all(fds[1], SLICE("x"), "closed", &err), STATUS_FAILED);
	assert_string_equal(err.text, "cannot write closed: Bad file descriptor");
}

static void test_make_parents(void **state)
{
	const char *path = in_folder("a/b/c.json");
	struct err err = ERR_INIT;
	char longer[PATH_MAX + 10];
	struct stat st;

	(void)state;
	assert_int_equal(file_make_parents(path, &err), 0);
	assert_int_equal(file_make_parents(path, &err), 0);
	assert_int_equal(stat(in_folder("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_not_equal(stat(path, &st), 0);
	rmdir(in_folder("a/b"));
	rmdir(in_folder("a"));
	assert_int_equal(file_make_parents("/dev/null/x/y", &err), STATUS_FAILED);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(file_make_parents(longer, &err), STATUS_FAILED);
	assert_int_equal(file_write_atomic(longer, SLICE("x"), 0600, &err), STATUS_FAILED);
}

/* --- children -------------------------------------------------------------------------------------------------- */

static int shell(const char *script, unsigned seconds, struct buf *out, struct child_result *result, struct err *err)
{
	char sh[] = "sh", c[] = "-c";
	char *const argv[] = {sh, c, (char *)(uintptr_t)script, NULL};

	return child_run(&(struct child){.argv = argv, .out = out, .seconds = seconds}, result, err);
}

static void test_child_ends(void **state)
{
	static const struct {
		const char *script;
		int exit_code;
		const char *out;
	} cases[] = {
		{"exit 0", 0, ""},
		{"echo hi; exit 3", 3, "hi\n"},
		{"printf 'a\\0b'; exit 255", 255, "a"},
		{"kill -9 $$", 128 + 9, ""},
		{"kill -11 $$", 128 + 11, ""},
		{"cat", 0, ""},				/* its standard input is empty */
		{"ls /proc/self/fd | wc -l", 0, "4\n"}, /* three, and the one that ls reads the directory with */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 16);
		struct child_result result = {0};
		struct err err = ERR_INIT;
		int extra = dup(0); /* without the close-on-exec flag: children get none of ours */

		if (shell(cases[i].script, 30, &out, &result, &err) < 0)
			fail_msg("%s: %s", cases[i].script, err.text);
		close(extra);
		assert_int_equal(result.exit_code, cases[i].exit_code);
		assert_false(result.timed_out);
		assert_string_equal(buf_str(&out), cases[i].out);
	}
}

static void test_child_not_started(void **state)
{
	char missing[] = "pxb-no-such-program", folder_name[] = "/";
	char *const none[] = {missing, NULL}, *const dir[] = {folder_name, NULL};
	cleanup_buf struct buf out = BUF_INIT(100);
	struct child_result result = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(child_run(&(struct child){.argv = none, .out = &out, .seconds = 30}, &result, &err),
			 STATUS_HELPER);
	assert_string_equal(err.text, "cannot start 'pxb-no-such-program': No such file or directory");
	assert_int_equal(child_run(&(struct child){.argv = dir, .out = &out, .seconds = 30}, &result, &err),
			 STATUS_HELPER);
	assert_string_equal(err.text, "cannot start '/': Permission denied");
}

static void test_child_says_too_much(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(10000);
	struct child_result result = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(shell("while :; do echo 0123456789; done", 30, &out, &result, &err), STATUS_HELPER);
	assert_string_equal(err.text, "'sh' printed more than 10000 bytes");
	assert_false(result.timed_out);
	assert_true(result.exit_code == 128 + SIGKILL || result.exit_code == 128 + SIGPIPE); /* whichever comes first */
}

static void test_child_is_fed(void **state)
{
	static const struct {
		const char *script, *env[4], *directory;
		size_t input; /* bytes, -1: none */
		const char *out, *errors;
	} cases[] = {
		{"wc -c", {NULL}, NULL, 0, "0\n", ""},
		{"wc -c", {NULL}, NULL, 3000000, "3000000\n", ""}, /* far more than a pipe holds */
		{"head -c 1", {NULL}, NULL, 3000000, "x", ""},	   /* it need not read all of it */
		{"echo $PXB_A-$PXB_B-${PXB_C-none}", {"PXB_A=1", "PXB_B=", "PXB_C"}, NULL, (size_t)-1, "1--none\n", ""},
		{"pwd; echo no >&2", {NULL}, "/", (size_t)-1, "/\n", "no\n"},
		{"yes x | head -c 100000 >&2; echo done", {NULL}, NULL, (size_t)-1, "done\n", NULL}, /* dropped, not
													stuck */
	};
	char *input = malloc(3000000);

	(void)state;
	assert_non_null(input);
	memset(input, 'x', 3000000);
	setenv("PXB_C", "there", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char sh[] = "sh", c[] = "-c";
		char *const argv[] = {sh, c, (char *)(uintptr_t)cases[i].script, NULL};
		cleanup_buf struct buf out = BUF_INIT(1 << 16), errors = BUF_INIT(100);
		struct child_result result = {0};
		struct err err = ERR_INIT;
		struct child child = {.argv = argv,
				      .env = cases[i].env,
				      .directory = cases[i].directory,
				      .out = &out,
				      .errors = &errors,
				      .seconds = 60};

		if (cases[i].input != (size_t)-1)
			child.input = slice_of(input, cases[i].input);
		if (child_run(&child, &result, &err) < 0)
			fail_msg("%s: %s", cases[i].script, err.text);
		assert_int_equal(result.exit_code, 0);
		assert_string_equal(buf_str(&out), cases[i].out);
		if (cases[i].errors)
			assert_string_equal(buf_str(&errors), cases[i].errors);
		else
			assert_int_equal(errors.n, 100);
	}
	free(input);
}

/* Runs `script` in a process of its own that is waiting for the child when the script sends it `sig`. */
static int status_after(const char *script, bool foreground, int *child_code)
{
	int report[2], status = 0, code = -1;
	pid_t pid;

	assert_int_equal(pipe(report), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		char sh[] = "sh", c[] = "-c";
		char *const argv[] = {sh, c, (char *)(uintptr_t)script, NULL};
		struct buf out = BUF_INIT(100);
		struct child_result result = {0};
		struct err err = ERR_INIT;
		struct child child = {.argv = argv, .out = &out, .seconds = 60};

		setpgid(0, 0);
		if (foreground ? child_foreground(&child, &code, &err) < 0 : child_run(&child, &result, &err) < 0)
			_exit(99);
		if (write(report[1], &code, sizeof(code)) != (ssize_t)sizeof(code))
			_exit(98);
		_exit(7);
	}
	close(report[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*child_code = -1;
	if (read(report[0], child_code, sizeof(*child_code)) < 0)
		fail();
	close(report[0]);
	return status;
}

static void test_child_and_signals(void **state)
{
	static const struct {
		const char *script;
		bool foreground;
		int killed_by;	/* what ends the caller; 0: it goes on */
		int child_code; /* that the caller got */
	} cases[] = {
		/* What was asked ends with us, deaf to mild signals as it may be. */
		{"trap '' TERM INT; kill -TERM $PPID; sleep 600", false, SIGTERM, -1},
		{"kill -INT $PPID; sleep 600", false, SIGINT, -1},
		{"kill -HUP $PPID; sleep 600", false, SIGHUP, -1},
		/* The terminal sends Ctrl-C to the whole group: we wait for the other one. */
		{"trap 'exit 42' INT; kill -INT 0; exit 43", true, 0, 42},
		{"kill -INT 0; exit 43", true, 0, 128 + SIGINT},
		{"trap 'exit 42' TERM; kill -TERM $PPID; while :; do :; done", true, 0, 42},
		{"exit 5", true, 0, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int code, status = status_after(cases[i].script, cases[i].foreground, &code);

		if (cases[i].killed_by ? !WIFSIGNALED(status) || WTERMSIG(status) != cases[i].killed_by
				       : !WIFEXITED(status) || WEXITSTATUS(status) != 7)
			fail_msg("%s: status %x", cases[i].script, (unsigned)status);
		assert_int_equal(code, cases[i].child_code);
	}
}

static void test_child_foreground_input(void **state)
{
	char sh[] = "sh", c[] = "-c", script[] = "read -r x && test \"$x-$PXB_A\" = fed-1",
	     none[] = "pxb-no-such-program";
	char *const argv[] = {sh, c, script, NULL}, *const missing[] = {none, NULL};
	static const char *const env[] = {"PXB_A=1", NULL};
	struct child child = {.argv = argv, .env = env, .input = SLICE("fed\n")};
	struct err err = ERR_INIT;
	int code = -1;

	(void)state;
	assert_int_equal(child_foreground(&child, &code, &err), 0);
	assert_int_equal(code, 0);
	child.input = SLICE("other\n");
	assert_int_equal(child_foreground(&child, &code, &err), 0);
	assert_int_equal(code, 1);
	assert_int_equal(child_foreground(&(struct child){.argv = missing}, &code, &err), STATUS_HELPER);
	assert_string_equal(err.text, "cannot start 'pxb-no-such-program': No such file or directory");
}

/* A child that never ends, and a grandchild that keeps the pipe open, both go at the deadline. */
static void test_child_deadline(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(10000);
	struct child_result result = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(shell("echo started; (read x </proc/self/fd/9; sleep 600) 9<>/dev/zero & sleep 600", 1, &out,
			       &result, &err),
			 STATUS_HELPER);
	assert_string_equal(err.text, "'sh' did not end within 1 seconds");
	assert_true(result.timed_out);
	assert_string_equal(buf_str(&out), "started\n");
}

/* Inherited as ignored, SIGCHLD would take the exit codes away; it is given back afterwards. */
static void test_child_without_sigchld(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(100);
	struct child_result result = {0};
	struct err err = ERR_INIT;
	char sh[] = "sh", c[] = "-c", script[] = "exit 3";
	char *const argv[] = {sh, c, script, NULL};
	int code = 0;

	(void)state;
	assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	assert_int_equal(shell("exit 7", 60, &out, &result, &err), 0);
	assert_int_equal(result.exit_code, 7);
	assert_int_equal(child_foreground(&(struct child){.argv = argv}, &code, &err), 0);
	assert_int_equal(code, 3);
	assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

/* Closing its output is not the end of a child: the deadline still holds. */
static void test_child_silent(void **state)
{
	cleanup_buf struct buf out = BUF_INIT(100);
	struct child_result result = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(shell("exec >/dev/null; exec sleep 8", 1, &out, &result, &err), STATUS_HELPER);
	assert_true(result.timed_out);
}

/* --- many children --------------------------------------------------------------------------------------------- */

enum { QUESTIONS = 20 };

struct answers {
	size_t n, stop_at; /* stop_at 0: never */
	int status[QUESTIONS], exit_code[QUESTIONS];
	char out[QUESTIONS][64], errors[QUESTIONS][64];
};

static int keep_answer(void *context, const struct child_answer *a, struct err *err)
{
	struct answers *to = context;

	to->status[a->index] = a->status;
	to->exit_code[a->index] = a->exit_code;
	snprintf(to->out[a->index], 64, SLICE_FMT, SLICE_ARG(a->out));
	snprintf(to->errors[a->index], 64, SLICE_FMT, SLICE_ARG(a->errors));
	to->n++;
	return to->n == to->stop_at ? err_set(err, STATUS_INPUT, "enough") : 0;
}

static int ask_all(const char *script, size_t workers, size_t bytes, unsigned seconds, struct answers *to,
		   struct err *err)
{
	static char sh[] = "sh", c[] = "-c";
	char names[QUESTIONS][8];
	char *argv[QUESTIONS][6];
	struct child v[QUESTIONS];

	for (size_t i = 0; i < QUESTIONS; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i);
		argv[i][0] = sh;
		argv[i][1] = c;
		argv[i][2] = (char *)(uintptr_t)script;
		argv[i][3] = sh;
		argv[i][4] = names[i];
		argv[i][5] = NULL;
		v[i] = (struct child){.argv = argv[i], .seconds = seconds};
	}
	return children_run(&(struct children){v, QUESTIONS, workers, bytes, 32}, keep_answer, to, err);
}

static void test_children_answer(void **state)
{
	static const size_t workers[] = {0, 1, 3, 1000};

	(void)state;
	for (size_t w = 0; w < ARRAY_SIZE(workers); w++) {
		struct answers all = {0};
		struct err err = ERR_INIT;

		if (ask_all("echo out $1; echo error $1 >&2; exit $1", workers[w], 1000, 30, &all, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(all.n, QUESTIONS);
		for (int i = 0; i < QUESTIONS; i++) {
			char out[64], errors[64];

			snprintf(out, sizeof(out), "out %d\n", i);
			snprintf(errors, sizeof(errors), "error %d\n", i);
			assert_int_equal(all.status[i], 0);
			assert_int_equal(all.exit_code[i], i);
			assert_string_equal(all.out[i], out);
			assert_string_equal(all.errors[i], errors);
		}
	}
}

/* One that is late, or says too much, does not take the others along. */
static void test_children_fail_alone(void **state)
{
	struct answers all = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ask_all("case $1 in 3) exec sleep 1000 ;; 5) yes ;; *) echo fine ;; esac", 2, 1000, 2, &all,
				 &err),
			 0);
	assert_int_equal(all.n, QUESTIONS);
	for (int i = 0; i < QUESTIONS; i++)
		assert_int_equal(all.status[i], i == 3 || i == 5 ? STATUS_HELPER : 0);
	assert_string_equal(all.errors[3], "'sh' did not end within 2 seconds");
	assert_string_equal(all.errors[5], "'sh' printed more than 1000 bytes");
	assert_string_equal(all.out[4], "fine\n");
}

/* No worker is left once the call has returned. */
static void test_children_stop(void **state)
{
	struct answers all = {.stop_at = 3};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ask_all("case $1 in 0|1|2) ;; *) exec sleep 1000 ;; esac", 4, 1000, 600, &all, &err),
			 STATUS_INPUT);
	assert_string_equal(err.text, "enough");
	assert_int_equal(all.n, 3);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_children_missing(void **state)
{
	char missing[] = "pxb-no-such-program";
	char *const argv[] = {missing, NULL};
	const struct child v = {.argv = argv, .seconds = 30};
	struct answers all = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(children_run(&(struct children){&v, 1, 0, 100, 100}, keep_answer, &all, &err), 0);
	assert_int_equal(all.status[0], STATUS_HELPER);
	assert_string_equal(all.errors[0], "cannot start 'pxb-no-such-program': No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slice_compare),
		cmocka_unit_test(test_slice_parts),
		cmocka_unit_test(test_slice_null),
		cmocka_unit_test(test_arena_expect),
		cmocka_unit_test(test_sixteen),
		cmocka_unit_test(test_find_sixteen),
		cmocka_unit_test(test_slice_find),
		cmocka_unit_test(test_slice_distance),
		cmocka_unit_test(test_slice_nearest),
		cmocka_unit_test(test_buf_grows),
		cmocka_unit_test(test_buf_cap),
		cmocka_unit_test(test_arena_items),
		cmocka_unit_test(test_arena_cap),
		cmocka_unit_test(test_vec),
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_round_trip),
		cmocka_unit_test(test_write_atomic),
		cmocka_unit_test(test_write_atomic_fails),
		cmocka_unit_test(test_write_in_place),
		cmocka_unit_test(test_file_read),
		cmocka_unit_test(test_file_pieces),
		cmocka_unit_test(test_file_read_pipes),
		cmocka_unit_test(test_file_would_block),
		cmocka_unit_test(test_make_parents),
		cmocka_unit_test(test_child_ends),
		cmocka_unit_test(test_child_not_started),
		cmocka_unit_test(test_child_says_too_much),
		cmocka_unit_test(test_child_deadline),
		cmocka_unit_test(test_child_is_fed),
		cmocka_unit_test(test_child_and_signals),
		cmocka_unit_test(test_child_foreground_input),
		cmocka_unit_test(test_child_silent),
		cmocka_unit_test(test_child_without_sigchld),
		cmocka_unit_test(test_children_answer),
		cmocka_unit_test(test_children_fail_alone),
		cmocka_unit_test(test_children_stop),
		cmocka_unit_test(test_children_missing),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
