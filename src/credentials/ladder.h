/*
 * ladder.h: one step down from what was written to what was meant: base64, gzip, zlib, UTF-16, percent, JSON escapes,
 * shell line continuations. Each step is pure: bytes in, bytes appended to a buffer with a cap. Which step to take,
 * how deep and how much in all is the scan's business; a cap that is reached is reported, never skipped.
 */
#ifndef PXB_CREDENTIALS_LADDER_H
#define PXB_CREDENTIALS_LADDER_H

#include "base/buf.h"

enum ladder {
	LADDER_STEPS = 12,	  /* decodings and documents inside one another */
	LADDER_TEXT = 16 << 20,	  /* bytes of one decoded text */
	LADDER_OBJECT = 64 << 20, /* bytes decoded for one object */
	LADDER_RATIO = 200,	  /* of inflated to deflated bytes, above LADDER_RATIO_FROM */
	LADDER_RATIO_FROM = 1 << 20,
	LADDER_BASE64_MIN = 20, /* characters of a scalar that may be base64 */
	LADDER_RUN_MIN = 24,	/* characters of a run inside a text; base64 of an access key id has 27 */
};

enum sniff { SNIFF_BINARY, SNIFF_TEXT, SNIFF_NEARLY_TEXT, SNIFF_GZIP, SNIFF_ZLIB, SNIFF_UTF16LE, SNIFF_UTF16BE };

/* What these bytes are. TEXT: nothing but printable characters and line ends. */
enum sniff sniff_bytes(struct slice bytes);

/* What the base64 would decode to, by its first characters. */
enum sniff sniff_base64(struct slice text);

enum step { STEP_OK, STEP_NO, STEP_CAP, STEP_MEMORY };

/* A whole scalar: either alphabet, padding optional, folded over lines. */
enum step step_base64(struct slice text, struct buf *out);
enum step step_inflate(struct slice bytes, struct buf *out);
enum step step_utf16(struct slice bytes, bool big, struct buf *out);
enum step step_percent(struct slice text, struct buf *out);   /* %XX and &amp; &#NN; */
enum step step_escapes(struct slice text, struct buf *out);   /* \uXXXX \xXX \/ \" \n */
enum step step_clean(struct slice text, struct buf *out);     /* strays of nearly text */
enum step step_joined(struct slice text, struct buf *out);    /* "a""b": one word */
enum step step_continued(struct slice text, struct buf *out); /* backslash, line end and the blanks that follow */

/* The next run of the base64 alphabets of at least LADDER_RUN_MIN characters at or after *from, with its padding; *from
   is moved behind it. Long runs only are met at a stride, so prose costs little. */
bool next_run(struct slice text, size_t *from, struct slice *run);

/* The whole of text is in the base64 alphabets, apart from padding at its end and line folds. */
bool is_base64_text(struct slice text);

#endif
