#include "credentials/ladder.h"

#include <zlib.h>

#include "base/base64.h"
#include "credentials/chars.h"

/* --- telling what bytes are ------------------------------------------------------------------------------------ */

static bool is_text(struct slice s, bool cut)
{
	size_t high = 0;

	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t more = c < 0x80		      ? 0
			      : c >= 0xc2 && c < 0xe0 ? 1
			      : (c & 0xf0) == 0xe0    ? 2
			      : c >= 0xf0 && c < 0xf5 ? 3
						      : 9;

		if (c < 0x80) {
			if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
				return false;
			i++;
			continue;
		}
		if (more == 9)
			return false;
		for (size_t k = 1; k <= more; k++) {
			if (i + k >= s.n)
				return cut;
			if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
				return false;
		}
		high += more + 1;
		i += more + 1;
	}
	/* A few bytes of noise can pass for UTF-8; prose in another script is longer. */
	return high * 2 <= s.n || s.n >= 60;
}

/* Text with a stray byte here and there: Latin-1, a terminal's colours, a broken character. */
static bool is_nearly_text(struct slice s)
{
	size_t strays = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		strays += c >= 0x7f || (c < ' ' && c != '\n' && c != '\r' && c != '\t');
	}
	return strays * 5 <= s.n;
}

static enum sniff sniff(struct slice s, bool cut)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t zeros[2] = {0, 0}, n = s.n < 64 ? s.n : 64;

	if (s.n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return SNIFF_GZIP;
	if (s.n >= 2 && p[0] == 0x78 && (p[1] == 1 || p[1] == 0x5e || p[1] == 0x9c || p[1] == 0xda))
		return is_text(s, cut) ? SNIFF_TEXT : SNIFF_ZLIB;
	if (s.n >= 4 && p[0] == 0xff && p[1] == 0xfe)
		return SNIFF_UTF16LE;
	if (s.n >= 4 && p[0] == 0xfe && p[1] == 0xff)
		return SNIFF_UTF16BE;
	for (size_t i = 0; i < n; i++)
		zeros[i & 1] += p[i] == 0;
	if (n >= 8 && zeros[1] >= n / 2 - n / 8 && zeros[0] == 0)
		return SNIFF_UTF16LE;
	if (n >= 8 && zeros[0] >= n / 2 - n / 8 && zeros[1] == 0)
		return SNIFF_UTF16BE;
	return is_text(s, cut) ? SNIFF_TEXT : SNIFF_BINARY;
}

enum sniff sniff_bytes(struct slice bytes)
{
	enum sniff kind = sniff(bytes, false);

	return kind == SNIFF_BINARY && bytes.n >= 8 && is_nearly_text(bytes) ? SNIFF_NEARLY_TEXT : kind;
}

static int digit_of(char c)
{
	return c >= 'A' && c <= 'Z'   ? c - 'A'
	       : c >= 'a' && c <= 'z' ? c - 'a' + 26
	       : c >= '0' && c <= '9' ? c - '0' + 52
	       : c == '+' || c == '-' ? 62
	       : c == '/' || c == '_' ? 63
				      : -1;
}

/* Two groups decode to text, or to the head of something packed: nineteen in twenty names and digests end here. */
static bool may_begin_something(struct slice text)
{
	unsigned char head[6];
	size_t printable = 0, zeros = 0;

	if (text.n < 8)
		return true;
	for (size_t i = 0; i < 2; i++) {
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int d = digit_of(text.p[i * 4 + k]);

			if (d < 0)
				return true; /* folded early: the slow way tells */
			v = v << 6 | (uint32_t)d;
		}
		head[i * 3] = (unsigned char)(v >> 16);
		head[i * 3 + 1] = (unsigned char)(v >> 8);
		head[i * 3 + 2] = (unsigned char)v;
	}
	if ((head[0] == 0x1f && head[1] == 0x8b) || head[0] == 0x78 || (head[0] == 0xff && head[1] == 0xfe) ||
	    (head[0] == 0xfe && head[1] == 0xff))
		return true;
	for (size_t i = 0; i < sizeof(head); i++) {
		printable += head[i] >= 0x80 || (head[i] >= ' ' && head[i] < 0x7f) || head[i] == '\n' ||
			     head[i] == '\r' || head[i] == '\t';
		zeros += head[i] == 0;
	}
	return printable == sizeof(head) || zeros >= 2;
}

