/*
 * test_printed.c: what Helm 3 prints of a release, taken apart, and which Helm a program is by its file.
 */
#include "reading.h"

#include "base/file.h"
#include "helm/binary.h"
#include "helm/printed.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- hooks in what Helm printed -------------------------------------------------------------------------------- */

#define M    "---\n# Source: c/templates/a.yaml\nkind: A\n"
#define HOOK "---\n# Source: c/templates/hook.yaml\nkind: Job\n"
#define NONE "not told"

static const struct printed_case {
	const char *name, *line, *printed, *handed_on, *hooks;
	enum helm_command command;
} printed_cases[] = {
	{"template", "", M HOOK, M, HOOK, HELM_TEMPLATE},
	{"template, no hooks", "", M, M, "", HELM_TEMPLATE},
	{"template, white space around", "", M HOOK, "\n" M "\n\n", HOOK, HELM_TEMPLATE},
	{"template, words before the stream", "", "Pulled: oci\n" M HOOK, M, NONE, HELM_TEMPLATE},
	{"template, cut short", "", "---\n", M, NONE, HELM_TEMPLATE},
	{"template, another stream", "", HOOK M, M, NONE, HELM_TEMPLATE},
	{"template, nothing", "", "", M, NONE, HELM_TEMPLATE},
	{"dry run", "", "NAME: px\nHOOKS:\n" HOOK "MANIFEST:\n" M "\nNOTES:\nx\n", M, HOOK, HELM_INSTALL},
	{"dry run, no hooks", "", "NAME: px\nHOOKS:\nMANIFEST:\n" M "\n", M, "", HELM_INSTALL},
	{"dry run, upgrade", "", "Release\nHOOKS:\n" HOOK "MANIFEST:\n" M "\n", M, HOOK, HELM_UPGRADE},
	{"dry run, --output table", "--output=table", "N:\nHOOKS:\n" HOOK "MANIFEST:\n" M "\n", M, HOOK, HELM_INSTALL},
	{"dry run, other manifests", "", "NAME: px\nHOOKS:\n" HOOK "MANIFEST:\nx" M "\n", M, NONE, HELM_INSTALL},
	{"dry run, cut short", "", "NAME: px\nHOOKS:\n" HOOK "MANIFEST:\n" M, M, NONE, HELM_INSTALL},
	{"dry run, no heading", "", "NAME: px\n" HOOK "MANIFEST:\n" M "\n", M, NONE, HELM_INSTALL},
	{"dry run, a hook that says MANIFEST", "", "N:\nHOOKS:\n" HOOK "MANIFEST:\nx\nMANIFEST:\n" M "\n", M,
	 HOOK "MANIFEST:\nx\n", HELM_INSTALL},
	{"dry run, a hook that holds it all", "", "N:\nHOOKS:\n" HOOK "MANIFEST:\n" M "\nMANIFEST:\n" M "\n", M, NONE,
	 HELM_INSTALL},
	{"dry run, not at the start of a line", "", "N:\nHOOKS:\n" HOOK "# MANIFEST:\n" M "\n", M, NONE, HELM_INSTALL},
	{"JSON", "--output=json", "{\"hooks\":[{\"path\":\"c/templates/hook.yaml\",\"manifest\":\"kind: Job\"}]}", M,
	 HOOK, HELM_INSTALL},
	{"YAML", "-oyaml", "hooks:\n- path: c/templates/hook.yaml\n  manifest: 'kind: Job'\n", M, HOOK, HELM_INSTALL},
	{"JSON, no hooks", "--output=json", "{}", M, "", HELM_INSTALL},
	{"JSON and more", "--output=json", "{}\nx\n", M, NONE, HELM_INSTALL},
};

