/*
 * fuzz_lock.c: locks. Whatever is taken can be written out, and the text is read as the same lock; no lock differs from
 * itself.
 */
#include "fuzz.h"
#include "lock/lock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf text = BUF_TEXT, twice = BUF_TEXT;
	cleanup_lock_differences struct lock_differences d;
	cleanup_lock struct lock l, again;
	struct err err = ERR_INIT;

	lock_init(&l);
	lock_init(&again);
	lock_differences_init(&d);
	if (lock_read(&l, "fuzz.lock", slice_of((const char *)data, size), &err) < 0) {
		PROMISE(err.status == STATUS_USAGE && err.text[0] && !strchr(err.text, '\n'), "an odd refusal: %s",
			err.text);
		return 0;
	}
	lock_write(&l, &text);
	PROMISE(!text.failed && lock_read(&again, "own.lock", buf_slice(&text), &err) == 0, "own lock refused: %s\n%s",
		err.text, buf_str(&text));
	PROMISE(lock_compare(&d, &l, &again, &err) == 0 && d.v.n == 0, "read back as another:\n%s", buf_str(&text));
	PROMISE(l.history.n == again.history.n, "the history is lost:\n%s", buf_str(&text));
	lock_write(&again, &twice);
	PROMISE(slice_eq(buf_slice(&text), buf_slice(&twice)), "written otherwise the second time:\n%s",
		buf_str(&twice));
	return 0;
}