/* The head is decoded on the stack: this is asked of every longer word, and must not fail. */
enum sniff sniff_base64(struct slice text)
{
	enum { HEAD = 64 };
	char head[HEAD / 4 * 3];
	uint32_t bits = 0;
	size_t n = 0, digits = 0;

	if (!may_begin_something(text))
		return SNIFF_BINARY;
	for (size_t i = 0; i < text.n && digits < HEAD; i++) {
		int d = digit_of(text.p[i]);

		if (char_in(text.p[i], CHAR_SPACE))
			continue;
		if (d < 0)
			break; /* padding, or the end of a run */
		bits = bits << 6 | (uint32_t)d;
		if (digits++ % 4 != 0)
			head[n++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	return sniff(slice_of(head, n), true);
}

/* --- steps ----------------------------------------------------------------------------------------------------- */

static enum step outcome(const struct buf *out, size_t asked)
{
	if (!out->failed)
		return STEP_OK;
	return asked > out->cap ? STEP_CAP : STEP_MEMORY;
}

enum step step_base64(struct slice text, struct buf *out)
{
	if (text.n / 4 * 3 + 3 > LADDER_TEXT)
		return STEP_CAP;
	if (base64_decode(text, BASE64_ANY, out))
		return STEP_OK;
	return out->failed ? STEP_MEMORY : STEP_NO;
}

/* One stream: a member of gzip, or zlib. */
static enum step inflate_one(z_stream *z, size_t in, struct buf *out)
{
	for (;;) {
		enum { CHUNK = 64 << 10 };
		char *at = buf_reserve(out, CHUNK);
		int rc;

		if (!at)
			return out->n + CHUNK > out->cap ? STEP_CAP : STEP_MEMORY;
		z->next_out = (Bytef *)at;
		z->avail_out = CHUNK;
		rc = inflate(z, Z_NO_FLUSH);
		out->n += CHUNK - z->avail_out;
		out->p[out->n] = '\0';
		if (rc == Z_STREAM_END)
			return STEP_OK;
		if (out->n > LADDER_RATIO_FROM && out->n / LADDER_RATIO > in)
			return STEP_CAP;
		if (rc != Z_OK)
			return rc == Z_MEM_ERROR ? STEP_MEMORY : STEP_NO;
	}
}

/* gunzip takes one member after the other; what follows the last one is kept, too: somebody may read it. */
enum step step_inflate(struct slice bytes, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.p, .avail_in = (uInt)bytes.n};
	enum step result;

	if (inflateInit2(&z, 15 + 32) != Z_OK) /* gzip or zlib, by its header */
		return STEP_MEMORY;
	for (;;) {
		struct slice rest;

		result = inflate_one(&z, bytes.n, out);
		if (result != STEP_OK || z.avail_in == 0)
			break;
		rest = slice_of((const char *)z.next_in, z.avail_in);
		if (rest.n > 2 && (unsigned char)rest.p[0] == 0x1f && (unsigned char)rest.p[1] == 0x8b &&
		    inflateReset(&z) == Z_OK)
			continue;
		buf_addc(out, '\n');
		buf_add(out, rest);
		if (out->failed)
			result = rest.n + 1 > out->cap - out->n ? STEP_CAP : STEP_MEMORY;
		break;
	}
	inflateEnd(&z);
	return result;
}

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(out, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(out, (char)(0xf0 | c >> 18));
			buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_addc(out, (char)(0x80 | (c & 0x3f)));
}

enum step step_utf16(struct slice bytes, bool big, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t i = 0; i + 1 < bytes.n; i += 2) {
		uint32_t c = big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];

