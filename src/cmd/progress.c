#include "cmd/progress.h"

#include "cmd/cmd.h"

#include <unistd.h>

void progress_init(struct progress *p, bool quiet)
{
	p->quiet = quiet;
	p->terminal = can_redraw(STDERR_FILENO);
	p->shown = false;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	char text[80]; /* a longer line would be broken, and then only its end written over */
	va_list ap;

	if (p->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text) - sizeof("pxb-fed:  ...") + 1, fmt, ap);
	va_end(ap);
	progress_clear(p);
	fprintf(stderr, p->terminal ? "pxb-fed: %s ..." : "pxb-fed: %s\n", text);
	p->shown = p->terminal;
}
