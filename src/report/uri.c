#include "report/uri.h"

/* Unreserved, and what a path segment may hold besides, save ':', which would make a scheme of a first segment. */
static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~!$&'()*+,;=@", c));
}

static void put_segment(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_plain(c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

enum uri_kind uri_of_path(struct slice path, struct buf *out)
{
	enum uri_kind kind = slice_starts(path, "/") ? URI_ABSOLUTE : URI_BELOW;
	const char *sep = kind == URI_ABSOLUTE ? "file:///" : "";

	while (path.p) {
		struct slice segment = slice_cut(path, '/', &path);

		if (segment.n == 0 || slice_is(segment, "."))
			continue;
		if (kind == URI_BELOW && slice_is(segment, ".."))
			kind = URI_OUTSIDE;
		buf_adds(out, sep);
		put_segment(segment, out);
		sep = "/";
	}
	return kind;
}
