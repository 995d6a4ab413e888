#include "base/base64.h"

static int value_of(char c, enum base64_form form)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || (c == '-' && form == BASE64_ANY))
		return 62;
	if (c == '/' || (c == '_' && form == BASE64_ANY))
		return 63;
	return -1;
}

bool base64_decode(struct slice text, enum base64_form form, struct buf *out)
{
	char *at = buf_reserve(out, text.n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned have = 0, pads = 0;
	size_t n = 0;

	if (!at)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		int v;

		if (c == '\n' || c == '\r' || (form == BASE64_ANY && (c == ' ' || c == '\t')))
			continue;
		if (c == '=') {
			pads++;
			continue;
		}
		v = value_of(c, form);
		if (v < 0 || pads)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (++have == 4) {
			at[n++] = (char)(bits >> 16);
			at[n++] = (char)(bits >> 8);
			at[n++] = (char)bits;
			bits = 0;
			have = 0;
		}
	}
	if (have == 1 || pads > 2 || (pads && have + pads != 4) ||
	    (form == BASE64_STANDARD && have && have + pads != 4))
		return false;
	if (have >= 2)
		at[n++] = (char)(have == 2 ? bits >> 4 : bits >> 10);
	if (have == 3)
		at[n++] = (char)(bits >> 2);
	out->n += n;
	out->p[out->n] = '\0';
	return true;
}

void base64_encode(struct slice bytes, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v =
			(uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);

		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, left > 1 ? digits[v >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? digits[v & 63] : '=');
	}
}