static void test_printed_hooks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(printed_cases); i++) {
		const struct printed_case *c = &printed_cases[i];
		char *words[] = {(char *)(uintptr_t) "px", (char *)(uintptr_t)c->line};
		cleanup_helm_line struct helm_line l = {0};
		cleanup_buf struct buf hooks = BUF_TEXT;
		struct err err = ERR_INIT;
		bool told = false;

		if (helm_line_parse(&l, c->command, *c->line ? 2 : 1, words, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		if (printed_hooks(&l, slice_str(c->printed), slice_str(c->handed_on), &hooks, &told, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		if (told != (strcmp(c->hooks, NONE) != 0))
			fail_msg("%s: %s", c->name, told ? "told" : NONE);
		if (told && strcmp(buf_str(&hooks), c->hooks) != 0)
			fail_msg("%s: '%s'", c->name, buf_str(&hooks));
	}
}

/* --- a program's file ------------------------------------------------------------------------------------------ */

#define START "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"

enum { ELF32 = 1, POINTERS = 2, NO_MAGIC = 4, SHORT = 8, NO_SECTIONS = 16, FAR_AWAY = 32 };

static const struct binary_case {
	const char *name, *list;
	int damage, major;
} binary_cases[] = {
	{"Helm 3", START "path\thelm.sh/helm/v3/cmd/helm\nmod\thelm.sh/helm/v3\t(devel)\t\n", 0, 3},
	{"Helm 4", START "path\thelm.sh/helm/v4/cmd/helm\n", 0, 4},
	{"another command of Helm's", START "path\thelm.sh/helm/v4/cmd/helmet\n", 0, 0},
	{"a dispatcher", START "path\texample.invalid/helm/v3/cmd/helm\n", 0, 0},
	{"Helm as a module of another", START "path\tx.invalid\ndep\thelm.sh/helm/v3/cmd/helm\n", 0, 0},
	{"a major of two digits", START "path\thelm.sh/helm/v31/cmd/helm\n", 0, 0},
	{"Helm 2", START "path\thelm.sh/helm/v2/cmd/helm\n", 0, 0},
	{"cut short", START "path\thelm.sh/helm/v", 0, 0},
	{"no list", "path\thelm.sh/helm/v3/cmd/helm\n", 0, 0},
	{"an empty list", "", 0, 0},
	{"32 bits", START "path\thelm.sh/helm/v3/cmd/helm\n", ELF32, 0},
	{"before Go 1.18", START "path\thelm.sh/helm/v3/cmd/helm\n", POINTERS, 0},
	{"no Go", START "path\thelm.sh/helm/v3/cmd/helm\n", NO_MAGIC, 0},
	{"a list that is longer than the section", START "path\thelm.sh/helm/v3/cmd/helm\n", SHORT, 0},
	{"no sections", START "path\thelm.sh/helm/v3/cmd/helm\n", NO_SECTIONS, 0},
	{"sections past the end of the file", START "path\thelm.sh/helm/v3/cmd/helm\n", FAR_AWAY, 0},
};

static void put_string(struct buf *b, struct slice text, size_t more)
{
	size_t n = text.n + more;

	for (; n >= 0x80; n >>= 7)
		buf_addc(b, (char)(n | 0x80));
	buf_addc(b, (char)n);
	buf_add(b, text);
}

static void put_binary(const struct binary_case *c, struct buf *b)
{
	Elf64_Ehdr file = {.e_ident = ELFMAG, .e_shoff = sizeof(file), .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 2};
	Elf64_Shdr none = {0}, section = {.sh_type = SHT_PROGBITS, .sh_offset = sizeof(file) + 2 * sizeof(none)};
	struct buf info = BUF_TEXT;

	buf_adds(&info, c->damage & NO_MAGIC ? "\xff No buildinf:" : "\xff Go buildinf:");
	buf_addc(&info, 8);
	buf_addc(&info, c->damage & POINTERS ? 0 : 2);
	buf_fill(&info, '\0', 16);
	put_string(&info, SLICE("go1.26.0"), 0);
	put_string(&info, slice_str(c->list), c->damage & SHORT ? 1000 : 0);
	file.e_ident[EI_CLASS] = c->damage & ELF32 ? ELFCLASS32 : ELFCLASS64;
	file.e_ident[EI_DATA] = ELFDATA2LSB;
	if (c->damage & NO_SECTIONS)
		file.e_shnum = 0;
	if (c->damage & FAR_AWAY)
		file.e_shoff = UINT64_MAX - 8;
	section.sh_size = info.n;
	buf_add(b, slice_of((const char *)&file, sizeof(file)));
	buf_add(b, slice_of((const char *)&none, sizeof(none)));
	buf_add(b, slice_of((const char *)&section, sizeof(section)));
	buf_add(b, buf_slice(&info));
	buf_release(&info);
}

static void test_binary_major(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(binary_cases); i++) {
		const struct binary_case *c = &binary_cases[i];
		char path[] = "/tmp/test_printed.XXXXXX";
		cleanup_fd int fd = mkstemp(path);
		cleanup_buf struct buf b = BUF_TEXT;
		struct err err = ERR_INIT;
		int major;

		put_binary(c, &b);
		assert_true(fd >= 0);
		assert_int_equal(fchmod(fd, 0700), 0);
		assert_int_equal(file_write_all(fd, buf_slice(&b), path, &err), 0);
		major = helm_binary_major(path);
		unlink(path);
		if (major != c->major)
			fail_msg("%s: %d", c->name, major);
	}
	assert_int_equal(helm_binary_major("/dev/null"), 0);
	assert_int_equal(helm_binary_major("/nowhere/helm"), 0);
	assert_int_equal(helm_binary_major("no-such-program-anywhere"), 0);
	assert_int_equal(helm_binary_major("sh"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printed_hooks),
		cmocka_unit_test(test_binary_major),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
