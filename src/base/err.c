#include "base/err.h"

#include <errno.h>

PXB_PRINTF(3, 0) static void err_vset(struct err *err, int status, const char *fmt, va_list ap)
{
	err->status = status;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

int err_set(struct err *err, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, status, fmt, ap);
	va_end(ap);
	return status;
}

int err_errno(struct err *err, int status, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	if (saved == ENOMEM) /* whatever was asked for, it is not at fault */
		status = STATUS_FAILED;
	va_start(ap, fmt);
	err_vset(err, status, fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(saved));
	return status;
}

int err_nomem(struct err *err)
{
	return err_set(err, STATUS_FAILED, "out of memory");
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list ap;
	size_t n;

	memcpy(inner, err->text, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", inner);
	return err->status;
}
