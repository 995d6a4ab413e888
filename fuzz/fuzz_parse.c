/*
 * fuzz_parse.c: bytes to trees to JSON. Every span lies inside its document, every text that claims to stand in the
 * input does, every path can be written, and the JSON says the same when it is read again.
 */
#include "fuzz.h"

static void walk(const struct node *n, unsigned left)
{
	struct buf path = BUF_INIT(1 << 16);

	node_path(n, &path);
	buf_release(&path);
	for (struct map_iter it = map_iter_of(n); left && map_next(&it); left--)
		walk(it.value, left / 2);
	for (struct seq_iter it = seq_iter_of(n); left && seq_next(&it); left--)
		walk(it.item, left / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;

	stream_init(&s, &FUZZ_LIMITS);
	if (stream_add(&s, "fuzz", slice_of((const char *)data, size), &err) < 0)
		return 0;
	for (size_t i = 0; i < s.problems.n; i++) {
		PROMISE(s.problems.v[i].at <= size, "a problem at %zu of %zu", s.problems.v[i].at, size);
		input_position(s.problems.v[i].input, s.problems.v[i].at);
	}
	/* With a problem found the trees may be halves. */
	for (size_t i = 0; s.problems.n == 0 && i < s.documents.n; i++) {
		const struct document *d = &s.documents.v[i];
		cleanup_buf struct buf json = BUF_INIT((size_t)4 << 20);
		const struct node *where;
		const char *why;

		if (!d->root)
			continue;
		spans_hold(d, d->root);
		PROMISE(node_equal(d->root, d->root), "a document differs from itself");
		walk(d->root, 64);
		if (node_to_json(d->root, &json, &why, &where) && !json.failed)
			json_comes_back(buf_slice(&json));
	}
	return 0;
}
