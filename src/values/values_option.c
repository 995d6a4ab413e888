/*
 * values_option.c: --set options as text, the way back from values.
 */
#include "values/values_set.h"

bool values_key_is_private(struct slice path)
{
	static const char *const words[] = {"secret", "passw", "passphrase", "token", "key",   "cred",
					    "auth",   "cert",  "license",    "user",  "login", "pin"};

	for (size_t at = 0; at < path.n; at++)
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (slice_eq_nocase(slice_to(slice_from(path, at), strlen(words[i])), slice_str(words[i])))
				return true;
	return false;
}

static bool is_one_line(struct slice text)
{
	const char *why;
	size_t at;
	bool odd;

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return false;
	return bytes_valid(text, &odd, &at, &why) && !odd;
}

static bool write_option(enum set_kind kind, const char *path, struct slice value, struct buf *out)
{
	cleanup_buf struct buf word = BUF_TEXT;

	buf_addf(&word, "%s=", path);
	for (size_t i = 0; i < value.n; i++) {
		if (kind != SET_JSON && (strchr("\\,", value.p[i]) || (i == 0 && value.p[i] == '{')))
			buf_addc(&word, '\\');
		buf_addc(&word, value.p[i]);
	}
	if (word.failed) {
		out->failed = true;
		return false;
	}
	if (!is_one_line(buf_slice(&word)))
		return false;
	buf_addf(out, "%s ", set_kind_name(kind));
	buf_add_quoted(out, buf_slice(&word));
	return true;
}

bool values_write_string_option(const char *path, struct slice text, struct buf *out)
{
	int64_t i;

	return write_option(set_type_of(text, &i) == TYPE_STRING ? SET : SET_STRING, path, text, out);
}

bool values_write_option(const char *path, const struct node *value, struct buf *out)
{
	cleanup_buf struct buf json = BUF_TEXT;
	const struct node *where;
	const char *why;
	int64_t i;

	value = node_real(value);
	if (value->kind != NODE_SCALAR)
		return false;
	if (value->type == TYPE_STRING)
		return values_write_string_option(path, node_text(value), out);
	if (!node_to_json(value, &json, &why, &where)) {
		out->failed |= json.failed;
		return false;
	}
	/* What --set would keep as a text, such as 1.5, is written as JSON. */
	return write_option(set_type_of(buf_slice(&json), &i) == TYPE_STRING ? SET_JSON : SET, path, buf_slice(&json),
			    out);
}

/* One word of a shell; false: it is more than that. */
static bool read_quoted(struct slice text, char *out, size_t *n)
{
	bool quoted = false;

	*n = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\'')
			quoted = !quoted;
		else if (!quoted && c == '\\' && i + 1 < text.n)
			out[(*n)++] = text.p[++i];
		else if (!quoted && !shell_plain(c))
			return false;
		else
			out[(*n)++] = c;
	}
	return !quoted;
}

bool values_read_option(const char *option, struct arena *a, struct value_set *set)
{
	for (unsigned k = 0; k < SET_KINDS; k++) {
		const char *name = set_kind_name((enum set_kind)k);
		size_t n = strlen(name);
		char *text;

		if (strncmp(option, name, n) != 0 || option[n] != ' ')
			continue;
		text = arena_bytes(a, strlen(option) + 1);
		if (!text || !read_quoted(slice_str(option + n + 1), text, &n))
			return false;
		text[n] = '\0';
		set->kind = (enum set_kind)k;
		set->text = text;
		return true;
	}
	return false;
}
