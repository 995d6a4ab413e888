#include "helm/once.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 256 << 20, FIRST_FREE = 10, DIGITS = 6 };

void once_release(struct once *o)
{
	for (size_t i = 0; i < o->files.n; i++)
		close(o->files.v[i].fd);
	arena_release(&o->arena);
	memset(o, 0, sizeof(*o));
}

/* --- one file -------------------------------------------------------------------------------------------------- */

/* The descriptor that a path names in the process that opens it; -1: none. */
static int descriptor_of(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};
	size_t digits;

	if (strcmp(path, "/dev/stdin") == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t n = strlen(folders[i]);

		if (strncmp(path, folders[i], n) != 0)
			continue;
		digits = strspn(path + n, "0123456789");
		return digits && digits <= DIGITS && !path[n + digits] ? (int)strtol(path + n, NULL, 10) : -1;
	}
	return -1;
}

static bool is_pipe(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Nobody can change it any more, neither Helm nor what Helm starts. */
static int seal(struct slice text, struct err *err)
{
	int fd = memfd_create("values", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot make a file in memory"), -1;
	if (file_write_all(fd, text, "a file in memory", err) < 0)
		fd_close(&fd);
	else if (lseek(fd, 0, SEEK_SET) < 0 ||
		 fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
		err_errno(err, STATUS_FAILED, "cannot seal a file in memory");
		fd_close(&fd);
	}
	return fd;
}

/* A file in memory with the bytes of `path`, under the number `wanted`, or any free one with -1. */
static int hold(const char *path, int wanted, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)LARGEST);
	cleanup_fd int sealed = -1, in = open(path, O_RDONLY | O_CLOEXEC);
	int fd;

	if (in < 0)
		return err_errno(err, STATUS_USAGE, "cannot open '%.200s'", path), -1;
	if (file_read_fd(in, path, &text, err) < 0)
		return -1;
	sealed = seal(buf_slice(&text), err);
	if (sealed < 0)
		return -1;
	fd = wanted < 0 ? fcntl(sealed, F_DUPFD_CLOEXEC, FIRST_FREE) : dup3(sealed, wanted, O_CLOEXEC);
	if (fd < 0)
		err_errno(err, STATUS_FAILED, "cannot hold '%.200s' for Helm", path);
	return fd;
}

const struct once_file *once_find(const struct once *o, const char *word)
{
	for (size_t i = 0; i < o->files.n; i++)
		if (strcmp(o->files.v[i].word, word) == 0)
			return &o->files.v[i];
	return NULL;
}

/* *file stays NULL when the path can be read again, or not at all: then Helm says why. */
static int take(struct once *o, const char *path, const struct once_file **file, struct err *err)
{
	int number = descriptor_of(path), fd;
	struct once_file *f;
	int *slot;

	*file = once_find(o, path);
	if (*file || (number < 0 && !is_pipe(path)) || access(path, F_OK) != 0)
		return 0;
	if (!o->arena.cap)
		o->arena = ARENA_INIT((size_t)16 << 20);
	/* Standard input is another one in each child. */
	fd = hold(path, number > STDERR_FILENO ? number : -1, err);
	if (fd < 0)
		return err->status;
	f = VEC_PUSH(&o->arena, o->files);
	slot = VEC_PUSH(&o->arena, o->fds);
	if (!f || !slot) {
		close(fd);
		return err_nomem(err);
	}
	*slot = fd;
	*f = (struct once_file){.word = arena_str(&o->arena, slice_str(path)),
				.path = fd == number ? path : arena_printf(&o->arena, "/dev/fd/%d", fd),
				.fd = fd};
	*file = f;
	return arena_failed(&o->arena) ? err_nomem(err) : 0;
}

int once_take(struct once *o, const char **file, struct err *err)
{
	const struct once_file *f;

	if (take(o, *file, &f, err) < 0)
		return err->status;
	if (f)
		*file = arena_printf(&o->arena, "/proc/%ld/fd/%d", (long)getpid(), f->fd);
	return 0;
}

/* --- the command line ------------------------------------------------------------------------------------------ */

/* The path in a field: all of it, or what is behind the '=' of --set-file. */
static struct slice path_in(struct slice field, bool set_file)
{
	struct slice path;

	if (!set_file)
		return field;
	slice_cut(field, '=', &path);
	return path.p ? path : SLICE_EMPTY;
}

static int take_item(struct once *o, struct helm_line *l, struct helm_item *item, bool set_file, struct err *err)
{
	struct slice rest = slice_str(item->value);
	cleanup_buf struct buf given = BUF_TEXT;
	bool changed = false;

	while (rest.p) {
		struct slice field = slice_cut(rest, ',', &rest), path = path_in(field, set_file);
		const struct once_file *f = NULL;

		if (path.n && take(o, arena_str(&l->arena, path), &f, err) < 0)
			return err->status;
		if (f && slice_is(path, f->path))
			f = NULL; /* the word stays as it is */
		buf_add(&given, f ? slice_to(field, field.n - path.n) : field);
		buf_adds(&given, f ? f->path : "");
		buf_adds(&given, rest.p ? "," : "");
		changed |= f != NULL;
	}
	if (changed)
		item->given = arena_str(&l->arena, buf_slice(&given));
	return given.failed || arena_failed(&l->arena) ? err_nomem(err) : 0;
}

int once_take_line(struct once *o, struct helm_line *l, struct err *err)
{
	for (size_t i = 0; i < l->items.n; i++) {
		struct helm_item *item = &l->items.v[i];
		bool set_file = item->flag && strcmp(item->flag->name, "set-file") == 0;

		if (!item->flag || !item->value || !(set_file || strcmp(item->flag->name, "values") == 0))
			continue;
		if (take_item(o, l, item, set_file, err) < 0)
			return err->status;
	}
	return 0;
}
