/*
 * fuzz_json.c: the strict JSON reader alone. What it takes stays inside its span, has a JSON form that is read again as
 * the same, and begins and ends with the bytes of a value.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_stream struct stream s;
	struct input in = {.name = "fuzz", .bytes = slice_of((const char *)data, size)};
	struct err err = ERR_INIT;
	size_t yaml_from = 0, at;
	const char *why;
	bool odd;

	stream_init(&s, &FUZZ_LIMITS);
	if (!bytes_valid(in.bytes, &odd, &at, &why)) {
		PROMISE(at < size, "a bad byte at %zu of %zu", at, size);
		return 0;
	}
	if (stream_read_json(&s, &in, &yaml_from, &err) < 0)
		return 0;
	PROMISE(yaml_from == SIZE_MAX || (yaml_from <= size && s.documents.n <= 1), "YAML from %zu after %zu values",
		yaml_from, s.documents.n);
	for (size_t i = 0; i < s.documents.n; i++) {
		const struct document *d = &s.documents.v[i];
		cleanup_buf struct buf json = BUF_INIT((size_t)4 << 20);
		const struct node *where;

		if (!d->root)
			continue;
		spans_hold(d, d->root);
		PROMISE(d->root->kind == NODE_SCALAR || strchr("]}", in.bytes.p[d->end - 1]),
			"a collection without its end");
		PROMISE(node_to_json(d->root, &json, &why, &where), "JSON without a JSON form: %s", why);
		if (!json.failed)
			json_comes_back(buf_slice(&json));
	}
	return 0;
}
