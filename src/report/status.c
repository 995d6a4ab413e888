/*
 * status.c: the text form for a status object. Argo CD shows a plugin's standard error there, behind a long prefix and
 * in a narrow box: the verdict comes first, and the last report is on a machine that the reader cannot reach.
 */
#include "report/report.h"

static const char hint[] = " (explain --last)";

static void add_without_hint(struct slice line, struct buf *out)
{
	size_t at = slice_find(line, hint);

	if (at == SIZE_MAX) {
		buf_add(out, line);
	} else {
		buf_add(out, slice_to(line, at));
		buf_add(out, slice_from(line, at + strlen(hint)));
	}
	buf_addc(out, '\n');
}

void report_status_text(const struct report *r, struct buf *out)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct report quiet = *r;
	struct slice all, rest;
	size_t last;

	quiet.color = false;
	quiet.milliseconds = -1; /* the same refusal is the same text: Argo CD compares and keeps it */
	report_text(&quiet, &text);
	all = slice_trim(buf_slice(&text));
	last = slice_rchr(all, '\n');
	rest = last == SIZE_MAX ? SLICE_EMPTY : slice_to(all, last);
	add_without_hint(slice_from(all, last == SIZE_MAX ? 0 : last + 1), out);
	while (rest.p && rest.n)
		add_without_hint(slice_cut(rest, '\n', &rest), out);
	if (slice_find(all, " --set ") != SIZE_MAX)
		buf_adds(out, "'--set KEY=VALUE' is an entry of the plugin's parameter helm-parameters\n");
	out->failed |= text.failed;
}
