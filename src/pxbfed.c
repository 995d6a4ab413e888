/*
 * pxbfed.c: the public face of the library. The command `render` does the same with files and words around it.
 */
#include "pxbfed.h"

#include "base/setup.h"
#include "edit/edit.h"
#include "report/report.h"
#include "yaml/second_opinion.h"

struct pxbfed_result {
	struct buf output;
	struct buf report;
	bool has_output;
	struct err err;
};

struct run {
	struct policy policy;
	struct stream stream;
	struct release release;
	struct gate gate;
	struct edit_plan plan;
	struct second_opinion *so;
};

static void run_init(struct run *r, const struct limits *limits)
{
	struct gate_options opt = {0};

	policy_init(&r->policy);
	stream_init(&r->stream, limits);
	release_init(&r->release);
	gate_init(&r->gate, &opt);
	edit_plan_init(&r->plan);
	r->so = NULL;
}

static void run_release(struct run *r)
{
	edit_plan_release(&r->plan);
	gate_release(&r->gate);
	release_release(&r->release);
	stream_release(&r->stream);
	policy_release(&r->policy);
	second_opinion_free(&r->so);
}

static int run_gate(struct run *r, struct slice manifests, const struct pxbfed_options *o, struct err *err)
{
	if (o->policy && policy_read(&r->policy, o->policy_name ? o->policy_name : "policy",
				     slice_of(o->policy, o->policy_size), false, err) < 0)
		return err->status;
	if (r->policy.second_opinion && second_opinion_new(&r->so, err) < 0)
		return err->status;
	r->stream.digest_secret = r->so ? second_opinion_secret(r->so) : NULL;
	if (stream_add(&r->stream, "<input>", manifests, err) < 0)
		return err->status;
	if (r->so && !r->stream.problems.n &&
	    (second_opinion_begin(r->so, &r->stream, err) < 0 || second_opinion_finish(r->so, &r->stream, err) < 0))
		return err->status;
	if (release_build(&r->release, &r->stream, err) < 0 ||
	    gate_run(&r->gate, &r->release, &r->policy, NULL, err) < 0)
		return err->status;
	if (r->gate.verdict != VERDICT_PATCHED)
		return 0;
	if (edit_plan_build(&r->plan, &r->gate, err) < 0)
		return err->status;
	return edit_plan_verify(&r->plan, &r->gate, r->so, err);
}

static int take_results(struct run *r, struct slice manifests, struct pxbfed_result *out, struct err *err)
{
	struct report rep = {.gate = &r->gate,
			     .stream = &r->stream,
			     .edits = r->plan.edits.v,
			     .edits_n = r->plan.edits.n,
			     .milliseconds = -1,
			     .program = "pxb-fed"};

	if (report_json(&rep, &out->report, err) < 0)
		return err->status;
	out->has_output = r->gate.verdict <= VERDICT_PATCHED;
	if (r->gate.verdict == VERDICT_PATCHED)
		manifests = edit_plan_text(&r->plan, r->stream.inputs.v[0], 0, (uint32_t)manifests.n);
	if (out->has_output)
		buf_add(&out->output, manifests);
	return out->output.failed || arena_failed(&r->plan.arena) ? err_nomem(err) : 0;
}

int pxbfed_gate(const char *manifests, size_t size, const struct pxbfed_options *options, struct pxbfed_result **result)
{
	static const struct pxbfed_options defaults;
	struct limits limits = LIMITS_DEFAULT;
	struct slice in = slice_of(manifests, size);
	struct pxbfed_result *out = calloc(1, sizeof(*out));
	struct run r;
	int rc;

	*result = out;
	if (!out)
		return PXBFED_ERROR_INTERNAL;
	if (!options)
		options = &defaults;
	if (options->max_size)
		limits.bytes = options->max_size;
	out->output = BUF_INIT(SIZE_MAX / 4);
	out->report = BUF_INIT((size_t)1 << 30);
	run_init(&r, &limits);
	rc = run_gate(&r, in, options, &out->err);
	if (rc == 0)
		rc = take_results(&r, in, out, &out->err);
	if (rc == 0)
		rc = (int)r.gate.verdict;
	run_release(&r);
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
