/*
 * values.c: credentials that their value gives away, as CEL. What a detector knows becomes a pattern over text; over
 * base64 it becomes a few characters at a known place and a range of lengths.
 */
#include "credentials/detect.h"
#include "export/vap.h"

struct value_row {
	const char *group;
	enum detector_id detector;
};

static const struct value_row values[] = {
#define VALUE(group, detector) {(group), DETECTOR_##detector},
#define INSIDE(name, word, value)
#include "export/values.def"
#undef VALUE
#undef INSIDE
};

static const struct {
	const char *name, *word, *value;
} insides[] = {
#define VALUE(group, detector)
#define INSIDE(name, word, value) {(name), (word), (value)},
#include "export/values.def"
#undef VALUE
#undef INSIDE
};

static const char value_message[] =
	"the value of key {} is or contains a cloud credential, and Federated mode stores none centrally; fix: use the "
	"provider's workload identity";

static const char *class_text(unsigned class)
{
	switch (class) {
	case CLASS_CAPS:
		return "A-Z0-9";
	case CLASS_LOWER:
		return "a-z0-9";
	case CLASS_HEX:
		return "0-9a-f";
	case CLASS_BASE64:
		return "A-Za-z0-9+/";
	case CLASS_URL64:
		return "A-Za-z0-9_-";
	case CLASS_ANY64:
		return "A-Za-z0-9+/_-";
	case CLASS_ENTRA:
		return "A-Za-z0-9._~-";
	case CLASS_JWT:
		return "A-Za-z0-9._-";
	default:
		return "A-Za-z0-9";
	}
}

/* RE2 repeats nothing more than a thousand times; a longer run begins with that many all the same. */
static unsigned repeats(size_t n)
{
	return n > 1000 ? 1000 : (unsigned)n;
}

static void put_pattern(const struct detector *d, struct buf *out)
{
	const char *lead = class_text(d->lead), *tail = class_text(d->tail);

	buf_addf(out, "(^|[^%s])", lead);
	if (d->lead_n)
		buf_addf(out, "[%s]{%u}", lead, repeats(d->lead_n));
	for (const char *p = d->literal; *p; p++)
		buf_addf(out, strchr("+.*?()[]{}|^$\\", *p) ? "\\%c" : "%c", *p);
	buf_addf(out, "[%s]{%u}", tail, repeats(d->min));
	if (d->min == d->max)
		buf_addf(out, "([^%s]|$)", tail);
}

/* A look for text of more than ten bytes costs twice as much, and the pattern more than that: the first bytes decide
   whether it is worth it. */
static void put_first_bytes(const char *variable, const char *word, struct buf *out)
{
	buf_addf(out, "%s.contains(", variable);
	cel_quote(slice_to(slice_str(word), 10), out);
	buf_addc(out, ')');
}

static void put_in_text(const struct detector *d, struct buf *out)
{
	cleanup_buf struct buf pattern = BUF_TEXT;

	put_pattern(d, &pattern);
	put_first_bytes("variables.data[k]", d->literal, out);
	buf_adds(out, " && variables.data[k].matches(");
	cel_quote(buf_slice(&pattern), out);
	buf_addc(out, ')');
	out->failed |= pattern.failed;
}

static size_t base64_size(size_t n)
{
	return (n + 2) / 3 * 4;
}

/* The value as a whole: padding, quotes or a line end may make it four bytes longer. */
static void put_in_base64(const struct detector *d, struct buf *out)
{
	size_t fixed = d->lead_n + strlen(d->literal), least = fixed + d->min;
	cleanup_buf struct buf text = BUF_TEXT;
	size_t at = cel_base64_at(slice_str(d->literal), d->lead_n, &text);

	buf_addf(out, "size(dyn(variables.data[k])) >= %zu && size(dyn(variables.data[k])) <= %zu &&\n    ",
		 base64_size(least), base64_size(fixed + d->max + 4));
	buf_addf(out, "dyn(variables.data[k]).substring(%zu, %zu) == ", at, at + text.n);
	cel_quote(buf_slice(&text), out);
	/* At the least size the padding tells whether a byte or two are missing. */
	if (least % 3 != 1)
		buf_addf(out,
			 " &&\n    (size(dyn(variables.data[k])) > %zu || !dyn(variables.data[k]).endsWith(\"%s\"))",
			 base64_size(least), least % 3 == 2 ? "==" : "=");
	out->failed |= text.failed;
}

static void put_group(const char *group, bool encoded, struct buf *out)
{
	bool any = false;

	buf_adds(out, "variables.changed.filter(k,\n");
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (strcmp(values[i].group, group) != 0)
			continue;
		buf_addf(out, "%s  (", any ? " ||\n" : "");
		(encoded ? put_in_base64 : put_in_text)(detector_of(values[i].detector), out);
		buf_addc(out, ')');
		any = true;
	}
	buf_addc(out, ')');
}

static void put_inside(size_t i, bool encoded, struct buf *out)
{
	cleanup_buf struct buf pattern = BUF_TEXT;

	buf_adds(out, "variables.changed.filter(k,\n  ");
	for (size_t at = 0; encoded && at < 3; at++) {
		cleanup_buf struct buf text = BUF_TEXT;

		cel_base64_at(slice_str(insides[i].word), at, &text);
		buf_adds(out, at ? " ||\n  " : "");
		put_first_bytes("dyn(variables.data[k])", buf_str(&text), out);
		buf_adds(out, " && dyn(variables.data[k]).contains(");
		cel_quote(buf_slice(&text), out);
		buf_addc(out, ')');
		out->failed |= text.failed;
	}
	if (!encoded) {
		buf_addf(&pattern, "%s%s", insides[i].word, insides[i].value);
		put_first_bytes("variables.data[k]", insides[i].word, out);
		buf_adds(out, " && variables.data[k].matches(");
		cel_quote(buf_slice(&pattern), out);
		buf_addc(out, ')');
	}
	buf_addc(out, ')');
	out->failed |= pattern.failed;
}

size_t value_probes(bool encoded, struct slice after, struct buf *text, struct probe *probes, size_t room)
{
	const char *open = after.n ? "(" : "";
	size_t starts[32], n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(values) && n < room && n < ARRAY_SIZE(starts); i++) {
		if (i && strcmp(values[i].group, values[i - 1].group) == 0)
			continue;
		starts[n] = text->n;
		buf_adds(text, open);
		put_group(values[i].group, encoded, text);
		buf_add(text, after);
		probes[n++] = (struct probe){.variable = values[i].group, .message = value_message};
	}
	for (size_t i = 0; i < ARRAY_SIZE(insides) && n < room && n < ARRAY_SIZE(starts); i++) {
		starts[n] = text->n;
		buf_adds(text, open);
		put_inside(i, encoded, text);
		buf_add(text, after);
		probes[n++] = (struct probe){.variable = insides[i].name, .message = value_message};
	}
	/* Only now does the buffer stay where it is. */
	for (size_t i = 0; i < n; i++)
		probes[i].bad = slice_of(buf_str(text) + starts[i], (i + 1 < n ? starts[i + 1] : text->n) - starts[i]);
	return n;
}
