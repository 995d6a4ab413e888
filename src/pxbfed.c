/*
 * pxbfed.c: the public face of the library. The command `render` does the same with files and words around it.
 */
#include "pxbfed.h"

#include "base/setup.h"
#include "edit/pass.h"
#include "report/report.h"

struct pxbfed_result {
	struct buf output;
	struct buf report;
	bool has_output;
	struct err err;
};

/* What is demanded: the policy, and what the installation was made with. */
static int set_up(struct pass_setup *s, struct lock *lock, const struct pxbfed_options *o, struct err *err)
{
	if (o->max_size)
		s->limits.bytes = o->max_size;
	if (o->policy && policy_read(&s->policy, o->policy_name ? o->policy_name : "policy",
				     slice_of(o->policy, o->policy_size), false, err) < 0)
		return err->status;
	if (!o->lock)
		return 0;
	s->options.locks_n = 1;
	return lock_read(lock, o->lock_name ? o->lock_name : "lock", slice_of(o->lock, o->lock_size), err);
}

static int gate_manifests(struct pass *p, struct pass_setup *s, struct slice manifests, struct err *err)
{
	cleanup_second_opinion struct second_opinion *so = NULL;

	if (manifests.n > s->limits.bytes)
		return err_set(err, STATUS_INPUT, "the input has %zu bytes, and the limit is %zu", manifests.n,
			       s->limits.bytes);
	if (s->policy.second_opinion && second_opinion_new(&so, err) < 0)
		return err->status;
	if (pass_add(p, so, "<input>", manifests, err) < 0 || pass_judge(p, s, so, err) < 0)
		return err->status;
	return pass_repair(p, so, err);
}

static int take_results(struct pass *p, struct slice manifests, struct pxbfed_result *out, struct err *err)
{
	struct report rep = {.gate = &p->gate,
			     .stream = &p->stream,
			     .edits = p->plan.edits.v,
			     .edits_n = p->plan.edits.n,
			     .milliseconds = -1,
			     .program = "pxb-fed"};

	if (report_json(&rep, &out->report, err) < 0)
		return err->status;
	out->has_output = p->gate.verdict <= VERDICT_PATCHED;
	if (p->gate.verdict == VERDICT_PATCHED)
		manifests = edit_plan_text(&p->plan, p->stream.inputs.v[0], 0, (uint32_t)manifests.n);
	if (out->has_output)
		buf_add(&out->output, manifests);
	return out->output.failed || arena_failed(&p->plan.arena) ? err_nomem(err) : 0;
}

/* What the header knows; a status that it does not know is a fault of ours. */
static int error_of(int status)
{
	switch (status) {
	case STATUS_USAGE:
		return PXBFED_ERROR_POLICY;
	case STATUS_INPUT:
		return PXBFED_ERROR_INPUT;
	case STATUS_HELPER:
		return PXBFED_ERROR_HELPER;
	default:
		return PXBFED_ERROR_INTERNAL;
	}
}

int pxbfed_gate(const char *manifests, size_t size, const struct pxbfed_options *options, struct pxbfed_result **result)
{
	static const struct pxbfed_options defaults;
	struct slice in = slice_of(manifests, size);
	struct pxbfed_result *out = calloc(1, sizeof(*out));
	struct pass_setup setup;
	struct lock lock;
	const struct lock *const locks[] = {&lock};
	struct pass pass;
	int rc;

	*result = out;
	if (!out)
		return PXBFED_ERROR_INTERNAL;
	if (!options)
		options = &defaults;
	out->output = BUF_INIT(SIZE_MAX / 4);
	out->report = BUF_INIT((size_t)1 << 30);
	pass_setup_init(&setup);
	lock_init(&lock);
	setup.options.locks = locks;
	rc = set_up(&setup, &lock, options, &out->err);
	pass_init(&pass, &setup);
	if (rc == 0)
		rc = gate_manifests(&pass, &setup, in, &out->err);
	if (rc == 0)
		rc = take_results(&pass, in, out, &out->err);
	rc = rc == 0 ? (int)pass.gate.verdict : error_of(rc);
	pass_release(&pass);
	lock_release(&lock);
	pass_setup_release(&setup);
	return rc;
}

const char *pxbfed_result_output(const struct pxbfed_result *result, size_t *size)
{
	*size = result && result->has_output ? result->output.n : 0;
	return result && result->has_output ? buf_str(&result->output) : NULL;
}

const char *pxbfed_result_report(const struct pxbfed_result *result)
{
	return result && result->report.n ? buf_str(&result->report) : NULL;
}

const char *pxbfed_result_error(const struct pxbfed_result *result)
{
	return result ? result->err.text : "out of memory";
}

void pxbfed_result_free(struct pxbfed_result *result)
{
	if (!result)
		return;
	buf_release(&result->output);
	buf_release(&result->report);
	free(result);
}

const char *pxbfed_version(void)
{
	return PXB_VERSION;
}
