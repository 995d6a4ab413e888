/*
 * fuzz.h: what the harnesses share. Each includes the library's headers it needs; a broken promise of the library
 * ends the process, so that the fuzzer keeps the input.
 */
#ifndef PXB_FUZZ_H
#define PXB_FUZZ_H

#include "yaml/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(what, ...)                                       \
	do {                                                     \
		if (!(what)) {                                   \
			fprintf(stderr, "broken: " __VA_ARGS__); \
			fputc('\n', stderr);                     \
			abort();                                 \
		}                                                \
	} while (0)

/* Small enough that a hostile input is refused before it is slow. */
#define FUZZ_LIMITS ((struct limits){.bytes = (size_t)1 << 20, .depth = 64, .nodes = 1u << 20})

/* Every node inside its document; children in their order and inside their parent (an alias's target is elsewhere). */
static inline void spans_hold(const struct document *d, const struct node *n)
{
	uint32_t at = n->start;

	PROMISE(n->start <= n->end && n->start >= d->start && n->end <= d->end, "span [%u,%u) outside [%u,%u)",
		n->start, n->end, d->start, d->end);
	if (n->kind == NODE_SCALAR || n->kind == NODE_ALIAS)
		return;
	for (const struct node *c = n->child; c; c = c->next) {
		PROMISE(c->parent == n, "a child of another parent");
		PROMISE(c->start >= at && c->end <= n->end, "child [%u,%u) outside [%u,%u)", c->start, c->end, at,
			n->end);
		spans_hold(d, c);
		at = c->end;
	}
}

/* What the cluster would get, read again as JSON, says the same. */
static inline void json_comes_back(struct slice json)
{
	cleanup_stream struct stream s;
	cleanup_buf struct buf again = BUF_TEXT;
	struct err err = ERR_INIT;
	const struct node *where;
	const char *why = "";
	size_t at;
	bool odd;

	stream_init(&s, &FUZZ_LIMITS);
	s.limits.bytes = json.n + 1;
	/* What escapes hide from the byte check (U+0080, a byte order mark) stands there as it is now. */
	if (json.p[0] != '{' || !bytes_valid(json, &odd, &at, &why) || stream_add(&s, "again", json, &err) < 0)
		return;
	for (size_t i = 0; i < s.problems.n; i++)
		PROMISE(false, "own JSON refused: %s at %zu in %.*s", s.problems.v[i].message, s.problems.v[i].at,
			SLICE_ARG(json));
	PROMISE(s.documents.n == 1 && s.documents.v[0].json && s.documents.v[0].root, "own JSON is not JSON: %.*s",
		SLICE_ARG(json));
	PROMISE(node_to_json(s.documents.v[0].root, &again, &why, &where), "own JSON has no JSON form: %s", why);
	PROMISE(again.failed || slice_eq(json, buf_slice(&again)), "JSON changed: %.*s", SLICE_ARG(json));
}

#endif
