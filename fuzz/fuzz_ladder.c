/*
 * fuzz_ladder.c: every step down from what was written to what was meant: ends, keeps its cap, reads inside its bytes;
 * a run of base64 lies inside its text and moves on. The first byte chooses the step.
 */
#include "fuzz.h"
#include "credentials/ladder.h"

static void runs_move_on(struct slice text)
{
	struct slice run;
	size_t last = 0;

	for (size_t from = 0; next_run(text, &from, &run); last = from) {
		PROMISE(run.p >= text.p && run.p + run.n <= text.p + text.n, "a run outside its text");
		PROMISE(from > last, "no way forward at %zu", from);
		(void)sniff_base64(run);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static enum step (*const steps[])(struct slice, struct buf *) = {step_base64,  step_inflate,   step_percent,
									 step_escapes, step_continued, step_joined,
									 step_clean};
	enum { CAP = 1 << 18 };
	struct slice text = slice_of((const char *)data + 1, size - 1);
	cleanup_buf struct buf out = BUF_INIT(CAP);
	size_t which;

	if (size == 0)
		return 0;
	which = data[0] % (ARRAY_SIZE(steps) + 2);
	if (which < ARRAY_SIZE(steps))
		(void)steps[which](text, &out);
	else
		(void)step_utf16(text, which == ARRAY_SIZE(steps), &out);
	PROMISE(out.n <= CAP, "%zu bytes in a buffer of %d", out.n, (int)CAP);
	(void)sniff_bytes(text);
	(void)is_base64_text(text);
	runs_move_on(text);
	return 0;
}
