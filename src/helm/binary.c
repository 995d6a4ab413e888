#include "helm/binary.h"

#include "base/file.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAGIC "\xff Go buildinf:"
/* Go writes these 16 bytes before its list of modules, and 16 others behind it (runtime/debug). */
#define LIST_START "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"

enum { FLAGS = 15, INLINE_STRINGS = 2, HEADER = 32, LIST_ROOM = 1 << 20, SECTIONS_MAX = 256, VARINT_BYTES = 9 };

/* --- the file -------------------------------------------------------------------------------------------------- */

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp() finds it. */
static bool find_program(const char *name, char path[PATH_MAX])
{
	struct slice rest = slice_str(getenv("PATH"));
	int n = snprintf(path, PATH_MAX, "%s", name);

	if (strchr(name, '/'))
		return n < PATH_MAX && is_program(path);
	while (getenv("PATH") && rest.p) {
		struct slice folder = slice_cut(rest, ':', &rest);

		n = snprintf(path, PATH_MAX, SLICE_FMT "/%s", SLICE_ARG(folder.n ? folder : SLICE(".")), name);
		if (n > 0 && n < PATH_MAX && is_program(path))
			return true;
	}
	return false;
}

static bool read_at(int fd, void *to, size_t n, uint64_t at)
{
	return at <= INT64_MAX && pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

/* Where Go's build information is in the file, and how much of it; 0: there is none. */
static size_t find_section(int fd, uint64_t *at)
{
	Elf64_Ehdr file;

	if (!read_at(fd, &file, sizeof(file), 0) || memcmp(file.e_ident, ELFMAG, SELFMAG) != 0 ||
	    file.e_ident[EI_CLASS] != ELFCLASS64 || file.e_ident[EI_DATA] != ELFDATA2LSB ||
	    file.e_shentsize != sizeof(Elf64_Shdr) || file.e_shnum > SECTIONS_MAX)
		return 0;
	for (size_t i = 0; i < file.e_shnum; i++) {
		Elf64_Shdr s;
		char start[sizeof(MAGIC) - 1];

		if (!read_at(fd, &s, sizeof(s), file.e_shoff + i * sizeof(s)))
			return 0;
		*at = s.sh_offset;
		if (s.sh_type == SHT_PROGBITS && s.sh_size > HEADER && read_at(fd, start, sizeof(start), *at) &&
		    memcmp(start, MAGIC, sizeof(start)) == 0)
			return s.sh_size < LIST_ROOM ? (size_t)s.sh_size : LIST_ROOM;
	}
	return 0;
}

/* --- what it says ---------------------------------------------------------------------------------------------- */

/* A length as Go's encoding/binary writes it, and that many bytes. */
static bool take_string(struct slice *all, struct slice *text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < all->n && i < VARINT_BYTES; i++) {
		unsigned char byte = (unsigned char)all->p[i];

		n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		*all = slice_from(*all, i + 1);
		if (n > all->n)
			return false;
		*text = slice_to(*all, (size_t)n);
		*all = slice_from(*all, (size_t)n);
		return true;
	}
	return false;
}

/* "path\thelm.sh/helm/v4/cmd/helm" is its first line. */
static int major_of(struct slice list)
{
	static const char before[] = "path\thelm.sh/helm/v", behind[] = "/cmd/helm\n";
	struct slice rest;
	char digit;

	if (!slice_starts(list, LIST_START))
		return 0;
	rest = slice_from(list, sizeof(LIST_START) - 1);
	if (!slice_starts(rest, before) || rest.n < sizeof(before))
		return 0;
	rest = slice_from(rest, sizeof(before) - 1);
	digit = rest.p[0];
	return digit >= '3' && digit <= '9' && slice_starts(slice_from(rest, 1), behind) ? digit - '0' : 0;
}

int helm_binary_major(const char *program)
{
	struct slice info, version, list;
	cleanup_buf struct buf bytes = BUF_INIT((size_t)LIST_ROOM);
	cleanup_fd int fd = -1;
	char path[PATH_MAX];
	uint64_t at = 0;
	size_t n;
	char *to;

	if (!find_program(program, path) || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	n = find_section(fd, &at);
	to = n ? buf_reserve(&bytes, n) : NULL;
	if (!to || !read_at(fd, to, n, at) || !((unsigned char)to[FLAGS] & INLINE_STRINGS))
		return 0;
	info = slice_of(to + HEADER, n - HEADER);
	return take_string(&info, &version) && take_string(&info, &list) ? major_of(list) : 0;
}
