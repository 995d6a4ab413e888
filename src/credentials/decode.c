/*
 * decode.c: the ladder from one text: what is tried, how deep, how much.
 */
#include "credentials/site.h"

#include "base/base64.h"
#include "credentials/chars.h"

/* One step further down, if the caps let it. */
static bool may_descend(struct scan *s, const struct site *at, size_t bytes)
{
	if (at->depth + 1 >= LADDER_STEPS) {
		hit_unchecked(s, at, "texts are encoded inside one another more often than the limit");
		return false;
	}
	s->decoded += bytes;
	if (s->decoded > LADDER_OBJECT) {
		if (!s->capped)
			hit_unchecked(s, at, "the object decodes to more than the limit");
		s->capped = true;
		return false;
	}
	return true;
}

static void finish(struct scan *s, const struct site *at, struct slice name, enum step result, const struct buf *out,
		   const char *cap)
{
	struct slice bytes = buf_slice(out);

	switch (result) {
	case STEP_OK:
		if (may_descend(s, at, bytes.n))
			decode_bytes(s, at, name, bytes, sniff_bytes(bytes));
		return;
	case STEP_CAP:
		hit_unchecked(s, at, cap);
		return;
	case STEP_MEMORY:
		s->out->failed = true;
		return;
	case STEP_NO:
		return;
	}
}

void decode_bytes(struct scan *s, const struct site *at, struct slice name, struct slice bytes, enum sniff kind)
{
	struct site inner = {.outer = at, .depth = at->depth + 1};
	struct buf out = BUF_INIT(LADDER_TEXT);
	enum step result;

	switch (kind) {
	case SNIFF_TEXT:
		if (name.n)
			scan_value(s, at, name, bytes);
		else
			scan_text(s, at, bytes);
		break;
	case SNIFF_BINARY:
		scan_bytes(s, at, bytes);
		if (name.n)
			scan_named(s, at, name, bytes);
		break;
	case SNIFF_NEARLY_TEXT:
		inner.step = "text";
		finish(s, &inner, name, step_clean(bytes, &out), &out, "a text is longer than the limit");
		break;
	case SNIFF_GZIP:
	case SNIFF_ZLIB:
		inner.step = kind == SNIFF_GZIP ? "gzip" : "zlib";
		result = step_inflate(bytes, &out);
		if (result == STEP_NO && kind == SNIFF_GZIP)
			hit_unchecked(s, at, "a gzip stream is damaged or cut off");
		finish(s, &inner, name, result, &out, "a compressed text unpacks to more than the limit");
		break;
	case SNIFF_UTF16LE:
	case SNIFF_UTF16BE:
		inner.step = "UTF-16";
		finish(s, &inner, name, step_utf16(bytes, kind == SNIFF_UTF16BE, &out), &out,
		       "a UTF-16 text is longer than the limit");
		break;
	}
	buf_release(&out);
}

bool decode_base64(struct scan *s, const struct site *at, struct slice text, bool must)
{
	struct site inner = {.outer = at, .step = "base64", .depth = at->depth + 1};
	struct buf out = BUF_INIT(LADDER_TEXT + 4);
	enum sniff kind = sniff_base64(text);
	enum step result;
	bool ok;

	if (kind == SNIFF_BINARY && !must)
		return false;
	result = step_base64(text, &out);
	ok = result == STEP_OK;
	if (ok && !must && sniff_bytes(buf_slice(&out)) == SNIFF_BINARY)
		ok = false; /* began like text by chance */
	else
		finish(s, &inner, SLICE_EMPTY, result, &out, "a base64 text is longer than the limit");
	buf_release(&out);
	return ok;
}

/* A run may begin before the encoded text does (a path, a key and '/'): one of four starts is right. */
static struct slice aligned(struct slice run)
{
	for (size_t skip = 0; skip < 4 && run.n >= skip + LADDER_BASE64_MIN; skip++) {
		struct slice from = slice_from(run, skip);

		if (sniff_base64(from) != SNIFF_BINARY)
			return from;
	}
	return SLICE_EMPTY;
}

struct slice first_line(struct slice run)
{
	return slice_to(run, slice_chr(run, '\n'));
}

struct runs decode_would(struct slice text, bool cloud)
{
	struct runs runs = {false, false};
	struct slice run;

	for (size_t from = 0; !(runs.encoded && runs.shaped) && next_run(text, &from, &run);) {
		runs.encoded = runs.encoded || aligned(run).n;
		runs.shaped = runs.shaped || shapes_of(first_line(run)) ||
			      (cloud && looks_chance(slice_to(first_line(run), 200)));
	}
	return runs;
}

void decode_runs(struct scan *s, const struct site *at, struct slice text)
{
	struct slice run;

	for (size_t from = 0; next_run(text, &from, &run);) {
		struct slice coded = aligned(run);

		/* What follows the text may be of the alphabet too: then a whole number of groups is decoded. */
		if (coded.n && !decode_base64(s, at, coded, false))
			decode_base64(s, at, slice_to(coded, coded.n - coded.n % 4), false);
	}
}