		if (c == 0xfeff || c == 0)
			continue;
		add_utf8(out, c >= 0xd800 && c < 0xe000 ? '?' : c); /* no credential holds a surrogate */
	}
	return outcome(out, bytes.n * 2);
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool hex_run(struct slice s, size_t at, size_t n, uint32_t *v)
{
	*v = 0;
	if (at + n > s.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = hex_of(s.p[at + i]);

		if (d < 0)
			return false;
		*v = *v << 4 | (uint32_t)d;
	}
	return true;
}

/* Strays become question marks, so that every reader of text takes the rest. */
enum step step_clean(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		buf_addc(out, c >= 0x7f || (c < ' ' && c != '\n' && c != '\r' && c != '\t') ? '?' : (char)c);
	}
	return outcome(out, s.n);
}

enum step step_percent(struct slice s, struct buf *out)
{
	uint32_t c;

	for (size_t i = 0; i < s.n; i++) {
		struct slice rest = slice_from(s, i);

		if (s.p[i] == '%' && hex_run(s, i + 1, 2, &c)) {
			buf_addc(out, (char)c);
			i += 2;
		} else if (slice_starts(rest, "&amp;")) {
			buf_addc(out, '&');
			i += 4;
		} else if (slice_starts(rest, "&#")) {
			size_t n = 2;

			for (c = 0; n < rest.n && n < 6 && rest.p[n] >= '0' && rest.p[n] <= '9'; n++)
				c = c * 10 + (uint32_t)(rest.p[n] - '0');
			if (n < rest.n && rest.p[n] == ';' && c < 0x80 && c) {
				buf_addc(out, (char)c);
				i += n;
			} else {
				buf_addc(out, s.p[i]);
			}
		} else {
			buf_addc(out, s.p[i]);
		}
	}
	return outcome(out, s.n);
}

enum step step_escapes(struct slice s, struct buf *out)
{
	uint32_t c;

	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';

		if (s.p[i] != '\\') {
			buf_addc(out, s.p[i]);
		} else if (next == 'u' && hex_run(s, i + 2, 4, &c)) {
			add_utf8(out, c);
			i += 5;
		} else if (next == 'x' && hex_run(s, i + 2, 2, &c)) {
			add_utf8(out, c);
			i += 3;
		} else if (next == 'n' || next == 'r' || next == 't') {
			buf_addc(out, next == 'n' ? '\n' : ' ');
			i++;
		} else if (next == '/' || next == '"' || next == '\'' || next == '\\') {
			buf_addc(out, next);
			i++;
		} else {
			buf_addc(out, s.p[i]);
		}
	}
	return outcome(out, s.n * 2);
}

/* The parts of a shell's word, and of a text that is added up from literals without a sign between them. */
enum step step_joined(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		bool quote = s.p[i] == '"' || s.p[i] == '\'',
		     next = i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\'');

		if (quote && next && i && i + 2 < s.n && char_in(s.p[i - 1], CLASS_ANY64) &&
		    char_in(s.p[i + 2], CLASS_ANY64)) {
			i++;
			continue;
		}
		buf_addc(out, s.p[i]);
	}
	return outcome(out, s.n);
}

enum step step_continued(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t end = i + 1;

		if (s.p[i] == '\\') {
			while (end < s.n && (s.p[end] == ' ' || s.p[end] == '\r'))
				end++;
			if (end < s.n && s.p[end] == '\n') {
				/* A word that goes on: YAML and TOML leave out the next line's indent. */
				if (i && !char_in(s.p[i - 1], CHAR_SPACE))
					end += run_forward(s, end + 1, CHAR_SPACE, s.n);
				i = end;
				continue;
			}
		}
		buf_addc(out, s.p[i]);
	}
	return outcome(out, s.n);
}
