#include "edit/pass.h"

void pass_setup_init(struct pass_setup *s)
{
	memset(s, 0, sizeof(*s));
	policy_init(&s->policy);
	values_init(&s->values);
	s->limits = LIMITS_DEFAULT;
}

void pass_setup_release(struct pass_setup *s)
{
	policy_release(&s->policy);
	values_release(&s->values);
}

void pass_init(struct pass *p, const struct pass_setup *s)
{
	stream_init(&p->stream, &s->limits);
	release_init(&p->release);
	gate_init(&p->gate, &s->options);
	edit_plan_init(&p->plan);
}

void pass_release(struct pass *p)
{
	edit_plan_release(&p->plan);
	gate_release(&p->gate);
	release_release(&p->release);
	stream_release(&p->stream);
}

int pass_add(struct pass *p, struct second_opinion *so, const char *name, struct slice bytes, struct err *err)
{
	if (so)
		second_opinion_follow(so, &p->stream);
	return stream_add(&p->stream, name, bytes, err);
}

int pass_judge(struct pass *p, const struct pass_setup *s, struct second_opinion *so, struct err *err)
{
	/* libfyaml is only asked about what libyaml has accepted; it works while the rules run. */
	bool ask = so && p->stream.problems.n == 0;
	struct err gates = ERR_INIT;
	size_t problems;
	int rc;

	p->release.nameless = s->options.scope == GATE_OBJECTS;
	if (release_build(&p->release, &p->stream, err) < 0)
		return err->status;
	rc = gate_run(&p->gate, &p->release, &s->policy, &s->values, &gates);
	problems = p->stream.problems.n;
	if (ask && second_opinion_finish(so, &p->stream, err) < 0)
		return err->status;
	if (p->stream.problems.n == problems) {
		if (rc < 0)
			*err = gates;
		return rc;
	}
	/* What two readers see differently is not judged: nothing that the rules said of it counts. */
	gate_release(&p->gate);
	gate_init(&p->gate, &s->options);
	return gate_run(&p->gate, &p->release, &s->policy, &s->values, err);
}

int pass_repair(struct pass *p, struct second_opinion *so, struct err *err)
{
	if (p->gate.verdict != VERDICT_PATCHED)
		return 0;
	if (edit_plan_build(&p->plan, &p->gate, err) < 0)
		return err->status;
	return edit_plan_verify(&p->plan, &p->gate, so, err);
}
