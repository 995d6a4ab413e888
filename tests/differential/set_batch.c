/*
 * set_batch: --set options as pxb-fed reads them, for the comparison with Helm. stdin: records of NUL-terminated words,
 * `-f TEXT` for a values file and `--set TEXT`, `--set-json TEXT`, ... for options, each record ended by an empty word;
 * stdout: a line for each, 'A' and the merged values as JSON, or 'R' and the reason.
 */
#include "values/values.h"

/* One word into b; false at the end of the input. */
static bool read_word(struct buf *b)
{
	int c = EOF;

	buf_clear(b);
	while ((c = getchar()) > 0)
		buf_addc(b, (char)c);
	return c == 0;
}

static int add_option(struct values *v, const char *option, const char *text, struct err *err)
{
	if (strcmp(option, "-f") == 0)
		return values_add_text(v, "file", slice_str(text), err);
	for (unsigned k = 0; k < SET_KINDS; k++)
		if (strcmp(option, set_kind_name((enum set_kind)k)) == 0)
			return values_add_set(v, (enum set_kind)k, text, err);
	return err_set(err, STATUS_FAILED, "no option '%s'", option);
}

/* 1: a record; 0: the end. */
static int answer(struct buf *out)
{
	cleanup_buf struct buf option = BUF_TEXT, text = BUF_TEXT;
	cleanup_values struct values v;
	struct err err = ERR_INIT;
	bool any = false;

	values_init(&v);
	while (read_word(&option) && option.n) {
		any = true;
		if (!read_word(&text))
			return 0;
		if (!err.status)
			add_option(&v, buf_str(&option), buf_str(&text), &err);
	}
	if (!any)
		return 0;
	buf_addc(out, err.status ? 'R' : 'A');
	if (err.status)
		buf_adds(out, err.text);
	else
		values_write_json(&v, out);
	buf_addc(out, '\n');
	return 1;
}

int main(void)
{
	cleanup_buf struct buf out = BUF_TEXT;

	while (answer(&out)) {
		if (out.failed)
			return 1;
		fwrite(out.p, 1, out.n, stdout);
		fflush(stdout);
		buf_clear(&out);
	}
	return 0;
}
