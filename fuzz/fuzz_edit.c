/*
 * fuzz_edit.c: the whole way. Input: a policy, a line `%%%`, a stream (without that line: the built-in policy with
 * missing components as notes). What the gate promises to repair must verify, and a second run has nothing to do.
 */
#include "fuzz.h"
#include "edit/edit.h"

struct run {
	struct stream stream;
	struct release release;
	struct gate gate;
	struct edit_plan plan;
};

static void run_release(struct run *r)
{
	edit_plan_release(&r->plan);
	gate_release(&r->gate);
	release_release(&r->release);
	stream_release(&r->stream);
}

/* A negative status, or the verdict. The output goes to out when there is one. */
static int run_once(const struct policy *p, struct slice text, struct buf *out, struct err *err)
{
	PXB_CLEANUP(run_release) struct run r;
	int rc = 0;

	stream_init(&r.stream, &FUZZ_LIMITS);
	release_init(&r.release);
	gate_init(&r.gate, &(struct gate_options){0});
	edit_plan_init(&r.plan);
	if (stream_add(&r.stream, "fuzz", text, err) < 0 || release_build(&r.release, &r.stream, err) < 0 ||
	    gate_run(&r.gate, &r.release, p, NULL, err) < 0)
		return err->status;
	if (r.gate.verdict == VERDICT_PATCHED) {
		if ((rc = edit_plan_build(&r.plan, &r.gate, err)) == 0)
			rc = edit_plan_verify(&r.plan, &r.gate, NULL, err);
		if (rc == 0)
			buf_add(out, edit_plan_text(&r.plan, r.stream.inputs.v[0], 0, (uint32_t)text.n));
	}
	return rc < 0 ? rc : (int)r.gate.verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_policy struct policy p;
	cleanup_buf struct buf out = BUF_TEXT, twice = BUF_TEXT;
	struct slice all = slice_of((const char *)data, size), text = all;
	struct slice policy = SLICE("apiVersion: pxb-fed/v1\nkind: Policy\nseverity: {component-missing: note}\n");
	struct err err = ERR_INIT;
	size_t at = slice_find(all, "%%%\n");
	int rc;

	if (at != SIZE_MAX) {
		policy = slice_to(all, at);
		text = slice_from(all, at + 4);
	}
	policy_init(&p);
	if (policy_read(&p, "fuzz.yaml", policy, false, &err) < 0)
		return 0;
	rc = run_once(&p, text, &out, &err);
	PROMISE(rc >= 0 || slice_find(slice_str(err.text), "internal error") == SIZE_MAX, "%s", err.text);
	if (rc != VERDICT_PATCHED)
		return 0;
	rc = run_once(&p, buf_slice(&out), &twice, &err);
	PROMISE(rc == VERDICT_COMPLIANT, "the second run comes to %d: %s\n%s", rc, err.text, buf_str(&out));
	return 0;
}
