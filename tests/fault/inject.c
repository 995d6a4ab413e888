/*
 * inject.c: lets one call of a run fail.
 *
 * As a preloaded library it stands before libc and fails the PXB_INJECT_AT-th allocation (PXB_INJECT=memory) or system
 * call (PXB_INJECT=system) of the process that was started; its children are left alone. Linked with --wrap
 * (PXB_INJECT_WRAP) it does the same to the program's own allocations under AddressSanitizer, so that leaks show.
 * The number of calls seen is written to PXB_INJECT_LOG at exit, so that a driver knows when it has tried them all.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long seen, at;
static int memory, armed;
static pid_t owner;

__attribute__((constructor)) static void arm(void)
{
	const char *kind = getenv("PXB_INJECT"), *n = getenv("PXB_INJECT_AT");

	memory = kind && strcmp(kind, "memory") == 0;
	at = n ? strtol(n, NULL, 10) : 0;
	owner = getpid();
	armed = kind != NULL;
	/* A program that this one starts is not to fail by itself. */
	unsetenv("PXB_INJECT");
}

static int fails(int is_memory)
{
	return armed && is_memory == memory && getpid() == owner && ++seen == at;
}

__attribute__((destructor)) static void tell(void)
{
	const char *log = getenv("PXB_INJECT_LOG");
	FILE *f;

	if (!armed || getpid() != owner || !log)
		return;
	armed = 0;
	f = fopen(log, "w");
	if (f) {
		fprintf(f, "%ld\n", seen);
		fclose(f);
	}
}

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

#ifdef PXB_INJECT_WRAP

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t n)
{
	return fails(1) ? no_memory() : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(1) ? no_memory() : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails(1) ? no_memory() : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
	return fails(1) ? no_memory() : __real_strdup(s);
}

#else

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	return fails(1) ? no_memory() : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails(1) ? no_memory() : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails(1) ? no_memory() : __libc_realloc(p, n);
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

#define FAIL_WITH(error)         \
	if (fails(0)) {          \
		errno = (error); \
		return -1;       \
	}

ssize_t read(int fd, void *p, size_t n)
{
	FAIL_WITH(EIO)
	return REAL("read", ssize_t(*)(int, void *, size_t))(fd, p, n);
}

/* What goes to standard error is the message about the failure itself. */
ssize_t write(int fd, const void *p, size_t n)
{
	if (fd != STDERR_FILENO)
		FAIL_WITH(ENOSPC)
	return REAL("write", ssize_t(*)(int, const void *, size_t))(fd, p, n);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	FAIL_WITH(ENOSPC)
	return REAL("writev", ssize_t(*)(int, const struct iovec *, int))(fd, iov, n);
}

int fsync(int fd)
{
	FAIL_WITH(EIO)
	return REAL("fsync", int (*)(int))(fd);
}

int rename(const char *from, const char *to)
{
	FAIL_WITH(EACCES)
	return REAL("rename", int (*)(const char *, const char *))(from, to);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	unsigned mode;

	FAIL_WITH(EMFILE)
	va_start(ap, flags);
	mode = va_arg(ap, unsigned);
	va_end(ap);
	return REAL("open", int (*)(const char *, int, ...))(path, flags, mode);
}

int mkostemp(char *template, int flags)
{
	FAIL_WITH(EACCES)
	return REAL("mkostemp", int (*)(char *, int))(template, flags);
}

pid_t fork(void)
{
	FAIL_WITH(EAGAIN)
	return REAL("fork", pid_t(*)(void))();
}

int socketpair(int domain, int type, int protocol, int sv[2])
{
	FAIL_WITH(EMFILE)
	return REAL("socketpair", int (*)(int, int, int, int *))(domain, type, protocol, sv);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	FAIL_WITH(EPIPE)
	return REAL("send", ssize_t(*)(int, const void *, size_t, int))(fd, p, n, flags);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
	FAIL_WITH(ECONNRESET)
	return REAL("recv", ssize_t(*)(int, void *, size_t, int))(fd, p, n, flags);
}

int poll(struct pollfd *p, nfds_t n, int timeout)
{
	FAIL_WITH(ENOMEM)
	return REAL("poll", int (*)(struct pollfd *, nfds_t, int))(p, n, timeout);
}

ssize_t getrandom(void *p, size_t n, unsigned flags)
{
	FAIL_WITH(ENOSYS)
	return REAL("getrandom", ssize_t(*)(void *, size_t, unsigned))(p, n, flags);
}

#endif
