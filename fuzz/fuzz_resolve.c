/*
 * fuzz_resolve.c: typing, and writing back. Any text written as a string is read as that string, in every style; a
 * number's JSON text is read as the same number. The first byte chooses the tag, the rest is the text.
 */
#include <math.h>

#include "fuzz.h"
#include "yaml/tree.h"

static const char *const tags[] = {NULL,
				   NULL,
				   NULL,
				   "tag:yaml.org,2002:str",
				   "tag:yaml.org,2002:int",
				   "tag:yaml.org,2002:float",
				   "tag:yaml.org,2002:bool",
				   "tag:yaml.org,2002:null",
				   "tag:yaml.org,2002:timestamp",
				   "!own"};

static void comes_back(struct slice text, enum node_style like)
{
	cleanup_stream struct stream s;
	cleanup_buf struct buf yaml = BUF_TEXT;
	struct err err = ERR_INIT;
	const struct node *v;

	buf_adds(&yaml, "k: ");
	scalar_write(text, like, &yaml);
	buf_addc(&yaml, '\n');
	stream_init(&s, &FUZZ_LIMITS);
	s.limits.bytes = yaml.n + 1;
	if (yaml.failed || stream_add(&s, "again", buf_slice(&yaml), &err) < 0)
		return;
	PROMISE(s.problems.n == 0, "written text refused: %s: %s", s.problems.v[0].message, buf_str(&yaml));
	v = node_lookup(s.documents.v[0].root, "k");
	PROMISE(node_is_string(v) && slice_eq(node_string(v), text), "written text reads differently: %s",
		buf_str(&yaml));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data + 1, size - 1);
	struct resolved r;
	const char *why;
	bool odd;
	char number[32];
	size_t at;

	if (size == 0)
		return 0;
	r = scalar_resolve(tags[data[0] % ARRAY_SIZE(tags)], text);
	if (r.type == TYPE_FLOAT && !r.failed && isfinite(r.as.f)) {
		number_json_text(r.as.f, number);
		PROMISE(strtod(number, NULL) == r.as.f, "%s is no %.17g", number, r.as.f);
		number_key_text(r.as.f, number);
	}
	/* A byte order mark and odd line ends can be written, as escapes, but this writer is not asked to. */
	if (!bytes_valid(text, &odd, &at, &why) || odd || slice_find(text, "\xef\xbb\xbf") != SIZE_MAX)
		return 0;
	for (int like = STYLE_PLAIN; like <= STYLE_FLOW; like++)
		comes_back(text, (enum node_style)like);
	return 0;
}
