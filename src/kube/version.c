#include "kube/version.h"

struct version version_parse(struct slice text)
{
	struct version v = {0};
	size_t parts = 0, digits = 0;

	if (slice_starts(text, "v"))
		text = slice_from(text, 1);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= '0' && c <= '9' && digits < 9 && parts < ARRAY_SIZE(v.part)) {
			v.part[parts] = v.part[parts] * 10 + (unsigned long)(c - '0');
			digits++;
		} else if (c == '.' && digits && parts + 1 < ARRAY_SIZE(v.part)) {
			parts++;
			digits = 0;
		} else if (digits && strchr("-+_", c) && c) {
			break;
		} else {
			return (struct version){0};
		}
	}
	v.known = parts > 0 && digits > 0;
	return v;
}

int version_compare(struct version a, struct version b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a.part); i++)
		if (a.part[i] != b.part[i])
			return a.part[i] < b.part[i] ? -1 : 1;
	return 0;
}

struct slice image_tag(struct slice image)
{
	size_t at = slice_chr(image, '@'), slash, colon;

	if (at != SIZE_MAX)
		image = slice_to(image, at);
	slash = slice_rchr(image, '/');
	if (slash != SIZE_MAX)
		image = slice_from(image, slash + 1);
	colon = slice_rchr(image, ':');
	return colon == SIZE_MAX ? SLICE_EMPTY : slice_from(image, colon + 1);
}
