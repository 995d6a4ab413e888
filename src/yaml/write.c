/*
 * write.c: a string back into YAML. The result is a string to every reader, whatever version of YAML it speaks.
 */
#include "yaml/stream.h"

/* Words that some reader takes for something else, beyond those that go-yaml does. */
static bool is_risky_word(struct slice s)
{
	static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_eq_nocase(s, slice_str(words[i])))
			return true;
	return false;
}

static bool plain_is_safe(struct slice s)
{
	bool letter = s.n && ((s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z'));

	if (!letter || s.n > 200 || is_risky_word(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		      c == '_' || c == '.' || c == '/'))
			return false;
	}
	return scalar_resolve(NULL, s).type == TYPE_STRING;
}

static bool single_is_safe(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] >= 0x7f || s.p[i] == '\'')
			return false;
	return true;
}

void scalar_write(struct slice text, enum node_style like, struct buf *out)
{
	if (like == STYLE_PLAIN && plain_is_safe(text)) {
		buf_add(out, text);
	} else if (like == STYLE_SINGLE && single_is_safe(text)) {
		buf_addc(out, '\'');
		buf_add(out, text);
		buf_addc(out, '\'');
	} else {
		json_quote(text, out);
	}
}
