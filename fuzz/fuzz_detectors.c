/*
 * fuzz_detectors.c: any bytes as a Secret's value, whole scan: it ends, every match lies inside its text, every hit
 * has its words.
 */
#include "fuzz.h"
#include "base/base64.h"
#include "credentials/scan.h"

static struct slice whole;

static void match_lies_inside(void *arg, const struct literal_hit *hit)
{
	struct runs_seen *runs = arg;
	struct match m;

	PROMISE(hit->end <= whole.n, "a literal ends at %zu of %zu", hit->end, whole.n);
	if (hit->kind != HIT_DETECTOR ||
	    !detector_match(detector_of((enum detector_id)hit->index), whole, hit->end, runs, &m))
		return;
	PROMISE(m.secret.p >= whole.p && m.secret.p + m.secret.n <= whole.p + whole.n, "a match outside its text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credential_scan scan = {0};
	struct arena arena = ARENA_INIT((size_t)64 << 20);
	cleanup_buf struct buf text = BUF_TEXT;
	cleanup_stream struct stream s;
	struct release r;
	struct err err = ERR_INIT;
	struct runs_seen runs = {0};

	whole = slice_of((const char *)data, size);
	literals_scan(whole, match_lies_inside, &runs);
	buf_adds(&text,
		 "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"n\"},\"data\":{\"cloud\":\"");
	base64_encode(whole, &text);
	buf_adds(&text, "\"}}");
	stream_init(&s, &FUZZ_LIMITS);
	release_init(&r);
	scan.arena = &arena;
	if (stream_add(&s, "fuzz", buf_slice(&text), &err) == 0 && release_build(&r, &s, &err) == 0)
		credential_scan_release(&scan, &r);
	for (size_t i = 0; i < scan.hits.n; i++)
		PROMISE(scan.hits.v[i].what && scan.hits.v[i].chain && scan.hits.v[i].shown, "a hit without words");
	release_release(&r);
	arena_release(&arena);
	return 0;
}
